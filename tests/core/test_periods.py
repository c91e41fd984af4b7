"""Billing periods turn on the anchor's day and second, month after month."""

from calendar import monthrange
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.periods import Period

MONTHS_IN: dict[Interval, int] = {"month": 1, "year": 12}
DAYS_IN: dict[Interval, int] = {"day": 1, "week": 7}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def days(cycle: Cycle, ks: range) -> list[str]:
    return [datetime.fromtimestamp(cycle.edge(k), UTC).strftime("%Y-%m-%d") for k in ks]


def test_a_cycle_anchored_on_the_31st_returns_to_it_after_shorter_months() -> None:
    cycle = Cycle(at("2023-01-31"), "month")

    assert days(cycle, range(5)) == ["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"]
    assert days(cycle, range(12, 15)) == ["2024-01-31", "2024-02-29", "2024-03-31"]


def test_a_yearly_cycle_anchored_on_29_february_bills_28_february_in_common_years() -> None:
    cycle = Cycle(at("2024-02-29"), "year")

    assert days(cycle, range(5)) == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_the_29_february_of_a_century_is_no_leap_day_unless_400_divides_it() -> None:
    assert days(Cycle(at("1896-02-29"), "year", 4), range(3)) == ["1896-02-29", "1900-02-28", "1904-02-29"]
    assert days(Cycle(at("1996-02-29"), "year", 4), range(2)) == ["1996-02-29", "2000-02-29"]


def test_edges_before_the_anchor_follow_the_same_rule() -> None:
    assert days(Cycle(at("2024-05-31"), "month"), range(-4, 1)) == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
        "2024-05-31",
    ]


def test_an_edge_keeps_the_time_of_day() -> None:
    assert Cycle(at("2024-01-31T23:59:59"), "month").edge(1) == at("2024-02-29T23:59:59")


@pytest.mark.parametrize(
    ("interval", "interval_count", "second_edge"),
    [
        ("day", 1, "2024-02-02T06:30:00"),
        ("day", 10, "2024-02-20T06:30:00"),
        ("week", 2, "2024-02-28T06:30:00"),
        ("month", 3, "2024-07-31T06:30:00"),
        ("month", 36, "2030-01-31T06:30:00"),
        ("year", 1, "2026-01-31T06:30:00"),
    ],
)
def test_every_interval_counts_from_the_anchor(interval: Interval, interval_count: int, second_edge: str) -> None:
    assert Cycle(at("2024-01-31T06:30:00"), interval, interval_count).edge(2) == at(second_edge)


def test_a_period_includes_its_first_second_and_excludes_its_last_edge() -> None:
    cycle = Cycle(at("2024-01-31T12:00:00"), "month")
    january = Period(at("2024-01-31T12:00:00"), at("2024-02-29T12:00:00"))

    assert cycle.period(january.start) == january
    assert cycle.period(january.end - 1) == january
    assert cycle.period(january.end) == Period(january.end, at("2024-03-31T12:00:00"))


def test_an_instant_before_the_anchor_has_a_period_too() -> None:
    cycle = Cycle(at("2024-03-31T12:00:00"), "month")

    assert cycle.period(at("2024-03-31T11:59:59")) == (at("2024-02-29T12:00:00"), at("2024-03-31T12:00:00"))
    assert cycle.index(at("2024-02-29T11:59:59")) == -2


def test_the_next_edge_lies_strictly_after_the_instant() -> None:
    cycle = Cycle(at("2024-01-31"), "month")

    assert cycle.next_edge(at("2024-02-28T23:59:59")) == at("2024-02-29")
    assert cycle.next_edge(at("2024-02-29")) == at("2024-03-31")


def test_an_anchor_before_1970_is_an_anchor_like_any_other() -> None:
    assert days(Cycle(at("1968-02-29T18:00:00"), "year"), range(3)) == [
        "1968-02-29",
        "1969-02-28",
        "1970-02-28",
    ]


@pytest.mark.parametrize("interval", ["day", "week", "month", "year"])
@pytest.mark.parametrize("k", [10**7, -(10**7), 10**30])
def test_an_edge_outside_the_calendar_is_refused(interval: Interval, k: int) -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        Cycle(at("2024-01-31"), interval).edge(k)


@pytest.mark.parametrize("interval", ["day", "week", "month", "year"])
@pytest.mark.parametrize("instant", [10**12, -(10**12), 10**30])
def test_an_instant_outside_the_calendar_is_refused(interval: Interval, instant: int) -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        Cycle(at("2024-01-31"), interval).index(instant)


def test_an_anchor_outside_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        Cycle(10**12, "day")


def test_the_calendar_ends_with_the_last_second_of_9999() -> None:
    last = at("9999-12-31T23:59:59")

    assert Cycle(last, "month").edge(0) == last
    assert Cycle(last, "day").edge(-1) == last - 86_400
    with pytest.raises(ValueError, match="outside the years"):
        Cycle(last, "month").next_edge(last)


@pytest.mark.parametrize("interval_count", [0, -1])
def test_a_cycle_that_would_never_turn_is_refused(interval_count: int) -> None:
    with pytest.raises(ValueError, match="interval_count must be at least 1"):
        Cycle(0, "month", interval_count)


# Against an independent calculation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(at("1900-01-01"), at("2200-01-01"))
# Ends of month are where cycles go wrong; the other anchors are anywhere.
ANCHORS = INSTANTS | st.builds(
    lambda year, month, second: at(f"{year}-{month:02}-{monthrange(year, month)[1]}") + second,
    st.integers(1996, 2032),
    st.integers(1, 12),
    st.integers(0, 86_399),
)
CYCLES = st.builds(Cycle, ANCHORS, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 36))


def naive_edge(cycle: Cycle, k: int) -> int:
    """Turn the calendar's pages one month at a time, then clip the day."""
    anchor = EPOCH + timedelta(seconds=cycle.anchor)
    if cycle.interval in DAYS_IN:
        moved = anchor + timedelta(days=k * cycle.interval_count * DAYS_IN[cycle.interval])
        return int((moved - EPOCH).total_seconds())
    year, month = anchor.year, anchor.month
    for _ in range(abs(k) * cycle.interval_count * MONTHS_IN[cycle.interval]):
        month += 1 if k > 0 else -1
        year, month = (year + 1, 1) if month > 12 else (year - 1, 12) if month < 1 else (year, month)
    clipped = anchor.replace(year=year, month=month, day=min(anchor.day, monthrange(year, month)[1]))
    return int((clipped - EPOCH).total_seconds())


@given(CYCLES, st.integers(-20, 20))
def test_edges_agree_with_turning_the_pages_of_a_calendar(cycle: Cycle, k: int) -> None:
    assert cycle.edge(k) == naive_edge(cycle, k)


@given(CYCLES, INSTANTS)
def test_an_instant_lies_in_its_period(cycle: Cycle, instant: int) -> None:
    start, end = cycle.period(instant)

    assert start <= instant < end == cycle.next_edge(instant)
    assert start == cycle.edge(cycle.index(instant))


@given(CYCLES, st.integers(-50, 50))
def test_periods_meet_without_gap_or_overlap(cycle: Cycle, k: int) -> None:
    edge = cycle.edge(k)

    assert cycle.period(edge).start == edge
    assert cycle.period(edge - 1).end == edge
    assert (cycle.index(edge - 1), cycle.index(edge)) == (k - 1, k)
