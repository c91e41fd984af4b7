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
from typing import Any
from typing import Generic
from typing import Literal
from typing import NamedTuple
from typing import TypeVar

from fakestripe_meters.core.timeline import Timeline
from fakestripe_meters.core.usage_block import Block
from fakestripe_meters.core.usage_event import Dimensions
from fakestripe_meters.core.usage_event import unscaled

Formula = Literal["sum", "count", "last"]
Grouped = Sequence[tuple[Dimensions, Timeline]]
"""Timelines that hold usage, each with the group that it belongs to."""
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
    """The value of an amount, likewise; the last argument says to how many decimal places it is shown."""


def aggregate(grouped: Grouped, edges: Sequence[int], formula: Formula) -> Iterator[tuple[int, Dimensions, Decimal]]:
    """Yield the value of each bucket and group with usage, ascending, with the index of the edge at the bucket's end.

    The buckets lie between increasing `edges`; an absent value (None) of a group sorts last.
    """
    kind = KINDS[formula]
    scale = max([timeline.scale for _, timeline in grouped], default=0)
    places = _places(grouped) if scale else {}
    found = _found(grouped, edges, kind, scale)
    absent_last = _absent_last if None in chain.from_iterable([group for group, _ in grouped]) else None
    for bucket in sorted(found):
        for group, amount in sorted(found[bucket].items(), key=absent_last):
            yield bucket, group, kind.value(amount, scale, places.get(group, 0))


def _found(
    grouped: Grouped, edges: Sequence[int], kind: Kind[Amount], scale: int
) -> dict[int, dict[Dimensions, Amount]]:
    few = [each for each in grouped if each[1].is_shorter_than(len(edges))]
    many = [each for each in grouped if not each[1].is_shorter_than(len(edges))] if len(few) < len(grouped) else []
    found: defaultdict[int, dict[Dimensions, Amount]] = defaultdict(dict)
    join = kind.join
    for bucket, group, amount in chain(_by_event(few, edges, kind, scale), _by_bucket(many, edges, kind, scale)):
        amounts = found[bucket]
        amounts[group] = join(amounts[group], amount) if group in amounts else amount
    found.pop(0, None)  # before all buckets
    found.pop(len(edges), None)  # after them
    return found


def _by_event(
    grouped: Grouped, edges: Sequence[int], kind: Kind[Amount], scale: int
) -> Iterator[tuple[int, Dimensions, Amount]]:
    blocks = [(group, block) for group, timeline in grouped for block in timeline.blocks]
    times = chain.from_iterable([block.times for _, block in blocks])
    groups = chain.from_iterable([repeat(group, len(block.times)) for group, block in blocks])
    amounts = chain.from_iterable([kind.of_block(block, scale) for _, block in blocks])
    return zip(map(partial(bisect_right, edges), times), groups, amounts, strict=True)


def _by_bucket(
    grouped: Grouped, edges: Sequence[int], kind: Kind[Amount], scale: int
) -> Iterator[tuple[int, Dimensions, Amount]]:
    for group, timeline in grouped:
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


def _absent_last(item: tuple[Dimensions, object]) -> tuple[tuple[bool, str], ...]:
    return tuple([(value is None, value or "") for value in item[0]])


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


KINDS: dict[Formula, Kind[Any]] = {
    "sum": Kind(_units, _sums, operator.add, _sum_of),
    "count": Kind(_ones, _counts, operator.add, lambda number, _scale, _places: Decimal(number)),
    "last": Kind(_lasts, _latest, max, lambda last, _scale, _places: unscaled(last[2], last[3])),
}
