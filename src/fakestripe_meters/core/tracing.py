"""Which events are behind a number, and what became of each: those from an instant on, and how many there are in all.

To count the events, and to begin anywhere among them, costs little, however many there are.
"""

import heapq
from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import starmap
from operator import attrgetter
from typing import NamedTuple

from fakestripe_meters.core.series import Series
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_time

_timestamp = attrgetter("timestamp")


class Fate(NamedTuple):
    """The outcome of an event: `overwritten_by` another, cancelled (see `event.cancelled`), or counted."""

    event: UsageEvent
    overwritten_by: UsageEvent | None

    @property
    def counted(self) -> bool:
        """Whether the event is part of the aggregate."""
        return self.overwritten_by is None and not self.event.cancelled


class Trace:
    """The events of several series in [start, end), by time, each with its fate, and how many events have each fate.

    `only_last` says that one event counts for the whole range, and overwrites the others.
    """

    def __init__(self, every: Iterable[Series], start: int, end: int, *, only_last: bool) -> None:
        self._found = [_Found(series, start, end) for series in every]
        last = max((each for one in self._found if (each := one.last) is not None), default=None, key=by_time)
        self._lasting = last if only_last else None
        counting = sum(one.counting for one in self._found)
        self.counted = min(counting, 1) if only_last else counting
        """How many events count."""
        self.cancelled = sum(len(one.cancelled) for one in self._found)
        """How many events were cancelled."""
        self.overwritten = sum(one.overwritten for one in self._found) + counting - self.counted
        """How many events do not count because another one does."""

    @property
    def size(self) -> int:
        """How many events there are."""
        return self.counted + self.cancelled + self.overwritten

    def before(self, instant: int) -> int:
        """Return how many events are earlier than an instant."""
        return sum(one.before(instant) for one in self._found)

    def since(self, instant: int) -> Iterator[Fate]:
        """Yield the events from an instant on."""
        return heapq.merge(
            *(fates for one in self._found for fates in one.since(instant, self._lasting)),
            key=lambda fate: by_time(fate.event),
        )


class _Found:
    """The events of one series in a range."""

    def __init__(self, series: Series, start: int, end: int) -> None:
        self._series, self._start, self._end = series, start, max(start, end)
        inside = (each for each in series.cancelled if start <= each.timestamp < end)
        self.cancelled = sorted(inside, key=by_time)
        self.overwritten = series.count_overwritten(start, end)
        self.counting = self._counting(self._end)
        self.last: UsageEvent | None = None
        if self.counting:
            self.last = next(series.counting.backwards(*series.counting.positions((start, end))))

    def before(self, instant: int) -> int:
        """Return how many events are earlier than an instant."""
        until = min(max(instant, self._start), self._end)
        cancelled = bisect_left(self.cancelled, until, key=_timestamp)
        return self._counting(until) + cancelled + self._series.count_overwritten(self._start, until)

    def since(self, instant: int, lasting: UsageEvent | None) -> Iterator[Iterator[Fate]]:
        """Yield up to three streams of fates from an instant on; `lasting` overwrites what else would count."""
        first, series = max(instant, self._start), self._series
        if self.counting:
            standing = series.counting.forwards(*series.counting.positions((first, max(first, self._end))))
            yield (Fate(each, None if lasting is None or each == lasting else lasting) for each in standing)
        if self.cancelled:
            later = self.cancelled[bisect_left(self.cancelled, first, key=_timestamp) :]
            yield (Fate(each, None) for each in later)
        if self.overwritten:
            yield starmap(Fate, series.overwritten(first, self._end))

    def _counting(self, until: int) -> int:
        return self._series.counting.count(self._start, until)
