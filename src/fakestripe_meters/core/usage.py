"""The usage of one meter: record it, cancel it, and aggregate it over any range of time.

A query adds up the running sums of the series that it selects, so its cost grows with series times buckets, not with
events. All arithmetic uses integers; results are exact decimals.
"""

from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from itertools import pairwise
from typing import Literal
from typing import NamedTuple

from fakestripe_meters.core import cutting
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.identifiers import Identifiers
from fakestripe_meters.core.series import Series
from fakestripe_meters.core.series import WindowedSeries
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.stretch import Stretch
from fakestripe_meters.core.timeline import Timeline
from fakestripe_meters.core.tracing import Fate
from fakestripe_meters.core.tracing import Trace
from fakestripe_meters.core.usage_block import Block
from fakestripe_meters.core.usage_event import Dimensions
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_number
from fakestripe_meters.core.usage_event import by_time
from fakestripe_meters.core.usage_event import unscaled

__all__ = ["Dimensions", "Fate", "Formula", "Row", "UsageEvent", "UsageLedger", "Where", "Window", "among"]

Formula = Literal["sum", "count", "last"]
Window = Literal["hour", "day"]
Where = Callable[[Dimensions], bool]

_Column = list[Decimal | None]  # a value for each bucket; None where there is no usage

_WINDOWS_S = {"hour": HOUR_S, "day": DAY_S}


class Row(NamedTuple):
    """The usage of one group within [starts_at, ends_at), in Unix seconds."""

    starts_at: int
    ends_at: int
    group: Dimensions
    value: Decimal


def among(allowed: Mapping[int, Collection[str | None]]) -> Where:
    """Return a filter for dimensions that have, at each given position, one of the values allowed there."""
    return lambda dimensions: all(dimensions[position] in values for position, values in allowed.items())


