from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from decimal import localcontext
from fractions import Fraction
from itertools import count
from itertools import pairwise
from random import Random
from typing import Literal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core import rare_usage
from fakestripe_meters.core import timeline
from fakestripe_meters.core.identifiers import Identifiers
from fakestripe_meters.core.usage import Dimensions
from fakestripe_meters.core.usage import Formula
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage import Window
from fakestripe_meters.core.usage import among

HOUR, DAY = 3600, 86_400
CUSTOMER = "cus_1"
numbers = count()


def event(
    timestamp: int,
    value: str = "1",
    *dimensions: str | None,
    number: int | None = None,
    customer: str = CUSTOMER,
    cancelled: bool = False,
) -> UsageEvent:
    """An event that arrives after all events made before it, unless it is given a number."""
    number = next(numbers) if number is None else number
    return UsageEvent(
        identifier=f"event-{number}",
        customer=customer,
        timestamp=timestamp,
        received_ns=number,
        number=number,
        value=Decimal(value),
        dimensions=dimensions,
        cancelled=cancelled,
    )


def ledger_of(formula: Formula, *events: UsageEvent, window: Window | None = None) -> UsageLedger:
    ledger = UsageLedger(formula, window)
    for each in events:
        ledger.record(each)
    return ledger


def total(ledger: UsageLedger, start: int = 0, end: int = 10 * DAY) -> Decimal | None:
    return ledger.total(CUSTOMER, start, end)


def values(ledger: UsageLedger, *edges: int) -> list[tuple[int, object]]:
    return [(row.starts_at, row.value) for row in ledger.query(CUSTOMER, edges)]


# ── sum, count, last ─────────────────────────────────────────────────────────────────────────────


def test_sums_are_exact_decimals() -> None:
    ledger = ledger_of("sum", event(1, "0.1"), event(2, "0.2"), event(3, "-1.25"), event(4, "1000"))
    assert total(ledger) == Decimal("999.05")


def test_a_finer_value_refines_sums_already_made() -> None:
    ledger = ledger_of("sum", event(1, "5"), event(2, "7"))
    assert total(ledger) == 12
    ledger.record(event(1, "0.000000000001"))
    assert total(ledger) == Decimal("12.000000000001")


def test_sums_beyond_64_bits_are_exact() -> None:
    big = "9" * 15 + "0" * 25
    ledger = ledger_of("sum", event(1, "0.5"), event(2, big), event(3, big), event(4, f"-{big}"))
    assert total(ledger) == Decimal(f"{big}.5")
    ledger.record(event(2, "0.25"))
    assert total(ledger, 2, 3) == Decimal(f"{big}.25")


def test_the_decimal_context_of_the_program_under_test_rounds_nothing() -> None:
    with localcontext(prec=3):
        reported = event(1, "0"), event(2, "0")
        exact = [event(1, "123456.654321"), event(2, "0.000000000000000001")]
        assert total(ledger_of("sum", *reported, *exact)) == Decimal("123456.654321000000000001")
        assert exact[0].value == Decimal("123456.654321")


def test_count_counts_events_whatever_their_value() -> None:
    assert total(ledger_of("count", event(1, "-7.5"), event(2, "0"), event(2))) == 3


def test_last_is_the_value_of_the_latest_timestamp() -> None:
    assert total(ledger_of("last", event(1, "5"), event(9, "7.5"), event(3, "6"))) == Decimal("7.5")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_later_receipt_wins_a_tie_however_they_are_recorded(order: tuple[int, int]) -> None:
    tied = event(5, "1"), event(5, "2")
    assert total(ledger_of("last", *(tied[i] for i in order))) == 2


def test_last_of_several_dimension_values_is_the_latest_of_them_all() -> None:
    ledger = ledger_of("last", event(5, "1", "a"), event(5, "2", "b"), event(4, "3", "c"))
    assert total(ledger) == 2


# ── buckets, groups, filters ─────────────────────────────────────────────────────────────────────


