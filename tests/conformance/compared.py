"""An answer's object against what an SDK declares of it."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from tests.conformance.sdk_types import Types

Json = Any
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BELOW = re.compile(r"[.\[{]")


def complaints(types: Types, tree: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """`("status", "absent")`: each path where the two part, and how."""
    if tree.keys() in (
        {"id", "object", "deleted"},
        {"id", "object"},
    ):  # the second is what v2 leaves of what is deleted
        return
    yield from _hash(types, tree, "")


def _hash(types: Types, tree: dict[str, Json], prefix: str) -> Iterator[tuple[str, str]]:
    declared = {path for path in types if path.startswith(prefix) and not BELOW.search(path[len(prefix) :])}
    for path in sorted(declared):
        name = path[len(prefix) :]
        if name in tree:
            yield from _value(types, path, tree[name])
        else:
            yield path, "absent"
    for name in tree:
        if f"{prefix}{name}" not in declared:
            yield f"{prefix}{name}", "undeclared"


def _value(types: Types, path: str, value: Json) -> Iterator[tuple[str, str]]:
    kinds = types[path]
    if value is None:
        if not kinds.endswith("?") and kinds != "any":
            yield path, "null"
        return
    found = [kind for kind in kinds.rstrip("?").split("|") if _fits(kind, value)]
    if not found:
        yield path, f"{value!r} is no {kinds}"
    if "hash" in found:
        yield from _hash(types, value, f"{path}.")
    for suffix, kind, inner in (("[]", "array", value), ("{}", "map", value)):
        if kind in found and f"{path}{suffix}" in types:
            for each in inner.values() if kind == "map" else inner:
                yield from _value(types, f"{path}{suffix}", each)


def _fits(kind: str, value: Json) -> bool:
    name, _, what = kind.partition(":")
    if kind in SCALARS:
        return SCALARS[kind](value)
    if name == "object":
        return isinstance(value, dict) and value.get("object") in what.split("+")
    if name == "list":
        return isinstance(value, dict) and value.get("object") == "list" and _all_are(what.split("+"), value["data"])
    choices = kind.removeprefix("enum(").removesuffix(")").split(",")
    return isinstance(value, str) and value in choices


def _all_are(names: list[str], data: list[Json]) -> bool:
    return {each["object"] for each in data} <= set(names)


def _is_decimal(value: Json) -> bool:
    return isinstance(value, str) and DECIMAL.fullmatch(value) is not None


SCALARS: dict[str, Callable[[Json], bool]] = {
    "any": lambda _value: True,
    "str": lambda value: isinstance(value, str),
    "int": lambda value: type(value) is int,
    "bool": lambda value: isinstance(value, bool),
    "float": lambda value: type(value) in (int, float),
    "decimal": _is_decimal,
    "hash": lambda value: isinstance(value, dict),
    "map": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
