"""Where a behaviour comes from, as marks on the functions and classes that have it.

`GET /_fakestripe/fidelity` reads the marks from the source; at run time they do nothing. Beside a value or a statement
the mark is a comment that begins with one of the words: `# inferred: no exponent, no blanks.`
"""

from collections.abc import Callable
from typing import Protocol
from typing import TypeVar

Marked = TypeVar("Marked", bound=Callable[..., object])


class Mark(Protocol):
    """A decorator that returns what it marks, with its type."""

    def __call__(self, marked: Marked, /) -> Marked:
        """Return the same function or class."""


def observed(what: str) -> Mark:
    """Mark what recordings of Stripe's answers show, or reports by people who quote them."""
    return _mark(what)


def documented(what: str) -> Mark:
    """Mark what Stripe's reference, guides and changelog say, or the types in its SDKs; with the address, if any."""
    return _mark(what)


def disputed(what: str) -> Mark:
    """Mark what sources contradict each other about; the words name both, and say which is followed."""
    return _mark(what)


def inferred(what: str) -> Mark:
    """Mark our own decision, where no source says."""
    return _mark(what)


def _mark(_what: str) -> Mark:
    return _as_it_is


def _as_it_is(marked: Marked) -> Marked:
    return marked
