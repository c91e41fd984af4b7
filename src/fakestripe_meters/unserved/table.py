"""What Stripe has: its operations and their parameters, read from `stripe_has.txt` when a refusal first needs them.

`tests/conformance/stripe_has.py` writes that file from Stripe's OpenAPI description and the types of its SDK for
Python, and explains its format.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import field
from functools import cache

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.packaged import text_of

ANY = "{}"
"""Stands for a segment of a URL, or a key of a hash, that may be any text."""
EACH = "[]"
"""Stands for the elements of an array."""
PREVIEW = "preview"
REMOVED = "<"


@dataclass(frozen=True, slots=True)
class Known:
    """An operation of Stripe's, or a parameter: its types, which versions have it, and what is inside it."""

    types: frozenset[str] = frozenset()
    mark: str = ""
    """`preview`, or `<` and the version that removed it; empty for what all versions have."""
    inside: "dict[str, Known]" = field(default_factory=dict)

    def is_in(self, date: str, *, preview: bool) -> bool:
        """Return whether a version has it."""
        if self.mark.startswith(REMOVED):
            return date < self.mark.removeprefix(REMOVED)
        return preview or self.mark != PREVIEW


NOTHING = Known()
Operations = Mapping[str, Mapping[str, Known]]
"""Path, with `{}` for its variable segments → method → operation."""


def operation(method: str, path: str) -> Known | None:
    """Return Stripe's operation with a method and a path; None if Stripe has no such path, or not with that method.

    A word of Stripe's own, such as `search`, is never taken for an id.
    """
    return operations().get(path_of(path), {}).get("GET" if method == "HEAD" else method)


def path_of(path: str) -> str:
    """Return the path that Stripe has for a request's path, with `{}` for its variable segments; empty for none."""
    return max(_fitting(path), key=_words, default="")


def _fitting(path: str) -> Iterator[str]:
    segments = path.split("/")
    for known in operations():
        pattern = known.split("/")
        if len(pattern) == len(segments) and all(map(_fits, pattern, segments)):
            yield known


def _fits(word: str, segment: str) -> bool:
    return word == segment or (word == ANY and segment != "")


def _words(path: str) -> list[bool]:
    """Return which segments are words: of two paths, the one whose first word comes sooner is the more exact one."""
    return [segment != ANY for segment in path.split("/")]


@cache
def operations() -> Operations:
    """Return all operations of Stripe's. Cached, because they are read from a file."""
    return read(text_of(__package__, "stripe_has.txt").splitlines())


def read(lines: Iterable[str]) -> Operations:
    """Return the operations in a file's lines."""
    found: dict[str, dict[str, Known]] = {}
    holders: list[Known] = []
    for line in lines:
        name, *rest = line.split()
        depth = len(line) - len(line.lstrip(" "))
        holders = holders[:depth]
        word, mark = rest[0], (rest[1:] or [holders[-1].mark if holders else ""])[0]
        if depth:
            known = holders[-1].inside[name] = Known(frozenset(word.split("|")), mark)
        else:
            known = found.setdefault(word, {})[name] = Known(frozenset({"hash"}), mark)
        holders.append(known)
    return found
