"""From what was sent to a value of one kind, or to Stripe's refusal with the path of what is wrong."""

import dataclasses
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core import instants
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.errors import v2
from fakestripe_meters.core.instants import Instant
from fakestripe_meters.wire.tree import Json

Coercer = Callable[[Json, str], object]
"""From a tree and the path that names it in messages to a value of the field's type."""

REQUIRED = object()
"""Stands for no default."""
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a field demands beyond its type, and what it is when it is absent."""

    default: Any
    """`REQUIRED` where there is none."""
    clearable: bool
    max_length: int | None
    least: int | None
    most: int | None
    check: Callable[[Any, str], None] | None
    doc: str

    @property
    def required(self) -> bool:
        """Whether the field must be sent."""
        return self.default is REQUIRED


def choice(choices: tuple[str, ...]) -> Coercer:
    """One of a few words."""
    known = frozenset(choices)
    in_order = sorted(choices)  # `typing` takes equal Literals for one: theirs is the order of whoever came first

    def coerce(tree: Json, path: str) -> str:
        if not isinstance(tree, str) or tree not in known:
            raise errors.invalid_choice(path, in_order)
        return tree

    return coerce


def array_of(element: Coercer) -> Coercer:
    """An array, sent as a list or as a hash of indexes."""

    def coerce(tree: Json, path: str) -> tuple[object, ...]:
        if isinstance(tree, dict) and all(key.isascii() and key.isdigit() and len(key) <= 9 for key in tree):  # noqa: PLR2004  no index is longer
            tree = [tree[key] for key in sorted(tree, key=int)]
        if not isinstance(tree, list):
            raise errors.invalid_array(path)
        try:
            # Where the first is a hash no element is a scalar: an empty one fails by itself.
            if (tree and type(tree[0]) is dict) or ("" not in tree and None not in tree):
                return tuple([element(each, path) for each in tree])
        except StripeError:
            pass  # the exact path is only made to say what is wrong where
        return tuple([_element(element, each, f"{path}[{index}]") for index, each in enumerate(tree)])

    return coerce


def _element(element: Coercer, tree: Json, path: str) -> object:
    if tree == "" or tree is None:
        raise errors.empty_param(path)
    return element(tree, path)


def map_of(element: Coercer, *, nullable: bool) -> Coercer:
    """A hash whose keys are the sender's own, such as metadata."""

    def coerce(tree: Json, path: str) -> dict[str, object]:
        if not isinstance(tree, dict):
            raise errors.invalid_object(path)
        return {
            key: None if nullable and each is None else element(each, f"{path}[{key}]") for key, each in tree.items()
        }

    return coerce


def string(rules: Rules) -> Coercer:
    """A text no longer than the rules allow."""
    longest = rules.max_length

    def coerce(tree: Json, path: str) -> str:
        if not isinstance(tree, str):
            raise errors.invalid_string(path, _shown(tree))
        if longest is not None and len(tree) > longest:
            raise errors.string_too_long(path, tree, longest)
        return tree

    return coerce


def integer(rules: Rules) -> Coercer:
    """A whole number between the bounds of the rules."""

    def coerce(tree: Json, path: str) -> int:
        if type(tree) is int:
            value = tree
        elif isinstance(tree, str) and INTEGER.fullmatch(tree):
            value = int(tree)
        else:
            raise errors.invalid_integer(path, _shown(tree))
        if rules.least is not None and value < rules.least:
            raise errors.too_small(path, rules.least)
        if rules.most is not None and value > rules.most:
            raise errors.too_large(path, rules.most, value)
        return value

    return coerce


def boolean(tree: Json, path: str) -> bool:
    """`true` or `false`, and nothing like it."""
    if tree is True or tree == "true":
        return True
    if tree is False or tree == "false":
        return False
    raise errors.invalid_boolean(path, _shown(tree))


def decimal(tree: Json, path: str) -> Decimal:
    """An exact number, sent as a string."""
    if not isinstance(tree, str) or not DECIMAL.fullmatch(tree):
        raise errors.invalid_decimal(path, _shown(tree))
    return Decimal(tree)


def instant(tree: Any, path: str) -> Instant:  # noqa: ANN401  what is no string is refused as it is read
    """A time as API v2 writes it: RFC 3339."""
    try:
        return instants.parse(tree)
    except (TypeError, ValueError):
        raise v2.invalid_timestamp(path, _shown(tree)) from None


def _shown(tree: Json) -> str:
    """What was sent, short enough for a message."""
    text = tree if isinstance(tree, str) else json.dumps(tree, ensure_ascii=False, default=str)
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004  a line's worth
