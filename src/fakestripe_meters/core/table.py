"""Records of one kind: by id, in order of creation, in pages by cursor."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import islice
from typing import Generic
from typing import Protocol
from typing import TypeVar

from fakestripe_meters.core import errors
from fakestripe_meters.core import undo
from fakestripe_meters.core.late import dataclass


class Record(Protocol):
    """What a table can hold: anything with an id."""

    @property
    def id(self) -> str:
        """Stripe's id."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A page of a list, newest first, and whether more records follow in the direction of the cursor."""

    records: list[R]
    has_more: bool


class Table(Generic[R]):
    """A table of records. `get`, `kept` and `add` take constant time; `page` takes time for each record it passes."""

    def __init__(self, records: Iterable[R] = ()) -> None:
        self._by_id: dict[str, R] = {}
        self._ids: list[str] = []
        self._removed: set[str] = set()
        self._position: dict[str, int] = {}
        """The positions of ids, which only cursors need; those from `_placed` on are still missing."""
        self._placed = 0
        self._first = 0
        """The position of the first of `_ids`: how many were dropped before it."""
        self._forgotten = 0
        """How many of `_ids`, from the first on, are forgotten and not yet dropped."""
        for record in records:
            self.add(record)

    def add(self, record: R) -> None:
        """Add a new record. Its id is new: the table does not know it."""
        if undo.begins(self, "add"):
            undo.note(self._cut, self._first + len(self._ids))
        self._by_id[record.id] = record
        self._ids.append(record.id)

    def get(self, identifier: str) -> R | None:
        """Return the record with that id, or None."""
        return self._by_id.get(identifier)

    def kept(self, identifier: str) -> R:
        """Return the record that another record refers to, for records that are never removed; else KeyError."""
        return self._by_id[identifier]

    def __iter__(self) -> Iterator[R]:
        """Yield the records, oldest first."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def remove(self, identifier: str) -> None:
        """Remove a record; its id remains a valid cursor."""
        undo.note(self._put_back, self._by_id[identifier])
        del self._by_id[identifier]
        self._removed.add(identifier)

    def forget(self, is_old: Callable[[R], bool]) -> list[R]:
        """Drop the oldest records, up to the first that is not old, and return them; their ids are unknown from now on.

        Each record is dropped in constant time, on average.
        """
        found: list[R] = []
        first = self._first + self._forgotten
        while self._forgotten < len(self._ids):
            identifier = self._ids[self._forgotten]
            record = self._by_id.get(identifier)
            if record is not None:
                if not is_old(record):
                    break
                found.append(self._by_id.pop(identifier))
            self._position.pop(identifier, None)
            self._removed.discard(identifier)
            self._forgotten += 1
        place = first - self._first
        if place < self._forgotten and undo.is_noting():
            undo.note(self._recall, first, self._ids[place : self._forgotten], found)
            undo.begin_again(self, "add")
        if self._forgotten * 2 > len(self._ids):
            del self._ids[: self._forgotten]
            self._first, self._forgotten = self._first + self._forgotten, 0
        return found

    def entries(self) -> Iterator[R | str]:
        """Yield the records, oldest first, and in the place of each that was removed its id."""
        return (self._by_id.get(each, each) for each in islice(self._ids, self._forgotten, None))

    def add_removed(self, identifier: str) -> None:
        """Add an id as if its record had been added and removed."""
        self._ids.append(identifier)
        self._removed.add(identifier)

    def page(
        self,
        limit: int,
        *,
        after: str | None = None,
        before: str | None = None,
        where: Callable[[R], bool] | None = None,
    ) -> Page[R]:
        """Return at most `limit` records that satisfy `where`, newest first, from after or before a cursor's id.

        The cursor must be, or have been, the id of a record in the table.
        """
        end = self._first + len(self._ids)
        if before is not None:
            found = self._walk(range(self._positions()[before] + 1, end), limit + 1, where)
            return Page(found[:limit][::-1], len(found) > limit)
        newest = (self._positions()[after] if after is not None else end) - 1
        found = self._walk(range(newest, self._first + self._forgotten - 1, -1), limit + 1, where)
        return Page(found[:limit], len(found) > limit)

    def knows(self, identifier: str) -> bool:
        """Whether a record with that id is, or was, in the table."""
        return identifier in self._by_id or identifier in self._removed

    def _positions(self) -> dict[str, int]:
        """Return the positions of all ids, after those were added that are missing."""
        end, start = self._first + len(self._ids), max(self._placed, self._first + self._forgotten)
        self._position.update(zip(islice(self._ids, start - self._first, None), range(start, end), strict=True))
        self._placed = end
        return self._position

    def _cut(self, end: int) -> None:
        """Take back what was added from a position on."""
        for identifier in self._ids[end - self._first :]:
            self._by_id.pop(identifier, None)
            self._position.pop(identifier, None)
        del self._ids[end - self._first :]
        self._placed = min(self._placed, end)

    def _recall(self, first: int, identifiers: list[str], records: list[R]) -> None:
        """Take back that ids, the first of them at a position, were forgotten with the records that they had."""
        if self._first > first:
            self._ids[:0], self._first = identifiers, first
        self._forgotten = first - self._first
        self._position.update(zip(identifiers, range(first, first + len(identifiers)), strict=True))
        self._by_id = {record.id: record for record in records} | self._by_id
        self._removed.update(each for each in identifiers if each not in self._by_id)

    def _put_back(self, record: R) -> None:
        self._by_id[record.id] = record
        self._removed.discard(record.id)
        positions = self._positions()
        self._by_id = dict(sorted(self._by_id.items(), key=lambda each: positions[each[0]]))

    def _walk(self, positions: Iterable[int], most: int, where: Callable[[R], bool] | None) -> list[R]:
        found: list[R] = []
        for position in positions:
            record = self._by_id.get(self._ids[position - self._first])
            if record is not None and (where is None or where(record)):
                found.append(record)
                if len(found) == most:
                    break
        return found


def required(record: R | None, noun: str, identifier: str, *, param: str = "id", status: int = 404) -> R:
    """Return a record that was looked up, or raise Stripe's `No such …` if there is none.

    An id in the path is a 404; one in a parameter is a 400 with that `param`.
    """
    if record is None:
        raise errors.objects.no_such(noun, identifier, param=param, status=status)
    return record