def test_a_bucket_includes_its_first_edge_and_excludes_its_last() -> None:
    ledger = ledger_of("sum", event(9, "1"), event(10, "2"), event(19, "4"), event(20, "8"))
    assert values(ledger, 10, 20, 30) == [(10, 6), (20, 8)]


def test_buckets_without_usage_are_omitted_and_usage_of_zero_is_not() -> None:
    ledger = ledger_of("sum", event(5, "3"), event(6, "-3"), event(25, "0"))
    assert values(ledger, 0, 10, 20, 30) == [(0, 0), (20, 0)]


@pytest.mark.parametrize("edges", [(), (5,)])
def test_fewer_than_two_edges_make_no_bucket(edges: tuple[int, ...]) -> None:
    assert UsageLedger("sum").query(CUSTOMER, edges) == []
    assert ledger_of("sum", event(5)).query(CUSTOMER, edges) == []


def test_a_row_tells_its_bucket_even_where_usage_begins_and_ends_inside() -> None:
    (row,) = ledger_of("sum", event(15)).query(CUSTOMER, [0, 10, 20, 30])
    assert row == (10, 20, (), Decimal(1))


@pytest.mark.parametrize("edges", [(0, 5), (7, 9)])
def test_ranges_before_and_after_all_usage_are_empty(edges: tuple[int, ...]) -> None:
    assert ledger_of("sum", event(5), event(6)).query(CUSTOMER, edges) == []


def test_rows_ascend_by_bucket_then_by_group_with_absent_values_last() -> None:
    ledger = ledger_of(
        "sum", event(1, "1", None), event(1, "2", "b"), event(1, "4", "a"), event(11, "8", None), event(11, "16", "")
    )
    rows = ledger.query(CUSTOMER, [0, 10, 20], group_by=[0])
    assert [(row.starts_at, *row.group, row.value) for row in rows] == [
        (0, "a", 4),
        (0, "b", 2),
        (0, None, 1),
        (10, "", 16),
        (10, None, 8),
    ]


def test_groups_are_the_values_at_the_positions_asked_for() -> None:
    ledger = ledger_of("sum", event(1, "1", "a", "x"), event(1, "2", "b", "x"), event(1, "4", "a", "y"))
    by_second = ledger.query(CUSTOMER, (0, 9), group_by=(1,))
    assert [(row.group, row.value) for row in by_second] == [(("x",), Decimal(3)), (("y",), Decimal(4))]
    swapped = ledger.query(CUSTOMER, (0, 9), group_by=(1, 0))
    assert [row.group for row in swapped] == [("x", "a"), ("x", "b"), ("y", "a")]


def test_series_of_different_scales_add_up_within_a_group() -> None:
    ledger = ledger_of("sum", event(1, "1", "a"), event(1, "0.01", "b"), event(1, "0.1", "c"))
    assert total(ledger) == Decimal("1.11")


def test_filters_allow_any_value_of_a_position_and_demand_every_position() -> None:
    ledger = ledger_of(
        "sum", event(1, "1", "a", "x"), event(1, "2", "b", "x"), event(1, "4", "c", "x"), event(1, "8", "a", "y")
    )
    assert ledger.total(CUSTOMER, 0, 9, where=among({0: {"a", "b"}, 1: {"x"}})) == 3
    assert ledger.total(CUSTOMER, 0, 9, where=among({0: {"d"}})) is None


def test_any_predicate_on_the_dimensions_filters() -> None:
    ledger = ledger_of("sum", event(1, "1", "a"), event(1, "2", "b"), event(1, "4", None))
    assert ledger.total(CUSTOMER, 0, 9, where=lambda dimensions: dimensions[0] != "a") == 6


def test_customers_never_meet() -> None:
    ledger = ledger_of("sum", event(1, "1"), event(1, "2", customer="cus_2"))
    assert total(ledger) == 1
    assert ledger.total("cus_2", 0, 9) == 2
    assert ledger.total("cus_3", 0, 9) is None


def test_usage_spans_from_its_first_to_its_last_counting_event() -> None:
    late = event(90, "1", "b")
    ledger = ledger_of("sum", event(7, "1", "a"), event(30, "1", "a"), late)
    assert ledger.span(CUSTOMER) == (7, 90)
    ledger.cancel(late)
    assert ledger.span(CUSTOMER) == (7, 30)
    assert ledger.span("cus_2") is None


