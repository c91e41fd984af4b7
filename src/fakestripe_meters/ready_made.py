"""The ready-made worlds, found by their names. A wheel has them inside; beside a checkout they are in `fixtures/`."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import either

PACKAGE = "fakestripe_meters"
CHECKOUT = Path(__file__).parents[2] / "fixtures" / "worlds"
NAME = re.compile(r"[\w-]+")
SUFFIX = ".json"


def fixtures_at(file: str) -> Traversable:
    """Return the fixture file at a path, or else the ready-made world of that name.

    Raises:
        Misuse: there is neither. The message names the worlds.
    """
    path = Path(file)
    if path.is_file() or not NAME.fullmatch(file):
        return path
    ready = worlds()
    if file not in ready:
        raise Misuse(f"{file} is neither a file nor a ready-made world: use {either(ready)}")
    return ready[file]


def worlds() -> dict[str, Traversable]:
    """Return the ready-made worlds by their names."""
    inside = files(PACKAGE) / "worlds"
    folder = inside if inside.is_dir() else CHECKOUT
    found = {each.name.removesuffix(SUFFIX): each for each in folder.iterdir() if each.name.endswith(SUFFIX)}
    return dict(sorted(found.items()))
