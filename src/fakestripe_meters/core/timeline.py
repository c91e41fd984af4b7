"""Usage events in order of time, with their number and exact sum before any instant.

The events lie in blocks of a few hundred. A block knows the running sums of its events, a timeline those of
its blocks, both only as far as nothing changed: so any stretch of time costs two bisections an edge, wherever
its edges fall, and a late or cancelled event spoils the sums of one block.
"""

from array import array
from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import MutableSequence
from collections.abc import Sequence
from decimal import MAX_EMAX
from decimal import MAX_PREC
from decimal import MIN_EMIN
from decimal import Context
from decimal import Decimal
from itertools import accumulate
from itertools import chain
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

Dimensions = tuple[str | None, ...]
Position = tuple[int, int]  # of a block, and within it

# The ambient context belongs to the program under test and may round anywhere; this one never does.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_BLOCK = 1024
_SECOND_NS = 1_000_000_000


class Origin(NamedTuple):
    """Whose usage, of what: a customer, and one value (None: absent) for each dimension of the meter."""

    customer: str
    dimensions: Dimensions


class UsageEvent:
    """One reported use of a meter.

    `timestamp` is in Unix seconds, `received_ns` the instant of arrival in nanoseconds; `number` is unique
    and grows with arrival. What is kept is what is small: the value as `units` / 10 ** `scale`, which takes a
    third of a Decimal, and the arrival as a delay.
    """

    __slots__ = ("_delay_ns", "cancelled", "identifier", "number", "origin", "scale", "timestamp", "units")

    def __init__(  # noqa: PLR0913 - an event has this many facts
        self,
        *,
        identifier: str,
        customer: str,
        timestamp: int,
        received_ns: int,
        number: int,
        value: Decimal | int = 1,
        dimensions: Dimensions = (),
        cancelled: bool = False,
    ) -> None:
        self.identifier = identifier
        self.origin = Origin(customer, dimensions)
        self.timestamp = timestamp
        self.units, self.scale = _scaled(value)
        self._delay_ns = received_ns - timestamp * _SECOND_NS
        self.number = number
        self.cancelled = cancelled

    def __repr__(self) -> str:
        return f"<UsageEvent {self.identifier}: {self.value} at {self.timestamp}>"

    @property
    def customer(self) -> str:
        """The customer's id."""
        return self.origin.customer

    @property
    def dimensions(self) -> Dimensions:
        """The values of the meter's dimensions, in the meter's order; None where the event has none."""
        return self.origin.dimensions

    @property
    def received_ns(self) -> int:
        """The instant of arrival, in nanoseconds."""
        return self.timestamp * _SECOND_NS + self._delay_ns

    @property
    def value(self) -> Decimal:
        """The exact value."""
        return exact(self.units, self.scale)


by_time = attrgetter("timestamp", "number")


def exact(units: int, scale: int) -> Decimal:
    """Return `units` / 10 ** `scale`, unrounded."""
    return Decimal(units).scaleb(-scale, _EXACT) if scale else Decimal(units)


def _scaled(value: Decimal | int) -> tuple[int, int]:
    if isinstance(value, int):
        return value, 0
    scale = max(0, -int(value.as_tuple().exponent))
    return int(value.scaleb(scale, _EXACT)), scale


