"""A mutant: one small change to one place in the code."""

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """`replacement` instead of what stands from `start` to `end` in the module at `path`."""

    path: str
    function: str
    """The qualified name of the function or class around it; empty for the rest of a module."""
    lines: tuple[int, int]
    """The first and the last line of the statement, or of its head."""
    start: int
    end: int
    original: str
    replacement: str
    before: str
    """The lines that differ, without their indentation."""
    after: str
    """The same lines in the mutated module."""

    @property
    def id(self) -> str:
        """Its name for the command line, which does not depend on line numbers."""
        text = f"{self.path}\0{self.function}\0{self.before}\0{self.after}"
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def apply(self, source: str) -> str:
        """The mutated module."""
        if source[self.start : self.end] != self.original:
            raise ValueError(f"{self.path} has changed since its mutants were listed")
        return source[: self.start] + self.replacement + source[self.end :]

    def diff(self, source: str) -> str:
        """As a person reads it."""
        lines = source.splitlines(), self.apply(source).splitlines()
        head, *rest = list(difflib.unified_diff(*lines, lineterm="", n=2))[2:]
        place = f"{self.path}:{self.lines[0]} {self.function}".rstrip()
        return "\n".join([f"{self.id}  {place}", head, *rest])


def differing(source: str, start: int, end: int, replacement: str) -> tuple[str, str]:
    """The lines that a replacement changes, before and after, stripped."""
    first, last = source.rfind("\n", 0, start) + 1, source.find("\n", end)
    tail = source[end : last if last >= 0 else None]
    before = _stripped(source[first:end] + tail)
    after = _stripped(source[first:start] + replacement + tail)
    same = _common(before, after)
    before, after = before[same:], after[same:]
    same = _common(before[::-1], after[::-1])
    return "\n".join(before[: len(before) - same]), "\n".join(after[: len(after) - same])


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (mine, yours) in pairs if mine != yours), min(len(one), len(other)))
