"""The usage of one origin, and which of its events count.

On a raw meter, every event counts until it is cancelled. On a pre-aggregated meter, only the event received last in
each UTC hour or day counts; when it is cancelled, the one received before it counts again.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from itertools import chain
from itertools import groupby
from typing import NamedTuple

from fakestripe_meters.core.identifiers import Identifiers
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.timeline import Position
from fakestripe_meters.core.timeline import Timeline
from fakestripe_meters.core.usage_block import Block
from fakestripe_meters.core.usage_event import Arrival
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent


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

    __slots__ = ("_identifiers", "_uncancelled", "cancelled", "counting")

    def __init__(self, origin: Origin, identifiers: Identifiers) -> None:
        self.counting = self._uncancelled = Timeline(origin, identifiers)
        self._identifiers = identifiers
        self.cancelled: list[UsageEvent] = []

    def __iter__(self) -> Iterator[UsageEvent]:
        return chain(*self.blocks, self.cancelled)

    @property
    def blocks(self) -> Sequence[Block]:
        """The events that are not cancelled."""
        return self._uncancelled.blocks

    @property
    def size(self) -> int:
        """How many events it holds, also those that do not count."""
        return sum(map(len, self.blocks)) + len(self.cancelled)

    def overwritten(self, start: int, end: int) -> Iterator[tuple[UsageEvent, UsageEvent]]:  # noqa: ARG002  the subclass uses both
        """Yield the uncancelled events in [start, end) that do not count, by time, each with the one that does."""
        return iter(())

    def count_overwritten(self, start: int, end: int) -> int:  # noqa: ARG002  likewise
        """Return how many such events there are."""
        return 0

    def record(self, event: UsageEvent) -> None:
        """Add an event; one that is cancelled already never counts."""
        if event.cancelled:
            self.cancelled.append(event)
            self._identifiers.lead_to(event, event)
        else:
            self._admit(event)

    def receive(self, arrivals: Sequence[Arrival], received_ns: int) -> None:
        """Add events that arrived together, after all others."""
        self._uncancelled.extend(arrivals, received_ns)

    def cancel(self, event: UsageEvent) -> None:
        """Stop counting an event; raise KeyError if it is unknown or cancelled already."""
        newest = self._identifiers.event(event.identifier)
        self._dismiss(event)
        event.cancelled = True
        self.cancelled.append(event)
        if newest == event:
            self._identifiers[event.identifier] = event

    def slot(self, event: UsageEvent) -> int:
        """Return what an event shares with the events that overwrite it, or that it overwrites."""
        return event.number

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

    def _admit(self, event: UsageEvent) -> None:
        self._uncancelled.add(event)

    def _dismiss(self, event: UsageEvent) -> None:
        self._uncancelled.remove(event)


class WindowedSeries(Series):
    """One origin's usage of a pre-aggregated meter, whose UTC windows are `window_s` seconds long."""

    __slots__ = ("_origin", "_window_s")

    def __init__(self, origin: Origin, identifiers: Identifiers, window_s: int) -> None:
        super().__init__(origin, identifiers)
        self.counting = Timeline(origin)
        self._origin = origin
        self._window_s = window_s

    def receive(self, arrivals: Sequence[Arrival], received_ns: int) -> None:
        """Add events that arrived together, after all others."""
        for identifier, timestamp, number, units in arrivals:
            self._admit(UsageEvent.of(self._origin, identifier, timestamp, received_ns, number, units))

    def overwritten(self, start: int, end: int) -> Iterator[tuple[UsageEvent, UsageEvent]]:
        """Yield the uncancelled events in [start, end) that do not count, by time, each with the one that does."""
        if self._uncancelled:
            every = self._uncancelled.forwards(*self._uncancelled.positions((start, max(start, end))))
            for window, rivals in groupby(every, self.slot):
                winner = self._winner(window)
                if winner is not None:  # it always is one
                    yield from ((each, winner) for each in rivals if each.number != winner.number)

    def count_overwritten(self, start: int, end: int) -> int:
        """Return how many such events there are."""
        return self._uncancelled.count(start, end) - self.counting.count(start, end)

    def slot(self, event: UsageEvent) -> int:
        """Return the window of an event."""
        return event.timestamp // self._window_s

    def _revived(self, start: int, cut: Cut, late: list[UsageEvent]) -> list[UsageEvent]:
        """Return the events that counted when the cut was made: of every window the last one that the cut holds.

        The windows at both ends are looked at too: there an event that the cut does not hold can lie outside.
        """
        outer = (instant // self._window_s for instant in (start, cut.instant))
        windows = {self.slot(event) for event in late}.union(outer)
        return [found for window in windows if (found := self._revived_in(window, start, cut)) is not None]

    def _revived_in(self, window: int, start: int, cut: Cut) -> UsageEvent | None:
        begin, end = self._range(window)
        found = self._uncancelled.newest(max(begin, start), min(end, cut.instant + 1), cut.number)
        return None if found == self._winner(window) else found

    def _admit(self, event: UsageEvent) -> None:
        winner = self._winner(self.slot(event))
        self._uncancelled.add(event)
        if winner is None or winner.number < event.number:
            self._crown(winner, event)

    def _dismiss(self, event: UsageEvent) -> None:
        window = self.slot(event)
        winner = self._winner(window)
        self._uncancelled.remove(event)
        if winner == event:
            self._crown(event, self._uncancelled.newest(*self._range(window)))

    def _winner(self, window: int) -> UsageEvent | None:
        """Return the event of a window that counts."""
        return self.counting.first_of(*self._range(window))

    def _range(self, window: int) -> tuple[int, int]:
        return window * self._window_s, (window + 1) * self._window_s

    def _crown(self, old: UsageEvent | None, new: UsageEvent | None) -> None:
        if old is not None:
            self.counting.remove(old)
        if new is not None:
            self.counting.add(new)