class UsageLedger:
    """All visible usage of one meter.

    With a `window` the meter is pre-aggregated: of the events with the same customer, dimension values and UTC window
    of their timestamp, only the one received last (greatest `number`) counts. Events can be recorded in any order. The
    `identifiers` lead to the events that are recorded.
    """

    __slots__ = ("_aggregate", "_customers", "_formula", "_identifiers", "_window")

    def __init__(self, formula: Formula, window: Window | None = None, identifiers: Identifiers | None = None) -> None:
        self._formula = formula
        self._window = window
        self._identifiers = Identifiers() if identifiers is None else identifiers
        self._aggregate = _FORMULAS[formula]
        self._customers: dict[str, dict[Dimensions, Series]] = {}

    def __iter__(self) -> Iterator[UsageEvent]:
        """Yield every event by number, including cancelled ones; recording them again makes an equal ledger."""
        return iter(sorted(chain.from_iterable(self._every()), key=by_number))

    @property
    def size(self) -> int:
        """How many events it holds, also those that do not count."""
        return sum(series.size for series in self._every())

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of all events that are not cancelled."""
        return chain.from_iterable(series.blocks for series in self._every())

    def record(self, event: UsageEvent) -> None:
        """Add an event, which then counts; one that is cancelled already is kept but never counts."""
        customer, dimensions, _ = event.origin
        by_dimensions = self._customers.get(customer)
        if by_dimensions is None:
            by_dimensions = self._customers[customer] = {}
        series = by_dimensions.get(dimensions)
        if series is None:
            series = by_dimensions[dimensions] = self._series(event.origin)
        series.record(event)

    def cancel(self, event: UsageEvent) -> None:
        """Stop counting a recorded event, and mark it as cancelled.

        Raises:
            KeyError: the event was not recorded here, or is cancelled already.
        """
        self._customers[event.customer][event.dimensions].cancel(event)

    def query(
        self,
        customer: str,
        edges: Sequence[int],
        *,
        where: Where | None = None,
        group_by: Sequence[int] = (),
    ) -> list[Row]:
        """Aggregate a customer's usage in the adjacent buckets between increasing `edges`, Unix seconds.

        A bucket includes its first edge and excludes its last. There is one row for each bucket and group with usage,
        even if the usage adds up to zero, ordered by bucket, then by group. A group is the tuple of values at the
        `group_by` positions of the dimensions; an absent value (None) sorts last. `where` is called once for each
        combination of dimension values.
        """
        groups = self._groups(customer, where, group_by)
        edges = _within_usage(edges, list(chain.from_iterable(groups.values())))
        columns = [(group, self._aggregate(groups[group], edges)) for group in sorted(groups, key=_absent_last)]
        return [
            Row(starts_at, ends_at, group, value)
            for bucket, (starts_at, ends_at) in enumerate(pairwise(edges))
            for group, column in columns
            if (value := column[bucket]) is not None
        ]

    def span(self, customer: str) -> tuple[int, int] | None:
        """Return the first and the last timestamp of a customer's counting usage; None if there is none."""
        timelines = [each.counting for each in self._customers.get(customer, {}).values() if each.counting]
        return _span(timelines) if timelines else None

    def total(self, customer: str, start: int, end: int, *, where: Where | None = None) -> Decimal | None:
        """Aggregate a customer's usage in [start, end); None if there was none."""
        rows = self.query(customer, (start, end), where=where)
        return rows[0].value if rows else None

    def used(self, customer: str, stretch: Stretch) -> Decimal:
        """Aggregate a customer's usage of a stretch; zero if there was none."""
        every = [series for series in self._customers.get(customer, {}).values() if series.counting]
        return _WITHIN[self._formula](every, stretch)

    def any_used(self, customer: str, stretch: Stretch) -> bool:
        """Return whether a customer may have usage in a stretch; if not, there is none."""
        every = (series for series in self._customers.get(customer, {}).values() if series.counting)
        return any(cutting.may_have_usage(series, stretch) for series in every)

    def lifetime(self, customer: str) -> Decimal | None:
        """Aggregate all of a customer's usage; None if there was none."""
        timelines = [each.counting for each in self._customers.get(customer, {}).values() if each.counting]
        if not timelines:
            return None
        first, last = _span(timelines)
        return self._aggregate(timelines, (first, last + 1))[0]

    def of(self, customer: str) -> Iterator[UsageEvent]:
        """Yield a customer's events, also those that do not count."""
        return chain.from_iterable(self._customers.get(customer, {}).values())

    def cancelled(self, customer: str | None = None) -> Iterator[UsageEvent]:
        """Yield the cancelled events, of one customer or of all."""
        every = self._every() if customer is None else self._customers.get(customer, {}).values()
        return chain.from_iterable(series.cancelled for series in every)

    def fates(self, customer: str, stretch: Stretch, known: Callable[[UsageEvent], bool]) -> list[Fate]:
        """Return a customer's events of a stretch by time, each with its fate if none but the `known` ones counted."""
        fates: list[Fate] = []
        for series in self._customers.get(customer, {}).values():
            every = list(series)
            end = stretch.end
            rivals: Iterator[UsageEvent] = filter(known, every)
            if isinstance(end, Cut):
                rivals = (each for each in rivals if stretch.start <= each.timestamp and end.holds(each))
            winners = {series.slot(each): each for each in sorted(rivals, key=by_number)}
            for event in filter(stretch.holds, every):
                winner = winners.get(series.slot(event)) if known(event) else None
                fates.append(Fate(event, None if winner == event else winner))
        fates.sort(key=lambda fate: by_time(fate.event))
        return _outlived(fates, known) if self._formula == "last" else fates

    def events(self, customer: str, start: int, end: int) -> list[Fate]:
        """Return a customer's events in [start, end) by time, each with its fate.

        On a `last` meter, one event counts for the whole range and overwrites the others.
        """
        return list(self.trace(customer, start, end).since(start))

    def trace(self, customer: str, start: int, end: int, *, where: Where | None = None) -> Trace:
        """Return a customer's events in [start, end)."""
        by_dimensions = self._customers.get(customer, {})
        every = (series for dimensions, series in by_dimensions.items() if where is None or where(dimensions))
        return Trace(every, start, end, only_last=self._formula == "last")

    def size_of(self, customer: str) -> int:
        """Return how many events of a customer it holds."""
        return sum(series.size for series in self._customers.get(customer, {}).values())

    def customers(self) -> Iterator[str]:
        """Yield the customers that have events."""
        return iter(list(self._customers))

    def _every(self) -> Iterator[Series]:
        return chain.from_iterable(by_dimensions.values() for by_dimensions in self._customers.values())

    def _series(self, origin: Origin) -> Series:
        if self._window:
            return WindowedSeries(origin, self._identifiers, _WINDOWS_S[self._window])
        return Series(origin, self._identifiers)

    def _groups(self, customer: str, where: Where | None, group_by: Sequence[int]) -> dict[Dimensions, list[Timeline]]:
        groups: dict[Dimensions, list[Timeline]] = {}
        for dimensions, series in self._customers.get(customer, {}).items():
            if series.counting and (where is None or where(dimensions)):
                group = tuple(dimensions[position] for position in group_by)
                groups.setdefault(group, []).append(series.counting)
        return groups