class _Block:
    """Some consecutive events, their timestamps, and the running sums of the first of them."""

    __slots__ = ("events", "running", "times")

    def __init__(self, events: list[UsageEvent]) -> None:
        self.events = events
        self.times = [event.timestamp for event in events]
        self.forget_sums()

    def forget_sums(self) -> None:
        self.running: MutableSequence[int] = array("q", (0,))

    def append(self, event: UsageEvent) -> None:
        self.events.append(event)
        self.times.append(event.timestamp)

    def insert(self, event: UsageEvent) -> None:
        index = bisect_left(self.events, by_time(event), key=by_time)
        self.events.insert(index, event)
        self.times.insert(index, event.timestamp)
        del self.running[index + 1 :]

    def remove(self, event: UsageEvent) -> None:
        index = bisect_left(self.events, by_time(event), key=by_time)
        if index == len(self.events) or self.events[index] is not event:
            raise KeyError(event.identifier)
        del self.events[index], self.times[index], self.running[index + 1 :]

    def split(self) -> "_Block":
        middle = len(self.events) // 2
        upper = _Block(self.events[middle:])
        del self.events[middle:], self.times[middle:], self.running[middle + 1 :]
        return upper

    def settle(self, scale: int) -> None:
        """Complete the running sums, in units of 10 ** -`scale`."""
        known = len(self.running) - 1
        if known == len(self.events):
            return
        units = [
            e.units if e.scale == scale else e.units * 10 ** (scale - e.scale) for e in self.events[known:]
        ]
        sums = list(accumulate(units, initial=self.running[known]))
        try:
            self.running.extend(sums[1:])
        except OverflowError:  # a machine word stores them tightest, but may be too small
            self.running = [*self.running[:known], *sums]


class Timeline:
    """Events sorted by timestamp, then by number. One is true if it holds any.

    Sums are integers, in units of 10 ** -`scale`; the scale grows when a finer value arrives.
    """

    __slots__ = ("_blocks", "_ranks", "_starts", "_sums", "scale")

    def __init__(self) -> None:
        self.scale = 0
        self._blocks: list[_Block] = []
        self._starts: list[int] = []  # the first timestamp of each block
        self._ranks = [0]  # how many events precede each block, as far as known
        self._sums = [0]  # and what they add up to

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def __iter__(self) -> Iterator[UsageEvent]:
        return chain.from_iterable(block.events for block in self._blocks)

    @property
    def first(self) -> int:
        """The first timestamp."""
        return self._starts[0]

    @property
    def last(self) -> int:
        """The last timestamp."""
        return self._blocks[-1].times[-1]

    def add(self, event: UsageEvent) -> None:
        """Put an event in its place; cheapest at the end."""
        if event.scale > self.scale:
            self._refine(event.scale)
        if self._blocks and by_time(event) < by_time(self._blocks[-1].events[-1]):
            self._insert(event)
        else:
            self._append(event)

    def remove(self, event: UsageEvent) -> None:
        """Take an event out.

        Raises:
            KeyError: the timeline does not hold it.
        """
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
        return [
            (place := bisect_left(starts, edge, 1) - 1, bisect_left(blocks[place].times, edge))
            for edge in edges
        ]

    def ranks(self, positions: Sequence[Position]) -> list[int]:
        """Return the number of events before each position."""
        for block in self._blocks[len(self._ranks) - 1 : -1]:
            self._ranks.append(self._ranks[-1] + len(block.events))
        return [self._ranks[place] + index for place, index in positions]

    def sums(self, positions: Sequence[Position], scale: int) -> list[int]:
        """Return the sum of the events before each position, in units of 10 ** -`scale` or finer ones."""
        factor = 10 ** (scale - self.scale)
        for block in self._blocks[len(self._sums) - 1 : -1]:
            block.settle(self.scale)
            self._sums.append(self._sums[-1] + block.running[-1])
        self._blocks[-1].settle(self.scale)
        return [
            (self._sums[place] + self._blocks[place].running[index]) * factor for place, index in positions
        ]

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
        after = bisect_right(self._blocks, by_time(event), key=lambda block: by_time(block.events[0]))
        return max(0, after - 1)

    def _forget(self, place: int) -> None:
        """Forget what is summed over the block at `place`; the blocks before it stay known."""
        known = max(1, min(place + 1, len(self._blocks)))
        del self._ranks[known:], self._sums[known:]

    def _refine(self, scale: int) -> None:
        self.scale = scale
        self._forget(0)
        for block in self._blocks:
            block.forget_sums()
