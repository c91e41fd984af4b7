"""Usage events in order of time, with their number and exact sum before any instant.

The events are stored in blocks of a few hundred. A block caches the running sums of its events, a timeline those of
its blocks, each up to the first change. So a query costs two bisections for each edge, wherever the edges lie, and a
late or cancelled event invalidates the sums of one block. Events that arrived out of order are found in the same way,
by the greatest number so far.
"""

import sys
from array import array
from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

from fakestripe_meters.core.identifiers import Identifiers
from fakestripe_meters.core.usage_block import Block
from fakestripe_meters.core.usage_block import tied
from fakestripe_meters.core.usage_event import Arrival
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent

# documented: `last` is the last value of the window, https://docs.stripe.com/api/billing/meter.
# inferred: the last in time; of several with one timestamp, the one received last.
Position = tuple[int, int]  # of a block, and within it

_BLOCK = 512


class Timeline:
    """Events sorted by timestamp, then by number. A timeline is true if it holds any.

    Sums are integers, in units of 10 ** -`scale`; the scale grows when a finer value arrives.
    """

    __slots__ = ("_identifiers", "_newest", "_origin", "_ranks", "_starts", "_sums", "blocks", "scale")

    def __init__(self, origin: Origin, identifiers: Identifiers | None = None) -> None:
        self._origin = origin
        self._identifiers = identifiers  # these lead to its blocks
        self.scale = 0
        self.blocks: list[Block] = []
        self._starts = array("q")  # the first timestamp of each block
        self._ranks = array("q", (0,))  # how many events precede each block, as far as known
        self._sums = [0]  # and what they add up to
        self._newest = array("q", (0,))  # and their greatest number

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def is_shorter_than(self, size: int) -> bool:
        """Whether it holds fewer events than that; no block is empty."""
        return len(self.blocks) < size and sum([len(block.times) for block in self.blocks]) < size

    @property
    def first(self) -> int:
        """The first timestamp."""
        return self._starts[0]

    @property
    def last(self) -> int:
        """The last timestamp."""
        return self.blocks[-1].times[-1]

    def add(self, event: UsageEvent) -> None:
        """Insert an event in order; adding at the end is the cheapest."""
        if event.scale > self.scale:
            self._refine(event.scale)
        if not self.blocks:
            self._append(event)
            return
        block, at = self.blocks[-1], event.timestamp
        newest = block.times[-1]
        if at < newest or (at == newest and event.number < block.numbers[-1]):
            self._insert(event)
        elif len(block.times) < _BLOCK:
            self._append_to(block, event)
        else:
            self._append(event)

    def extend(self, arrivals: Sequence[Arrival], received_ns: int) -> None:
        """Add events that arrived together, after all others: at once if they are in order of time as well."""
        times = [arrival[1] for arrival in arrivals]
        if times == sorted(times) and (not self.blocks or times[0] >= self.last):
            self._extend(arrivals, received_ns)
            return
        for identifier, timestamp, number, units in arrivals:
            self.add(UsageEvent.of(self._origin, identifier, timestamp, received_ns, number, units))

    def remove(self, event: UsageEvent) -> None:
        """Remove an event.

        Raises:
            KeyError: the timeline does not hold it.
        """
        if not self.blocks:
            raise KeyError(event.identifier)
        place = self._place(event.timestamp, event.number)
        block = self.blocks[place]
        block.remove(event)
        if len(block):
            self._starts[place] = block.times[0]
        else:
            del self.blocks[place], self._starts[place]
        self._forget(place)

    def positions(self, edges: Sequence[int]) -> list[Position]:
        """Return where each of the ascending `edges` falls; two are equal if no event lies between.

        The timeline must not be empty.
        """
        starts, blocks = self._starts, self.blocks
        return [(place := bisect_left(starts, edge, 1) - 1, bisect_left(blocks[place].times, edge)) for edge in edges]

    def position_after(self, instant: int, number: int) -> Position:
        """Return the position after the events with an earlier timestamp, or with `instant` and at most that number.

        The timeline must not be empty.
        """
        block = self.blocks[-1]
        if (instant, number) >= (block.times[-1], block.numbers[-1]):
            return len(self.blocks) - 1, len(block)
        place = self._place(instant, number)
        block = self.blocks[place]
        return place, bisect_right(block.numbers, number, *tied(block.times, instant))

    def newer(self, start: Position, end: Position, number: int) -> list[UsageEvent]:
        """Return the events between two positions that arrived after the one with a number."""
        for block in self.blocks[len(self._newest) - 1 : -1]:
            self._newest.append(max(self._newest[-1], block.newest_of(len(block))))
        first, last = start[0], end[0]
        if self._newest[last] <= number:
            first = last
        found = []
        for place in range(first, last + 1):
            block = self.blocks[place]
            until = end[1] if place == last else len(block)
            if block.newest_of(until) > number:
                since = start[1] if place == start[0] else 0
                found += [block[index] for index in range(since, until) if block.numbers[index] > number]
        return found

    def forwards(self, start: Position, end: Position) -> Iterator[UsageEvent]:
        """Yield the events between two positions, the first one first."""
        for block, indexes in self._between(start, end):
            yield from map(block.__getitem__, indexes)

    def backwards(self, start: Position, end: Position) -> Iterator[UsageEvent]:
        """Yield the events between two positions, the last one first."""
        for block, indexes in reversed(self._between(start, end)):
            yield from map(block.__getitem__, reversed(indexes))

    def newest(self, start: int, end: int, number: int = sys.maxsize) -> UsageEvent | None:
        """Return the event in [start, end) that arrived last, of those up to a number; None without one."""
        if not self or start >= end:
            return None
        every = (
            (arrived, block, index)
            for block, indexes in self._between(*self.positions((start, end)))
            for index in indexes
            if (arrived := block.numbers[index]) <= number
        )
        found = max(every, default=None, key=itemgetter(0))
        return None if found is None else found[1][found[2]]

    def first_of(self, start: int, end: int) -> UsageEvent | None:
        """Return the first event in [start, end), or None."""
        if not self.blocks or end <= self.first or start > self.last:
            return None
        ((place, index),) = self.positions((start,))
        if index == len(self.blocks[place].times):
            place, index = place + 1, 0
        block = self.blocks[place]
        return block[index] if block.times[index] < end else None

    def count(self, start: int, end: int) -> int:
        """Return how many events there are in [start, end)."""
        if not self or start >= end:
            return 0
        first, last = self.ranks(self.positions((start, end)))
        return last - first

    def ranks(self, positions: Sequence[Position]) -> list[int]:
        """Return the number of events before each position."""
        for block in self.blocks[len(self._ranks) - 1 : -1]:
            self._ranks.append(self._ranks[-1] + len(block))
        return [self._ranks[place] + index for place, index in positions]

    def sums(self, positions: Sequence[Position], scale: int) -> list[int]:
        """Return the sum of the events before each position, in units of 10 ** -`scale`.

        That scale must be as fine as the timeline's.
        """
        factor = 10 ** (scale - self.scale)
        for block in self.blocks[len(self._sums) - 1 : -1]:
            block.complete_sums(self.scale)
            self._sums.append(self._sums[-1] + block.running[-1])
        self.blocks[-1].complete_sums(self.scale)
        return [(self._sums[place] + self.blocks[place].running[index]) * factor for place, index in positions]

    def latest(self, edges: Sequence[int]) -> list[UsageEvent | None]:
        """Return the last event of each bucket between two edges."""
        moves = pairwise(self.positions(edges))
        return [self.blocks[place][index - 1] if (place, index) != then else None for then, (place, index) in moves]

    def _between(self, start: Position, end: Position) -> list[tuple[Block, range]]:
        """Return each block between two positions, with the indexes of the events there."""
        (first, since), (last, until) = start, end
        return [
            (block, range(since if place == first else 0, until if place == last else len(block)))
            for place, block in enumerate(self.blocks[first : last + 1], first)
        ]

    def _append(self, event: UsageEvent) -> None:
        self._append_to(self._begin(event.timestamp), event)

    def _begin(self, timestamp: int) -> Block:
        block = Block(self._origin)
        self.blocks.append(block)
        self._starts.append(timestamp)
        return block

    def _extend(self, arrivals: Sequence[Arrival], received_ns: int) -> None:
        while arrivals:
            if not self.blocks or len(self.blocks[-1].times) >= _BLOCK:
                self._begin(arrivals[0][1])
            block = self.blocks[-1]
            room = _BLOCK - len(block.times)
            block.extend(arrivals[:room], received_ns)
            if self._identifiers is not None:
                self._identifiers.update(dict.fromkeys([arrival[0] for arrival in arrivals[:room]], block))
            arrivals = arrivals[room:]

    def _append_to(self, block: Block, event: UsageEvent) -> None:
        block.append(event)
        if self._identifiers is not None:
            self._identifiers.lead_to(event, block)

    def _insert(self, event: UsageEvent) -> None:
        place = self._place(event.timestamp, event.number)
        block = self.blocks[place]
        block.insert(event)
        if self._identifiers is not None:
            self._identifiers.lead_to(event, block)
        self._starts[place] = block.times[0]
        if len(block) > _BLOCK:
            self.blocks.insert(place + 1, block.split(self._identifiers))
            self._starts.insert(place + 1, self.blocks[place + 1].times[0])
        self._forget(place)

    def _place(self, timestamp: int, number: int) -> int:
        """Return which block an event with a timestamp and a number is in, or belongs into."""
        begun = bisect_right(self.blocks, number, *tied(self._starts, timestamp), key=lambda block: block.numbers[0])
        return max(0, begun - 1)

    def _forget(self, place: int) -> None:
        """Drop the cached sums from the block at `place` on; those before it stay."""
        known = max(1, min(place + 1, len(self.blocks)))
        del self._ranks[known:], self._sums[known:], self._newest[known:]

    def _refine(self, scale: int) -> None:
        self.scale = scale
        self._forget(0)
        for block in self.blocks:
            block.forget_sums()
