"""Aggregate usage by bucket and group.

The usage of a series with more events than there are buckets is found by its running sums, that of others event by
event. So the cost follows the smaller of the two numbers.
"""

import operator
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from itertools import count
from itertools import pairwise
from itertools import repeat
from operator import itemgetter
from typing import Any
from typing import Generic
from typing import Literal
from typing import NamedTuple
from typing import TypeVar

from fakestripe_meters.core.timeline import Timeline
from fakestripe_meters.core.usage_block import Block
from fakestripe_meters.core.usage_event import Dimensions
from fakestripe_meters.core.usage_event import unscaled

Where = Callable[[Dimensions], bool]
Formula = Literal["sum", "count", "last"]
Grouped = Sequence[tuple[Dimensions, Timeline]]
"""Timelines that hold usage, each with the group that it belongs to."""
Found = tuple[int, Sequence[Dimensions], Sequence[Decimal]]
"""In a bucket: the index of the edge at its end, the groups with usage, ascending, absent values (None) last, and the
value of each."""
Amount = TypeVar("Amount")
Last = tuple[int, int, int, int]
"""The timestamp, number, units and scale of an event."""


class Kind(NamedTuple, Generic[Amount]):
    """How the amounts of events become a value."""

    of_block: Callable[[Block, int], Iterable[Amount]]
    """The amount of each event, in units of 10 ** -scale."""
    of_timeline: Callable[[Timeline, Sequence[int], int], Iterator[tuple[int, Amount]]]
    """The amount of each bucket with usage, likewise, and with the index of the edge at the bucket's end."""
    join: Callable[[Amount, Amount], Amount]
    value: Callable[[Amount, int, int], Decimal]
    """The value of an amount, likewise; the last argument says how many decimal places it has."""


def aggregate(grouped: Grouped, edges: Sequence[int], formula: Formula) -> Iterator[Found]:
    """Yield what is found in each bucket with usage, ascending; the buckets lie between increasing `edges`."""
    kind = KINDS[formula]
    scale = max([timeline.scale for _, timeline in grouped], default=0)
    found = _joined(chain(_by_event(grouped, edges, kind, scale), _by_bucket(grouped, edges, kind, scale)), kind.join)
    places = _places(grouped) if scale else {}
    order = absent_last if None in chain.from_iterable([group for group, _ in grouped]) else None
    for bucket in sorted(found):
        if 0 < bucket < len(edges):
            amounts = found[bucket]
            groups = sorted(amounts, key=order)
            yield bucket, groups, [kind.value(amounts[group], scale, places.get(group, 0)) for group in groups]


def merge(some: Iterable[Found], more: Iterable[Found]) -> list[Found]:
    """Return what is found in either, ascending; no group of a bucket is in both."""
    found = {each[0]: each for each in some}
    for bucket, groups, values in more:
        _, others, theirs = found.get(bucket, (bucket, (), ()))
        pairs = dict(zip((*groups, *others), (*values, *theirs), strict=True))
        ordered = sorted(pairs, key=absent_last)
        found[bucket] = bucket, ordered, [pairs[group] for group in ordered]
    return [found[bucket] for bucket in sorted(found)]


def picker(places: Sequence[int]) -> Callable[[Dimensions], Dimensions]:
    """Return what picks the values at some places: quicker than a loop, as it is called for every series."""
    if not places:
        return lambda _dimensions: ()
    first, *more = places
    return itemgetter(*places) if more else itemgetter(slice(first, first + 1))


def absent_last(group: Dimensions) -> tuple[tuple[bool, str], ...]:
    """Return what groups are sorted by."""
    return tuple([(value is None, value or "") for value in group])


def _joined(
    amounts: Iterable[tuple[int, Dimensions, Amount]], join: Callable[[Amount, Amount], Amount]
) -> dict[int, dict[Dimensions, Amount]]:
    found: defaultdict[int, dict[Dimensions, Amount]] = defaultdict(dict)
    for bucket, group, amount in amounts:
        bucketed = found[bucket]
        bucketed[group] = join(bucketed[group], amount) if group in bucketed else amount
    return found


def _by_event(
    grouped: Grouped, edges: Sequence[int], kind: Kind[Amount], scale: int
) -> Iterator[tuple[int, Dimensions, Amount]]:
    few = [(group, timeline) for group, timeline in grouped if timeline.is_shorter_than(len(edges))]
    blocks = [(group, block) for group, timeline in few for block in timeline.blocks]
    times = chain.from_iterable([block.times for _, block in blocks])
    groups = chain.from_iterable([repeat(group, len(block.times)) for group, block in blocks])
    amounts = chain.from_iterable([kind.of_block(block, scale) for _, block in blocks])
    return zip(map(partial(bisect_right, edges), times), groups, amounts, strict=True)


def _by_bucket(
    grouped: Grouped, edges: Sequence[int], kind: Kind[Amount], scale: int
) -> Iterator[tuple[int, Dimensions, Amount]]:
    for group, timeline in grouped:
        if timeline.is_shorter_than(len(edges)):
            continue
        first = max(0, bisect_right(edges, timeline.first) - 1)
        within = edges[first : bisect_right(edges, timeline.last) + 1]
        for bucket, amount in kind.of_timeline(timeline, within, scale):
            yield first + bucket, group, amount


def _places(grouped: Grouped) -> dict[Dimensions, int]:
    """Return how many decimal places the values of each group have."""
    places: dict[Dimensions, int] = {}
    for group, timeline in grouped:
        places[group] = max(places.get(group, 0), timeline.scale)
    return places


def _units(block: Block, scale: int) -> Iterable[int]:
    return block.units_at(scale)


def _sums(timeline: Timeline, edges: Sequence[int], scale: int) -> Iterator[tuple[int, int]]:
    found = timeline.positions(edges)
    for bucket, (then, now), (before, after) in zip(
        count(1), pairwise(found), pairwise(timeline.sums(found, scale)), strict=False
    ):
        if then != now:  # usage that adds up to zero still makes a row
            yield bucket, after - before


def _ones(block: Block, _scale: int) -> Iterable[int]:
    return repeat(1, len(block))


def _counts(timeline: Timeline, edges: Sequence[int], _scale: int) -> Iterator[tuple[int, int]]:
    ranks = timeline.ranks(timeline.positions(edges))
    return ((bucket, after - before) for bucket, (before, after) in enumerate(pairwise(ranks), 1) if after > before)


def _lasts(block: Block, _scale: int) -> Iterable[Last]:
    return zip(block.times, block.numbers, block.units, block.scales, strict=True)


def _latest(timeline: Timeline, edges: Sequence[int], _scale: int) -> Iterator[tuple[int, Last]]:
    for bucket, event in enumerate(timeline.latest(edges), 1):
        if event is not None:
            yield bucket, (event.timestamp, event.number, event.units, event.scale)


def _sum_of(units: int, scale: int, places: int) -> Decimal:
    return unscaled(units // 10 ** (scale - places), places) if scale else Decimal(units)


def _count_of(number: int, _scale: int, _places: int) -> Decimal:
    return Decimal(number)


def _last_of(last: Last, _scale: int, _places: int) -> Decimal:
    return unscaled(last[2], last[3])


KINDS: dict[Formula, Kind[Any]] = {
    "sum": Kind(_units, _sums, operator.add, _sum_of),
    "count": Kind(_ones, _counts, operator.add, _count_of),
    "last": Kind(_lasts, _latest, max, _last_of),
}
