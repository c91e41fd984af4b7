"""Replace an attribute for a while, and put back exactly what was there."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any

ORIGINAL = "__replaced_by_fakestripe__"
"""Where a replacement keeps what it has replaced."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A replacement for `owner.name`. `make` gets the original, so that the replacement can call it."""

    owner: type | ModuleType
    name: str
    make: Callable[[Any], Any]


@contextmanager
def patched(patch: Patch) -> Iterator[None]:
    """Replace the attribute while the context is active.

    Other code may patch the same attribute meanwhile, and restore it after we have ended: then our replacement comes
    back, and must do no more than the original. The next time it is replaced, not wrapped once more. A patch of theirs
    that is in place when we end is left there.
    """
    inherited = patch.name not in vars(patch.owner)
    original = getattr(patch.owner, patch.name) if inherited else vars(patch.owner)[patch.name]
    original = getattr(original, ORIGINAL, original)
    replacement = patch.make(original)
    with suppress(AttributeError):  # it is no function
        setattr(replacement, ORIGINAL, original)
    setattr(patch.owner, patch.name, replacement)
    try:
        yield
    finally:
        if vars(patch.owner).get(patch.name) is replacement:
            if inherited:
                delattr(patch.owner, patch.name)
            else:
                setattr(patch.owner, patch.name, original)
