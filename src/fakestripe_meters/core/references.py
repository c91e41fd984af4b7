"""Check that the records which others name exist: a snapshot that was changed by hand may lack some.

A part declares in `named_by` which fields of other records hold the ids of its records, if those are never removed. All
ids that a part keeps beside its tables are those of its records.
"""

import typing
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import fields
from dataclasses import is_dataclass
from functools import cache
from typing import Any

from fakestripe_meters.core.account import Part
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.table import Table

Found = tuple[str, str, str]
"""The field in which an id stands, the id, and its place in the snapshot."""


def check(parts: Collection[Part], where: str) -> None:
    """Raise `Misuse` if a record or an index in these parts names a record that is not there."""
    owners = {name: part for part in parts for name in part.named_by}
    declared = frozenset(name for kind in Part.kinds.values() for name in kind.named_by)
    for part in parts:
        place = f"{where}.{part.name}"
        for name, identifier, at in _named(part, place, declared):
            _demand(owners.get(name), identifier, at)
        for identifier, at in _indexed(part, place):
            _demand(part, identifier, at)


def _demand(owner: Part | None, identifier: str, at: str) -> None:
    if owner is None or not any(table.knows(identifier) for table in _tables(owner)):
        raise Misuse(f"{at} names {quoted(identifier)}, which is not in the snapshot", param=at)


def _tables(part: Part) -> list[Table[Any]]:
    return [each for each in vars(part).values() if isinstance(each, Table)]


def _named(value: object, where: str, declared: frozenset[str]) -> Iterator[Found]:
    """Yield what the declared fields of all records within a value hold."""
    if isinstance(value, Table | GrowingList | list | tuple):
        for index, each in enumerate(value):
            yield from _named(each, f"{where}[{index}]", declared)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _named(each, f"{where}.{name}", declared)
    elif is_dataclass(value):
        for name in _walked(value.__class__, declared):
            at, inner = f"{where}.{name}", getattr(value, name)
            yield from (
                ((name, each, at) for each in _strings(inner)) if name in declared else _named(inner, at, declared)
            )


@cache
def _walked(kind: Any, declared: frozenset[str]) -> list[str]:  # noqa: ANN401  a dataclass
    """Return the fields of a dataclass that are declared, or have records within."""
    hints = typing.get_type_hints(kind)
    return [each.name for each in fields(kind) if each.name in declared or _has_records(hints[each.name])]


def _has_records(hint: Any) -> bool:  # noqa: ANN401  any type hint
    return is_dataclass(hint) or any(map(_has_records, typing.get_args(hint)))


def _strings(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple | GrowingList) else []


def _indexed(part: Part, where: str) -> Iterator[tuple[str, str]]:
    """Yield the ids that a part with tables keeps beside them, in lists and as the values of indexes."""
    for name, index in vars(part).items() if _tables(part) else ():
        values = index.values() if isinstance(index, Mapping) else [index]
        yield from ((each, f"{where}.{name}") for value in values for each in _strings(value) if isinstance(each, str))
