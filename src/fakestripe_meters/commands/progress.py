"""A line in a terminal that says how far long work is, while it lasts."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from fakestripe_meters.core import printing
from fakestripe_meters.core.progress import Progress
from fakestripe_meters.core.progress import Watch

REAL_SECONDS = time.monotonic  # noqa: TID251  a person watches
PATIENCE_S = 1.0
"""How long work lasts before there is a line about it, in real seconds."""
PAUSE_S = 0.1
"""How long a line stands before it is written again, in real seconds."""


def show(watch: Watch) -> None:
    """Show on stderr how far any long work of a world is, if that is a terminal."""
    if sys.stderr.isatty():
        watch.told = Line(sys.stderr)


class Line:
    """A line that is written again and again over itself, and erased when the work is done."""

    def __init__(self, stream: TextIO, seconds: Callable[[], float] = REAL_SECONDS) -> None:
        self._stream = stream
        self._seconds = seconds
        self._next = 0.0
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        """Write how far the work is, unless it is short. If nobody reads stderr any more, that is no reason to fail."""
        now = self._seconds()
        with suppress(OSError, ValueError):
            if not progress.done:
                self._next = now + PATIENCE_S
            elif progress.done < progress.total and now >= self._next:
                self._next = now + PAUSE_S
                self._write(text(progress))
            elif progress.done == progress.total and self._width:
                self._write("")
                self._width = 0

    def _write(self, line: str) -> None:
        """Write a line over the one before; an empty one erases it."""
        self._stream.write(f"\r{line:<{self._width}}" if line else f"\r{'':{self._width}}\r")
        self._stream.flush()
        self._width = len(line)


def text(progress: Progress) -> str:
    """Return the line, which fits into any terminal."""
    percent = progress.done * 100 // progress.total
    return f"{percent}%: {progress.done:,} of {progress.total:,} done, the clock is at {printing.instant(progress.now)}"
