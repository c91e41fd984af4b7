"""The chart by itself: what it draws of any numbers."""

from collections.abc import Iterable
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.pages import axis
from fakestripe_meters.pages import chart

DAY = 86_400
START = 1_735_689_600
GROUPS = ("gpt-4", "gpt-3.5", "whisper")
HOSTILE = "\"><script>alert(1)</script>'&amp;"

values = st.one_of(
    st.integers(-(10**15), 10**15).map(Decimal),
    st.decimals(-(10**15), 10**15, places=12),
    st.sampled_from([Decimal(each) for each in ("0", "1e-30", "-1e-30", "1e40", "0.1")]),
)
stacks = st.lists(st.dictionaries(st.sampled_from(GROUPS), values), min_size=1, max_size=60)
Stacks = list[dict[str, Decimal]]


def slots(count: int, *, every: int = 0) -> list[chart.Slot]:
    """Days, or hours of which each so many opens a day."""
    return [chart.Slot(START + n * DAY, f"day {n}", bool(every) and n % every == 0) for n in range(count)]


def bars(stacks: Stacks) -> list[chart.Bar]:
    return [
        chart.Bar(START + n * DAY, START + (n + 1) * DAY, group, value, f"{group}: {value}", f"why?n={n}&g={group}")
        for n, stack in enumerate(stacks)
        for group, value in stack.items()
    ]


def laid_out(stacks: Stacks) -> chart.Layout:
    return chart.lay_out(slots(len(stacks)), GROUPS, bars(stacks))


