"""Aggregate the usage that an act has closed, and the usage between two acts.

The sum and the count between two acts are differences, so what is cancelled after it was billed is missing on both
sides: it neither lowers nor raises what is billed later.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.series import Series
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.stretch import Stretch
from fakestripe_meters.core.timeline import Position
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_time
from fakestripe_meters.core.usage_event import unscaled


@inferred("on a pre-aggregated meter, usage that overwrites what an act has closed adds the difference")
def added(every: Sequence[Series], stretch: Stretch) -> Decimal:
    """Add up the usage of a stretch."""
    total = ZERO
    for series in every:
        timeline, (positions, more, less) = series.counting, _difference(series, stretch)
        before, after = timeline.sums(positions, timeline.scale)
        total = EXACT.add(total, unscaled(after - before, timeline.scale))
        for event in more:
            total = EXACT.add(total, event.value)
        for event in less:
            total = EXACT.subtract(total, event.value)
    return total


def counted(every: Sequence[Series], stretch: Stretch) -> Decimal:
    """Count the usage of a stretch."""
    total = 0
    for series in every:
        positions, more, less = _difference(series, stretch)
        before, after = series.counting.ranks(positions)
        total += after - before + len(more) - len(less)
    return Decimal(total)


def may_have_usage(series: Series, stretch: Stretch) -> bool:
    """Return whether a series may have usage in a stretch; if not, it has none."""
    (before, after), more, _ = _difference(series, stretch)
    return after > before or bool(more)


def _difference(
    series: Series, stretch: Stretch
) -> tuple[tuple[Position, Position], list[UsageEvent], list[UsageEvent]]:
    """Return the positions between which the usage lies, the events to add to it, and those to take away from it."""
    whole = series.held(stretch.start, stretch.end)
    if stretch.after is None:
        return (whole.start, whole.end), whole.revived, whole.late
    closed = series.held(stretch.start, stretch.after)
    return (closed.end, whole.end), whole.revived + closed.late, whole.late + closed.revived


@inferred("the last value among the usage that belongs to a stretch is billed, even if earlier usage was billed before")
def latest(every: Sequence[Series], stretch: Stretch) -> Decimal:
    """Return the last value of a stretch; zero if it has none."""
    found = [event for series in every for event in _candidates(series, stretch)]
    return max(found, key=by_time).value if found else ZERO


def _candidates(series: Series, stretch: Stretch) -> Iterator[UsageEvent]:
    """Yield events of a stretch, among them the last one."""
    timeline, (start, end, after) = series.counting, (stretch.start, stretch.end, stretch.after)
    (first,) = timeline.positions((start,))
    last = timeline.position_after(end.instant, end.number) if isinstance(end, Cut) else timeline.positions((end,))[0]
    began = first if after is None else timeline.position_after(after.instant, after.number)
    yield from _first(event for event in timeline.backwards(began, last) if stretch.holds(event))
    if after is not None:
        yield from filter(stretch.holds, timeline.newer(first, began, after.number))
    if isinstance(end, Cut):
        yield from filter(stretch.holds, series.held(start, end).revived)


def _first(events: Iterator[UsageEvent]) -> Iterator[UsageEvent]:
    for event in events:
        yield event
        return
