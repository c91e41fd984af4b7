"""Mutants that were read and need no test, each with the reason: equivalent.toml."""

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields
from pathlib import Path

from tests.mutation.floors import PACKAGE
from tests.mutation.mutant import Mutant

FILE = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant by its text, so that it is found again where lines have moved."""

    module: str
    function: str
    line: str
    mutated: str
    reason: str

    @property
    def key(self) -> tuple[str, ...]:
        """What a mutant is compared by."""
        return f"{PACKAGE}/{self.module}", self.function, self.line.strip("\n"), self.mutated.strip("\n")


def read(file: Path = FILE) -> list[Equivalent]:
    """All entries; ValueError for one that lacks something, or says something twice or too much."""
    entries = [_entry(each) for each in tomllib.loads(file.read_text("utf-8")).get("equivalent", [])]
    if len({entry.key for entry in entries}) < len(entries):
        raise ValueError(f"{file.name} names a mutant twice")
    return entries


def _entry(table: Mapping[str, str]) -> Equivalent:
    if table.keys() != {each.name for each in fields(Equivalent)} or not table["reason"]:
        raise ValueError(f"an entry has a module, a function, a line, what it is mutated to, and a reason: {table}")
    return Equivalent(**table)


def key(mutant: Mutant) -> tuple[str, ...]:
    """As that of the entry that is about it."""
    return mutant.path, mutant.function, mutant.before, mutant.after


def unmatched(entries: Iterable[Equivalent], mutants: Iterable[Mutant]) -> list[Equivalent]:
    """The entries about mutants that there are no more."""
    known = {key(mutant) for mutant in mutants}
    return [entry for entry in entries if entry.key not in known]