def _within_usage(edges: Sequence[int], timelines: Sequence[Timeline]) -> Sequence[int]:
    """Drop the buckets before and after all usage, so that decades without usage cost nothing."""
    if not timelines:
        return ()
    first, last = _span(timelines)
    return edges[max(0, bisect_right(edges, first) - 1) : bisect_right(edges, last) + 1]


def _span(timelines: Sequence[Timeline]) -> tuple[int, int]:
    return min(each.first for each in timelines), max(each.last for each in timelines)


def _absent_last(group: Dimensions) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, value or "") for value in group)


def _outlived(fates: list[Fate], known: Callable[[UsageEvent], bool]) -> list[Fate]:
    """Let only the last of the counting events count."""
    counting = {fate.event for fate in fates if fate.overwritten_by is None and known(fate.event)}
    last = max(counting, key=by_time, default=None)
    return [Fate(fate.event, last) if fate.event in counting and fate.event != last else fate for fate in fates]


def _sum(timelines: Sequence[Timeline], edges: Sequence[int]) -> _Column:
    scale = max(timeline.scale for timeline in timelines)
    found = [timeline.positions(edges) for timeline in timelines]
    sums = _added(timeline.sums(at, scale) for timeline, at in zip(timelines, found, strict=True))
    moves = pairwise(zip(*found, strict=True))  # usage that adds up to zero still makes a row
    return [
        unscaled(after - before, scale) if now != then else None
        for (then, now), (before, after) in zip(moves, pairwise(sums), strict=True)
    ]


def _count(timelines: Sequence[Timeline], edges: Sequence[int]) -> _Column:
    ranks = _added(timeline.ranks(timeline.positions(edges)) for timeline in timelines)
    return [Decimal(after - before) if after > before else None for before, after in pairwise(ranks)]


def _last(timelines: Sequence[Timeline], edges: Sequence[int]) -> _Column:
    buckets = zip(*(timeline.latest(edges) for timeline in timelines), strict=True)
    return [max(found, key=by_time).value if (found := [e for e in bucket if e]) else None for bucket in buckets]


def _added(columns: Iterable[Sequence[int]]) -> list[int]:
    return list(map(sum, zip(*columns, strict=True)))


_WITHIN: dict[Formula, Callable[[Sequence[Series], Stretch], Decimal]] = {
    "sum": cutting.added,
    "count": cutting.counted,
    "last": cutting.latest,
}

_FORMULAS: dict[Formula, Callable[[Sequence[Timeline], Sequence[int]], _Column]] = {
    "sum": _sum,
    "count": _count,
    "last": _last,
}
