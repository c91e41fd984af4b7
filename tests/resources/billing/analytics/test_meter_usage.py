"""Meter usage analytics in its newest dialect; the older ones are in tests/versions."""

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from decimal import localcontext
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.core import errors
from fakestripe_meters.fake import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Answer
from tests.conftest import Call

ANALYTICS = "/v1/billing/analytics/meter_usage"
METERS = "/v1/billing/meters"
EVENTS = "/v1/billing/meter_events"
NEWEST = "2026-09-30.preview"
NOW = 1_735_689_600  # a Wednesday's midnight
MINUTE = 60
HOUR = 3_600
DAY = 86_400
WEEK = 7 * DAY
NEW_YORK = "America/New_York"

Number = Decimal | int


def customer(call: Call, **options: Any) -> str:  # noqa: ANN401  as Call.request
    created: str = call.create("/v1/customers", **options)["id"]
    return created


def meter(call: Call, event_name: str = "calls", formula: str = "sum", **more: object) -> str:
    params = {"display_name": "Calls", "event_name": event_name, "default_aggregation": {"formula": formula}, **more}
    created: str = call.create(METERS, params)["id"]
    return created


def send(call: Call, whose: str, at: int = NOW, value: object = "1", name: str = "calls", **payload: str) -> None:
    payload |= {"stripe_customer_id": whose, "value": str(value)}
    call.create(EVENTS, {"event_name": name, "timestamp": at, "payload": payload})


def ask(
    call: Call,
    whose: str,
    *meters: str | Mapping[str, object],
    start: int = NOW - DAY,
    end: int = NOW + DAY,
    window: str | None = None,
    zone: str | None = None,
    **more: object,
) -> Answer:
    queries = [{"meter": each} if isinstance(each, str) else each for each in meters]
    params = {"customer": whose, "starts_at": start, "ends_at": end, "meters": queries, **more}
    params |= {"timezone": zone, "value_grouping_window": window}
    return call.get(ANALYTICS, params, version=NEWEST)


def data(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    listed = json.loads(answer.body, parse_float=Decimal)["rows"]
    assert (listed["object"], listed["has_more"]) == ("list", False)
    assert listed["total"] == len(listed["data"])
    found: list[dict[str, Any]] = listed["data"]
    assert len({row["id"] for row in found}) == len(found)
    return found


def spans(answer: Answer, since: int = NOW) -> list[tuple[int, int, Number]]:
    """Start and end, counted from `since`, and value."""
    return [(row["starts_at"] - since, row["ends_at"] - since, row["value"]) for row in data(answer)]


def hours(answer: Answer) -> list[tuple[float, Number]]:
    """How long each bucket is, and its value."""
    return [((row["ends_at"] - row["starts_at"]) / HOUR, row["value"]) for row in data(answer)]


def groups(answer: Answer) -> list[tuple[dict[str, str] | None, Number]]:
    return [(row["dimensions"], row["value"]) for row in data(answer)]


def values(answer: Answer) -> list[Number]:
    return [row["value"] for row in data(answer)]


def instant(local: str, zone: str = "UTC") -> int:
    """Unix seconds of a local time; a second `;1` marks the repeated hour's later pass."""
    text, _, fold = local.partition(";")
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=int(fold or 0)).timestamp())


def refused(answer: Answer, message: str, param: str | None, code: str | None = None) -> None:
    assert answer.status == 400
    error = answer.error
    assert (error["message"], error.get("param"), error.get("code")) == (message, param, code)
    assert error["type"] == "invalid_request_error"


# Layout


def test_the_answer_is_a_list_of_rows_under_the_newest_names(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, value="12.5")
    answer = ask(call, whose, metered)
    assert list(answer.json) == ["object", "livemode", "refreshed_at", "rows"]
    assert answer.json["object"] == "billing.analytics.meter_usage"
    assert answer.json["livemode"] is False
    assert answer.json["refreshed_at"] == NOW
    listed = answer.json["rows"]
    assert list(listed) == ["object", "data", "has_more", "total", "url"]
    assert (listed["object"], listed["has_more"], listed["total"]) == ("list", False, 1)
    assert listed["url"] == ANALYTICS
    [row] = listed["data"]
    assert row.pop("id").startswith("mur_test_")
    assert list(row.items()) == [
        ("object", "billing.analytics.meter_usage_row"),
        ("dimensions", None),
        ("ends_at", NOW + DAY),
        ("meter", metered),
        ("starts_at", NOW - DAY),
        ("tenants", None),
        ("value", 12.5),
    ]


