"""Some hundred usage events in order of time, a column for each field: half the memory of objects.

An event is made when it is read. The columns are machine words; those whose numbers may not fit become lists.
"""

from array import array
from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import MutableSequence
from collections.abc import Sequence
from itertools import accumulate
from itertools import islice
from typing import Any

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.identifiers import Identifiers
from fakestripe_meters.core.usage_event import Arrival
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent

COLUMNS = ("identifiers", "times", "numbers", "units", "scales", "delays")


def tied(times: Sequence[int], timestamp: int) -> tuple[int, int]:
    """Return the range of the sorted times that equal a timestamp; within it, the events' numbers decide."""
    return bisect_left(times, timestamp), bisect_right(times, timestamp)


class Block:
    """Consecutive events of one origin, and of as many as are known: running sums, and greatest numbers so far."""

    __slots__ = ("delays", "identifiers", "newest", "numbers", "origin", "running", "scales", "times", "units")

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.identifiers: list[str] = []
        self.times = array("q")
        self.numbers = array("q")
        self.units: MutableSequence[int] = array("q")
        self.scales = array("i")
        self.delays: MutableSequence[int] = array("q")
        self.newest = array("q")
        self.forget_sums()

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[UsageEvent]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, index: int) -> UsageEvent:
        return UsageEvent.stored(
            self.origin,
            self.identifiers[index],
            self.times[index],
            self.numbers[index],
            self.units[index],
            self.scales[index],
            self.delays[index],
        )

    def named(self, identifier: str) -> UsageEvent:
        """Return the event with an identifier, of several the one that arrived last; ValueError if there is none."""
        first = self.identifiers.index(identifier)
        more = (index for index in range(first + 1, len(self)) if self.identifiers[index] == identifier)
        return self[max((first, *more), key=self.numbers.__getitem__)]

    def forget_sums(self) -> None:
        """Forget the running sums."""
        self.running: MutableSequence[int] = array("q", (0,))

    def append(self, event: UsageEvent) -> None:
        """Add an event that is later than all others."""
        try:
            self.units.append(event.units)
            self.delays.append(event.delay_ns)
        except OverflowError:
            del self.units[len(self) :]
            self._widen()
            self.units.append(event.units)
            self.delays.append(event.delay_ns)
        self.identifiers.append(event.identifier)
        self.times.append(event.timestamp)
        self.numbers.append(event.number)
        self.scales.append(event.scale)

    def extend(self, arrivals: Sequence[Arrival], received_ns: int) -> None:
        """Add arrivals that are later than all other events."""
        identifiers, times, numbers, units = zip(*arrivals, strict=True)
        self.identifiers += identifiers
        self.times += array("q", times)
        self.numbers += array("q", numbers)
        self.units += array("q", units)
        self.scales += array("i", (0,)) * len(arrivals)
        self.delays += array("q", [received_ns - timestamp * SECOND_NS for timestamp in times])

    def insert(self, event: UsageEvent) -> None:
        """Add an event in its place."""
        index = self.place(event)
        self.append(event)
        for column in self._columns:
            column.insert(index, column.pop())
        del self.running[index + 1 :], self.newest[index:]

    def remove(self, event: UsageEvent) -> None:
        """Remove an event; raise KeyError if it is not here."""
        index = self.place(event)
        if index == len(self) or self.numbers[index] != event.number:
            raise KeyError(event.identifier)
        for column in self._columns:
            del column[index]
        del self.running[index + 1 :], self.newest[index:]

    def split(self, identifiers: Identifiers | None) -> "Block":
        """Take out the later half of the events, and return them as a block, where their identifiers now lead."""
        middle, upper = len(self) // 2, Block(self.origin)
        for name in COLUMNS:
            setattr(upper, name, getattr(self, name)[middle:])
        for column in (*self._columns, self.newest):
            del column[middle:]
        del self.running[middle + 1 :]
        if identifiers is not None:
            self._let_go(upper, identifiers)
        return upper

    def _let_go(self, upper: "Block", identifiers: Identifiers) -> None:
        twice = set(self.identifiers).intersection(upper.identifiers)
        newer_here = {each for each in twice if self.named(each).number > upper.named(each).number}
        for identifier in upper.identifiers:
            if identifiers.get(identifier) is self and identifier not in newer_here:
                identifiers[identifier] = upper

    def units_at(self, scale: int) -> Iterable[int]:
        """Return the events' values, in units of 10 ** -`scale`, which must be fine enough."""
        if not scale:
            return self.units
        return (units * 10 ** (scale - own) for units, own in zip(self.units, self.scales, strict=True))

    def complete_sums(self, scale: int) -> None:
        """Complete the running sums, in units of 10 ** -`scale`."""
        known = len(self.running) - 1
        if known == len(self):
            return
        units = islice(self.units_at(scale), known, None)
        sums = list(accumulate(units, initial=self.running[known]))
        try:
            self.running.extend(sums[1:])
        except OverflowError:  # machine words take the least memory, but a sum may not fit
            self.running = [*self.running[:known], *sums]

    def newest_of(self, end: int) -> int:
        """Return the greatest number before an index."""
        known = len(self.newest)
        if known < end:
            greatest = accumulate(self.numbers[known:end], max, initial=self.newest[-1] if known else 0)
            self.newest.extend(islice(greatest, 1, None))
        return self.newest[end - 1] if end else 0

    def place(self, event: UsageEvent) -> int:
        """Return the index of an event, or where it belongs."""
        return bisect_left(self.numbers, event.number, *tied(self.times, event.timestamp))

    @property
    def _columns(self) -> tuple[MutableSequence[Any], ...]:
        return tuple([getattr(self, name) for name in COLUMNS])

    def _widen(self) -> None:
        self.units, self.delays = list(self.units), list(self.delays)