# ── cancelling ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("formula", get_args(Formula))
def test_a_cancelled_event_is_no_usage(formula: Formula) -> None:
    only = event(5, "3")
    ledger = ledger_of(formula, only)
    ledger.cancel(only)
    assert only.cancelled
    assert total(ledger) is None


def test_the_value_before_counts_again_when_the_last_is_cancelled() -> None:
    last = event(9, "7")
    ledger = ledger_of("last", event(5, "3"), last)
    ledger.cancel(last)
    assert total(ledger) == 3


def test_of_events_at_one_instant_only_the_cancelled_one_goes() -> None:
    tied = [event(5, str(2**power)) for power in range(5)]
    ledger = ledger_of("sum", *tied)
    ledger.cancel(tied[2])
    assert total(ledger) == 0b11011


@pytest.mark.parametrize("window", [None, *get_args(Window)])
def test_what_does_not_count_cannot_be_cancelled(window: Window | None) -> None:
    known, unknown, foreign = event(5), event(5), event(5, customer="cus_2")
    ledger = ledger_of("sum", known, window=window)
    for stranger in (unknown, foreign):
        with pytest.raises(KeyError):
            ledger.cancel(stranger)
    ledger.cancel(known)
    with pytest.raises(KeyError):
        ledger.cancel(known)


def test_an_event_cancelled_before_it_became_visible_never_counts() -> None:
    gone = event(5, cancelled=True)
    ledger = ledger_of("sum", gone)
    assert total(ledger) is None
    assert list(ledger) == [gone]


# ── pre-aggregated meters ────────────────────────────────────────────────────────────────────────


def test_in_a_window_only_the_event_received_last_counts() -> None:
    ledger = ledger_of("sum", event(HOUR + 50, "1"), event(HOUR + 10, "2"), event(2 * HOUR, "4"), window="hour")
    assert values(ledger, 0, HOUR, 2 * HOUR, 3 * HOUR) == [(HOUR, 2), (2 * HOUR, 4)]


def test_windows_are_utc_days_of_the_events_own_timestamps() -> None:
    ledger = ledger_of("count", event(DAY - 1), event(0), event(DAY), event(2 * DAY - 1), window="day")
    assert total(ledger) == 2


def test_the_counting_events_own_timestamp_places_it_in_a_bucket() -> None:
    ledger = ledger_of("sum", event(50, "1"), event(10, "2"), window="hour")
    assert values(ledger, 0, 30, 60) == [(0, 2)]


def test_the_last_receipt_counts_even_if_recorded_first() -> None:
    assert total(ledger_of("sum", event(5, "1", number=2), event(6, "2", number=1), window="hour")) == 1


def test_each_combination_of_dimension_values_has_its_own_window() -> None:
    ledger = ledger_of("sum", event(1, "1", "a"), event(2, "2", "b"), event(3, "4", None), window="day")
    assert total(ledger) == 7


def test_the_event_received_before_counts_again_when_the_counting_one_is_cancelled() -> None:
    first, second, third = event(1, "1"), event(2, "2"), event(3, "4")
    ledger = ledger_of("sum", first, second, third, window="hour")
    ledger.cancel(second)
    assert total(ledger) == 4
    ledger.cancel(third)
    assert total(ledger) == 1
    ledger.cancel(first)
    assert total(ledger) is None
    ledger.record(event(1, "8"))
    assert total(ledger) == 8


# ── what became of each event ────────────────────────────────────────────────────────────────────


def fates(ledger: UsageLedger, start: int = 0, end: int = 10 * DAY) -> list[tuple[str, str | None]]:
    """(what became of it, the identifier of what overwrote it) by time."""
    return [
        (
            "counted" if fate.counted else "cancelled" if fate.event.cancelled else "overwritten",
            fate.overwritten_by.identifier if fate.overwritten_by else None,
        )
        for fate in ledger.events(CUSTOMER, start, end)
    ]