def test_without_usage_there_are_no_rows(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for window in (None, "hour", "day", "week", "month"):
        assert data(ask(call, whose, metered, window=window)) == []
    assert data(ask(call, whose)) == []
    send(call, whose, NOW - 30 * DAY)
    for window in (None, "hour", "day", "week", "month"):
        assert data(ask(call, whose, metered, window=window)) == []


def test_an_account_without_the_preview_has_no_such_url(call: Call) -> None:
    call.fake.begin(now=NOW, analytics=False)
    answer = ask(call, customer(call), meter(call))
    assert answer.status == 404
    assert answer.error["message"].startswith(f"Unrecognized request URL (GET: {ANALYTICS})")
    assert call.fake.journal[-1].hint == "this fake was made with analytics=False"


def test_ids_are_stable_while_usage_arrives(call: Call) -> None:
    metered = meter(call, dimension_payload_keys=["model"])
    whose = customer(call)

    def ids() -> dict[str, str]:
        query = {"meter": metered, "dimension_group_by_keys": ["model"]}
        return {row["dimensions"]["model"]: row["id"] for row in data(ask(call, whose, query, window="day"))}

    send(call, whose, model="b")
    before = ids()
    send(call, whose, model="a")
    send(call, whose, model="b")
    assert ids()["b"] == before["b"]


# Time


def test_without_a_window_there_is_one_row_for_the_range(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for at in (NOW - 7 * MINUTE, NOW, NOW + 299):
        send(call, whose, at)
    assert spans(ask(call, whose, metered, start=NOW - 7 * MINUTE, end=NOW + 10 * DAY)) == [(-7 * MINUTE, 10 * DAY, 3)]


def test_the_range_includes_its_start_and_excludes_its_end(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for power, at in enumerate((NOW - HOUR - 1, NOW - HOUR, NOW - 1, NOW)):
        send(call, whose, at, 10**power)
    assert spans(ask(call, whose, metered, start=NOW - HOUR, end=NOW)) == [(-HOUR, 0, 110)]


def test_hours_ascend_and_those_without_usage_are_left_out(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for at in (NOW, NOW - 1, NOW - 5 * HOUR, NOW - HOUR):
        send(call, whose, at)
    answer = ask(call, whose, metered, window="hour")
    assert spans(answer) == [(-5 * HOUR, -4 * HOUR, 1), (-HOUR, 0, 2), (0, HOUR, 1)]


def test_weeks_begin_on_monday(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    monday = instant("2024-12-30")
    for power, at in enumerate((monday - WEEK, monday - 1, monday, NOW)):
        send(call, whose, at, 10**power)
    answer = ask(call, whose, metered, start=monday - 2 * WEEK, end=monday + WEEK, window="week")
    assert spans(answer, monday) == [(-WEEK, 0, 11), (0, WEEK, 1100)]


def test_months_are_as_long_as_they_are(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for power, day in enumerate(("2024-11-28", "2024-11-30T23:59:59", "2024-12-01", "2024-12-31", "2025-01-01")):
        send(call, whose, instant(day), 10**power)
    answer = ask(call, whose, metered, start=instant("2024-11-01"), end=instant("2025-02-01"), window="month")
    assert hours(answer) == [(30 * 24, 11), (31 * 24, 1100), (31 * 24, 10000)]


def test_the_outer_buckets_are_clipped_to_the_range(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for at in (NOW - DAY - 2 * HOUR, NOW - DAY, NOW, NOW + 60):
        send(call, whose, at)
    start, end = NOW - DAY - 3 * HOUR - MINUTE, NOW + 2 * MINUTE
    answer = ask(call, whose, metered, start=start, end=end, window="day")
    assert spans(answer) == [(start - NOW, -DAY, 1), (-DAY, 0, 1), (0, 2 * MINUTE, 2)]
    answer = ask(call, whose, metered, start=start, end=end, window="month")
    assert spans(answer) == [(start - NOW, 0, 2), (0, 2 * MINUTE, 2)]
    answer = ask(call, whose, metered, start=NOW, end=NOW + MINUTE, window="week")
    assert spans(answer) == [(0, MINUTE, 1)]


def test_the_seeds_query_of_a_utc_month_in_new_york_begins_with_five_hours_of_december(call: Call) -> None:
    call.clock.freeze("2025-01-20")
    metered = meter(call)
    whose = customer(call)
    for at in (NOW, NOW + 5 * HOUR - 1, NOW + 5 * HOUR, NOW + 10 * DAY):
        send(call, whose, at)
    answer = ask(call, whose, metered, start=NOW, end=1_738_368_000, window="day", zone=NEW_YORK)
    assert spans(answer) == [
        (0, 5 * HOUR, 2),
        (5 * HOUR, 29 * HOUR, 1),
        (9 * DAY + 5 * HOUR, 10 * DAY + 5 * HOUR, 1),
    ]


@pytest.mark.parametrize("window", [None, "hour", "day", "week", "month"])
def test_equal_bounds_hold_nothing(call: Call, window: str | None) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose)
    assert data(ask(call, whose, metered, start=NOW, end=NOW, window=window)) == []
    assert data(ask(call, whose, start=NOW, end=NOW, window=window)) == []


@pytest.mark.parametrize("window", [None, "hour", "day", "week", "month"])
def test_a_range_of_a_thousand_years_is_answered(call: Call, window: str | None) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose)
    answer = ask(call, whose, metered, start=-30_000_000_000, end=32_000_000_040, window=window, zone=NEW_YORK)
    assert values(answer) == [1]


def test_usage_two_centuries_apart_is_not_cut_into_hours(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose)
    call.clock.freeze("2225-01-01")
    send(call, whose, call.clock.now())
    end = call.clock.now() + DAY
    answer = ask(call, whose, metered, end=end, window="hour", zone=NEW_YORK)
    refused(answer, "The time range is too long for this value_grouping_window.", "value_grouping_window")
    assert values(ask(call, whose, metered, end=end, window="month", zone=NEW_YORK)) == [1, 1]


def test_a_start_behind_the_end_is_refused(call: Call) -> None:
    metered = meter(call)
    answer = ask(call, customer(call), metered, start=NOW + MINUTE, end=NOW)
    refused(answer, "Param starts_at should not be greater than ends_at", None, "invalid_time_range")


@pytest.mark.parametrize("off", [1, 30, 59])
def test_bounds_lie_on_minutes(call: Call, off: int) -> None:
    metered = meter(call)
    whose = customer(call)
    sentence = "The value must be aligned with minute boundaries."
    refused(ask(call, whose, metered, start=NOW + off, window="day"), sentence, "starts_at")
    refused(ask(call, whose, metered, end=NOW + off, window="day"), sentence, "ends_at")
    assert ask(call, whose, metered, start=NOW + MINUTE, end=NOW + 3 * MINUTE, window="month").status == 200


# Zones


def test_a_day_in_new_york_has_23_hours_in_march(call: Call) -> None:
    call.clock.freeze(instant("2025-03-12"))
    metered = meter(call)
    whose = customer(call)
    for local in ("2025-03-08T23:59:59", "2025-03-09", "2025-03-09T01:59:59", "2025-03-09T03:00", "2025-03-10"):
        send(call, whose, instant(local, NEW_YORK))
    start, end = instant("2025-03-08", NEW_YORK), instant("2025-03-11", NEW_YORK)
    by_day = ask(call, whose, metered, start=start, end=end, window="day", zone=NEW_YORK)
    assert hours(by_day) == [(24, 1), (23, 3), (24, 1)]
    by_hour = ask(call, whose, metered, start=start, end=end, window="hour", zone=NEW_YORK)
    ninth = instant("2025-03-09", NEW_YORK)
    assert spans(by_hour, ninth) == [
        (-HOUR, 0, 1),
        (0, HOUR, 1),
        (HOUR, 2 * HOUR, 1),
        (2 * HOUR, 3 * HOUR, 1),  # three o'clock follows upon one
        (23 * HOUR, 24 * HOUR, 1),
    ]


def test_a_day_in_new_york_has_25_hours_in_november_and_its_second_hour_comes_twice(call: Call) -> None:
    call.clock.freeze(instant("2025-11-05"))
    metered = meter(call)
    whose = customer(call)
    first = instant("2025-11-02T01:00", NEW_YORK)
    for at in (first, first + HOUR - 1, first + HOUR, first + 2 * HOUR, first - HOUR):
        send(call, whose, at)
    assert instant("2025-11-02T01:00;1", NEW_YORK) == first + HOUR
    start, end = instant("2025-11-02", NEW_YORK), instant("2025-11-03", NEW_YORK)
    by_day = ask(call, whose, metered, start=start, end=end, window="day", zone=NEW_YORK)
    assert hours(by_day) == [(25, 5)]
    by_hour = ask(call, whose, metered, start=start, end=end, window="hour", zone=NEW_YORK)
    assert spans(by_hour, first) == [(-HOUR, 0, 1), (0, HOUR, 2), (HOUR, 2 * HOUR, 1), (2 * HOUR, 3 * HOUR, 1)]


def test_a_week_and_a_month_in_new_york_gain_or_lose_their_hour(call: Call) -> None:
    call.clock.freeze(instant("2025-03-12"))
    metered = meter(call)
    whose = customer(call)
    send(call, whose, instant("2025-03-09T12:00", NEW_YORK))
    start, end = instant("2025-02-01", NEW_YORK), instant("2025-05-01", NEW_YORK)
    week = ask(call, whose, metered, start=start, end=end, window="week", zone=NEW_YORK)
    assert hours(week) == [(7 * 24 - 1, 1)]
    assert data(week)[0]["starts_at"] == instant("2025-03-03", NEW_YORK)
    month = ask(call, whose, metered, start=start, end=end, window="month", zone=NEW_YORK)
    assert hours(month) == [(31 * 24 - 1, 1)]
    assert data(month)[0]["starts_at"] == instant("2025-03-01", NEW_YORK)


def test_hours_and_days_in_kolkata_begin_on_utcs_half_hours(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    midnight = instant("2025-01-01", "Asia/Kolkata")
    assert midnight == NOW - 5 * HOUR - 30 * MINUTE
    for at in (midnight - 1, midnight, midnight + HOUR - 1, midnight + HOUR):
        send(call, whose, at)
    by_hour = ask(call, whose, metered, window="hour", zone="Asia/Kolkata")
    assert spans(by_hour, midnight) == [(-HOUR, 0, 1), (0, HOUR, 2), (HOUR, 2 * HOUR, 1)]
    by_day = ask(call, whose, metered, window="day", zone="Asia/Kolkata")
    assert spans(by_day, midnight)[1][:1] == (0,)
    assert values(by_day) == [1, 3]


def test_on_lord_howe_clocks_shift_by_half_an_hour(call: Call) -> None:
    call.clock.freeze(instant("2025-04-08"))
    metered = meter(call)
    whose = customer(call)
    back = instant("2025-04-06T01:30;1", "Australia/Lord_Howe")  # clocks go back from 2:00 to 1:30
    for at in (back - HOUR, back - 31 * MINUTE, back, back + 29 * MINUTE, back + 30 * MINUTE):
        send(call, whose, at)
    day = instant("2025-04-06", "Australia/Lord_Howe")
    by_day = ask(call, whose, metered, start=day, end=day + 3 * DAY, window="day", zone="Australia/Lord_Howe")
    assert hours(by_day) == [(24.5, 5)]
    by_hour = ask(call, whose, metered, start=day, end=day + 3 * DAY, window="hour", zone="Australia/Lord_Howe")
    assert sum(values(by_hour)) == 5
    assert hours(by_hour) == [(1.5, 4), (1, 1)]


def test_old_names_of_zones_are_taken(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose)
    new = spans(ask(call, whose, metered, window="day", zone="America/Los_Angeles"))
    assert new == [(-16 * HOUR, 8 * HOUR, 1)]
    for old in ("US/Pacific", "US/Pacific-New", "PST8PDT"):
        assert spans(ask(call, whose, metered, window="day", zone=old)) == new
    for utc in ("UTC", "GMT+0", "Zulu", "Etc/UCT", None):
        assert spans(ask(call, whose, metered, window="day", zone=utc)) == [(0, DAY, 1)]


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "america/new_york", "../../etc/passwd", "/etc/localtime", "New York", "zones", "x" * 5_000]
)
def test_an_unknown_zone_is_refused(call: Call, zone: str) -> None:
    answer = ask(call, customer(call), meter(call), zone=zone)
    refused(answer, f"Invalid timezone: '{errors.shortened(zone)}' is not a time zone of the tz database", "timezone")


# Meters


def test_several_meters_are_asked_at_once_and_keep_their_order_within_a_bucket(call: Call) -> None:
    calls, tokens, seats = meter(call), meter(call, "tokens"), meter(call, "seats", "last")
    whose = customer(call)
    for name, at, value in (
        ("calls", NOW, 1),
        ("tokens", NOW, 2),
        ("seats", NOW, 3),
        ("tokens", NOW - DAY, 4),
        ("seats", NOW - DAY, 5),
        ("seats", NOW - DAY + 60, 6),
    ):
        send(call, whose, at, value, name)
    answer = ask(call, whose, seats, calls, tokens, window="day")
    assert [(row["starts_at"] - NOW, row["meter"], row["value"]) for row in data(answer)] == [
        (-DAY, seats, 6),
        (-DAY, tokens, 4),
        (0, seats, 3),
        (0, calls, 1),
        (0, tokens, 2),
    ]
    answer = ask(call, whose, tokens, calls)
    assert [(row["meter"], row["value"]) for row in data(answer)] == [(tokens, 6), (calls, 1)]


def test_each_meter_has_its_own_filters_and_groups(call: Call) -> None:
    calls = meter(call, dimension_payload_keys=["model"])
    tokens = meter(call, "tokens", dimension_payload_keys=["tier"])
    whose = customer(call)
    for model, value in (("a", 1), ("b", 2)):
        send(call, whose, value=value, model=model)
    for tier, value in (("free", 4), ("paid", 8)):
        send(call, whose, value=value, name="tokens", tier=tier)
    answer = ask(
        call,
        whose,
        {"meter": tokens, "dimension_filters": {"tier": ["paid"]}},
        {"meter": calls, "dimension_group_by_keys": ["model"]},
    )
    assert [(row["meter"], row["dimensions"], row["value"]) for row in data(answer)] == [
        (tokens, None, 8),
        (calls, {"model": "a"}, 1),
        (calls, {"model": "b"}, 2),
    ]


def test_without_meters_all_are_added_up_each_by_its_formula(call: Call) -> None:
    meter(call)
    meter(call, "hits", "count")
    seats = meter(call, "seats", "last")
    whose = customer(call)
    for name, at, value in (
        ("calls", NOW, "0.1"),
        ("calls", NOW, "0.2"),
        ("hits", NOW, "500"),
        ("seats", NOW, "10"),
        ("seats", NOW - DAY, "20"),
        ("hits", NOW - DAY, "500"),
    ):
        send(call, whose, at, value, name)
    call.post(f"{METERS}/{seats}/deactivate")
    answer = ask(call, whose, window="day")
    assert spans(answer) == [(-DAY, 0, 21), (0, DAY, Decimal("11.3"))]
    assert [(row["meter"], row["dimensions"]) for row in data(answer)] == [(None, None), (None, None)]
    assert b'"value": 12.3\n' in ask(call, whose).body


@pytest.mark.parametrize(("formula", "value"), [("sum", "6.5"), ("count", "3"), ("last", "-1.5")])
def test_the_meters_formula_governs(call: Call, formula: str, value: str) -> None:
    metered = meter(call, formula=formula)
    whose = customer(call)
    for at, sent in ((NOW - 60, "-1.5"), (NOW - 180, "6"), (NOW - 120, "2")):
        send(call, whose, at, sent)
    assert values(ask(call, whose, metered)) == [Decimal(value)]


def test_a_meter_may_be_asked_once(call: Call) -> None:
    calls, tokens = meter(call), meter(call, "tokens")
    answer = ask(call, customer(call), calls, tokens, calls)
    refused(answer, f"The meter '{calls}' is listed twice.", "meters[2][meter]")


def test_an_unknown_meter_is_a_400_that_says_which(call: Call) -> None:
    answer = ask(call, customer(call), meter(call), "mtr_test_none")
    refused(answer, "No such meter: 'mtr_test_none'", "meters[1][meter]", "resource_missing")


def test_an_unknown_or_deleted_customer_is_a_400(call: Call) -> None:
    metered = meter(call)
    answer = ask(call, "cus_nobody", metered)
    refused(answer, "No such customer: 'cus_nobody'", "customer", "resource_missing")
    whose = customer(call)
    call.delete(f"/v1/customers/{whose}")
    refused(ask(call, whose, metered), f"No such customer: '{whose}'", "customer", "resource_missing")


def test_usage_is_one_customers_in_one_account(call: Call) -> None:
    metered = meter(call)
    whose, other = customer(call), customer(call)
    send(call, whose)
    assert values(ask(call, other, metered)) == []
    stranger = customer(call, key="sk_test_other")
    params = {"customer": stranger, "starts_at": NOW, "ends_at": NOW + DAY}
    assert call.get(ANALYTICS, params, version=NEWEST, key="sk_test_other").json["rows"]["data"] == []
    answer = call.get(ANALYTICS, params | {"meters": [{"meter": metered}]}, version=NEWEST, key="sk_test_other")
    refused(answer, f"No such meter: '{metered}'", "meters[0][meter]", "resource_missing")


# Dimensions


def dimensional(call: Call) -> tuple[str, str]:
    """A meter and a customer with usage in powers of two: model, tier, team, value."""
    metered = meter(call, dimension_payload_keys=["model", "tier"], tenant_payload_keys=["team", "seat"])
    whose = customer(call)
    for model, tier, tenants, value in (
        ("a", "free", {"team": "red", "seat": "1"}, 1),
        ("a", "paid", {"team": "blue", "seat": "1"}, 2),
        ("b", "free", {"team": "red", "seat": "2"}, 4),
        ("b", "paid", {"team": "green"}, 8),
        ("c", "free", {}, 16),
    ):
        send(call, whose, NOW, value, model=model, tier=tier, **tenants)
    send(call, whose, NOW - DAY, 32, model="a", tier="free")
    return metered, whose


@pytest.mark.parametrize(
    ("filters", "value"),
    [
        ({"model": ["a"]}, 35),
        ({"model": ["a", "b"]}, 47),
        ({"model": ["b", "b", "none"]}, 12),
        ({"tier": ["free"]}, 53),
        ({"model": ["a", "b"], "tier": ["free"]}, 37),
        ({"model": ["c"], "tier": ["paid"]}, None),
        ({"model": ["A"]}, None),
    ],
)
def test_values_of_a_key_are_alternatives_and_keys_hold_together(
    call: Call, filters: dict[str, list[str]], value: int | None
) -> None:
    metered, whose = dimensional(call)
    answer = ask(call, whose, {"meter": metered, "dimension_filters": filters})
    assert values(answer) == ([] if value is None else [value])
    assert not any(row["dimensions"] for row in data(answer))


def test_groups_ascend_within_a_bucket_and_those_without_usage_are_left_out(call: Call) -> None:
    metered, whose = dimensional(call)
    query = {"meter": metered, "dimension_group_by_keys": ["model"]}
    answer = ask(call, whose, query, window="day")
    assert [(row["starts_at"] - NOW, row["dimensions"], row["value"]) for row in data(answer)] == [
        (-DAY, {"model": "a"}, 32),
        (0, {"model": "a"}, 3),
        (0, {"model": "b"}, 12),
        (0, {"model": "c"}, 16),
    ]
    assert [row["tenants"] for row in data(answer)] == [None] * 4


def test_two_keys_group_in_the_order_asked(call: Call) -> None:
    metered, whose = dimensional(call)
    answer = ask(call, whose, {"meter": metered, "dimension_group_by_keys": ["tier", "model"]})
    assert groups(answer) == [
        ({"tier": "free", "model": "a"}, 33),
        ({"tier": "free", "model": "b"}, 4),
        ({"tier": "free", "model": "c"}, 16),
        ({"tier": "paid", "model": "a"}, 2),
        ({"tier": "paid", "model": "b"}, 8),
    ]
    assert list(data(answer)[0]["dimensions"]) == ["tier", "model"]


def test_filters_and_groups_go_together(call: Call) -> None:
    metered, whose = dimensional(call)
    query = {"meter": metered, "dimension_filters": {"tier": ["free"]}, "dimension_group_by_keys": ["model"]}
    assert groups(ask(call, whose, query)) == [({"model": "a"}, 33), ({"model": "b"}, 4), ({"model": "c"}, 16)]


def test_a_last_meter_has_a_last_value_in_each_group(call: Call) -> None:
    metered = meter(call, formula="last", dimension_payload_keys=["model"])
    whose = customer(call)
    for model, at, value in (("a", NOW - 60, 1), ("a", NOW - 120, 2), ("b", NOW - 90, 3)):
        send(call, whose, at, value, model=model)
    assert values(ask(call, whose, metered)) == [1]
    query = {"meter": metered, "dimension_group_by_keys": ["model"]}
    assert groups(ask(call, whose, query)) == [({"model": "a"}, 1), ({"model": "b"}, 3)]


# Tenants


def test_tenants_filter_like_dimensions(call: Call) -> None:
    metered, whose = dimensional(call)

    def filtered(**filters: list[str]) -> list[Number]:
        return values(ask(call, whose, {"meter": metered, "tenant_filters": filters}))

    assert filtered(team=["red"]) == [5]
    assert filtered(team=["red", "green"]) == [13]
    assert filtered(team=["red", "blue"], seat=["1"]) == [3]
    assert filtered(team=["none"]) == []


def test_rows_are_grouped_by_tenant_and_an_absent_one_comes_last_without_its_key(call: Call) -> None:
    metered, whose = dimensional(call)
    answer = ask(call, whose, {"meter": metered, "tenant_group_by_keys": ["team"]})
    assert [(row["dimensions"], row["tenants"], row["value"]) for row in data(answer)] == [
        (None, {"team": "blue"}, 2),
        (None, {"team": "green"}, 8),
        (None, {"team": "red"}, 5),
        (None, {}, 48),
    ]


def test_dimensions_go_before_tenants(call: Call) -> None:
    metered, whose = dimensional(call)
    query = {"meter": metered, "dimension_group_by_keys": ["tier"], "tenant_group_by_keys": ["seat", "team"]}
    answer = ask(call, whose, query)
    assert [(row["dimensions"], row["tenants"], row["value"]) for row in data(answer)] == [
        ({"tier": "free"}, {"seat": "1", "team": "red"}, 1),
        ({"tier": "free"}, {"seat": "2", "team": "red"}, 4),
        ({"tier": "free"}, {}, 48),
        ({"tier": "paid"}, {"seat": "1", "team": "blue"}, 2),
        ({"tier": "paid"}, {"team": "green"}, 8),
    ]


# Keys and caps


@pytest.mark.parametrize(
    ("query", "kind", "param"),
    [
        ({"dimension_filters": {"colour": ["red"]}}, "dimension", "[dimension_filters][colour]"),
        ({"dimension_filters": {"team": ["red"]}}, "dimension", "[dimension_filters][team]"),
        ({"dimension_group_by_keys": ["model", "colour"]}, "dimension", "[dimension_group_by_keys][1]"),
        ({"tenant_filters": {"colour": ["red"]}}, "tenant", "[tenant_filters][colour]"),
        ({"tenant_filters": {"model": ["red"]}}, "tenant", "[tenant_filters][model]"),
        ({"tenant_group_by_keys": ["colour"]}, "tenant", "[tenant_group_by_keys][0]"),
    ],
)
def test_keys_are_among_the_meters_own(call: Call, query: dict[str, object], kind: str, param: str) -> None:
    metered, whose = dimensional(call)
    key = "colour" if "colour" in str(query) else "team" if kind == "dimension" else "model"
    answer = ask(call, whose, {"meter": metered} | query)
    refused(answer, f"'{key}' is not one of the {kind} payload keys of the meter.", f"meters[0]{param}")


KEYS = [f"k{index}" for index in range(11)]


@pytest.mark.parametrize(
    ("name", "most"), [("dimension_group_by_keys", 2), ("dimension_filters", 10), ("tenant_filters", 3)]
)
def test_each_meter_has_its_caps(call: Call, name: str, most: int) -> None:
    kind = name.partition("_")[0]
    keys: dict[str, Any] = {f"{kind}_payload_keys": KEYS}
    calls, tokens = (meter(call, each, **keys) for each in ("calls", "tokens"))
    whose = customer(call)

    def asked(count: int) -> object:
        return KEYS[:count] if name.endswith("keys") else {key: ["x"] for key in KEYS[:count]}

    full = [{"meter": each, name: asked(most)} for each in (calls, tokens)]
    assert data(ask(call, whose, *full)) == []
    answer = ask(call, whose, full[0], {"meter": tokens, name: asked(most + 1)})
    refused(answer, f"You may specify at most {most} {name}.", f"meters[1][{name}]")


def test_a_cap_is_on_keys_and_not_on_their_values(call: Call) -> None:
    metered, whose = dimensional(call)
    models = [f"m{index}" for index in range(50)]
    query = {"meter": metered, "dimension_filters": {"model": [*models, "b"]}, "tenant_filters": {"team": models}}
    assert data(ask(call, whose, query)) == []
    assert values(ask(call, whose, {"meter": metered, "dimension_filters": {"model": [*models, "b"]}})) == [12]


# Parameters


@pytest.mark.parametrize("missing", ["customer", "starts_at", "ends_at"])
def test_a_required_parameter_is_missed(call: Call, missing: str) -> None:
    params = {"customer": customer(call), "starts_at": NOW, "ends_at": NOW + DAY}
    del params[missing]
    answer = call.get(ANALYTICS, params, version=NEWEST)
    refused(answer, f"Missing required param: {missing}.", missing, "parameter_missing")


def test_each_of_the_meters_names_one(call: Call) -> None:
    answer = ask(call, customer(call), meter(call), {"dimension_group_by_keys": ["model"]})
    refused(answer, "Missing required param: meters[1][meter].", "meters[1][meter]", "parameter_missing")


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "10"), ("starting_after", "x"), ("ending_before", "x"), ("page", "1"), ("formula", "sum")],
)
def test_there_is_no_paging_and_what_is_unknown_is_refused(call: Call, name: str, value: str) -> None:
    more: dict[str, Any] = {name: value}
    answer = ask(call, customer(call), meter(call), **more)
    refused(answer, f"Received unknown parameter: {name}", name, "parameter_unknown")


@pytest.mark.parametrize(
    ("more", "message", "param"),
    [
        ("value_grouping_window=year", "Invalid value_grouping_window: must be one of day, hour, month, or week", None),
        ("value_grouping_window=", None, None),
        ("timezone=", None, None),
        ("meters=x", "Invalid array", None),
        ("meters[0]=x", "Invalid object", "meters[0]"),
        ("meters[0][meter][]=x", 'Invalid string: ["x"]', "meters[0][meter]"),
        ("meters[0][meter]=", None, "meters[0][meter]"),
        ("expand[]=rows", "This property cannot be expanded (rows).", ""),
    ],
)
def test_parameters_of_another_form_are_refused(call: Call, more: str, message: str | None, param: str | None) -> None:
    query = f"customer={customer(call)}&starts_at={NOW}&ends_at={NOW + DAY}&{more}"
    answer = call.get(f"{ANALYTICS}?{query}", version=NEWEST)
    assert answer.status == 400
    assert message is None or answer.error["message"] == message
    assert answer.error.get("param", "") == (more.partition("=")[0] if param is None else param)


def test_meters_may_be_written_as_curl_users_write_arrays(call: Call) -> None:
    metered, whose = dimensional(call)
    query = (
        f"customer={whose}&starts_at={NOW}&ends_at={NOW + DAY}&meters[][meter]={metered}"
        "&meters[][dimension_group_by_keys][]=model&meters[][dimension_filters][tier][]=free"
    )
    answer = call.get(f"{ANALYTICS}?{query}", version=NEWEST)
    assert groups(answer) == [({"model": "a"}, 1), ({"model": "b"}, 4), ({"model": "c"}, 16)]


# Freshness


def test_the_answer_is_as_fresh_as_the_lag_allows(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)

    def refreshed_at() -> int:
        fresh: int = ask(call, whose, metered).json["refreshed_at"]
        return fresh

    assert refreshed_at() == NOW
    call.clock.advance(90)
    assert refreshed_at() == NOW + 90
    call.fake.control.set_lag(30)
    assert refreshed_at() == NOW + 60
    call.clock.advance(15)
    assert refreshed_at() == NOW + 75
    call.fake.flush()
    assert refreshed_at() == NOW + 105
    call.clock.advance(10)
    assert refreshed_at() == NOW + 105
    call.clock.advance(30)
    assert refreshed_at() == NOW + 115


def test_a_shortened_lag_does_not_make_the_answer_fresher_than_it_is(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    call.fake.control.set_lag(60)
    send(call, whose)
    call.clock.advance(20)
    call.fake.control.set_lag(0)
    stale = ask(call, whose, metered)
    assert (values(stale), stale.json["refreshed_at"]) == ([], NOW - 1)
    call.clock.advance(40)
    fresh = ask(call, whose, metered)
    assert (values(fresh), fresh.json["refreshed_at"]) == ([1], NOW + 60)


def test_usage_and_its_cancellation_show_when_the_lag_is_over(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    call.fake.control.set_lag(30)
    payload = {"stripe_customer_id": whose, "value": "5"}
    call.create(EVENTS, {"event_name": "calls", "identifier": "one", "payload": payload})
    call.clock.advance(29)
    assert values(ask(call, whose, metered)) == []
    call.clock.advance(1)
    assert values(ask(call, whose, metered)) == [5]
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    assert values(ask(call, whose, metered)) == [5]
    call.fake.flush()
    assert values(ask(call, whose, metered)) == []


# Rate limit


def test_the_101st_call_of_a_frozen_second_is_refused_and_one_second_brings_a_hundred_more(call: Call) -> None:
    whose = customer(call)
    for _ in range(2):
        assert {ask(call, whose).status for _ in range(100)} == {200}
        answer = ask(call, whose)
        assert answer.status == 429
        assert answer.headers["stripe-rate-limited-reason"] == "endpoint-rate"
        error = answer.error
        assert error.pop("request_log_url")
        assert list(error.items()) == [
            ("code", "rate_limit"),
            ("doc_url", "https://stripe.com/docs/error-codes/rate-limit"),
            (
                "message",
                (
                    "Request rate limit exceeded. You can learn more about rate limits here "
                    "https://stripe.com/docs/rate-limits."
                ),
            ),
            ("type", "invalid_request_error"),
        ]
        call.clock.advance(1)


def test_tokens_come_back_one_by_one(call: Call) -> None:
    whose = customer(call)
    for _ in range(100):
        ask(call, whose)
    call.clock.advance(0.009)
    assert ask(call, whose).status == 429
    call.clock.advance(0.001)
    assert [ask(call, whose).status for _ in range(2)] == [200, 429]


def test_the_limit_is_each_accounts_own_and_apart_from_all_others(call: Call) -> None:
    whose = customer(call)
    for _ in range(100):
        ask(call, whose)
    assert ask(call, whose).status == 429
    assert call.get(METERS).status == 200
    params = {"customer": customer(call, key="sk_test_other"), "starts_at": NOW, "ends_at": NOW}
    assert call.get(ANALYTICS, params, version=NEWEST, key="sk_test_other").status == 200


def test_refused_calls_count_too(call: Call) -> None:
    for _ in range(100):
        assert call.get(ANALYTICS, version=NEWEST).status == 400
    assert call.get(ANALYTICS, version=NEWEST).status == 429


# Exactness


@pytest.mark.parametrize(
    ("sent", "printed"),
    [
        (["0.1", "0.2"], "0.3"),
        (["5.00"], "5"),
        (["5", "-5"], "0"),
        (["-0.000000000000001"], "-0.000000000000001"),
        (["999999999999999"] * 3, "2999999999999997"),
        (["123456789012345", "0.123456789012345"], "123456789012345.123456789012345"),
        (["1000000", "1000000"], "2000000"),
    ],
)
def test_a_value_is_the_shortest_json_number_that_is_exactly_it(call: Call, sent: list[str], printed: str) -> None:
    metered = meter(call)
    whose = customer(call)
    for value in sent:
        send(call, whose, value=value)
    for answer in (ask(call, whose, metered), ask(call, whose)):
        assert f'"value": {printed}\n' in answer.body.decode()


# Against a naive ledger


MARCH = 1_741_737_600  # 12 March 2025: behind it lies the day on which New York's clocks go forward
HALF_HOUR = 1_800
KEYS_OF_A_METER = ("model", "tier")
WINDOWS_S = {"hour": HOUR, "day": DAY}


@dataclass
class Metered:
    """A meter as the test knows it."""

    name: str
    formula: str
    window: str | None
    keys: tuple[str, ...]
    id: str = ""


@dataclass
class Used:
    """An accepted event as the test knows it."""

    meter: Metered
    customer: str
    at: int
    value: Decimal
    dimensions: tuple[str, ...]
    identifier: str
    received: int
    number: int
    cancelled: bool = False


@dataclass
class Naive:
    """What should be counted: adds everything up anew each time it is asked."""

    events: list[Used] = field(default_factory=list)

    def last(self, identifier: str) -> Used | None:
        return next((each for each in reversed(self.events) if each.identifier == identifier), None)

    def counting(self, meter: Metered, whose: str) -> list[Used]:
        alive = [each for each in self.events if (each.meter, each.customer) == (meter, whose) and not each.cancelled]
        if meter.window is None:
            return alive
        latest = {(each.dimensions, each.at // WINDOWS_S[meter.window]): each for each in alive}
        return list(latest.values())


def added(formula: str, events: list[Used]) -> Decimal:
    if formula == "count":
        return Decimal(len(events))
    if formula == "last":
        return max(events, key=lambda each: (each.at, each.number)).value
    with localcontext(prec=100):
        return sum((each.value for each in events), Decimal())


@cache
def calendar(zone: str, window: str) -> dict[object, tuple[int, int]]:
    """Every bucket of a hundred days by its label, found by asking each half-hour where it belongs."""
    slots = range(MARCH - 50 * DAY, MARCH + 50 * DAY, HALF_HOUR)
    stretches = ((key, list(group)) for key, group in groupby(slots, lambda at: label(at, zone, window)))
    return {key: (group[0], group[-1] + HALF_HOUR) for key, group in stretches}


def label(at: int, zone: str, window: str) -> object:
    local = datetime.fromtimestamp(at, ZoneInfo(zone))
    day = local.date()
    labels = {
        "hour": (day, local.hour, local.utcoffset()),
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": (day.year, day.month),
    }
    return labels[window]


def bucket(at: int, start: int, end: int, zone: str, window: str | None) -> tuple[int, int]:
    if window is None:
        return start, end
    first, last = calendar(zone, window)[label(at, zone, window)]
    return max(first, start), min(last, end)


ExpectedRow = tuple[int, int, str | None, dict[str, str] | None, Decimal]


@dataclass(frozen=True)
class Question:
    """What is asked of a ledger."""

    start: int
    end: int
    window: str | None
    zone: str
    wanted: str | None
    """Of each meter with dimensions, the only `model` that counts."""
    group_by: int
    """By how many of each meter's keys its usage is grouped."""

    def rows(self, naive: Naive, whose: str, meter: Metered) -> Iterator[ExpectedRow]:
        keys = meter.keys[: self.group_by]
        found: dict[tuple[tuple[int, int], tuple[str, ...]], list[Used]] = {}
        for each in naive.counting(meter, whose):
            if not self.start <= each.at < self.end or not self.passes(meter, each):
                continue
            place = bucket(each.at, self.start, self.end, self.zone, self.window)
            found.setdefault((place, each.dimensions[: len(keys)]), []).append(each)
        for place, group in sorted(found):
            dimensions = dict(zip(keys, group, strict=True)) if keys else None
            yield (*place, meter.id, dimensions, added(meter.formula, found[place, group]))

    def passes(self, meter: Metered, event: Used) -> bool:
        return not (self.wanted and meter.keys) or event.dimensions[0] == self.wanted

    def query(self, meter: Metered) -> dict[str, object]:
        filters = {"dimension_filters": {"model": [self.wanted]}} if self.wanted and meter.keys else {}
        return {"meter": meter.id, "dimension_group_by_keys": meter.keys[: self.group_by], **filters}


def as_expected(row: Mapping[str, Any], names: Iterable[str]) -> ExpectedRow:
    start, end, meter_id, dimensions, value = (row[name] for name in names)
    return start, end, meter_id, dimensions, value


def asked_of_analytics(call: Call, whose: str, question: Question, meters: Iterable[Metered]) -> list[ExpectedRow]:
    queries = [question.query(each) for each in meters]
    answer = ask(
        call,
        whose,
        *queries,
        start=question.start,
        end=question.end,
        window=question.window,
        zone=question.zone,
    )
    names = ("starts_at", "ends_at", "meter", "dimensions", "value")
    return [as_expected(row, names) for row in data(answer)]


def asked_of_summaries(call: Call, whose: str, question: Question, meter: Metered) -> list[ExpectedRow]:
    params: dict[str, object] = {"customer": whose, "start_time": question.start, "end_time": question.end}
    params |= {"value_grouping_window": question.window, "limit": 100}
    params |= {"dimension_group_by_keys": meter.keys[: question.group_by]}
    if question.wanted and meter.keys:
        params |= {"dimension_filters": {"model": question.wanted}}
    answer = call.get(f"{METERS}/{meter.id}/event_summaries", params)
    names = ("start_time", "end_time", "meter", "dimensions", "aggregated_value")
    listed = json.loads(answer.body, parse_float=Decimal)["data"]
    return [as_expected(row, names) for row in listed]


meters_drawn = st.lists(
    st.builds(
        Metered,
        name=st.uuids().map(str),
        formula=st.sampled_from(["sum", "count", "last"]),
        window=st.sampled_from([None, None, "hour", "day"]),
        keys=st.sampled_from([KEYS_OF_A_METER[:count] for count in range(3)]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.name,
)
values_drawn = st.builds(
    lambda units, places: f"{Decimal(units).scaleb(-places):f}",
    st.integers(-(10**15) + 1, 10**15 - 1) | st.integers(-20, 20),
    st.integers(0, 15),
)
identifiers_drawn = st.sampled_from("abcdefgh")
ages_drawn = st.integers(-310, 6 * DAY) | st.integers(0, 12).map(lambda half_hours: half_hours * HALF_HOUR)
dimensions_drawn = st.tuples(st.sampled_from("xy"), st.sampled_from("pq"))
actions_drawn = st.lists(
    st.tuples(st.just("send"), st.integers(0, 2), st.booleans(), ages_drawn, values_drawn, dimensions_drawn)
    | st.tuples(st.just("send as"), st.integers(0, 2), identifiers_drawn, ages_drawn, values_drawn, dimensions_drawn)
    | st.tuples(st.just("cancel"), st.integers(0, 2), identifiers_drawn)
    | st.tuples(st.just("advance"), st.integers(0, 30 * HOUR)),
    max_size=30,
)
minutes_drawn = st.integers(-7 * 24 * 60, 4 * 24 * 60).map(lambda minutes: MARCH + minutes * MINUTE)
questions_drawn = st.builds(
    lambda bounds, **more: Question(min(bounds), max(bounds), **more),
    st.tuples(minutes_drawn, minutes_drawn),
    window=st.sampled_from([None, "hour", "day", "week", "month"]),
    zone=st.sampled_from(["UTC", NEW_YORK, "Asia/Kolkata"]),
    wanted=st.sampled_from([None, None, "x"]),
    group_by=st.integers(0, 2),
)


class Story:
    """Does everything twice: through the engine, and with the naive ledger."""

    def __init__(self, fake: FakeStripe, meters: list[Metered]) -> None:
        fake.reset()
        fake.clock.freeze(MARCH)
        fake.control.set_limits({"profile": "off"})
        self.call = Call(DOORS["engine"], fake)
        self.naive = Naive()
        self.meters = meters
        self.ann, self.bob = customer(self.call), customer(self.call)
        for each in meters:
            keys = {"dimension_payload_keys": each.keys, "event_time_window": each.window}
            each.id = meter(self.call, each.name, each.formula, **keys)

    def act(self, kind: str, *details: Any) -> None:  # noqa: ANN401  as each kind of action demands
        if kind == "advance":
            self.call.clock.advance(*details)
            return
        place, *rest = details
        metered = self.meters[place % len(self.meters)]
        if kind == "cancel":
            self.cancel(metered, *rest)
        elif kind == "send":
            whose, *rest = rest
            self.send(metered, None, *rest, whose=self.ann if whose else self.bob)
        else:
            self.send(metered, *rest, whose=self.ann)

    def send(
        self, metered: Metered, identifier: str | None, age: int, value: str, dimensions: tuple[str, str], *, whose: str
    ) -> None:
        now = self.call.clock.now()
        payload = {"stripe_customer_id": whose, "value": value} | dict(zip(metered.keys, dimensions, strict=False))
        params = {"event_name": metered.name, "timestamp": now - age, "payload": payload, "identifier": identifier}
        answer = self.call.post(EVENTS, params)
        before = self.naive.last(identifier) if identifier else None
        good = age >= -300 and (before is None or before.received <= now - DAY)
        assert answer.status == (200 if good else 400), answer.body
        if good:
            kept = dimensions[: len(metered.keys)]
            number = len(self.naive.events)
            made = answer.json["identifier"]
            used = Used(metered, whose, now - age, Decimal(value), kept, made, now, number)
            self.naive.events.append(used)

    def cancel(self, metered: Metered, identifier: str) -> None:
        params = {"event_name": metered.name, "type": "cancel", "cancel": {"identifier": identifier}}
        answer = self.call.post("/v1/billing/meter_event_adjustments", params)
        event = self.naive.last(identifier)
        good = event is not None and event.meter is metered and not event.cancelled
        good = good and event is not None and event.received >= self.call.clock.now() - DAY
        assert answer.status == (200 if good else 400), answer.body
        if good and event is not None:
            event.cancelled = True

    def answer(self, question: Question, whose: str) -> None:
        everything = [list(question.rows(self.naive, whose, each)) for each in self.meters]
        expected = sorted((row for rows in everything for row in rows), key=lambda row: row[0])
        assert asked_of_analytics(self.call, whose, question, self.meters) == expected
        if question.zone == "UTC" and question.window in (None, "hour", "day"):
            self.summarise(question, whose)

    def summarise(self, question: Question, whose: str) -> None:
        unit = DAY if question.window == "day" else HOUR if question.window == "hour" else MINUTE
        start, end = question.start // unit * unit, question.end // unit * unit + unit
        aligned = Question(start, end, question.window, "UTC", question.wanted, question.group_by)
        for each in self.meters:
            expected = sorted(aligned.rows(self.naive, whose, each), key=lambda row: -row[0])
            assert asked_of_summaries(self.call, whose, aligned, each) == expected

    def answer_without_meters(self, question: Question, whose: str) -> None:
        plain = Question(question.start, question.end, question.window, question.zone, None, 0)
        totals: dict[tuple[int, int], Decimal] = {}
        with localcontext(prec=100):
            for each in self.meters:
                for start, end, _, _, value in plain.rows(self.naive, whose, each):
                    totals[start, end] = totals.get((start, end), Decimal()) + value
        expected = [(*place, None, None, totals[place]) for place in sorted(totals)]
        assert asked_of_analytics(self.call, whose, plain, []) == expected


@settings(max_examples=300, deadline=None)
@given(meters=meters_drawn, actions=actions_drawn, questions=st.lists(questions_drawn, min_size=1, max_size=4))
def test_whatever_happens_the_answers_are_those_of_a_naive_ledger(
    session_fake: FakeStripe, meters: list[Metered], actions: list[tuple[Any, ...]], questions: list[Question]
) -> None:
    story = Story(session_fake, meters)
    for place, action in enumerate(actions):
        story.act(*action)
        if place % 10 == 9:
            story.answer(questions[0], story.ann)
    for question in questions:
        for whose in (story.ann, story.bob):
            story.answer(question, whose)
            story.answer_without_meters(question, whose)
