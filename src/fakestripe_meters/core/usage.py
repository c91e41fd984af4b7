"""The usage of one meter: record it, cancel it, and aggregate it over any range of time.

A query adds up the running sums of the series that it selects, so its cost grows with series times buckets, not with
events. All arithmetic uses integers; results are exact decimals.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from itertools import repeat
from typing import Literal
from typing import NamedTuple

from fakestripe_meters.core import cutting
from fakestripe_meters.core import rare_usage
from fakestripe_meters.core.bucketing import KINDS
from fakestripe_meters.core.bucketing import Formula
from fakestripe_meters.core.bucketing import Where
from fakestripe_meters.core.bucketing import aggregate
from fakestripe_meters.core.bucketing import merge
from fakestripe_meters.core.bucketing import picker
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.identifiers import Identifiers
from fakestripe_meters.core.rare_usage import RareUsage
from fakestripe_meters.core.series import Series
from fakestripe_meters.core.series import WindowedSeries
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.stretch import Stretch
from fakestripe_meters.core.tracing import Fate
from fakestripe_meters.core.tracing import Trace
from fakestripe_meters.core.usage_block import Block
from fakestripe_meters.core.usage_event import Arrival
from fakestripe_meters.core.usage_event import Dimensions
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_number
from fakestripe_meters.core.usage_event import by_time

__all__ = ["Dimensions", "Fate", "Formula", "Row", "UsageEvent", "UsageLedger", "Where", "Window", "among"]

Window = Literal["hour", "day"]

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

    __slots__ = ("_customers", "_formula", "_identifiers", "_rare", "_window")

    def __init__(self, formula: Formula, window: Window | None = None, identifiers: Identifiers | None = None) -> None:
        self._formula = formula
        self._window = window
        self._identifiers = Identifiers() if identifiers is None else identifiers
        self._customers: dict[str, dict[Dimensions, Series]] = {}
        self._rare: dict[str, RareUsage | None] = {}  # of those whose usage was asked for since it changed

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
        self._series_of(event.origin).record(event)

    def receive(self, origin: Origin, arrivals: Sequence[Arrival], received_ns: int) -> None:
        """Add events that arrived together, after all others: quicker than one by one."""
        self._series_of(origin).receive(arrivals, received_ns)

    def cancel(self, event: UsageEvent) -> None:
        """Stop counting a recorded event, and mark it as cancelled.

        Raises:
            KeyError: the event was not recorded here, or is cancelled already.
        """
        self._customers[event.customer][event.dimensions].cancel(event)
        self._rare.pop(event.customer, None)

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
        `group_by` positions of the dimensions; an absent value (None) sorts last. `where` says which combinations
        of dimension values count.
        """
        every = self._customers.get(customer, {})
        rare = self._rare_usage(customer, group_by)
        series = ((dimensions, each.counting) for dimensions, each in every.items()) if rare is None else rare.others
        group_of = picker(group_by)
        grouped = [(group_of(of), each) for of, each in series if each.blocks and (where is None or where(of))]
        found = aggregate(grouped, edges, self._formula)
        rows: list[Row] = []
        for bucket, groups, values in found if rare is None else merge(rare.by_bucket(edges, where), found):
            rows += map(_row, zip(repeat(edges[bucket - 1]), repeat(edges[bucket]), groups, values, strict=False))
        return rows

    def span(self, customer: str) -> tuple[int, int] | None:
        """Return the first and the last timestamp of a customer's counting usage; None if there is none."""
        blocks = [each.counting.blocks for each in self._customers.get(customer, {}).values() if each.counting.blocks]
        if not blocks:
            return None
        return min([each[0].times[0] for each in blocks]), max([each[-1].times[-1] for each in blocks])

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
        span = self.span(customer)
        return None if span is None else self.total(customer, span[0], span[1] + 1)

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

    def _rare_usage(self, customer: str, group_by: Sequence[int]) -> RareUsage | None:
        """Return the usage of a customer with many series, if each is asked for by itself, again; otherwise None."""
        every = self._customers.get(customer, {})
        if len(every) < rare_usage.MANY or list(group_by) != list(range(len(next(iter(every))))):
            return None
        if customer not in self._rare:
            self._rare[customer] = None  # to arrange it takes longer than to ask once
        elif self._rare[customer] is None:
            self._rare[customer] = RareUsage(every, KINDS[self._formula])
        return self._rare[customer]

    def _every(self) -> Iterator[Series]:
        return chain.from_iterable(by_dimensions.values() for by_dimensions in self._customers.values())

    def _series_of(self, origin: Origin) -> Series:
        customer, dimensions, _ = origin
        self._rare.pop(customer, None)
        by_dimensions = self._customers.get(customer)
        if by_dimensions is None:
            by_dimensions = self._customers[customer] = {}
        series = by_dimensions.get(dimensions)
        if series is None:
            series = by_dimensions[dimensions] = self._new_series(origin)
        return series

    def _new_series(self, origin: Origin) -> Series:
        if self._window:
            return WindowedSeries(origin, self._identifiers, _WINDOWS_S[self._window])
        return Series(origin, self._identifiers)


_row = partial(tuple.__new__, Row)  # there may be many, and Row itself takes twice as long


def _outlived(fates: list[Fate], known: Callable[[UsageEvent], bool]) -> list[Fate]:
    """Let only the last of the counting events count."""
    counting = {fate.event for fate in fates if fate.overwritten_by is None and known(fate.event)}
    last = max(counting, key=by_time, default=None)
    return [Fate(fate.event, last) if fate.event in counting and fate.event != last else fate for fate in fates]


_WITHIN: dict[Formula, Callable[[Sequence[Series], Stretch], Decimal]] = {
    "sum": cutting.added,
    "count": cutting.counted,
    "last": cutting.latest,
}
