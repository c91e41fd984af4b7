"""Running the steps of a scenario, all of them, and telling how each went."""

import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Steps:
    """`with steps("name"):` notes a step, and goes on after one that failed."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: dict[str, str] = {}
        self.limits: list[str] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception:  # noqa: BLE001  whatever it is, it goes into the report
            self.failed[name] = traceback.format_exc()
        else:
            self.passed.append(name)

    def limit(self, sentence: str) -> None:
        """Note what this environment cannot do, once."""
        if sentence not in self.limits:
            self.limits.append(sentence)

    def report(self) -> None:
        """The last line of the output, for the runner."""
        sys.stdout.write(f"\n{json.dumps({'passed': self.passed, 'failed': self.failed, 'limits': self.limits})}\n")
