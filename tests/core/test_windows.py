from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.windows import Window
from fakestripe_meters.core.windows import aligned
from fakestripe_meters.core.windows import edges

HOUR, DAY = 3600, 86_400
UTC_ZONE = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = sorted(available_timezones())
AWKWARD = [
    "Africa/Cairo",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
]


def at(text: str) -> int:
    """The Unix second of an ISO date and time, in UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def local(second: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(second, UTC).astimezone(zone)


def lengths_h(bounds: list[int]) -> list[float]:
    return [(end - start) / HOUR for start, end in pairwise(bounds)]


def naive_starts(start: int, end: int, window: Window, zone: ZoneInfo, step: int) -> list[int]:
    """Walk the clock: dates and their weeks and months never run backwards, hours may strike twice."""
    starts, latest = [], None
    for second in range(start - 2 * DAY - start % step, end, step):
        now = local(second, zone).replace(tzinfo=None)
        label = {
            "hour": now.replace(minute=0, second=0),
            "day": datetime.combine(now, datetime.min.time()),
            "week": datetime.combine(now, datetime.min.time()) - timedelta(days=now.weekday()),
            "month": datetime(now.year, now.month, 1),  # noqa: DTZ001 - a local date
        }[window]
        begins = latest is not None and (label > latest or (window == "hour" and now == label))
        if begins and start < second < end:
            starts.append(second)
        latest = label if window == "hour" or latest is None else max(latest, label)
    return starts


moments = st.integers(at("1975-01-01"), at("2037-01-01"))
lengths = st.integers(0, 40 * DAY)
zones = st.builds(ZoneInfo, st.sampled_from(ZONES) | st.sampled_from(AWKWARD))
windows = st.sampled_from(get_args(Window))


@given(moments, lengths, windows, zones)
def test_edges_partition_the_range(start: int, length: int, window: Window, zone: ZoneInfo) -> None:
    bounds = edges(start, start + length, window, zone)
    assert bounds[0] == start
    assert bounds[-1] == start + length
    assert all(before < after for before, after in pairwise(bounds))


@given(moments, lengths, zones)
def test_days_begin_with_a_new_date(start: int, length: int, zone: ZoneInfo) -> None:
    for edge in edges(start, start + length, "day", zone)[1:-1]:
        assert local(edge, zone).date() > local(edge - 1, zone).date()


@given(moments, lengths, zones, st.integers(0, 40 * DAY))
def test_a_bucket_does_not_depend_on_where_the_range_begins(
    start: int, length: int, zone: ZoneInfo, skipped: int
) -> None:
    end = start + length
    later = min(start + skipped, end)
    whole = edges(start, end, "day", zone)
    assert [edge for edge in edges(later, end, "day", zone) if edge > later] == [edge for edge in whole if edge > later]


@given(moments, st.integers(0, 2 * DAY), windows, zones)
def test_a_walk_of_the_local_clock_finds_the_same_edges(
    start: int, length: int, window: Window, zone: ZoneInfo
) -> None:
    end = start + length
    assert edges(start, end, window, zone)[1:-1] == naive_starts(start, end, window, zone, step=60)


@pytest.mark.parametrize("window", get_args(Window))
@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Africa/Cairo", "2014-05-16"),
        ("America/New_York", "2025-03-09"),
        ("America/New_York", "2025-11-02"),
        ("America/Sao_Paulo", "2018-11-04"),
        ("America/St_Johns", "2006-10-29"),
        ("Australia/Lord_Howe", "2025-04-06"),
        ("Australia/Lord_Howe", "2025-10-05"),
        ("Pacific/Apia", "2011-12-30"),
        ("Pacific/Kwajalein", "1993-08-21"),
    ],
)
def test_a_walk_finds_the_same_edges_around_every_jump(window: Window, name: str, day: str) -> None:
    zone, start = ZoneInfo(name), at(day) - DAY
    assert edges(start, start + 3 * DAY, window, zone)[1:-1] == naive_starts(
        start, start + 3 * DAY, window, zone, step=60
    )


def test_days_of_new_york_last_23_and_25_hours_when_clocks_change() -> None:
    spring = edges(at("2025-03-08T05:00"), at("2025-03-11T04:00"), "day", NEW_YORK)
    autumn = edges(at("2025-11-01T04:00"), at("2025-11-04T05:00"), "day", NEW_YORK)
    assert lengths_h(spring) == [24, 23, 24]
    assert lengths_h(autumn) == [24, 25, 24]


def test_the_outer_buckets_are_clipped_to_the_range() -> None:
    start, end = at("2025-01-01T00:00"), at("2025-01-02T12:00")
    assert edges(start, end, "day", NEW_YORK) == [
        start,
        at("2025-01-01T05:00"),
        at("2025-01-02T05:00"),
        end,
    ]


def test_the_repeated_hour_of_autumn_is_two_buckets() -> None:
    start = at("2025-11-02T05:00")  # 01:00 EDT, and an hour later 01:00 EST
    assert edges(start, start + 3 * HOUR, "hour", NEW_YORK) == [start + n * HOUR for n in range(4)]


@pytest.mark.parametrize(("name", "minutes"), [("Asia/Kolkata", 30), ("Asia/Kathmandu", 15)])
def test_hours_are_full_on_the_local_clock(name: str, minutes: int) -> None:
    start = at("2025-01-01T00:00")
    inner = edges(start, start + 3 * HOUR, "hour", ZoneInfo(name))[1:-1]
    assert inner == [start + minutes * 60 + n * HOUR for n in range(3)]


def test_where_clocks_shift_by_half_an_hour_one_hour_is_long_and_one_is_short() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    back = edges(at("2025-04-05T13:00"), at("2025-04-05T16:30"), "hour", lord_howe)
    forth = edges(at("2025-10-04T13:30"), at("2025-10-04T17:00"), "hour", lord_howe)
    assert lengths_h(back) == [1, 1.5, 1]
    assert lengths_h(forth) == [1, 1, 0.5, 1]


def test_a_day_without_midnight_begins_at_its_first_instant() -> None:
    bounds = edges(at("2018-11-03T03:00"), at("2018-11-06T02:00"), "day", ZoneInfo("America/Sao_Paulo"))
    assert local(bounds[1], ZoneInfo("America/Sao_Paulo")).hour == 1
    assert lengths_h(bounds) == [24, 23, 24]


def test_a_skipped_day_has_no_bucket() -> None:
    apia = ZoneInfo("Pacific/Apia")
    bounds = edges(at("2011-12-29T10:00"), at("2012-01-01T10:00"), "day", apia)
    assert [local(edge, apia).day for edge in bounds[:-1]] == [29, 31, 1]


def test_a_date_that_comes_back_does_not_begin_again() -> None:
    st_johns = ZoneInfo("America/St_Johns")  # one minute after midnight it was 23:01 once more
    midnight = at("2006-10-29T00:00-02:30")
    assert edges(midnight - HOUR, midnight + 3 * HOUR, "day", st_johns)[1:-1] == [midnight]
    assert edges(midnight + 600, midnight + 3 * HOUR, "day", st_johns)[1:-1] == []


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    start, end = at("2025-01-15"), at("2025-07-15")
    weeks, months = (edges(start, end, window, NEW_YORK)[1:-1] for window in ("week", "month"))
    assert {local(edge, NEW_YORK).strftime("%a %H:%M") for edge in weeks} == {"Mon 00:00"}
    assert [local(edge, NEW_YORK).strftime("%m-%d %H:%M") for edge in months] == [
        f"{month:02}-01 00:00" for month in range(2, 8)
    ]


def test_a_range_between_two_edges_is_one_bucket() -> None:
    start = at("2025-01-15T10:10")
    assert edges(start, start + 60, "month", UTC_ZONE) == [start, start + 60]


def test_no_window_is_one_bucket() -> None:
    assert edges(5, 10**18, None, UTC_ZONE) == [5, 10**18]


@pytest.mark.parametrize("window", [None, *get_args(Window)])
def test_an_empty_range_has_no_bucket(window: Window | None) -> None:
    assert edges(600, 600, window, NEW_YORK) == [600]


YEARS = "start and end must lie within the years 1 to 9999"
BUCKETS = "the range holds more than 1000000 buckets"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (2, 1, "start must not be after end"),
        (0, 10**12, YEARS),
        (-(10**12), 0, YEARS),
        (10**18, 10**18 + 60, YEARS),
        (at("0001-01-08") - 1, at("0001-01-09"), YEARS),
        (at("9999-12-23"), at("9999-12-25"), YEARS),
        (0, 1_000_001 * HOUR, BUCKETS),
        (0, 4_000_000_000, BUCKETS),
    ],
)
def test_ranges_that_make_no_sense_are_refused(start: int, end: int, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        edges(start, end, "hour", NEW_YORK)


def test_a_million_buckets_are_not_too_many() -> None:
    assert len(edges(0, 1_000_000 * HOUR, "hour", UTC_ZONE)) == 1_000_001
    assert edges(at("0001-01-08"), at("0001-01-08") + 60, "hour", UTC_ZONE) == [at("0001-01-08"), at("0001-01-08") + 60]


def test_the_first_and_last_years_of_the_calendar_are_walked() -> None:
    first, last = at("0001-01-10"), at("9999-12-20")
    for name in ("Pacific/Kiritimati", "Pacific/Niue"):
        assert len(edges(first, first + 10 * DAY, "day", ZoneInfo(name))) == 12
        assert len(edges(last - 10 * DAY, last, "day", ZoneInfo(name))) == 12


def test_all_hours_of_half_a_century_are_found() -> None:
    bounds = edges(0, at("2025-01-01"), "hour", NEW_YORK)
    assert len(bounds) == at("2025-01-01") // HOUR + 1


def test_alignment_is_to_utc() -> None:
    day = at("2025-03-01")
    assert aligned(day, "day")
    assert not aligned(day + HOUR, "day")
    assert aligned(day + HOUR, "hour")
    assert not aligned(day + 60, "hour")
    assert aligned(day + 60, "minute")
    assert not aligned(day + 61, "minute")
