"""Rows of the analytics as stacks: the groups by size, and the smallest of many together."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.pages.chart import COLOURS
from fakestripe_meters.pages.usage_asking import Row
from fakestripe_meters.pages.words import plain

ONE_GROUP = "total"
"""What the only group is called if the usage is not split."""
MOST_UNFOLDED = 100
BLANK = "(empty)"


@dataclass(frozen=True, slots=True)
class Groups:
    """Usage by bucket and group."""

    names: Sequence[str]
    """The groups in the order of the stacks: the largest next to the axis."""
    keys: Mapping[str, tuple[str, ...]]
    """The values that a group is for, by its name. Groups that were put together have none."""
    cells: Mapping[int, Mapping[str, Decimal]]
    """By the start of a bucket, the value of each group that has one."""
    ends: Mapping[int, int]
    """The end of each bucket, by its start."""
    folded: int
    """How many groups were put together."""

    def total(self, group: str) -> Decimal:
        """Return the sum of a group over all buckets."""
        return _sum([stack[group] for stack in self.cells.values() if group in stack])


def grouped(rows: Sequence[Row], keys: Sequence[str], *, every: bool = False) -> Groups:
    """Return rows as stacks. If there are more groups than colours, the smallest are put together, unless `every`."""
    sizes: dict[tuple[str, ...], Decimal] = {}
    for row in rows:
        sizes[row.group] = EXACT.add(sizes.get(row.group, ZERO), row.value)
    order = sorted(sizes, key=lambda group: (-sizes[group], group))
    most = MOST_UNFOLDED if every else COLOURS
    kept = order if len(order) <= most else order[: most - 1]
    folded = len(order) - len(kept)
    named = _named(kept, split=bool(keys))
    other = _unlike(f"{folded} other groups" if folded else "", named.values())
    cells: dict[int, dict[str, Decimal]] = {}
    for row in rows:
        stack = cells.setdefault(row.start, {})
        group = named.get(row.group, other)
        stack[group] = EXACT.add(stack.get(group, ZERO), row.value)
    return Groups(
        names=[*named.values(), *([other] if folded else [])],
        keys={name: group for group, name in named.items()},
        cells=cells,
        ends={row.start: row.end for row in rows},
        folded=folded,
    )


def _named(groups: Sequence[tuple[str, ...]], *, split: bool) -> dict[tuple[str, ...], str]:
    """Return a name for each group, no two alike: values may have the separator in them, or look alike when shown."""
    named: dict[tuple[str, ...], str] = {}
    for group in groups:
        name = ", ".join(plain(value) or BLANK for value in group) if split else ONE_GROUP
        named[group] = _unlike(name, named.values())
    return named


def _unlike(name: str, taken: object) -> str:
    """Return a name that no other group has: with a number, if another has it."""
    others, found, number = set(taken), name, 2  # type: ignore[call-overload]
    while found in others:
        found, number = f"{name} ({number})", number + 1
    return found


def _sum(values: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return total
