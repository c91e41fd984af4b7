"""Usage events in order of time, with their number and exact sum before any instant.

The events are stored in blocks of a few hundred. A block caches the running sums of its events, a timeline those of
its blocks, each up to the first change. So a query costs two bisections for each edge, wherever the edges lie, and a
late or cancelled event invalidates the sums of one block. Events that arrived out of order are found in the same way,
by the greatest number so far.
"""

from array import array
from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import MutableSequence
from collections.abc import Sequence
from itertools import accumulate
from itertools import chain
from itertools import islice
from itertools import pairwise

from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_time

# documented: `last` is the last value of the window, https://docs.stripe.com/api/billing/meter.
# inferred: the last in time; of several with one timestamp, the one received last.
Position = tuple[int, int]  # of a block, and within it

_BLOCK = 512


def _tied(times: Sequence[int], event: UsageEvent) -> tuple[int, int]:
    """Return the range of the sorted times that equal the event's; within it, the events' numbers decide."""
    return bisect_left(times, event.timestamp), bisect_right(times, event.timestamp)


class _Block:
    """Consecutive events, their timestamps, and of as many as are known: running sums, greatest numbers so far."""

    __slots__ = ("events", "newest", "running", "times")

    def __init__(self, events: list[UsageEvent]) -> None:
        self.events = events
        self.times = array("q", [event.timestamp for event in events])
        self.newest = array("q")
        self.forget_sums()

    def forget_sums(self) -> None:
        self.running: MutableSequence[int] = array("q", (0,))

    def append(self, event: UsageEvent) -> None:
        self.events.append(event)
        self.times.append(event.timestamp)

    def insert(self, event: UsageEvent) -> None:
        index = self._index(event)
        self.events.insert(index, event)
        self.times.insert(index, event.timestamp)
        del self.running[index + 1 :], self.newest[index:]

    def remove(self, event: UsageEvent) -> None:
        index = self._index(event)
        if index == len(self.events) or self.events[index] is not event:
            raise KeyError(event.identifier)
        del self.events[index], self.times[index], self.running[index + 1 :], self.newest[index:]

    def split(self) -> "_Block":
        middle = len(self.events) // 2
        upper = _Block(self.events[middle:])
        del self.events[middle:], self.times[middle:], self.running[middle + 1 :], self.newest[middle:]
        return upper

    def complete_sums(self, scale: int) -> None:
        """Complete the running sums, in units of 10 ** -`scale`."""
        known = len(self.running) - 1
        if known == len(self.events):
            return
        units = [e.units if e.scale == scale else e.units * 10 ** (scale - e.scale) for e in self.events[known:]]
        sums = list(accumulate(units, initial=self.running[known]))
        try:
            self.running.extend(sums[1:])
        except OverflowError:  # machine words take the least memory, but a sum may not fit
            self.running = [*self.running[:known], *sums]

    def newest_of(self, end: int) -> int:
        """Return the greatest number before an index."""
        known = len(self.newest)
        if known < end:
            numbers = (event.number for event in self.events[known:end])
            greatest = accumulate(numbers, max, initial=self.newest[-1] if known else 0)
            self.newest.extend(islice(greatest, 1, None))
        return self.newest[end - 1] if end else 0

    def _index(self, event: UsageEvent) -> int:
        return bisect_left(self.events, by_time(event), *_tied(self.times, event), key=by_time)


