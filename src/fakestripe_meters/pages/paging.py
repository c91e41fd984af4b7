"""Long lists, a page at a time."""

from collections.abc import Sequence
from typing import Generic
from typing import TypeVar

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.pages.answers import Form

ROWS = 50
"""How many rows a page has."""
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[R]):
    """A page of a list: its rows, its number from 1, and how many there are in all."""

    rows: Sequence[R]
    number: int
    count: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.count // ROWS))

    @property
    def first_row(self) -> int:
        """The place of its first row, from 1; 0 if it has none."""
        return (self.number - 1) * ROWS + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """The place of its last row."""
        return self.first_row + len(self.rows) - 1 if self.rows else 0


def sheet(found: Sequence[R], form: Form, name: str = "page") -> Sheet[R]:
    """Return the page that a query asks for by its number; the nearest, if there is no such page."""
    wanted = form.get(name, "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= len(str(len(found))) else 1
    last = max(1, -(-len(found) // ROWS))
    number = min(max(number, 1), last)
    return Sheet(found[(number - 1) * ROWS : number * ROWS], number, len(found))
