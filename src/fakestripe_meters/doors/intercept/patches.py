"""Replace an attribute for a while, and put back exactly what was there."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Patch:
    """A replacement for `owner.name`. `make` gets the original, so that the replacement can call it."""

    owner: type
    name: str
    make: Callable[[Any], Any]


@contextmanager
def patched(patch: Patch) -> Iterator[None]:
    """Replace the attribute while the context is active.

    Other code may patch the same attribute meanwhile, and restore it after we have ended: then our replacement comes
    back, and must do no more than the original. A patch of theirs that is in place when we end is left there.
    """
    original = vars(patch.owner)[patch.name]
    replacement = patch.make(original)
    setattr(patch.owner, patch.name, replacement)
    try:
        yield
    finally:
        if vars(patch.owner)[patch.name] is replacement:
            setattr(patch.owner, patch.name, original)