class Timeline:
    """Events sorted by timestamp, then by number. A timeline is true if it holds any.

    Sums are integers, in units of 10 ** -`scale`; the scale grows when a finer value arrives.
    """

    __slots__ = ("_blocks", "_newest", "_ranks", "_starts", "_sums", "scale")

    def __init__(self) -> None:
        self.scale = 0
        self._blocks: list[_Block] = []
        self._starts = array("q")  # the first timestamp of each block
        self._ranks = [0]  # how many events precede each block, as far as known
        self._sums = [0]  # and what they add up to
        self._newest = [0]  # and their greatest number

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def __iter__(self) -> Iterator[UsageEvent]:
        return chain.from_iterable(block.events for block in self._blocks)

    @property
    def size(self) -> int:
        """How many events it holds."""
        return sum(len(block.events) for block in self._blocks)

    @property
    def first(self) -> int:
        """The first timestamp."""
        return self._starts[0]

    @property
    def last(self) -> int:
        """The last timestamp."""
        return self._blocks[-1].times[-1]

    def add(self, event: UsageEvent) -> None:
        """Insert an event in order; adding at the end is the cheapest."""
        if event.scale > self.scale:
            self._refine(event.scale)
        if not self._blocks:
            self._append(event)
            return
        block = self._blocks[-1]
        last = block.events[-1]
        at, newest = event.timestamp, last.timestamp
        if at < newest or (at == newest and event.number < last.number):
            self._insert(event)
        elif len(block.events) < _BLOCK:
            block.events.append(event)
            block.times.append(at)
        else:
            self._append(event)

    def remove(self, event: UsageEvent) -> None:
        """Remove an event.

        Raises:
            KeyError: the timeline does not hold it.
        """
        if not self._blocks:
            raise KeyError(event.identifier)
        place = self._place(event)
        block = self._blocks[place]
        block.remove(event)
        if block.events:
            self._starts[place] = block.times[0]
        else:
            del self._blocks[place], self._starts[place]
        self._forget(place)

    def positions(self, edges: Sequence[int]) -> list[Position]:
        """Return where each of the ascending `edges` falls; two are equal if no event lies between.

        The timeline must not be empty.
        """
        starts, blocks = self._starts, self._blocks
        return [(place := bisect_left(starts, edge, 1) - 1, bisect_left(blocks[place].times, edge)) for edge in edges]

    def position_after(self, instant: int, number: int) -> Position:
        """Return the position after the events with an earlier timestamp, or with `instant` and at most that number.

        The timeline must not be empty.
        """
        key = instant, number
        newest = self._blocks[-1].events[-1]
        if key >= (newest.timestamp, newest.number):
            return len(self._blocks) - 1, len(self._blocks[-1].events)
        tied = bisect_left(self._starts, instant), bisect_right(self._starts, instant)
        place = max(0, bisect_right(self._blocks, key, *tied, key=lambda block: by_time(block.events[0])) - 1)
        times = self._blocks[place].times
        tied = bisect_left(times, instant), bisect_right(times, instant)
        return place, bisect_right(self._blocks[place].events, key, *tied, key=by_time)

    def newer(self, start: Position, end: Position, number: int) -> list[UsageEvent]:
        """Return the events between two positions that arrived after the one with a number."""
        for block in self._blocks[len(self._newest) - 1 : -1]:
            self._newest.append(max(self._newest[-1], block.newest_of(len(block.events))))
        first, last = start[0], end[0]
        if self._newest[last] <= number:
            first = last
        found = []
        for place in range(first, last + 1):
            block = self._blocks[place]
            until = end[1] if place == last else len(block.events)
            if block.newest_of(until) > number:
                since = start[1] if place == start[0] else 0
                found += [event for event in block.events[since:until] if event.number > number]
        return found

    def forwards(self, start: Position, end: Position) -> Iterator[UsageEvent]:
        """Yield the events between two positions, the first one first."""
        for place in range(start[0], end[0] + 1):
            events = self._blocks[place].events
            first = start[1] if place == start[0] else 0
            yield from islice(events, first, end[1] if place == end[0] else len(events))

    def backwards(self, start: Position, end: Position) -> Iterator[UsageEvent]:
        """Yield the events between two positions, the last one first."""
        for place in range(end[0], start[0] - 1, -1):
            events = self._blocks[place].events
            first = start[1] if place == start[0] else 0
            yield from (
                events[index] for index in range((end[1] if place == end[0] else len(events)) - 1, first - 1, -1)
            )

    def ranks(self, positions: Sequence[Position]) -> list[int]:
        """Return the number of events before each position."""
        for block in self._blocks[len(self._ranks) - 1 : -1]:
            self._ranks.append(self._ranks[-1] + len(block.events))
        return [self._ranks[place] + index for place, index in positions]

    def sums(self, positions: Sequence[Position], scale: int) -> list[int]:
        """Return the sum of the events before each position, in units of 10 ** -`scale`.

        That scale must be as fine as the timeline's.
        """
        factor = 10 ** (scale - self.scale)
        for block in self._blocks[len(self._sums) - 1 : -1]:
            block.complete_sums(self.scale)
            self._sums.append(self._sums[-1] + block.running[-1])
        self._blocks[-1].complete_sums(self.scale)
        return [(self._sums[place] + self._blocks[place].running[index]) * factor for place, index in positions]

    def latest(self, edges: Sequence[int]) -> list[UsageEvent | None]:
        """Return the last event of each bucket between two edges."""
        before = [self._before(position) for position in self.positions(edges)]
        return [found if found is not known else None for known, found in pairwise(before)]

    def _before(self, position: Position) -> UsageEvent | None:
        place, index = position
        return self._blocks[place].events[index - 1] if index else None

    def _append(self, event: UsageEvent) -> None:
        if not self._blocks or len(self._blocks[-1].events) >= _BLOCK:
            self._blocks.append(_Block([event]))
            self._starts.append(event.timestamp)
        else:
            self._blocks[-1].append(event)

    def _insert(self, event: UsageEvent) -> None:
        place = self._place(event)
        block = self._blocks[place]
        block.insert(event)
        self._starts[place] = block.times[0]
        if len(block.events) > _BLOCK:
            self._blocks.insert(place + 1, block.split())
            self._starts.insert(place + 1, self._blocks[place + 1].times[0])
        self._forget(place)

    def _place(self, event: UsageEvent) -> int:
        tied = _tied(self._starts, event)
        after = bisect_right(self._blocks, by_time(event), *tied, key=lambda block: by_time(block.events[0]))
        return max(0, after - 1)

    def _forget(self, place: int) -> None:
        """Drop the cached sums from the block at `place` on; those before it stay."""
        known = max(1, min(place + 1, len(self._blocks)))
        del self._ranks[known:], self._sums[known:], self._newest[known:]

    def _refine(self, scale: int) -> None:
        self.scale = scale
        self._forget(0)
        for block in self._blocks:
            block.forget_sums()
