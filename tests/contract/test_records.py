"""What an account keeps is of types that note their changes, or that nothing can change (see `core.undo`)."""

import types
import typing
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import MISSING
from dataclasses import Field
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Any

import pytest

from fakestripe_meters.core import undo
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.packed import Packed
from fakestripe_meters.core.table import Table
from fakestripe_meters.resources import registry

SCALARS = {bool, int, str, Decimal, type(None), Packed}
CONTAINERS = {tuple, Sequence, Mapping, Index, GrowingList, Table}
BY_ITSELF = {(Agenda, "waiting")}
"""A heap has to be a list; what changes it notes that by hand."""


def changeable(hint: Any, path: str, seen: frozenset[type] = frozenset()) -> Iterator[str]:  # noqa: ANN401  any type
    """Where a type has something that could be changed without being noted."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType) or origin in CONTAINERS:
        for each in arguments:
            if each not in (Any, ...):  # whatever JSON holds
                yield from changeable(each, path, seen)
    elif origin is typing.Literal or hint in SCALARS or hint in seen:
        return
    elif isinstance(hint, type) and is_dataclass(hint) and (notes(hint) or is_frozen(hint)):
        yield from in_fields(hint, path, seen | {hint})
    else:
        yield f"{path}: {hint}"


def in_fields(kind: type, path: str, seen: frozenset[type] = frozenset()) -> Iterator[str]:
    hints = typing.get_type_hints(kind)
    for each in fields(kind):
        if not any(issubclass(kind, owner) and each.name == name for owner, name in BY_ITSELF):
            yield from changeable(hints[each.name], f"{path}.{each.name}", seen)


def some(each: Field[Any]) -> Any:  # noqa: ANN401  whatever the field takes
    """A value for a field: its default, or anything."""
    if each.default_factory is not MISSING:
        return each.default_factory()
    return 1 if each.default is MISSING else each.default


def notes(kind: type) -> bool:
    """Whether an object of a class notes its changes once it is made."""
    made: Any = object.__new__(kind)
    for each in fields(kind) if is_dataclass(kind) else ():
        object.__setattr__(made, each.name, some(each))
    if hasattr(made, "__post_init__"):
        made.__post_init__()
    setter: Any = type(made).__setattr__
    return setter is undo.change


def is_frozen(kind: Any) -> bool:  # noqa: ANN401  a dataclass
    return bool(kind.__dataclass_params__.frozen)


def parts() -> list[type[Part]]:
    assert registry().resources  # loads all modules that have parts
    ours = (kind for kind in Part.kinds.values() if not kind.__module__.startswith("tests"))
    return sorted(ours, key=lambda kind: kind.name)


@pytest.mark.parametrize("kind", [kind for kind in parts() if kind is not Intake], ids=lambda kind: kind.name)
def test_a_part_and_all_that_it_keeps_note_their_changes(kind: type[Part]) -> None:
    assert notes(kind)
    assert list(in_fields(kind, kind.name)) == []


def test_only_usage_does_not() -> None:
    assert [kind for kind in parts() if not notes(kind)] == [Intake]


@undo.record
class Good:
    id: str
    names: Sequence[str]
    ends: Decimal | None
    more: Mapping[str, Any]


@undo.record
class Listed:
    names: list[str]


@dataclass
class Plain:
    name: str


@undo.record
class Nested:
    below: tuple[Plain, ...]


@dataclass(frozen=True)
class Frozen:
    id: str
    below: Mapping[str, list[int]]


def test_what_could_be_changed_in_place_is_found() -> None:
    assert list(changeable(Good, "good")) == []
    assert list(changeable(Listed, "listed")) == ["listed.names: list[str]"]
    assert list(changeable(Index[Nested], "nested")) == [f"nested.below: {Plain}"]
    assert list(changeable(Table[Frozen], "frozen")) == ["frozen.below: list[int]"]
    assert list(changeable(set[str], "set")) == ["set: set[str]"]
