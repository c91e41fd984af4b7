"""Coerce what was sent to a value of one type, or raise Stripe's error with the path of the parameter."""

import dataclasses
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core import instants
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.instants import Instant
from fakestripe_meters.wire.tree import Json

Coercer = Callable[[Json, str], object]
"""Takes a JSON value and its path, for messages; returns a value of the field's type or raises `StripeError`."""

REQUIRED = object()
"""The default of a field that has none."""
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
# documented: most strings, in Stripe's OpenAPI description.
LONGEST = 5_000
# inferred: the limit of arrays and hashes for which Stripe documents none.
MOST_ITEMS = 1_000
DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a field demands beyond its type, and its value when it is absent."""

    default: Any
    """The value of an absent field; `REQUIRED` if it must be sent."""
    clearable: bool
    max_length: int
    least: int | None
    most: int | None
    clamps: bool
    """Whether a number beyond `least` and `most` is taken as the nearest of the two."""
    most_items: int
    order: tuple[str, ...]
    """The words of a `Literal` in the order in which a refusal names them; empty for that of the alphabet."""
    check: Callable[[Any, str], None] | None
    doc: str
    unserved: bool | tuple[object, ...] = False
    """The values that the fake does not act on; True for all but the default."""

    @property
    def required(self) -> bool:
        """Whether the field must be sent."""
        return self.default is REQUIRED

    def serves(self, value: object) -> bool:
        """Return whether the fake acts on a value."""
        if isinstance(self.unserved, tuple):
            return value not in self.unserved
        return not self.unserved or value is None or value == self.default


def choice(choices: tuple[str, ...], rules: Rules) -> Coercer:
    """Return a coercer that accepts one of these words."""
    known = frozenset(choices)
    # `typing` caches Literals, so the order of `choices` may be that of an equal one elsewhere.
    in_order = rules.order or sorted(choices)

    def coerce(tree: Json, path: str) -> str:
        if not isinstance(tree, str) or tree not in known:
            raise errors.params.invalid_choice(path, in_order)
        return tree

    return coerce


def array_of(element: Coercer, rules: Rules) -> Coercer:
    """Return a coercer for an array, sent as a list or as a hash of indexes."""
    most = rules.most_items

    def coerce(tree: Json, path: str) -> tuple[object, ...]:
        if isinstance(tree, dict) and all(key.isascii() and key.isdigit() and len(key) <= 9 for key in tree):  # noqa: PLR2004  no index has more digits
            tree = [tree[key] for key in sorted(tree, key=int)]
        if not isinstance(tree, list):
            raise errors.params.invalid_array(path)
        if len(tree) > most:
            raise errors.params.array_too_long(path, most)
        try:
            # In an array of hashes, the element's own coercer refuses an empty one.
            if (tree and type(tree[0]) is dict) or ("" not in tree and None not in tree):
                return tuple([element(each, path) for each in tree])
        except StripeError:
            pass  # below, each element gets its exact path, which only messages need
        return tuple([_element(element, each, f"{path}[{index}]") for index, each in enumerate(tree)])

    return coerce


def _element(element: Coercer, tree: Json, path: str) -> object:
    if tree == "" or tree is None:
        raise errors.params.empty_param(path)
    return element(tree, path)


def map_of(element: Coercer, rules: Rules, *, nullable: bool) -> Coercer:
    """Return a coercer for a hash with any keys, such as metadata. With `nullable`, null is a value: None."""
    most = rules.most_items

    def coerce(tree: Json, path: str) -> dict[str, object]:
        if not isinstance(tree, dict):
            raise errors.params.invalid_object(path)
        if len(tree) > most:
            raise errors.params.too_many(path, most, "keys")
        try:
            return {key: None if nullable and each is None else element(each, path) for key, each in tree.items()}
        except StripeError:
            pass  # below, each element gets its exact path, which only messages need
        return {
            key: None if nullable and each is None else element(each, f"{path}[{key}]") for key, each in tree.items()
        }

    return coerce


def string(rules: Rules) -> Coercer:
    """Return a coercer for a string that is no longer than the rules allow."""
    longest = rules.max_length

    def coerce(tree: Json, path: str) -> str:
        if not isinstance(tree, str):
            raise errors.params.invalid_string(path, _shown(tree))
        if len(tree) > longest:
            raise errors.params.string_too_long(path, tree, longest)
        return tree

    return coerce


def integer(rules: Rules) -> Coercer:
    """Return a coercer for an integer within the bounds of the rules, sent as a number or as a string of digits."""

    def coerce(tree: Json, path: str) -> int:
        if type(tree) is int:
            value = tree
        elif isinstance(tree, str) and INTEGER.fullmatch(tree):
            value = int(tree)
        else:
            raise errors.params.invalid_integer(path, _shown(tree))
        if rules.clamps:
            return _clamped(rules, value)
        _check_bounds(rules, value, path)
        return value

    return coerce


def _clamped(rules: Rules, value: int) -> int:
    if rules.least is not None and value < rules.least:
        return rules.least
    return value if rules.most is None else min(value, rules.most)


def _check_bounds(rules: Rules, value: int | Decimal, path: str) -> None:
    if rules.least is not None and value < rules.least:
        raise errors.params.too_small(path, rules.least)
    if rules.most is not None and value > rules.most:
        raise errors.params.too_large(path, rules.most, value)


def boolean(tree: Json, path: str) -> bool:
    """Return True or False. Only `true` and `false` are accepted, as JSON or as strings."""
    if tree is True or tree == "true":
        return True
    if tree is False or tree == "false":
        return False
    raise errors.params.invalid_boolean(path, _shown(tree))


def decimal(rules: Rules) -> Coercer:
    """Return a coercer for an exact number within the bounds of the rules, sent as a string such as `0.5`."""

    def coerce(tree: Json, path: str) -> Decimal:
        if not isinstance(tree, str) or not DECIMAL.fullmatch(tree):
            raise errors.params.invalid_decimal(path, _shown(tree))
        value = Decimal(tree)
        _check_bounds(rules, value, path)
        return value

    return coerce


def instant(tree: Any, path: str) -> Instant:  # noqa: ANN401  the parser refuses all but strings
    """Return the instant of an RFC 3339 timestamp, as API v2 writes times."""
    try:
        return instants.parse(tree)
    except (TypeError, ValueError):
        raise errors.v2.invalid_timestamp(path, _shown(tree)) from None


def _shown(tree: Json) -> str:
    """Return what was sent, shortened for a message."""
    text = tree if isinstance(tree, str) else json.dumps(tree, ensure_ascii=False, separators=(",", ":"), default=str)
    return errors.shortened(text)
