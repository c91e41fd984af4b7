"""A stacked bar chart as SVG: a rectangle for each row, which a test can read and a browser scales and prints.

All coordinates are whole numbers, so that neighbours in a stack touch. Usage below zero is stacked downwards.
"""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from html import escape
from itertools import pairwise

from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.pages import axis

COLOURS = 8
"""How many groups have a colour of their own."""
WIDTH, HEIGHT = 9600, 2900
TOP, RIGHT, BOTTOM = 140, 80, 420
GAP, CHARACTER = 100, 66
"""Between the axis and its numbers; and how wide a character of a number is, about."""
MOST_LABELS, ENOUGH_LABELS = 11, 4
EVEN_HOURS = (1, 2, 3, 4, 6, 12)
"""After how many hours the next one may have a label."""
WIDEST = 700
"""How wide a bar is at most: a few bars stand in the middle of their places."""
NARROW = 60
"""Bars that are narrower than this stand side by side without space between them."""
SAFE = re.compile(r"[A-Za-z0-9_.:+/-]+")
"""A value of an attribute that needs no quotes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: the value of one group in one bucket, with what a pointer on it is told, and where it leads."""

    start: int
    end: int
    group: str
    value: Decimal
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a stack: one bucket in the range, and how it is labelled."""

    start: int
    label: str
    opens: bool = False
    """Whether it begins a longer stretch, such as a day of hours, and is labelled before others are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A bar in its place."""

    bar: Bar
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands."""

    axis: axis.Axis
    left: int
    edges: Sequence[int]
    """The borders between the slots."""
    pieces: Mapping[str, Sequence[Piece]]
    """By group, in the order in which the groups are stacked."""

    @property
    def zero(self) -> int:
        """The height of zero."""
        return self.height_of(ZERO)

    def height_of(self, value: Decimal) -> int:
        """Return the height of a number."""
        return _height(self.axis, value)


def lay_out(slots: Sequence[Slot], groups: Sequence[str], bars: Iterable[Bar]) -> Layout:
    """Return where the bars stand: the first group next to the axis, and the others on top of it, or below."""
    stacks: dict[int, list[Bar]] = {slot.start: [] for slot in slots}
    order = {group: place for place, group in enumerate(groups)}
    for bar in sorted(bars, key=lambda each: order[each.group]):
        stacks[bar.start].append(bar)
    ends = [end for stack in stacks.values() for end in _ends(stack)]
    scale = axis.axis(min(ends, default=ZERO), max(ends, default=ZERO))
    left = GAP * 2 + CHARACTER * max(len(axis.short(tick)) for tick in scale.ticks)
    room = WIDTH - RIGHT - left
    edges = [left + room * place // len(slots) for place in range(len(slots) + 1)]
    pieces: dict[str, list[Piece]] = {group: [] for group in groups}
    for (left_edge, right_edge), stack in zip(pairwise(edges), stacks.values(), strict=True):
        for piece in _stack(scale, stack, left_edge, right_edge):
            pieces[piece.bar.group].append(piece)
    return Layout(scale, left, edges, pieces)


def _ends(stack: Iterable[Bar]) -> Iterator[Decimal]:
    """Yield how high and how low a stack is."""
    values = [bar.value for bar in stack]
    for part in ([each for each in values if each > 0], [each for each in values if each < 0]):
        total = ZERO
        for value in part:
            total = EXACT.add(total, value)
        yield total


def _stack(scale: axis.Axis, stack: Iterable[Bar], left: int, right: int) -> Iterator[Piece]:
    space = (right - left) // 10 if right - left >= NARROW else 0
    width = min(right - left - 2 * space, WIDEST)
    x = (left + right - width) // 2
    up = down = ZERO
    for bar in stack:
        if bar.value < 0:
            begun, down = down, EXACT.add(down, bar.value)
            upper, lower = begun, down
        else:
            begun, up = up, EXACT.add(up, bar.value)
            upper, lower = up, begun
        y = _height(scale, upper)
        yield Piece(bar, x, y, width, _height(scale, lower) - y)


def _height(scale: axis.Axis, value: Decimal) -> int:
    return TOP + scale.place(value, HEIGHT - TOP - BOTTOM)


def draw(slots: Sequence[Slot], groups: Sequence[str], bars: Iterable[Bar], *, title: str, description: str) -> str:
    """Return the chart as an `<svg>`, whose bars have the classes `g0`, `g1`, … by group."""
    layout = lay_out(slots, groups, bars)
    return "".join(
        [
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="chart-title chart-about">',
            f'<title id="chart-title">{escape(title)}</title><desc id="chart-about">{escape(description)}</desc>',
            *_grid(layout),
            *_labels(slots, layout),
            *_series(layout),
            f'<path class="zero" d="M{layout.left} {layout.zero}H{WIDTH - RIGHT}"/>',
            "</svg>",
        ]
    )


def _grid(layout: Layout) -> Iterator[str]:
    yield '<g class="grid" text-anchor="end"><path d="'
    for tick in layout.axis.ticks:
        yield f"M{layout.left} {layout.height_of(tick)}H{WIDTH - RIGHT}"
    yield '"/>'
    for tick in layout.axis.ticks:
        yield f"<text x={layout.left - GAP} y={layout.height_of(tick) + 40}>{axis.short(tick)}</text>"
    yield "</g>"


def _labels(slots: Sequence[Slot], layout: Layout) -> Iterator[str]:
    yield '<g class="days" text-anchor="middle">'
    for place in labelled(slots):
        middle = (layout.edges[place] + layout.edges[place + 1]) // 2
        yield f"<text x={middle} y={HEIGHT - BOTTOM + 200}>{escape(slots[place].label)}</text>"
    yield "</g>"


def labelled(slots: Sequence[Slot]) -> list[int]:
    """Return which slots have a label: every so many, but those that open a stretch if these are enough."""
    opening = [place for place, slot in enumerate(slots) if slot.opens]
    if len(opening) > ENOUGH_LABELS:
        return opening[:: -(-len(opening) // MOST_LABELS)]
    if opening:  # hours, whose labels are to be the same each day
        stride = next(each for each in EVEN_HOURS if len(slots) <= each * MOST_LABELS)
        return list(range(opening[0] % stride, len(slots), stride))
    return list(range(0, len(slots), -(-len(slots) // MOST_LABELS)))


def _series(layout: Layout) -> Iterator[str]:
    for place, (group, pieces) in enumerate(layout.pieces.items()):
        yield f'<g class="g{place % COLOURS}">'
        name = _attribute(group)
        for piece in pieces:
            bar = piece.bar
            drawn = (
                f"<rect x={piece.x} y={piece.y} width={piece.width} "
                f"height={piece.height} data-start={bar.start} data-end={bar.end} data-group={name} "
                f"data-value={axis.plain(bar.value)}><title>{escape(bar.title)}</title></rect>"
            )
            yield f"<a href={_attribute(bar.href)} tabindex=-1>{drawn}</a>" if bar.href else drawn
        yield "</g>"


def _attribute(value: str) -> str:
    """Return a value as HTML has it in a tag: without quotes if it needs none, because there are many."""
    return value if SAFE.fullmatch(value) else f'"{escape(value)}"'
