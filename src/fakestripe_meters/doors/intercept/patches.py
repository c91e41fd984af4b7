"""Replacing an attribute for a while, and putting back exactly what was there."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Patch:
    """What takes the place of `owner.name`: made of what is there, so that it can still be called."""

    owner: type
    name: str
    make: Callable[[Any], Any]


@contextmanager
def patched(patch: Patch) -> Iterator[None]:
    """Replace the attribute.

    Who patches the same attribute later and goes later than we do puts our replacement back: it must then do
    no more than what it replaced. And what they have put there in the meantime is not ours to remove.
    """
    original = vars(patch.owner)[patch.name]
    replacement = patch.make(original)
    setattr(patch.owner, patch.name, replacement)
    try:
        yield
    finally:
        if vars(patch.owner)[patch.name] is replacement:
            setattr(patch.owner, patch.name, original)