def test_on_a_raw_meter_every_event_counts_unless_cancelled() -> None:
    gone = event(2, "1", "a")
    ledger = ledger_of("sum", event(3, "1", "b"), gone, event(1))
    ledger.cancel(gone)
    assert fates(ledger) == [("counted", None), ("cancelled", None), ("counted", None)]
    assert fates(ledger, 1, 3) == [("counted", None), ("cancelled", None)]
    assert ledger.events("cus_2", 0, 9) == []


def test_in_a_window_an_event_is_overwritten_by_a_later_receipt() -> None:
    gone = event(5)
    first, second = event(20), event(10)
    ledger = ledger_of("sum", first, gone, second, event(HOUR), window="hour")
    ledger.cancel(gone)
    overwritten = ("overwritten", second.identifier)
    assert fates(ledger) == [("cancelled", None), ("counted", None), overwritten, ("counted", None)]


def test_of_a_last_meter_one_event_counts_in_a_range() -> None:
    first, second, third = event(10, "1", "a"), event(20, "1", "b"), event(30)
    ledger = ledger_of("last", first, second, third)
    overwritten = ("overwritten", third.identifier)
    assert fates(ledger) == [overwritten, overwritten, ("counted", None)]
    assert fates(ledger, 0, 30) == [("overwritten", second.identifier), ("counted", None)]


def test_events_are_iterated_in_order_of_arrival_and_make_an_equal_ledger() -> None:
    events = [event(9, "1", "a"), event(5, "2"), event(7, "4", "a"), event(6, "8"), event(70, "9", customer="cus_2")]
    ledger = ledger_of("sum", *reversed(events), window="hour")
    ledger.cancel(events[3])
    assert list(ledger) == events
    again = ledger_of("sum", *ledger, window="hour")
    assert total(again) == total(ledger) == 6


# ── an event ─────────────────────────────────────────────────────────────────────────────────────


def test_an_event_gives_back_what_it_was_told() -> None:
    told = UsageEvent(
        identifier="unique",
        customer="cus_9",
        timestamp=1_735_689_600,
        received_ns=1_735_689_601_234_567_891,
        number=7,
        value=Decimal("-0.050"),
        dimensions=("a", None),
    )
    assert (told.customer, told.dimensions, told.received_ns) == ("cus_9", ("a", None), 1_735_689_601_234_567_891)
    assert str(told.value) == "-0.050"
    assert repr(told) == "<UsageEvent unique: -0.050 at 1735689600>"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12) | st.integers())
def test_values_are_kept_exactly(value: Decimal | int) -> None:
    kept = UsageEvent(identifier="e", customer="c", timestamp=0, received_ns=0, number=0, value=value)
    assert Fraction(kept.value) == Fraction(value)


def test_events_of_one_series_share_their_origin() -> None:
    first, second = ledger_of("sum", event(1, "1", "a"), event(2, "1", "a"))
    assert first.origin is second.origin


def test_equal_events_have_one_number() -> None:
    told = event(1, "1", number=7)
    assert told == event(2, "9", number=7)
    assert told != event(1, "1", number=8)
    assert told != 7


def test_values_and_delays_that_fit_no_machine_word_are_kept() -> None:
    told = [event(2, "0.25"), event(10**10, "5"), event(0), event(1, "9" * 30)]
    ledger = ledger_of("sum", *told)
    kept = [(each.timestamp, str(each.value), each.received_ns) for each in ledger]
    assert kept == [(each.timestamp, str(each.value), each.received_ns) for each in told]
    assert total(ledger, 0, 10**11) == Decimal("1" + "0" * 29 + "5.25")
    ledger.cancel(told[3])
    assert total(ledger, 0, 10**11) == Decimal("6.25")


# ── against a naive ledger ───────────────────────────────────────────────────────────────────────


