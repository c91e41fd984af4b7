"""Form bodies and query strings: `a[b][0][c]=d` → tree.

Brackets nest as in Rack, which Stripe speaks: `a[b]` is a hash, `a[]` appends to an array, and an
index (`a[0]`) is at first a key like any other; whether `a` is an array is for the schema to say.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from fakestripe_meters.core import errors
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

DEEPEST = 32
LONGEST_NAME = 1_000
BRACKETED = re.compile(r"\[([^\[\]]*)\]")


def parse(*sources: str | bytes) -> Tree:
    """One tree of several form-encoded sources, the later ones over the earlier; StripeError if unreadable."""
    tree: Tree = {}
    for source in sources:
        if source:
            _read(tree, source if isinstance(source, bytes) else source.encode("utf-8", "replace"))
    return tree


def _read(tree: Tree, source: bytes) -> None:
    for piece in source.split(b"&"):
        name, _, value = piece.partition(b"=")
        if name:
            keys = _keys(name)
            if len(keys) == 1:
                _enter(tree, keys[0], _decode(value), name)
            else:
                _place(tree, keys, _decode(value), name)


def _decode(raw: bytes) -> str:
    try:
        if b"%" in raw or b"+" in raw:
            raw = unquote_to_bytes(raw.replace(b"+", b" "))
        return raw.decode()
    except UnicodeDecodeError:
        raise errors.malformed("the parameters are not valid UTF-8") from None


def _place(tree: Tree, keys: tuple[str, ...], value: str, name: bytes) -> None:
    here: Any = tree
    for position, key in enumerate(keys, 1):
        following = keys[position] if position < len(keys) else None
        fresh: Json = value if following is None else [] if following == "" else {}
        here = _append(here, fresh, keys[position:]) if key == "" else _enter(here, key, fresh, name)


@lru_cache(maxsize=4096)
def _keys(raw: bytes) -> tuple[str, ...]:
    """`a[b][]` → a, b and the empty key. Cached: a program uses the same few names over and over."""
    name = _decode(raw)
    if len(name) > LONGEST_NAME:
        raise errors.malformed(f"the parameter name {name[:50]}… is longer than {LONGEST_NAME} characters")
    root, bracket, rest = name.partition("[")
    keys = BRACKETED.findall(bracket + rest)
    if not root or "".join(f"[{key}]" for key in keys) != bracket + rest:
        raise errors.malformed(f"the brackets of the parameter name {name[:50]} are not balanced")
    if len(keys) > DEEPEST:
        raise errors.malformed(f"the parameter {root[:50]} is nested more than {DEEPEST} levels deep")
    return (root, *keys)


def _enter(here: Tree, key: str, fresh: Json, name: bytes) -> Json:
    present = here.get(key)
    if present is None or (type(fresh) is str and type(present) is str):
        here[key] = fresh
        return fresh
    if type(present) is not type(fresh):
        raise errors.invalid_object(_decode(name))
    return present


def _append(array: list[Json], fresh: Json, rest: tuple[str, ...]) -> Json:
    """Rack's rule for `a[][b]`: a new element begins where the last one holds something there already."""
    if rest and rest[0] and array and isinstance(array[-1], dict) and not _holds(array[-1], rest):
        return array[-1]
    array.append(fresh)
    return fresh


def _holds(tree: Json, keys: tuple[str, ...]) -> bool:
    """Whether something stands at a path; an array below it can always take more."""
    for key in keys:
        if type(tree) is not dict or key not in tree:
            return False
        tree = tree[key]
    return True
