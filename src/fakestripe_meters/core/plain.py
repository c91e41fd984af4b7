"""What a part holds as plain JSON, and back by the type hints of its dataclasses.

There and back are bool, int, str, Decimal, None, Literal, unions, lists, tuples, dicts, tables, dataclasses of
all these, and JSON itself where the hint is Any.
"""

import types
import typing
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from dataclasses import is_dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any
from typing import TypeAlias

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.table import Table

DEEPEST = 64
LONGEST_NUMBER = 100
"""Written out, 1E+999999999 would fill the memory."""
SHOWN = 100
Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""Any JSON value."""
Load = Callable[[Json, str], Any]
"""Makes a value of its JSON; the string says where that was, for `Misuse`."""


def plain(value: object) -> Json:
    """What a part holds, as JSON. A dict with keys other than strings becomes a list of pairs."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: plain(each) for key, each in value.items()}
        return [[plain(key), plain(each)] for key, each in value.items()]
    if isinstance(value, list | tuple | Table):
        return [plain(each) for each in value]
    message = f"a snapshot cannot carry {value!r}"
    raise TypeError(message)


def loader(hint: Any) -> Load:  # noqa: ANN401  any type hint
    """What makes a value of that type out of its JSON, or raises `Misuse`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return _load_json
    if hint is Decimal:
        return _load_decimal
    if origin is typing.Literal:
        return _load_literal(arguments)
    if origin in (typing.Union, types.UnionType):
        return _load_either([loader(each) for each in arguments])
    if origin in (list, tuple, dict, Table):
        return _COLLECTIONS[origin](*arguments)
    if is_dataclass(hint) and isinstance(hint, type):
        return _load_record(hint)
    return _load_scalar(hint)


def _load_scalar(kind: type) -> Load:
    expected = type(None) if kind is None else kind
    if expected not in (bool, int, str, type(None)):
        message = f"a snapshot cannot carry {kind!r}"
        raise TypeError(message)

    def load_scalar(tree: Json, where: str) -> object:
        if type(tree) is not expected:
            raise wrong(expected.__name__, tree, where)
        return tree

    return load_scalar


def _load_json(tree: Json, where: str, deepest: int = DEEPEST) -> Json:
    """A copy, so that the world does not change its snapshot."""
    if not deepest:
        raise wrong(f"at most {DEEPEST} levels", "more", where)
    if isinstance(tree, dict):
        return {str(name): _load_json(each, f"{where}.{name}", deepest - 1) for name, each in tree.items()}
    if isinstance(tree, list):
        return [_load_json(each, where, deepest - 1) for each in tree]
    if tree is not None and not isinstance(tree, bool | int | str):
        raise wrong("no fraction: it is a string where it must be kept", tree, where)
    return tree


def _load_decimal(tree: Json, where: str) -> Decimal:
    try:
        number = Decimal(loader(str)(tree, where))
    except InvalidOperation:
        raise wrong("a decimal number", tree, where) from None
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
        raise wrong(f"a number of at most {LONGEST_NUMBER} digits", tree, where)
    return number


def _load_literal(choices: tuple[object, ...]) -> Load:
    def load_literal(tree: Json, where: str) -> object:
        if not any(type(tree) is type(choice) and tree == choice for choice in choices):
            raise wrong(f"one of {choices}", tree, where)
        return tree

    return load_literal


def _load_either(arms: list[Load]) -> Load:
    def load_either(tree: Json, where: str) -> object:
        for arm in arms[:-1]:
            try:
                return arm(tree, where)
            except Misuse:
                continue
        return arms[-1](tree, where)

    return load_either


def _load_list(hint: Any) -> Load:  # noqa: ANN401  any type hint
    element = loader(hint)

    def load_list(tree: Json, where: str) -> list[Any]:
        return [element(each, f"{where}[{index}]") for index, each in enumerate(array(tree, where))]

    return load_list


def _load_tuple(*hints: Any) -> Load:  # noqa: ANN401  any type hints
    if hints[1:] == (...,):
        elements = _load_list(hints[0])
        return lambda tree, where: tuple(elements(tree, where))
    places = [loader(each) for each in hints]

    def load_tuple(tree: Json, where: str) -> tuple[Any, ...]:
        elements = array(tree, where)
        if len(elements) != len(places):
            raise wrong(f"{len(places)} elements", len(elements), where)
        return tuple(place(each, where) for place, each in zip(places, elements, strict=True))

    return load_tuple


def _load_dict(key_hint: Any, hint: Any) -> Load:  # noqa: ANN401  any type hints
    key, value = loader(key_hint), loader(hint)

    def load_dict(tree: Json, where: str) -> dict[Any, Any]:
        if isinstance(tree, dict):
            return {key(name, where): value(each, f"{where}.{name}") for name, each in tree.items()}
        pairs = [array(pair, where) for pair in array(tree, where)]
        if any(len(pair) != 2 for pair in pairs):  # noqa: PLR2004  a pair
            raise wrong("pairs", tree, where)
        return {key(name, where): value(each, where) for name, each in pairs}

    return load_dict


def _load_table(hint: Any) -> Load:  # noqa: ANN401  any type hint
    records = _load_list(hint)

    def load_table(tree: Json, where: str) -> Table[Any]:
        table: Table[Any] = Table()
        for record in records(tree, where):
            if table.knows(record.id):
                raise wrong("an id only once", record.id, where)
            table.add(record)
        return table

    return load_table


def _load_record(kind: type) -> Load:
    hints = typing.get_type_hints(kind)
    loaders = {field.name: loader(hints[field.name]) for field in fields(kind)}

    def load_record(tree: Json, where: str) -> object:
        named = members(tree, where, *loaders)
        return kind(**{name: load(named[name], f"{where}.{name}") for name, load in loaders.items()})

    return load_record


_COLLECTIONS: dict[Any, Callable[..., Load]] = {
    list: _load_list,
    tuple: _load_tuple,
    dict: _load_dict,
    Table: _load_table,
}


def members(tree: Json, where: str, *names: str) -> dict[str, Json]:
    """An object that has these members and no others, or `Misuse`."""
    if not isinstance(tree, dict):
        raise wrong("an object", tree, where)
    if tree.keys() != set(names):
        raise wrong(f"an object of {', '.join(names)}", sorted(map(str, tree)), where)
    return tree


def array(tree: Json, where: str) -> list[Json]:
    """An array, or `Misuse`."""
    if not isinstance(tree, list):
        raise wrong("an array", tree, where)
    return tree


def wrong(expected: str, found: object, where: str) -> Misuse:
    """What to say where a snapshot is not as it should be."""
    shown = repr(found)
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
    return Misuse(f"{where} takes {expected}, not {shown}", param=where)
