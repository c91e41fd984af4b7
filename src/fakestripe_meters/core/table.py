"""Records of one kind: by id, in order of birth, in cursor pages."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic
from typing import Protocol
from typing import TypeVar


class Record(Protocol):
    """Whatever is kept in a table has an id."""

    @property
    def id(self) -> str:
        """Stripe's id."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A stretch of a list, newest first, and whether more follows in the direction of travel."""

    records: list[R]
    has_more: bool


class Table(Generic[R]):
    """Get and add in constant time however many records there are; a page costs what it passes over."""

    def __init__(self, records: Iterable[R] = ()) -> None:
        self._by_id: dict[str, R] = {}
        self._position: dict[str, int] = {}
        self._ids: list[str] = []
        for record in records:
            self.add(record)

    def add(self, record: R) -> None:
        """Keep a new record."""
        self._by_id[record.id] = record
        self._position[record.id] = len(self._ids)
        self._ids.append(record.id)

    def get(self, identifier: str) -> R | None:
        """The record with that id, if there is one."""
        return self._by_id.get(identifier)

    def __iter__(self) -> Iterator[R]:
        """Oldest first."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def remove(self, identifier: str) -> None:
        """Forget a record; its place stays empty."""
        del self._by_id[identifier]

    def page(
        self,
        limit: int,
        *,
        after: str | None = None,
        before: str | None = None,
        where: Callable[[R], bool] | None = None,
    ) -> Page[R]:
        """At most `limit` records that satisfy `where`, newest first, behind or ahead of a cursor's id.

        The cursor must have been in the table; a removed record is as good a cursor as any.
        """
        if before is not None:
            found = self._walk(range(self._position[before] + 1, len(self._ids)), limit + 1, where)
            return Page(found[:limit][::-1], len(found) > limit)
        newest = (self._position[after] if after is not None else len(self._ids)) - 1
        found = self._walk(range(newest, -1, -1), limit + 1, where)
        return Page(found[:limit], len(found) > limit)

    def knows(self, identifier: str) -> bool:
        """Whether a record with that id is or was here."""
        return identifier in self._position

    def _walk(self, positions: Iterable[int], most: int, where: Callable[[R], bool] | None) -> list[R]:
        found: list[R] = []
        for position in positions:
            record = self._by_id.get(self._ids[position])
            if record is not None and (where is None or where(record)):
                found.append(record)
                if len(found) == most:
                    break
        return found