class Drawn(HTMLParser):
    """What a browser would read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def drawn(stacks: Stacks, title: str = "Usage") -> Drawn:
    return Drawn(chart.draw(slots(len(stacks)), GROUPS, bars(stacks), title=title, description="about"))


def total(values: Iterable[Decimal]) -> Decimal:
    found = Decimal(0)
    for value in values:
        found = EXACT.add(found, value)
    return found


@given(stacks)
def test_bars_of_a_stack_touch_and_add_up_to_its_height(stacks: Stacks) -> None:
    layout = laid_out(stacks)
    for n, stack in enumerate(stacks):
        pieces = [each for group in GROUPS for each in layout.pieces[group] if each.bar.start == START + n * DAY]
        assert len(pieces) == len(stack)
        assert all(piece.height >= 0 for piece in pieces)
        above = [piece for piece in pieces if piece.bar.value >= 0]
        below = [piece for piece in pieces if piece.bar.value < 0]
        assert all(lower.y == upper.y + upper.height for lower, upper in pairwise(above))
        assert all(lower.y == upper.y + upper.height for upper, lower in pairwise(below))
        if above:
            top = layout.height_of(total(value for value in stack.values() if value > 0))
            assert (above[0].y + above[0].height, above[-1].y) == (layout.zero, top)
        if below:
            foot = layout.height_of(total(value for value in stack.values() if value < 0))
            assert (below[0].y, below[-1].y + below[-1].height) == (layout.zero, foot)


@given(stacks)
def test_nothing_overlaps_and_nothing_is_outside_of_the_picture(stacks: Stacks) -> None:
    layout = laid_out(stacks)
    assert list(layout.edges) == sorted(layout.edges)
    assert (layout.edges[0], layout.edges[-1]) == (layout.left, chart.WIDTH - chart.RIGHT)
    for pieces in layout.pieces.values():
        assert all(one.x + one.width <= following.x for one, following in pairwise(pieces))
        assert all(piece.x >= layout.left and piece.width > 0 for piece in pieces)
        assert all(piece.y >= chart.TOP for piece in pieces)
        assert all(piece.y + piece.height <= chart.HEIGHT - chart.BOTTOM for piece in pieces)


@given(values, values)
def test_an_axis_has_few_round_numbers_around_zero_and_both_ends(one: Decimal, other: Decimal) -> None:
    found = axis.axis(min(one, other), max(one, other)).ticks
    assert 2 <= len(found) <= axis.MOST_STEPS + 2
    assert found[0] <= min(one, other, Decimal(0))
    assert found[-1] >= max(one, other, Decimal(0))
    assert Decimal(0) in found
    (step,) = {EXACT.subtract(after, before).normalize(EXACT) for before, after in pairwise(found)}
    assert step.as_tuple().digits in ((1,), (2,), (5,))


@given(values.filter(bool))
def test_a_bar_fills_more_than_half_of_the_picture(value: Decimal) -> None:
    found = axis.axis(value, value).ticks
    assert abs(value) * 2 > found[-1] - found[0]


@given(stacks)
def test_each_row_is_one_rectangle_with_its_number_and_its_link(stacks: Stacks) -> None:
    picture = drawn(stacks)
    wanted = {(str(bar.start), bar.group): bar for bar in bars(stacks)}
    rectangles, links = picture.of("rect"), picture.of("a")
    assert len(rectangles) == len(links) == len(wanted)
    for rectangle, link in zip(rectangles, links, strict=True):
        bar = wanted[str(rectangle["data-start"]), str(rectangle["data-group"])]
        assert Decimal(str(rectangle["data-value"])) == bar.value
        assert rectangle["data-end"] == str(bar.end)
        assert link["href"] == bar.href


def test_the_hours_of_a_month_have_still_a_place_each() -> None:
    hours = [{"gpt-4": Decimal(n % 24 + 1)} for n in range(744)]
    widths = {int(str(each["width"])) for each in drawn(hours).of("rect")}
    assert widths <= {11, 12, 13}


def test_a_bar_alone_is_not_as_wide_as_the_picture() -> None:
    layout = laid_out([{"gpt-4": Decimal(5)}])
    (piece,) = layout.pieces["gpt-4"]
    assert piece.width == chart.WIDEST
    assert abs(2 * piece.x + piece.width - layout.edges[0] - layout.edges[1]) <= 1


def test_labels_are_few_and_those_of_days_come_before_those_of_hours() -> None:
    assert chart.labelled(slots(1)) == [0]
    assert chart.labelled(slots(7)) == list(range(7))
    assert len(chart.labelled(slots(744))) <= chart.MOST_LABELS
    assert chart.labelled(slots(24 * 6, every=24)) == [0, 24, 48, 72, 96, 120]
    assert chart.labelled(slots(48, every=24)) == [0, 6, 12, 18, 24, 30, 36, 42]
    assert chart.labelled([*slots(8), *slots(24, every=24)]) == [2, 5, 8, 11, 14, 17, 20, 23, 26, 29]


def test_names_are_text_whatever_is_in_them() -> None:
    bar = chart.Bar(START, START + DAY, HOSTILE, Decimal(1), HOSTILE, f"why?{HOSTILE}")
    slot = chart.Slot(START, HOSTILE)
    picture = Drawn(chart.draw([slot], [HOSTILE], [bar], title=HOSTILE, description=HOSTILE))
    assert picture.of("script") == []
    assert picture.text.count(HOSTILE) == 4
    assert picture.of("rect")[0]["data-group"] == HOSTILE
    assert picture.of("a")[0]["href"] == f"why?{HOSTILE}"


def test_who_cannot_see_it_is_told_what_it_is() -> None:
    picture = drawn([{"gpt-4": Decimal(1)}], title="Tokens of Ada")
    (svg,) = picture.of("svg")
    assert (svg["role"], svg["aria-labelledby"]) == ("img", "chart-title chart-about")
    assert picture.of("title")[0]["id"] == "chart-title"
    assert picture.of("desc")[0]["id"] == "chart-about"
    assert "Tokens of Ada" in picture.text


def test_numbers_have_all_their_digits() -> None:
    assert [axis.plain(Decimal(each)) for each in ("1500", "1E+3", "0.250", "-0", "-1.5")] == [
        *("1500", "1000", "0.25", "0", "-1.5"),
    ]
    assert [axis.number(Decimal(each)) for each in ("1500", "1E+3", "0.250", "-12345.5")] == [
        *("1,500", "1,000", "0.25", "-12,345.5"),
    ]


def test_only_numbers_that_are_too_long_for_the_axis_have_an_exponent() -> None:
    assert axis.short(Decimal("1e40")) == "1e+40"
    assert axis.short(Decimal(200000000000)) == "200,000,000,000"
