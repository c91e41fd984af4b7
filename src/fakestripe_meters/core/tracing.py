"""Which events are behind a number, and what became of each: the first ones one by one, and how many there are in all.

The number of events costs little to find out, however many there are. So a look at the first few does, too.
"""

import heapq
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from fakestripe_meters.core.series import Series
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_time


class Fate(NamedTuple):
    """The outcome of an event: `overwritten_by` another, cancelled (see `event.cancelled`), or counted."""

    event: UsageEvent
    overwritten_by: UsageEvent | None

    @property
    def counted(self) -> bool:
        """Whether the event is part of the aggregate."""
        return self.overwritten_by is None and not self.event.cancelled


@dataclass(frozen=True, slots=True)
class Trace:
    """The events of a range, by time, each with its fate, and how many events have each fate."""

    fates: Sequence[Fate]
    counted: int
    cancelled: int
    overwritten: int

    @property
    def size(self) -> int:
        """How many events there are."""
        return self.counted + self.cancelled + self.overwritten


def trace(
    every: Collection[Series], start: int, end: int, *, only_last: bool, most: int | None = None, skip: int = 0
) -> Trace:
    """Return the events of several series in [start, end): the first `most` after the first `skip`, or all.

    `only_last` says that one event counts for the whole range, and overwrites the others.
    """
    found = [_Found(series, start, end) for series in every]
    last = max((each for one in found if (each := one.last) is not None), default=None, key=by_time)
    lasting = last if only_last else None
    counting = sum(one.counting for one in found)
    counted = min(counting, 1) if only_last else counting
    merged = heapq.merge(*(fates for one in found for fates in one.fates(lasting)), key=_time)
    return Trace(
        list(islice(merged, skip, None if most is None else skip + most)),
        counted,
        sum(len(one.cancelled) for one in found),
        sum(len(one.overwritten) for one in found) + counting - counted,
    )


def _time(fate: Fate) -> tuple[int, int]:
    return fate.event.timestamp, fate.event.number


class _Found:
    """The events of one series in a range."""

    def __init__(self, series: Series, start: int, end: int) -> None:
        self._series = series
        counting = series.counting
        self._slice = counting.positions((start, max(start, end))) if counting else None
        self.counting = 0
        self.last: UsageEvent | None = None
        if self._slice is not None:
            first, last = counting.ranks(self._slice)
            self.counting = last - first
            self.last = next(counting.backwards(*self._slice), None)
        self.cancelled = sorted((each for each in series.cancelled if start <= each.timestamp < end), key=by_time)
        self.overwritten = sorted(series.overwritten(start, end), key=by_time)

    def fates(self, lasting: UsageEvent | None) -> Iterable[Iterator[Fate]]:
        """Yield the fates of the events in up to three streams by time; `lasting` overwrites what else would count."""
        if self._slice is not None:
            standing = self._series.counting.forwards(*self._slice)
            yield (Fate(each, None if each is lasting else lasting) for each in standing)
        yield (Fate(each, None) for each in self.cancelled)
        yield (Fate(each, self._series.overwriter(each)) for each in self.overwritten)
