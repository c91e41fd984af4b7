"""The usage of one origin, and which of its events count.

On a raw meter, every event counts until it is cancelled. On a pre-aggregated meter, only the event received last in
each UTC hour or day counts; when it is cancelled, the one received before it counts again.
"""

from bisect import bisect_left
from bisect import insort
from collections.abc import Collection
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.timeline import Position
from fakestripe_meters.core.timeline import Timeline
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_number
from fakestripe_meters.core.usage_event import by_time


# documented: of a pre-aggregated meter the event received last counts, https://docs.stripe.com/api/billing/meter.
# inferred: it counts at its own timestamp, and for each combination of dimension values by itself.
class Held(NamedTuple):
    """The events of a series that a cut holds: those that count between two positions, without `late`, with `revived`.

    Late events arrived after the cut. Revived events counted at the cut; now a late event overwrites them.
    """

    start: Position
    end: Position
    late: list[UsageEvent]
    revived: list[UsageEvent]


class Series:
    """One origin's usage of a raw meter."""

    __slots__ = ("cancelled", "counting", "origin")

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.counting = Timeline()
        self.cancelled: list[UsageEvent] = []

    def __iter__(self) -> Iterator[UsageEvent]:
        return chain(self._standing(), self.cancelled)

    @property
    def size(self) -> int:
        """How many events it holds, also those that do not count."""
        return self.counting.size + len(self.cancelled)

    def overwritten(self, start: int, end: int) -> Iterator[UsageEvent]:  # noqa: ARG002  the subclass uses both
        """Yield the uncancelled events in [start, end) that do not count because another one does, by time."""
        return iter(())

    def count_overwritten(self, start: int, end: int) -> int:  # noqa: ARG002  likewise
        """Return how many such events there are."""
        return 0

    def record(self, event: UsageEvent) -> None:
        """Add an event; one that is cancelled already never counts."""
        event.origin = self.origin  # one tuple for all saves memory
        if event.cancelled:
            self.cancelled.append(event)
        else:
            self._admit(event)

    def cancel(self, event: UsageEvent) -> None:
        """Stop counting an event; raise KeyError if it is unknown or cancelled already."""
        self._dismiss(event)
        event.cancelled = True
        self.cancelled.append(event)

    def slot(self, event: UsageEvent) -> int:
        """Return what an event shares with the events that overwrite it, or that it overwrites."""
        return event.number

    def overwriter(self, event: UsageEvent) -> UsageEvent | None:  # noqa: ARG002 - the subclass uses it
        """Return the event that counts instead of this uncancelled one, if any."""
        return None

    def held(self, start: int, end: int | Cut) -> Held:
        """Return what a cut, or the time before an instant, holds from `start` on; the series must count something."""
        if not isinstance(end, Cut):
            first, last = self.counting.positions((start, end))
            return Held(first, last, [], [])
        (first,) = self.counting.positions((start,))
        last = max(first, self.counting.position_after(end.instant, end.number))
        late = self.counting.newer(first, last, end.number)
        return Held(first, last, late, self._revived(start, end, late))

    def _revived(self, start: int, cut: Cut, late: list[UsageEvent]) -> list[UsageEvent]:  # noqa: ARG002 - likewise
        return []

    def _standing(self) -> Iterator[UsageEvent]:
        return iter(self.counting)

    def _admit(self, event: UsageEvent) -> None:
        self.counting.add(event)

    def _dismiss(self, event: UsageEvent) -> None:
        self.counting.remove(event)


class WindowedSeries(Series):
    """One origin's usage of a pre-aggregated meter, whose UTC windows are `window_s` seconds long."""

    __slots__ = ("_rivals", "_window_s")

    def __init__(self, origin: Origin, window_s: int) -> None:
        super().__init__(origin)
        self._window_s = window_s
        self._rivals: dict[int, list[UsageEvent]] = {}  # the uncancelled events of a window, by number

    @property
    def size(self) -> int:
        """How many events it holds, also those that do not count."""
        return sum(map(len, self._rivals.values())) + len(self.cancelled)

    def overwritten(self, start: int, end: int) -> Iterator[UsageEvent]:
        """Yield the uncancelled events in [start, end) that do not count because another one does, by time."""
        for window in sorted(self._windows(start, end)):
            losers = self._rivals.get(window, [])[:-1]
            yield from sorted((each for each in losers if start <= each.timestamp < end), key=by_time)

    def count_overwritten(self, start: int, end: int) -> int:
        """Return how many such events there are."""
        outer = start // self._window_s, end // self._window_s
        return sum(
            sum(start <= each.timestamp < end for each in rivals[:-1]) if window in outer else len(rivals) - 1
            for window in self._windows(start, end)
            if (rivals := self._rivals.get(window))
        )

    def _windows(self, start: int, end: int) -> Collection[int]:
        """Return the windows that have a part in [start, end): all of them, or those that may have events."""
        first, last = start // self._window_s, (end - 1) // self._window_s
        if last - first < len(self._rivals):
            return range(first, last + 1)
        return [window for window in self._rivals if first <= window <= last]

    def slot(self, event: UsageEvent) -> int:
        """Return the window of an event."""
        return event.timestamp // self._window_s

    def overwriter(self, event: UsageEvent) -> UsageEvent | None:
        """Return the event of the same window that was received last, unless it is this one."""
        winner = self._rivals[self.slot(event)][-1]
        return None if winner is event else winner

    def _revived(self, start: int, cut: Cut, late: list[UsageEvent]) -> list[UsageEvent]:
        """Return the events that counted when the cut was made: of every window the last one that the cut holds.

        The windows at both ends are looked at too: there an event that the cut does not hold can lie outside.
        """
        outer = (instant // self._window_s for instant in (start, cut.instant))
        windows = {self.slot(event) for event in late}.union(outer)
        return [found for window in windows if (found := self._revived_in(window, start, cut)) is not None]

    def _revived_in(self, window: int, start: int, cut: Cut) -> UsageEvent | None:
        rivals = self._rivals.get(window, [])
        held = (event for event in reversed(rivals) if start <= event.timestamp and cut.holds(event))
        found = next(held, None)
        return None if found is None or found is rivals[-1] else found

    def _standing(self) -> Iterator[UsageEvent]:
        return chain.from_iterable(self._rivals.values())

    def _admit(self, event: UsageEvent) -> None:
        rivals = self._rivals.setdefault(self.slot(event), [])
        winner = rivals[-1] if rivals else None
        insort(rivals, event, key=by_number)
        self._crown(winner, rivals[-1])

    def _dismiss(self, event: UsageEvent) -> None:
        rivals = self._rivals.get(self.slot(event), [])
        index = bisect_left(rivals, event.number, key=by_number)
        if index == len(rivals) or rivals[index] is not event:
            raise KeyError(event.identifier)
        winner = rivals[-1]
        del rivals[index]
        self._crown(winner, rivals[-1] if rivals else None)

    def _crown(self, old: UsageEvent | None, new: UsageEvent | None) -> None:
        if old is new:
            return
        if old is not None:
            self.counting.remove(old)
        if new is not None:
            self.counting.add(new)
