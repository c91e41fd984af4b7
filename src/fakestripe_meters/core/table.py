"""Records of one kind: by id, in order of creation, in pages by cursor."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic
from typing import Protocol
from typing import TypeVar

from fakestripe_meters.core import errors
from fakestripe_meters.core import undo


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
        self._position: dict[str, int] = {}
        self._ids: list[str] = []
        for record in records:
            self.add(record)

    def add(self, record: R) -> None:
        """Add a new record."""
        undo.note(self._take_out, record.id, self._position.get(record.id))
        self._by_id[record.id] = record
        self._position[record.id] = len(self._ids)
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
        if before is not None:
            found = self._walk(range(self._position[before] + 1, len(self._ids)), limit + 1, where)
            return Page(found[:limit][::-1], len(found) > limit)
        newest = (self._position[after] if after is not None else len(self._ids)) - 1
        found = self._walk(range(newest, -1, -1), limit + 1, where)
        return Page(found[:limit], len(found) > limit)

    def knows(self, identifier: str) -> bool:
        """Whether a record with that id is, or was, in the table."""
        return identifier in self._position

    def _take_out(self, identifier: str, former_position: int | None) -> None:
        del self._by_id[identifier]
        self._ids.pop()
        if former_position is None:
            del self._position[identifier]
        else:
            self._position[identifier] = former_position

    def _put_back(self, record: R) -> None:
        self._by_id[record.id] = record
        self._by_id = dict(sorted(self._by_id.items(), key=lambda each: self._position[each[0]]))

    def _walk(self, positions: Iterable[int], most: int, where: Callable[[R], bool] | None) -> list[R]:
        found: list[R] = []
        for position in positions:
            record = self._by_id.get(self._ids[position])
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
