"""How a snapshot is written: any value of a part as plain JSON. `core.codec` reads it back."""

import re
import typing
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from dataclasses import is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from typing import TypeAlias

from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.packed import Packed
from fakestripe_meters.core.table import Table

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""Any JSON value."""
SCALARS = {bool: "true or false", int: "a whole number", str: "a string", type(None): "null"}
DECIMAL = "$decimal"
"""The only member of an object that stands for a Decimal within any JSON: `{"$decimal": "2.5"}`."""
_MARK = re.compile(r"\$+decimal")


def encode(value: object) -> Json:
    """Return a value as JSON. A dict whose keys are not all strings becomes a list of pairs."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value):
        return {name: write(getattr(value, name)) for name, write in _encoders(value.__class__)}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: encode(each) for key, each in value.items()}
        return [[encode(key), encode(each)] for key, each in value.items()]
    if isinstance(value, Packed):
        return _encode_json(value.tree())
    if isinstance(value, Table):
        return [encode(each) for each in value.entries()]
    if isinstance(value, list | tuple | GrowingList):
        return list(value) if SCALARS.keys() >= {*map(type, value)} else [encode(each) for each in value]
    raise beyond_json(value)


@cache
def _encoders(kind: Any) -> list[tuple[str, Callable[[Any], Json]]]:  # noqa: ANN401  a dataclass
    """Return the fields of a dataclass, each with the function that writes it: `_encode_json` if the hint has Any."""
    hints = typing.get_type_hints(kind)
    return [(each.name, _encode_json if _is_free(hints[each.name]) else encode) for each in fields(kind)]


def _is_free(hint: Any) -> bool:  # noqa: ANN401  any type hint
    return hint is Any or any(map(_is_free, typing.get_args(hint)))


def _encode_json(tree: Any) -> Json:  # noqa: ANN401  any JSON tree
    """Return a copy in which a Decimal is an object, so that it is not confused with a string when it comes back."""
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    if isinstance(tree, Decimal):
        return {DECIMAL: str(tree)}
    if isinstance(tree, dict):
        escape = "$" if is_marked(tree) else ""
        return {escape + name: each if type(each) in SCALARS else _encode_json(each) for name, each in tree.items()}
    if isinstance(tree, list | tuple):
        return [_encode_json(each) for each in tree]
    raise beyond_json(tree)


def is_marked(tree: Mapping[str, object]) -> bool:
    """Whether an object stands for a Decimal, or has the one member `$decimal` itself, written with one more `$`."""
    return len(tree) == 1 and _MARK.fullmatch(str(*tree)) is not None


def beyond_json(value: object) -> TypeError:
    """Return the error for a type that no snapshot can carry: a mistake in the code."""
    return TypeError(f"a snapshot cannot carry {value!r}")
