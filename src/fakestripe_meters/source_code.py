"""The source code of this package as text, also if it is in an archive."""

from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

PACKAGE = "fakestripe_meters"


@cache
def texts() -> Mapping[str, str]:
    """Return the text of each module by its path, such as `core/clock.py`, in the order of the paths."""
    return dict(sorted(_below(files(PACKAGE), "")))


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _below(each, f"{prefix}{each.name}/")
        elif each.name.endswith(".py"):
            yield f"{prefix}{each.name}", each.read_text("utf-8")