@dataclass
class NaiveLedger:
    """All events in a list, and fractions."""

    formula: Formula
    window: Window | None
    events: list[UsageEvent]

    def counting(self) -> list[UsageEvent]:
        standing = [each for each in self.events if not each.cancelled]
        if self.window is None:
            return standing
        size = {"hour": HOUR, "day": DAY}[self.window]
        winners: dict[tuple[object, ...], UsageEvent] = {}
        for each in sorted(standing, key=lambda each: each.number):
            winners[each.customer, each.dimensions, each.timestamp // size] = each
        return list(winners.values())

    def aggregate(self, events: Sequence[UsageEvent]) -> Fraction:
        if self.formula == "count":
            return Fraction(len(events))
        if self.formula == "last":
            return Fraction(max(events, key=lambda each: (each.timestamp, each.number)).value)
        return sum((Fraction(each.value) for each in events), Fraction())

    def query(self, edges: Sequence[int], allowed: Iterable[str | None], group_by: Sequence[int]) -> list[object]:
        rows: list[object] = []
        selected = [each for each in self.counting() if each.dimensions[0] in allowed]
        for start, end in pairwise(edges):
            groups: dict[Dimensions, list[UsageEvent]] = {}
            for each in selected:
                if each.customer == CUSTOMER and start <= each.timestamp < end:
                    groups.setdefault(tuple(each.dimensions[i] for i in group_by), []).append(each)
            in_order = sorted(groups, key=lambda group: [(value is None, value or "") for value in group])
            rows += [(start, end, group, self.aggregate(groups[group])) for group in in_order]
        return rows


decimals = st.builds(
    lambda units, places: str(Decimal(units).scaleb(-places)), st.integers(-(10**6), 10**6), st.integers(0, 5)
)
dimension = st.sampled_from(["a", "b", None])
reports = st.lists(
    st.tuples(
        st.integers(0, 4 * HOUR) | st.sampled_from([0, HOUR, 2 * HOUR, DAY]),
        decimals,
        dimension,
        dimension,
        st.sampled_from([CUSTOMER, CUSTOMER, CUSTOMER, "cus_2"]),
    ),
    max_size=30,
)
edges = st.sets(st.integers(-10, 5 * HOUR) | st.just(2 * DAY), min_size=2, max_size=9).map(sorted)
questions = st.tuples(edges, st.sets(dimension), st.sampled_from([(), (0,), (1,), (0, 1), (1, 0)]))
Question = tuple[list[int], set[str | None], tuple[int, ...]]
Step = tuple[Literal["record", "cancel"], UsageEvent]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Events recorded in any order, some of them cancelled some time later."""
    events = [
        event(at, value, *keys, number=n, customer=who) for n, (at, value, *keys, who) in enumerate(draw(reports))
    ]
    steps: list[Step] = [("record", each) for each in draw(st.permutations(events))]
    cancelled = draw(st.lists(st.sampled_from(range(len(events))), unique=True)) if events else []
    for each in (events[index] for index in cancelled):
        recorded = steps.index(("record", each))
        steps.insert(draw(st.integers(recorded + 1, len(steps))), ("cancel", each))
    return steps


@given(
    histories(),
    st.sampled_from(get_args(Formula)),
    st.sampled_from([None, *get_args(Window)]),
    questions,
    st.tuples(st.integers(1, 6), st.sampled_from([1, 3, rare_usage.MANY])),
)
def test_every_step_of_a_history_gives_what_a_naive_ledger_gives(
    history: list[Step], formula: Formula, window: Window | None, question: Question, sizes: tuple[int, int]
) -> None:
    block, many = sizes
    edges, allowed, group_by = question
    ledger, naive = UsageLedger(formula, window), NaiveLedger(formula, window, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_BLOCK", block)  # small, so that a few events fill many
        patch.setattr(rare_usage, "MANY", many)
        patch.setattr(rare_usage, "RARE", 2)
        for step, each in history:
            if step == "record":
                ledger.record(each)
                naive.events.append(each)
            else:
                ledger.cancel(each)
            expected = naive.query(edges, allowed, group_by)
            for _ in range(2):  # asked again, rare usage is arranged by time
                assert ledger.query(CUSTOMER, edges, where=among({0: allowed}), group_by=group_by) == expected


@pytest.mark.parametrize("formula", get_args(Formula))
@pytest.mark.parametrize("seed", range(20))
def test_one_crowded_series_gives_what_a_naive_ledger_gives_at_every_step(
    monkeypatch: pytest.MonkeyPatch, formula: Formula, seed: int
) -> None:
    chance = Random(seed)
    monkeypatch.setattr(timeline, "_BLOCK", 4)
    ledger, naive = UsageLedger(formula), NaiveLedger(formula, None, [])
    edges = range(0, 40, 5)
    for number in range(100):
        standing = naive.counting()
        if standing and chance.random() < 0.4:
            ledger.cancel(chance.choice(standing))
        else:
            value = chance.choice(("1", "20", "-300", "0.4", "0.05", "9" * 15 + "0" * 9))
            naive.events.append(event(chance.randrange(40), value, "a", number=number))
            ledger.record(naive.events[-1])
        if chance.random() < 0.7:
            assert ledger.query(CUSTOMER, edges) == naive.query(edges, {"a"}, ())


@given(histories(), st.sampled_from([None, *get_args(Window)]), st.integers(1, 6), st.integers(1, 4))
def test_an_identifier_leads_to_the_event_with_it_that_arrived_last(
    history: list[Step], window: Window | None, block: int, names: int
) -> None:
    identifiers = Identifiers()
    ledger, newest = UsageLedger("sum", window, identifiers), dict[str, UsageEvent]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_BLOCK", block)
        for step, each in history:
            each.identifier = f"name-{each.number % names}"
            if step == "record":
                ledger.record(each)
                newest[each.identifier] = max(newest.get(each.identifier, each), each, key=lambda one: one.number)
            else:
                ledger.cancel(each)
            found = {name: identifiers.event(name) for name in newest}
            assert found == newest
            assert all(one and one.cancelled == newest[name].cancelled for name, one in found.items())
    assert identifiers.event("another") is None


@given(histories(), st.sampled_from([None, *get_args(Window)]), st.sampled_from(get_args(Formula)))
def test_the_counted_events_are_those_a_naive_ledger_counts(
    history: list[Step], window: Window | None, formula: Formula
) -> None:
    ledger, naive = UsageLedger(formula, window), NaiveLedger(formula, window, [])
    for step, each in history:
        if step == "record":
            ledger.record(each)
            naive.events.append(each)
        else:
            ledger.cancel(each)
    counted = {fate.event for fate in ledger.events(CUSTOMER, 0, 2 * DAY) if fate.counted}
    expected = [each for each in naive.counting() if each.customer == CUSTOMER]
    if formula == "last":
        expected = sorted(expected, key=lambda each: (each.timestamp, each.number))[-1:]
    assert counted == set(expected)
    assert list(ledger) == sorted(naive.events, key=lambda each: each.number)


@pytest.mark.parametrize(("formula", "expected"), [("sum", 0b11001), ("count", 3)])
def test_usage_adds_up_when_the_latest_was_cancelled_and_more_followed(
    monkeypatch: pytest.MonkeyPatch, formula: Formula, expected: int
) -> None:
    monkeypatch.setattr(timeline, "_BLOCK", 2)
    first, *gone = (event(number, str(2**number)) for number in range(3))
    ledger = ledger_of(formula, first, *gone)
    for each in gone:
        ledger.cancel(each)
        assert total(ledger) is not None
    ledger.record(event(3, "8"))
    ledger.record(event(4, "16"))
    assert total(ledger) == expected


@pytest.mark.parametrize("formula", get_args(Formula))
def test_thousands_of_events_in_any_order_give_what_a_naive_ledger_gives(formula: Formula) -> None:
    chance = Random(formula)
    events = [
        event(chance.randrange(DAY), f"{chance.randrange(10**6)}.{chance.randrange(100)}", "a", None, number=number)
        for number in range(4000)
    ]
    ledger, naive = ledger_of(formula, *chance.sample(events, len(events))), NaiveLedger(formula, None, events)
    for gone in chance.sample(events, 1000):
        ledger.cancel(gone)
    edges = sorted(chance.sample(range(DAY), 20))
    assert ledger.query(CUSTOMER, edges) == naive.query(edges, {"a"}, ())
