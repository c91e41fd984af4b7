"""The usage of a customer with very many dimension values, most of them rare: all of it in order of time.

To look at every series takes a while, so a ledger keeps what was found until the customer's usage changes.
"""

from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from itertools import chain
from itertools import groupby
from itertools import pairwise
from operator import itemgetter
from typing import Any

from fakestripe_meters.core.bucketing import Found
from fakestripe_meters.core.bucketing import Kind
from fakestripe_meters.core.bucketing import Where
from fakestripe_meters.core.bucketing import absent_last
from fakestripe_meters.core.series import Series
from fakestripe_meters.core.timeline import Timeline
from fakestripe_meters.core.usage_event import Dimensions

MANY = 256
"""With fewer series, nothing is gained."""
RARE = 8
"""A rare series has no more events."""


class RareUsage:
    """The events of the rare series by time, a column for each field; and the other series."""

    __slots__ = ("_amounts", "_dimensions", "_kind", "_ranks", "_times", "_values", "others")

    def __init__(self, every: Mapping[Dimensions, Series], kind: Kind[Any]) -> None:
        used = [(dimensions, series.counting) for dimensions, series in every.items() if series.counting]
        self.others = [each for each in used if not _is_rare(each[1])]
        """The series that are not rare."""
        rare = [each for each in used if _is_rare(each[1])]
        absent = None in chain.from_iterable([dimensions for dimensions, _ in rare])
        rare.sort(key=lambda each: absent_last(each[0]) if absent else each[0])
        events = [
            (timestamp, rank, dimensions, (amount, timeline.scale))
            for rank, (dimensions, timeline) in enumerate(rare)
            for timestamp, amount in zip(
                timeline.blocks[0].times, kind.of_block(timeline.blocks[0], timeline.scale), strict=True
            )
        ]
        events.sort(key=itemgetter(0))
        self._kind = kind
        self._times = [each[0] for each in events]
        self._ranks = [each[1] for each in events]  # the place of a series among all, by its dimensions
        self._dimensions = [each[2] for each in events]
        self._amounts = [each[3] for each in events]
        self._values = [self._value([each]) for each in self._amounts]

    def by_bucket(self, edges: Sequence[int], where: Where | None) -> Iterator[Found]:
        """Yield what is found in each bucket between edges; each series is a group."""
        dimensions, values, ranks = self._dimensions, self._values, self._ranks
        places = [bisect_left(self._times, edge) for edge in edges]
        for bucket, (start, end) in enumerate(pairwise(places), 1):
            if start == end:
                continue
            order = sorted(range(start, end), key=ranks.__getitem__)
            if where is not None:
                order = [place for place in order if where(dimensions[place])]
            if len(set(ranks[start:end])) == end - start:
                yield bucket, [dimensions[place] for place in order], [values[place] for place in order]
            else:
                yield bucket, *self._joined(order)

    def _joined(self, order: list[int]) -> tuple[list[Dimensions], list[Decimal]]:
        series = [list(places) for _, places in groupby(order, key=self._ranks.__getitem__)]
        values = [self._value([self._amounts[place] for place in places]) for places in series]
        return [self._dimensions[first] for first, *_ in series], values

    def _value(self, amounts: list[tuple[Any, int]]) -> Decimal:
        scale = amounts[0][1]
        return self._kind.value(reduce(self._kind.join, [amount for amount, _ in amounts]), scale, scale)


def _is_rare(timeline: Timeline) -> bool:
    return len(timeline.blocks) == 1 and len(timeline.blocks[0].times) <= RARE
