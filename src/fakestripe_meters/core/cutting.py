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
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_time
from fakestripe_meters.core.usage_event import unscaled


@inferred("on a pre-aggregated meter, usage that overwrites what an act has closed adds the difference")
def held_sum(every: Sequence[Series], start: int, cut: Cut) -> Decimal:
    """Add up what a cut holds from `start` on."""
    total = ZERO
    for series in every:
        timeline, (first, end, late, revived) = series.counting, series.held(start, cut)
        before, after = timeline.sums((first, end), timeline.scale)
        total = EXACT.add(total, unscaled(after - before, timeline.scale))
        for event in late:
            total = EXACT.subtract(total, event.value)
        for event in revived:
            total = EXACT.add(total, event.value)
    return total


def held_count(every: Sequence[Series], start: int, cut: Cut) -> Decimal:
    """Count what a cut holds from `start` on."""
    total = 0
    for series in every:
        first, end, late, revived = series.held(start, cut)
        before, after = series.counting.ranks((first, end))
        total += after - before - len(late) + len(revived)
    return Decimal(total)


@inferred("the last value among the usage that belongs to a stretch is billed, even if earlier usage was billed before")
def latest(every: Sequence[Series], stretch: Stretch) -> Decimal:
    """Return the last value of a stretch; zero if it has none."""
    found = [event for series in every for event in candidates(series, stretch)]
    return max(found, key=by_time).value if found else ZERO


def candidates(series: Series, stretch: Stretch) -> Iterator[UsageEvent]:
    """Yield events of a stretch, among them the last one."""
    timeline, (start, end, after) = series.counting, (stretch.start, stretch.end, stretch.after)
    (first,) = timeline.positions((start,))
    last = timeline.behind(end.instant, end.number) if isinstance(end, Cut) else timeline.positions((end,))[0]
    began = first if after is None else timeline.behind(after.instant, after.number)
    yield from _first(event for event in timeline.backwards(max(first, began), last) if stretch.holds(event))
    if after is not None:
        yield from filter(stretch.holds, timeline.newer(first, min(began, last), after.number))
    if isinstance(end, Cut):
        yield from filter(stretch.holds, series.held(start, end).revived)


def _first(events: Iterator[UsageEvent]) -> Iterator[UsageEvent]:
    for event in events:
        yield event
        return
