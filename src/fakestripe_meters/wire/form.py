"""Parse form bodies and query strings into trees: `a[b][0][c]=d` becomes nested hashes.

Brackets nest as in Rack, which Stripe uses: `a[b]` is a hash, and `a[]` appends to an array. An index (`a[0]`) becomes
a key like any other; the schema decides later whether `a` is an array.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from fakestripe_meters.core import errors
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

DEEPEST = 32
LONGEST_NAME = 1_000
USUAL = 2
"""How many keys a name usually has at most: `a` or `a[b]`. Such names take a shortcut."""
BRACKETED = re.compile(r"\[([^\[\]]*)\]")


def parse(*sources: str | bytes) -> Tree:
    """Return one tree of several form-encoded sources, later ones over earlier; `StripeError` 400 if unreadable."""
    tree: Tree = {}
    for source in sources:
        if source:
            _read(tree, source if isinstance(source, bytes) else source.encode("utf-8", "replace"))
    return tree


def _read(tree: Tree, source: bytes) -> None:
    plain = source.isascii() and b"%" not in source and b"+" not in source
    for piece in source.split(b"&"):
        name, _, value = piece.partition(b"=")
        if name:
            keys, text = _keys(name), value.decode() if plain else _decode(value)
            key, count = keys[-1], len(keys)
            here: Any = tree if count == 1 else tree.get(keys[0])
            if count <= USUAL and key and type(here) is dict and key not in here:
                here[key] = text
            else:
                _place(tree, keys, text, name)


def _decode(raw: bytes) -> str:
    try:
        if b"%" in raw or b"+" in raw:
            raw = unquote_to_bytes(raw.replace(b"+", b" "))
        return raw.decode()
    except UnicodeDecodeError:
        raise errors.requests.malformed("the parameters are not valid UTF-8") from None


def _place(tree: Tree, keys: tuple[str, ...], value: str, name: bytes) -> None:
    here: Any = tree
    for position, key in enumerate(keys, 1):
        following = keys[position] if position < len(keys) else None
        fresh: Json = value if following is None else [] if following == "" else {}
        here = _append(here, fresh, keys[position:]) if key == "" else _put(here, key, fresh, name)


@lru_cache(maxsize=4096)
def _keys(raw: bytes) -> tuple[str, ...]:
    """Split `a[b][]` into a, b and the empty key. Cached, because a program uses the same few names again and again."""
    name = _decode(raw)
    shown = shortened(name, 50)
    if len(name) > LONGEST_NAME:
        raise errors.requests.malformed(f"the parameter name {shown} is longer than {LONGEST_NAME} characters")
    root, bracket, rest = name.partition("[")
    keys = BRACKETED.findall(bracket + rest)
    if not root or "".join(f"[{key}]" for key in keys) != bracket + rest:
        raise errors.requests.malformed(f"the brackets of the parameter name {shown} are not balanced")
    if len(keys) > DEEPEST:
        raise errors.requests.malformed(
            f"the parameter {shortened(root, 50)} is nested more than {DEEPEST} levels deep"
        )
    return (root, *keys)


def _put(here: Tree, key: str, fresh: Json, name: bytes) -> Json:
    """Set a key, and return its value: a later string replaces an earlier one, a hash or an array is continued."""
    existing = here.get(key)
    if existing is None or (type(fresh) is str and type(existing) is str):
        here[key] = fresh
        return fresh
    if type(existing) is not type(fresh):
        raise errors.params.invalid_object(_decode(name))
    return existing


def _append(array: list[Json], fresh: Json, rest: tuple[str, ...]) -> Json:
    """Apply Rack's rule for `a[][b]`: a new element begins if the last one has a value at that path already."""
    if rest and rest[0] and array and isinstance(array[-1], dict) and not _holds(array[-1], rest):
        return array[-1]
    array.append(fresh)
    return fresh


def _holds(tree: Json, keys: tuple[str, ...]) -> bool:
    """Return whether there is a value at a path. An array on the way counts as none: it can always take more."""
    for key in keys:
        if type(tree) is not dict or key not in tree:
            return False
        tree = tree[key]
    return True
