"""How far long work is: a move of a clock over much scheduled work, or the requests of a large file."""

from collections.abc import Callable
from collections.abc import Container
from typing import TypeAlias

from fakestripe_meters.core.late import dataclass

PARTS = 100
"""Into how many parts long work is divided: after each, somebody may be told."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work is: `done` of `total` pieces, and the time `now` that the clock has reached, in Unix seconds.

    The pieces are those that were foreseen. What follows of itself, such as the payment of an invoice, is not counted.
    """

    done: int
    total: int
    now: int


Told: TypeAlias = Callable[[Progress], object]
"""What is told how far work is."""


class Watch:
    """Who is told how far any long work of a world is. The world and its accounts share it."""

    def __init__(self) -> None:
        self.told: Told | None = None
        """Is called also while an account is locked, so it must not call the fake."""


class Telling:
    """Tells how far long work is: at its beginning, after each hundredth part, and at its end."""

    def __init__(self, told: Told | None, total: int) -> None:
        self._told = told if total else None
        self.total, self.done, self._next = total, 0, 0

    def did(self, pieces: int = 1) -> None:
        """Count pieces that are done, and tell nobody yet."""
        self.done = min(self.done + pieces, self.total)

    def go_on(self, now: int) -> None:
        """Tell how far the work is at its beginning, or if another part of it is done, at `now` of the clock."""
        if self._told is not None and self._next <= self.done < self.total:
            self._next = self.done + max(1, self.total // PARTS)
            self._told(Progress(self.done, self.total, now))

    def end(self, now: int) -> None:
        """Tell that all is done."""
        self.done = self.total
        if self._told is not None:
            self._told(Progress(self.done, self.total, now))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Which scheduled work was foreseen: what repeats, and what an agenda held up to the entry of a number."""

    repeats: Container[str]
    known: int

    def has(self, kind: str, number: int) -> bool:
        """Return whether an entry of that kind and number was foreseen."""
        return number <= self.known or kind in self.repeats
