"""How a snapshot is read: the fields of a part, by the type hints of its dataclass. `core.encoding` writes them.

It supports bool, int, str, Decimal, None, Literal, unions, lists, tuples, dicts, indexes, tables, dataclasses of all
these, any JSON where the hint is Any, and packed objects. A field that has a default may be missing; a member that no
field has is refused. A dataclass may refuse values that make no sense: ValueError of its `__post_init__` becomes
`Misuse`.
"""

import math
import reprlib
import types
import typing
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import MISSING
from dataclasses import fields
from dataclasses import is_dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from fakestripe_meters.core import encoding
from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.packed import Packed
from fakestripe_meters.core.table import Table

DEEPEST = 64
LONGEST_NUMBER = 100
"""How many digits a number may have: written out, 1E+999999999 would fill the memory."""
END_NS = 253_402_300_800 * 10**9
"""The end of the year 9999: no date is later."""
Decode = Callable[[Json, str], Any]
"""A function that makes a value from its JSON; the string is the place in the snapshot, for `Misuse`."""


def decoder(hint: Any) -> Decode:  # noqa: ANN401  any type hint
    """Return a function that makes a value of that type from its JSON, or raises `Misuse`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return _decode_json
    if hint is Decimal:
        return _decode_decimal
    if hint is Packed:
        return _decode_packed()
    if origin is typing.Literal:
        return _decode_literal(arguments)
    if origin in (typing.Union, types.UnionType):
        return _decode_either(arguments)
    if origin in _COLLECTIONS:
        return _COLLECTIONS[origin](*arguments)
    if is_dataclass(hint) and isinstance(hint, type):
        return _decode_record(hint)
    return _decode_scalar(hint)


def _decode_scalar(kind: type) -> Decode:
    expected = type(None) if kind is None else kind
    if expected not in encoding.SCALARS:
        raise encoding.beyond_json(kind)

    def decode_scalar(tree: Json, where: str) -> object:
        if type(tree) is not expected:
            raise wrong(encoding.SCALARS[expected], tree, where)
        return tree

    return decode_scalar


def _decode_ns(tree: Json, where: str) -> int:
    """Read a field whose name ends in `_ns`: nanoseconds since 1970, or a number of them."""
    found: int = decoder(int)(tree, where)
    if not 0 <= found < END_NS:
        raise wrong("an instant before the year 10000, in nanoseconds since 1970", found, where)
    return found


def _decode_json(tree: Json, where: str, deepest: int = DEEPEST) -> object:
    """Return a copy, so that the world does not change the snapshot it was loaded from."""
    if not deepest:
        raise wrong(f"nested at most {DEEPEST} levels deep", "deeper", where)
    if isinstance(tree, dict):
        if encoding.DECIMAL in tree and encoding.is_marked(tree):
            return _decode_decimal(tree[encoding.DECIMAL], where)
        escaped = int(encoding.is_marked(tree))
        return {
            str(name)[escaped:]: each
            if type(each) in encoding.SCALARS
            else _decode_json(each, f"{where}.{name}", deepest - 1)
            for name, each in tree.items()
        }
    if isinstance(tree, list):
        return [_decode_json(each, where, deepest - 1) for each in tree]
    if isinstance(tree, float) and not math.isfinite(tree):
        raise wrong("a finite number", tree, where)
    if tree is not None and not isinstance(tree, bool | int | float | str):
        raise wrong("JSON", tree, where)
    return tree


def _decode_decimal(tree: Json, where: str) -> Decimal:
    try:
        number = Decimal(decoder(str)(tree, where))
    except InvalidOperation:
        raise wrong("a decimal number", tree, where) from None
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
        raise wrong(f"a number of at most {LONGEST_NUMBER} digits", tree, where)
    return number


def _decode_literal(choices: tuple[object, ...]) -> Decode:
    def decode_literal(tree: Json, where: str) -> object:
        if not any(type(tree) is type(choice) and tree == choice for choice in choices):
            raise wrong(f"one of {choices}", tree, where)
        return tree

    return decode_literal


def _decode_either(hints: tuple[Any, ...]) -> Decode:
    """What is wrong is said by the last type that is not null."""
    arms = [decoder(each) for each in sorted(hints, key=lambda each: each is not types.NoneType)]

    def decode_either(tree: Json, where: str) -> object:
        for arm in arms[:-1]:
            try:
                return arm(tree, where)
            except Misuse:
                continue
        return arms[-1](tree, where)

    return decode_either


def _decode_list(hint: Any) -> Decode:  # noqa: ANN401  any type hint
    element = decoder(hint)

    def decode_list(tree: Json, where: str) -> list[Any]:
        elements = array(tree, where)
        if hint in (int, str) and {hint} >= {*map(type, elements)}:
            return elements.copy()  # a place for each of a million events would take longer than all the rest
        return [element(each, f"{where}[{index}]") for index, each in enumerate(elements)]

    return decode_list


def _decode_tuple(*hints: Any) -> Decode:  # noqa: ANN401  any type hints
    if hints[1:] == (...,):
        elements = _decode_list(hints[0])
        return lambda tree, where: tuple(elements(tree, where))
    places = [decoder(each) for each in hints]

    def decode_tuple(tree: Json, where: str) -> tuple[Any, ...]:
        elements = array(tree, where)
        if len(elements) != len(places):
            raise wrong(f"an array of {len(places)} elements", len(elements), where)
        return tuple(place(each, where) for place, each in zip(places, elements, strict=True))

    return decode_tuple


def _decode_dict(key_hint: Any, hint: Any) -> Decode:  # noqa: ANN401  any type hints
    key, value = decoder(key_hint), decoder(hint)

    def decode_dict(tree: Json, where: str) -> dict[Any, Any]:
        if isinstance(tree, dict):
            return {key(name, where): value(each, f"{where}.{name}") for name, each in tree.items()}
        pairs = [array(pair, where) for pair in array(tree, where)]
        if any(len(pair) != 2 for pair in pairs):  # noqa: PLR2004  a pair
            raise wrong("an array of pairs", tree, where)
        return {key(name, where): value(each, where) for name, each in pairs}

    return decode_dict


def _decode_packed() -> Decode:
    tree = _decode_dict(str, Any)
    return lambda packed, where: Packed(tree(packed, where))


def _decode_table(hint: Any) -> Decode:  # noqa: ANN401  any type hint
    record = decoder(hint)

    def decode_table(tree: Json, where: str) -> Table[Any]:
        table: Table[Any] = Table()
        for index, each in enumerate(array(tree, where)):
            place = f"{where}[{index}]"
            entry = each if isinstance(each, str) else record(each, place)
            identifier: str = entry if isinstance(entry, str) else entry.id
            if table.knows(identifier):
                raise wrong("records with different ids", identifier, place)
            if isinstance(entry, str):
                table.add_removed(entry)
            else:
                table.add(entry)
        return table

    return decode_table


def _decode_record(kind: type) -> Decode:
    """A field with a default may be missing: it is newer than the snapshot.

    A kind whose fields were others has a static method `read_former`: it returns a tree with today's.
    """
    hints = typing.get_type_hints(kind)
    decoders = {
        each.name: _decode_ns if hints[each.name] is int and each.name.endswith("_ns") else decoder(hints[each.name])
        for each in fields(kind)
    }
    demanded = required(kind)
    read_former: Callable[[Json], Json] = getattr(kind, "read_former", lambda tree: tree)

    def decode_record(tree: Json, where: str) -> object:
        named = members(read_former(tree), where, *demanded, optional=decoders)
        values = {name: decoders[name](each, f"{where}.{name}") for name, each in named.items()}
        try:
            return kind(**values)
        except ValueError as error:
            raise Misuse(f"{where}: {error}", param=where) from None

    return decode_record


def required(kind: Any) -> list[str]:  # noqa: ANN401  a dataclass
    """Return the fields of a dataclass that have no default: no snapshot may lack them."""
    return [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]


def _decode_growing_list(hint: Any) -> Decode:  # noqa: ANN401  any type hint
    elements = _decode_list(hint)
    return lambda tree, where: GrowingList(elements(tree, where))


def _decode_index(hint: Any) -> Decode:  # noqa: ANN401  any type hint
    values = _decode_dict(str, hint)
    return lambda tree, where: Index(values(tree, where))


_COLLECTIONS: dict[Any, Callable[..., Decode]] = {
    list: _decode_list,
    Sequence: _decode_list,
    GrowingList: _decode_growing_list,
    tuple: _decode_tuple,
    dict: _decode_dict,
    Mapping: _decode_dict,
    Index: _decode_index,
    Table: _decode_table,
}


def members(tree: Json, where: str, *names: str, optional: Collection[str] = ()) -> dict[str, Json]:
    """Return a JSON object; raise `Misuse` unless it has all members in `names`, and no others than `optional` ones."""
    if not isinstance(tree, dict):
        raise wrong("an object", tree, where)
    for name in tree:
        if name not in names and name not in optional:
            raise unknown(f"the member {name!r}", f"{where}.{name}")
    if any(name not in tree for name in names):
        raise wrong(f"an object with the members {', '.join(names)}", sorted(map(str, tree)), where)
    return tree


def unknown(what: str, where: str) -> Misuse:
    """Return the `Misuse` for something that this release does not know: to ignore it would change the world."""
    return Misuse(f"{where}: this release does not know {shortened(what)}; a newer one wrote the snapshot", param=where)


def array(tree: Json, where: str) -> list[Json]:
    """Return a JSON array; raise `Misuse` if it is not one."""
    if not isinstance(tree, list):
        raise wrong("an array", tree, where)
    return tree


def wrong(expected: str, found: object, where: str) -> Misuse:
    """Return the `Misuse` for a place where a snapshot is invalid; `expected` completes "must be"."""
    try:
        shown = reprlib.repr(found)
    except Exception:  # noqa: BLE001  whatever it is, the message about the value matters more
        shown = quoted(found)
    return Misuse(f"{where} must be {expected}, not {shown}", param=where)
