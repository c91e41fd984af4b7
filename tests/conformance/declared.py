"""What the fake's own `Params` classes declare, in the words of `sdk_types`."""

import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fakestripe_meters.core.instants import Instant
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import fields_of

SCALARS = {str: "str", int: "int", bool: "bool", Decimal: "decimal", Instant: "instant"}


def declared(kind: type[Params], prefix: str = "") -> dict[str, set[str]]:
    """Flat path → what is taken there; `required` among it, and `""` where it may be cleared."""
    found: dict[str, set[str]] = {}
    for name, (hint, rules) in fields_of(kind).items():
        for path, words in _below(hint, f"{prefix}{name}"):
            found.setdefault(path, set()).update(words)
        if rules.clearable:
            found[f"{prefix}{name}"].add('""')
        if rules.required:
            found[f"{prefix}{name}"].add("required")
    return found


def _below(hint: Any, path: str) -> Iterator[tuple[str, set[str]]]:  # noqa: ANN401  a type expression has no type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        for each in arguments:
            if each not in (types.NoneType, Unset):
                yield from _below(each, path)
        if types.NoneType in arguments and path.endswith("{}"):
            yield path, {'""'}
    elif origin is typing.Literal:
        yield path, {f"={choice}" for choice in arguments}
    elif origin is tuple:
        yield path, {"array"}
        yield from _below(arguments[0], f"{path}[]")
    elif origin is dict:
        yield path, {"map"}
        yield from _below(arguments[1], f"{path}{{}}")
    elif isinstance(hint, type) and issubclass(hint, Params):
        yield path, {"hash"}
        yield from declared(hint, f"{path}.").items()
    else:
        yield path, {SCALARS[hint]}


def least(kind: type[Params]) -> dict[str, Any]:
    """A tree with what is required, and nothing else."""
    return {name: example(hint) for name, (hint, rules) in fields_of(kind).items() if rules.required}


def example(hint: Any) -> Any:  # noqa: ANN401  a type expression has no type, nor has a tree
    """The simplest value of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return example(arguments[0])
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return [example(arguments[0])]
    if origin is dict:
        return {"key": example(arguments[1])}
    if isinstance(hint, type) and issubclass(hint, Params):
        return least(hint) or _first(hint)
    return {str: "words", int: "1", bool: "true", Decimal: "1", Instant: "2025-01-01T00:00:00Z"}[hint]


def _first(kind: type[Params]) -> dict[str, Any]:
    """One field, if there is any: a form cannot say that a hash is empty."""
    return {name: example(hint) for name, (hint, _) in list(fields_of(kind).items())[:1]}


def orders(kind: type[Params], prefix: str = "") -> dict[str, tuple[str, ...]]:
    """Flat path → the words there that a refusal names in another order than that of the alphabet."""
    found: dict[str, tuple[str, ...]] = {}
    for name, (hint, rules) in fields_of(kind).items():
        path = f"{prefix}{name}"
        if rules.order:
            found[path] = rules.order
        for below in ("", "[]", "{}"):
            for inner in _hashes(hint, below):
                found.update(orders(inner, f"{path}{below}."))
    return found


def _hashes(hint: Any, below: str) -> Iterator[type[Params]]:  # noqa: ANN401  a type expression has no type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Params) and not below:
        yield hint
    elif origin in (typing.Union, types.UnionType):
        for each in arguments:
            yield from _hashes(each, below)
    elif origin is tuple and below == "[]":
        yield from _hashes(arguments[0], "")
    elif origin is dict and below == "{}":
        yield from _hashes(arguments[1], "")


def lengths(kind: type[Params], prefix: str = "") -> dict[str, int]:
    """Flat path → the most characters of a string there, in an array or a map too."""
    found: dict[str, int] = {}
    for name, (hint, rules) in fields_of(kind).items():
        found.update(_lengths(hint, f"{prefix}{name}", rules.max_length))
    return found


def _lengths(hint: Any, path: str, most: int) -> dict[str, int]:  # noqa: ANN401  a type expression has no type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is str:
        return {path: most}
    if isinstance(hint, type) and issubclass(hint, Params):
        return lengths(hint, f"{path}.")
    if origin is tuple:
        return _lengths(arguments[0], f"{path}[]", most)
    if origin is dict:
        return _lengths(arguments[1], f"{path}{{}}", most)
    alternatives = arguments if origin in (typing.Union, types.UnionType) else ()
    return {key: value for each in alternatives for key, value in _lengths(each, path, most).items()}
