"""What falls due when: kept in order, handed out one by one as time passes."""

import heapq
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Work of one `kind` on one `subject` (an id, or nothing), due at an instant; `number` breaks ties."""

    due_ns: int
    number: int
    kind: str
    subject: str


class Agenda:
    """A queue by due time, first written first done among equals.

    Entries are data, not callables, so that a snapshot can carry them. Nothing is ever struck off:
    whoever does the work looks whether it still applies.
    """

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._number = 0

    def add(self, due_ns: int, kind: str, subject: str = "") -> None:
        """Note work for the instant `due_ns`; one in the past is due at once."""
        self._number += 1
        heapq.heappush(self._heap, Entry(due_ns, self._number, kind, subject))

    def next_due_ns(self) -> int | None:
        """When the next work falls due, if there is any."""
        return self._heap[0].due_ns if self._heap else None

    def pop_due(self, until_ns: int) -> Entry | None:
        """The earliest entry due at `until_ns` or before, removed; None when there is no more."""
        if self._heap and self._heap[0].due_ns <= until_ns:
            return heapq.heappop(self._heap)
        return None

    def entries(self) -> list[Entry]:
        """Everything noted, in order."""
        return sorted(self._heap)
