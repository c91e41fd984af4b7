"""Tries mutants against tests, each in a copy of the tree."""

import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.mutation import copying
from tests.mutation.mutant import Mutant

FIRST = 40
"""So many tests have a first run to themselves: most mutants die there, and all files need not be collected."""
MOST_S = 120.0
"""No more tests than those that usually take this long altogether."""
PATIENCE = 20
"""So many times longer than usual may a test take before it counts as endless,"""
LEAST_PATIENCE_S = 10.0
"""but no less than this: the first one makes what they share."""
START_S = 60.0
"""For importing, collecting and closing."""
OPTIONS = ("-x", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-seed=0")
NOTHING_RAN = 5
"""The exit status of pytest without tests."""


class Outcome(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"


class ControlError(Exception):
    """A trial of nothing had an outcome."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant and its fate."""

    mutant: Mutant
    outcome: Outcome
    note: str = ""
    diff: str = ""


class Workshop:
    """Some copies of the tree, each for one trial at a time."""

    def __init__(self, names: Sequence[str], original: Path, copies: int) -> None:
        self._free: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(copies):
            tree = copying.copy(names, original.with_name(f"tree-{number}"), original)
            prepare = (sys.executable, "-m", "pytest", "-q", "-n", "0", "--collect-only")  # and compile
            subprocess.run(prepare, cwd=tree, env=copying.environment(tree), stdout=subprocess.DEVNULL, check=True)
            self._free.put(tree)

    def check(self, tests: Mapping[str, float]) -> None:
        """`ControlError` unless these tests pass without a mutant: else whatever is tried would seem to be killed."""
        with self.copy() as tree:
            outcome = run(tree, tests)
        if outcome is not Outcome.SURVIVED:
            raise ControlError(f"without a mutant, these tests end as if one were {outcome}: {' '.join(tests)}")

    def attempt(self, mutant: Mutant, tests: Mapping[str, float]) -> Trial:
        """Run tests, whose usual durations are given, in their order, until one fails."""
        chosen, left_out = affordable(tests)
        names = list(chosen)
        with self.copy() as tree, mutated(tree, mutant) as diff:
            for some in filter(None, (names[:FIRST], names[FIRST:])):
                outcome = run(tree, {name: chosen[name] for name in some})
                if outcome is not Outcome.SURVIVED:
                    return Trial(mutant, outcome)
        without = f", without {left_out} others that would take too long" if left_out else ""
        note = f"{len(chosen)} tests pass{without}" if chosen else "no test covers it"
        return Trial(mutant, Outcome.SURVIVED, note, diff)

    def attempt_with(self, mutant: Mutant, paths: Sequence[str]) -> Trial:
        """Run all tests of these files or folders, whatever they cover."""
        with self.copy() as tree, mutated(tree, mutant) as diff:
            outcome = pytest(tree, {}, START_S + PATIENCE * MOST_S, paths)
        return Trial(mutant, outcome, "these tests pass", diff)

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """One that nobody else is using."""
        tree = self._free.get()
        try:
            yield tree
        finally:
            self._free.put(tree)


@contextmanager
def mutated(tree: Path, mutant: Mutant) -> Iterator[str]:
    """The mutant in its place; its diff. The original comes back with its old time: what was compiled stays valid."""
    module = tree / mutant.path
    times = module.stat()
    source = module.read_text("utf-8")
    module.write_text(mutant.apply(source), "utf-8")
    try:
        yield mutant.diff(source)
    finally:
        module.write_text(source, "utf-8")
        os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))


def affordable(tests: Mapping[str, float]) -> tuple[dict[str, float], int]:
    """The first of them, up to a sum of durations; and how many are left out."""
    chosen, total = {}, 0.0
    for name, seconds in tests.items():
        total += seconds
        if total <= MOST_S:
            chosen[name] = seconds
    return chosen, len(tests) - len(chosen)


def run(tree: Path, tests: Mapping[str, float]) -> Outcome:
    """Some tests, each with a limit of its own."""
    limits = {name: max(LEAST_PATIENCE_S, PATIENCE * seconds) for name, seconds in tests.items()}
    files = dict.fromkeys(name.partition("::")[0] for name in tests)
    return pytest(tree, limits, START_S + PATIENCE * sum(tests.values()), list(files))


def pytest(tree: Path, limits: Mapping[str, float], timeout_s: float, paths: Sequence[str]) -> Outcome:
    """One pytest."""
    listed = tree.parent / f"{tree.name}.json"
    listed.write_text(json.dumps(limits), "utf-8")
    environment = copying.environment(tree, MUTATION_TESTS=str(listed), PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "pytest", "-p", "tests.mutation.picking", *OPTIONS, *paths]
    status = status_of(command, tree, environment, timeout_s)
    if status in (None, -signal.SIGALRM):
        return Outcome.TIMED_OUT
    return Outcome.SURVIVED if status in (0, NOTHING_RAN) else Outcome.KILLED


def status_of(command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout_s: float) -> int | None:
    """The exit status of a command, or None if it had to be ended. What it started ends with it."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
