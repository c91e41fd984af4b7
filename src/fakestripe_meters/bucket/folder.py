"""What is in the folder that stands for the S3 bucket: files by name, and why others are left out."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage_files import ENDINGS

HIDDEN = "its name, or that of a folder that it is in, begins with a dot"
NO_USAGE_FILE = f"its name does not end with {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
OUTSIDE = "it is a link that leads out of the folder"
LINKED_FOLDER = "it is a link to a folder, and those are not followed"
BROKEN_LINK = "it is a link to nothing"
NO_FILE = "it is not a file, but a device, a pipe or a socket"
NOT_UTF8 = "its name is not valid UTF-8"


class Found(NamedTuple):
    """A usage file."""

    name: str
    """Its path below the folder, with slashes, as an object of S3 is called."""
    modified_ns: int
    size: int

    @property
    def version(self) -> tuple[int, int]:
        """What a change of the file changes."""
        return self.modified_ns, self.size


@inferred("files in folders below count, as an object's name in S3 may have slashes; links out of the folder do not")
def listed(folder: Path) -> tuple[list[Found], dict[str, str]]:
    """Return the usage files in a folder and in those below it, and why other files are left out, by name.

    What vanishes meanwhile is not there. Raise OSError if the folder itself cannot be read.
    """
    root = folder.resolve()
    found: list[Found] = []
    left: dict[str, str] = {}
    below = [""]
    for inside in below:  # which grows meanwhile
        try:
            with os.scandir(root / inside) as found_there:
                entries = list(found_there)
        except OSError as error:
            if not inside:
                raise
            if not isinstance(error, FileNotFoundError):
                left[_shown(inside)] = unreadable(error)
            continue
        for entry in entries:
            name = f"{inside}{entry.name}"
            try:
                outcome = _judged(root, entry)
            except FileNotFoundError:
                continue
            except OSError as error:
                outcome = unreadable(error)
            if outcome is None:
                below.append(f"{name}/")
            elif isinstance(outcome, str):
                left[_shown(name)] = outcome
            else:
                found.append(Found(name, outcome.st_mtime_ns, outcome.st_size))
    return found, left


def version_at(path: Path) -> tuple[int, int]:
    """Return the version of a file as it is now; raise OSError if it cannot be told."""
    now = path.stat()
    return now.st_mtime_ns, now.st_size


def unreadable(error: OSError) -> str:
    """Return why something cannot be read."""
    return f"it cannot be read: {error.strerror or type(error).__name__}"


def _judged(root: Path, entry: os.DirEntry[str]) -> os.stat_result | str | None:
    """Return what is known of a usage file, why something else is left out, or None for a folder to look into."""
    refusal = next(_objections(root, entry), None)
    if refusal is not None or entry.is_dir():
        return refusal
    known = entry.stat()
    return known if stat.S_ISREG(known.st_mode) else NO_FILE


def _objections(root: Path, entry: os.DirEntry[str]) -> Iterator[str]:
    if entry.name.startswith("."):
        yield HIDDEN
    if _shown(entry.name) != entry.name:
        yield NOT_UTF8
    if entry.is_symlink():
        target = Path(os.path.realpath(entry.path))
        if not target.is_relative_to(root):
            yield OUTSIDE
        if not target.exists():
            yield BROKEN_LINK
        if target.is_dir():
            yield LINKED_FOLDER
    if not entry.is_dir() and not entry.name.lower().endswith(ENDINGS):
        yield NO_USAGE_FILE


def _shown(name: str) -> str:
    """Return a name as text, also one that is not valid UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
