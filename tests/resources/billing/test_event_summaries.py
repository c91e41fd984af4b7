"""Event summaries: one customer's usage of one meter, newest bucket first, in pages."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call

METERS = "/v1/billing/meters"
NOW = 1_735_689_600  # a Wednesday's midnight
MINUTE = 60
HOUR = 3_600
DAY = 86_400
GA = "2026-10-28.endive"
PREVIEW = "2026-10-14.preview"

Number = Decimal | int
Row = tuple[int, int, Number]


def customer(call: Call) -> str:
    created: str = call.create("/v1/customers")["id"]
    return created


def meter(call: Call, formula: str = "sum", event_name: str = "calls", **more: object) -> str:
    params = {"display_name": "Calls", "event_name": event_name, "default_aggregation": {"formula": formula}, **more}
    created: str = call.create(METERS, params)["id"]
    return created


def send(call: Call, whose: str, at: int, value: str = "1", **payload: str) -> None:
    payload |= {"stripe_customer_id": whose, "value": value}
    call.create("/v1/billing/meter_events", {"event_name": "calls", "timestamp": at, "payload": payload})


def summaries(
    call: Call,
    meter_id: str,
    whose: str,
    start: int = NOW - DAY,
    end: int = NOW + DAY,
    *,
    window: str | None = None,
    version: str | None = None,
    **more: Any,  # noqa: ANN401  a parameter of any kind
) -> Answer:
    params = {"customer": whose, "start_time": start, "end_time": end, "value_grouping_window": window, **more}
    return call.get(f"{METERS}/{meter_id}/event_summaries", params, version=version)


def exact(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    data: list[dict[str, Any]] = json.loads(answer.body, parse_float=Decimal)["data"]
    return data


def rows(answer: Answer, since: int = NOW) -> list[Row]:
    """Start and end, counted from `since`, and value."""
    return [(each["start_time"] - since, each["end_time"] - since, each["aggregated_value"]) for each in exact(answer)]


def by_dimensions(answer: Answer) -> list[tuple[dict[str, str] | None, Number]]:
    return [(each["dimensions"], each["aggregated_value"]) for each in exact(answer)]


def refused(answer: Answer, message: str, param: str | None, code: str | None = None) -> None:
    assert answer.status == 400
    error = answer.error
    assert (error["message"], error.get("param"), error.get("code")) == (message, param, code)


# Layout


def test_a_summary_has_eight_keys_in_a_preview(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, NOW, "2.5")
    answer = summaries(call, metered, whose)
    assert list(answer.json) == ["object", "data", "has_more", "url"]
    assert answer.json["object"] == "list"
    assert answer.json["has_more"] is False
    assert answer.json["url"] == f"{METERS}/{metered}/event_summaries"
    [summary] = answer.json["data"]
    assert list(summary.items())[1:] == [
        ("object", "billing.meter_event_summary"),
        ("aggregated_value", 2.5),
        ("dimensions", None),
        ("end_time", NOW + DAY),
        ("livemode", False),
        ("meter", metered),
        ("start_time", NOW - DAY),
    ]
    assert summary["id"].startswith("mtrusg_test_")


def test_and_seven_in_a_version_for_general_availability(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, NOW)
    [summary] = exact(summaries(call, metered, whose, version=GA))
    assert list(summary) == ["id", "object", "aggregated_value", "end_time", "livemode", "meter", "start_time"]


@pytest.mark.parametrize(
    ("values", "printed"),
    [
        (["0.1", "0.2"], "0.3"),
        (["1.50", "1.50"], "3"),
        (["5", "-5"], "0"),
        (["-0.5"], "-0.5"),
        (["100", "200"], "300"),
        (["0.000000000000001"], "0.000000000000001"),
        (["999999999999999", "0.999999999999999"], "999999999999999.999999999999999"),
        (["999999999999999"] * 2, "1999999999999998"),
    ],
)
def test_a_value_is_the_shortest_json_number_that_is_exactly_it(call: Call, values: list[str], printed: str) -> None:
    metered = meter(call)
    whose = customer(call)
    for value in values:
        send(call, whose, NOW, value)
    assert f'"aggregated_value": {printed},\n' in summaries(call, metered, whose).body.decode()


# Buckets


def test_without_a_window_there_is_one_summary_for_the_range(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for at in (NOW - DAY, NOW - 1, NOW):
        send(call, whose, at)
    assert rows(summaries(call, metered, whose, NOW - 3 * DAY, NOW + 7 * MINUTE)) == [(-3 * DAY, 7 * MINUTE, 3)]


@pytest.mark.parametrize("window", [None, "hour", "day"])
def test_without_usage_there_is_none(call: Call, window: str | None) -> None:
    metered = meter(call)
    whose = customer(call)
    assert rows(summaries(call, metered, whose, window=window)) == []
    send(call, whose, NOW - 30 * DAY)
    assert rows(summaries(call, metered, whose, window=window)) == []


def test_usage_that_adds_up_to_zero_is_usage(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, NOW, "5")
    send(call, whose, NOW, "-5")
    assert rows(summaries(call, metered, whose, window="day")) == [(0, DAY, 0)]


def test_hours_come_newest_first_and_those_without_usage_are_left_out(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for at in (NOW - HOUR, NOW - 1, NOW - 5 * HOUR, NOW, NOW + 299):
        send(call, whose, at)
    answer = summaries(call, metered, whose, window="hour")
    assert rows(answer) == [(0, HOUR, 2), (-HOUR, 0, 2), (-5 * HOUR, -4 * HOUR, 1)]


def test_days_are_utc_days(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for at in (NOW - 2 * DAY, NOW - 1, NOW):
        send(call, whose, at)
    answer = summaries(call, metered, whose, NOW - 7 * DAY, window="day")
    assert rows(answer) == [(0, DAY, 1), (-DAY, 0, 1), (-2 * DAY, -DAY, 1)]


def test_the_range_includes_its_start_and_excludes_its_end(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for index, at in enumerate((NOW - HOUR - 1, NOW - HOUR, NOW - 1, NOW)):
        send(call, whose, at, str(10**index))
    assert rows(summaries(call, metered, whose, NOW - HOUR, NOW)) == [(-HOUR, 0, 110)]


def test_the_end_may_lie_in_the_future(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, NOW)
    far = NOW + 36_500 * DAY
    assert rows(summaries(call, metered, whose, NOW, far)) == [(0, far - NOW, 1)]
    assert rows(summaries(call, metered, whose, NOW, far, window="hour")) == [(0, HOUR, 1)]


def test_the_start_may_lie_before_1970(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, NOW)
    assert rows(summaries(call, metered, whose, -DAY, NOW + DAY, window="day")) == [(0, DAY, 1)]


@pytest.mark.parametrize(("formula", "value"), [("sum", "6.5"), ("count", "3"), ("last", "-1.5")])
def test_the_meters_formula_governs(call: Call, formula: str, value: str) -> None:
    metered = meter(call, formula)
    whose = customer(call)
    for at, sent in ((NOW - 60, "-1.5"), (NOW - 180, "6"), (NOW - 120, "2")):
        send(call, whose, at, sent)
    assert rows(summaries(call, metered, whose, NOW - DAY, NOW)) == [(-DAY, 0, Decimal(value))]


def test_a_last_meter_has_a_last_value_in_each_bucket(call: Call) -> None:
    metered = meter(call, "last")
    whose = customer(call)
    for at, sent in ((NOW - 2 * HOUR, "1"), (NOW - 2 * HOUR + 60, "2"), (NOW - 60, "3"), (NOW - 120, "4")):
        send(call, whose, at, sent)
    answer = summaries(call, metered, whose, NOW - DAY, NOW, window="hour")
    assert rows(answer) == [(-HOUR, 0, 3), (-2 * HOUR, -HOUR, 2)]


@pytest.mark.parametrize(
    ("formula", "hours", "days"),
    [("sum", [30, 200], [230]), ("count", [1, 1], [2]), ("last", [30, 200], [30])],
)
def test_of_an_hourly_meter_the_event_received_last_counts(
    call: Call, formula: str, hours: list[int], days: list[int]
) -> None:
    metered = meter(call, formula, event_time_window="hour")
    whose = customer(call)
    send(call, whose, NOW - 60, "10")
    send(call, whose, NOW - 2 * HOUR, "100")
    send(call, whose, NOW - 2 * HOUR + 600, "200")
    send(call, whose, NOW - 1800, "30")
    values = [value for *_, value in rows(summaries(call, metered, whose, NOW - DAY, NOW, window="hour"))]
    assert values == hours
    assert [value for *_, value in rows(summaries(call, metered, whose, NOW - DAY, NOW, window="day"))] == days


def test_of_a_daily_meter_the_hour_of_the_event_received_last_has_it_all(call: Call) -> None:
    metered = meter(call, event_time_window="day")
    whose = customer(call)
    send(call, whose, NOW - 60, "1")
    send(call, whose, NOW - 5 * HOUR, "2")
    answer = summaries(call, metered, whose, NOW - DAY, NOW, window="hour")
    assert rows(answer) == [(-5 * HOUR, -4 * HOUR, 2)]


def test_a_deactivated_meter_can_still_be_asked(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, NOW)
    call.post(f"{METERS}/{metered}/deactivate")
    assert rows(summaries(call, metered, whose)) == [(-DAY, DAY, 1)]


# What is refused


@pytest.mark.parametrize(
    ("window", "unit", "off"),
    [
        (None, "minute", 1),
        (None, "minute", 59),
        ("hour", "hour", MINUTE),
        ("hour", "hour", 1),
        ("day", "UTC day", HOUR),
        ("day", "UTC day", 5 * HOUR),
    ],
)
def test_bounds_must_be_aligned(call: Call, window: str | None, unit: str, off: int) -> None:
    metered = meter(call)
    whose = customer(call)
    sentence = f"The value must be aligned with {unit} boundaries."
    refused(summaries(call, metered, whose, NOW + off, NOW + DAY, window=window), sentence, "start_time")
    refused(summaries(call, metered, whose, NOW, NOW + DAY - off, window=window), sentence, "end_time")
    refused(summaries(call, metered, whose, NOW - off, NOW - off, window=window), sentence, "start_time")


def test_bounds_on_a_minute_are_enough_without_a_window_and_on_an_hour_for_hours(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    assert summaries(call, metered, whose, NOW + MINUTE, NOW + 2 * MINUTE).status == 200
    assert summaries(call, metered, whose, NOW + HOUR, NOW + 2 * HOUR, window="hour").status == 200


@pytest.mark.parametrize("end", [NOW, NOW - DAY])
def test_the_start_must_be_before_the_end(call: Call, end: int) -> None:
    metered = meter(call)
    answer = summaries(call, metered, customer(call), NOW, end)
    refused(answer, "Param start_time should be less than end_time.", "start_time")


def test_an_unknown_customer_is_a_400(call: Call) -> None:
    metered = meter(call)
    answer = summaries(call, metered, "cus_nobody")
    refused(answer, "No such customer: 'cus_nobody'", "customer", "resource_missing")
    whose = customer(call)
    call.delete(f"/v1/customers/{whose}")
    refused(summaries(call, metered, whose), f"No such customer: '{whose}'", "customer", "resource_missing")


def test_an_unknown_meter_is_a_404(call: Call) -> None:
    answer = summaries(call, "mtr_test_none", customer(call))
    assert answer.status == 404
    error = answer.error
    assert (error["message"], error["param"]) == ("No such meter: 'mtr_test_none'", "id")
    assert error["code"] == "resource_missing"


def test_another_accounts_meter_is_unknown(call: Call) -> None:
    metered = meter(call)
    params = {"customer": "cus_1", "start_time": NOW, "end_time": NOW + DAY}
    assert call.get(f"{METERS}/{metered}/event_summaries", params, key="sk_test_other").status == 404


@pytest.mark.parametrize("missing", ["customer", "start_time", "end_time"])
def test_a_required_parameter_is_missed(call: Call, missing: str) -> None:
    metered = meter(call)
    params = {"customer": customer(call), "start_time": NOW, "end_time": NOW + DAY}
    del params[missing]
    answer = call.get(f"{METERS}/{metered}/event_summaries", params)
    refused(answer, f"Missing required param: {missing}.", missing, "parameter_missing")


@pytest.mark.parametrize(
    ("params", "message", "param"),
    [
        ({"value_grouping_window": "week"}, "Invalid value_grouping_window: must be one of day or hour", None),
        ({"value_grouping_window": "minute"}, "Invalid value_grouping_window: must be one of day or hour", None),
        ({"start_time": "yesterday"}, "Invalid integer: yesterday", None),
        ({"end_time": "1.5"}, "Invalid integer: 1.5", None),
        ({"timezone": "UTC"}, "Received unknown parameter: timezone", None),
        ({"starts_at": "0"}, "Received unknown parameter: starts_at", None),
        ({"limit": "0.5"}, "Invalid integer: 0.5", None),
        ({"expand": ["data.meter"]}, "This property cannot be expanded (data.meter).", ""),
    ],
)
def test_other_parameters_are_refused(call: Call, params: dict[str, object], message: str, param: str | None) -> None:
    metered = meter(call)
    usual = {"customer": customer(call), "start_time": NOW, "end_time": NOW + DAY}
    answer = call.get(f"{METERS}/{metered}/event_summaries", usual | params)
    assert answer.error["message"] == message
    assert answer.error.get("param", "") == (next(iter(params)) if param is None else param)


def test_what_is_wrong_is_found_in_order(call: Call) -> None:
    metered = meter(call)
    assert summaries(call, "mtr_none", "cus_none", NOW + 1, NOW, dimension_filters={"a": "b"}).status == 404
    wrong: dict[str, Any] = {"dimension_filters": {"a": "b"}}
    refused(
        summaries(call, metered, "cus_none", NOW, NOW + 1, **wrong),
        "The value must be aligned with minute boundaries.",
        "end_time",
    )
    refused(
        summaries(call, metered, "cus_none", NOW, NOW, **wrong),
        "Param start_time should be less than end_time.",
        "start_time",
    )
    refused(
        summaries(call, metered, "cus_none", **wrong), "No such customer: 'cus_none'", "customer", "resource_missing"
    )


# Pages


def test_pages_lead_from_the_newest_to_the_oldest_and_back(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for index in range(7):
        send(call, whose, NOW - index * HOUR, str(index))
    everything = summaries(call, metered, whose, window="hour")
    assert [row[2] for row in rows(everything)] == list(range(7))
    ids = everything.ids
    assert len(set(ids)) == 7

    first = summaries(call, metered, whose, window="hour", limit=3)
    assert (first.ids, first.json["has_more"]) == (ids[:3], True)
    second = summaries(call, metered, whose, window="hour", limit=3, starting_after=ids[2])
    assert (second.ids, second.json["has_more"]) == (ids[3:6], True)
    third = summaries(call, metered, whose, window="hour", limit=3, starting_after=ids[5])
    assert (third.ids, third.json["has_more"]) == (ids[6:], False)

    back = summaries(call, metered, whose, window="hour", limit=3, ending_before=ids[6])
    assert (back.ids, back.json["has_more"]) == (ids[3:6], True)
    top = summaries(call, metered, whose, window="hour", limit=3, ending_before=ids[3])
    assert (top.ids, top.json["has_more"]) == (ids[:3], False)


def test_ten_is_the_default_and_a_hundred_the_most(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for index in range(101):
        send(call, whose, NOW - index * HOUR)
    usual = summaries(call, metered, whose, NOW - 30 * DAY, window="hour")
    assert (len(usual.ids), usual.json["has_more"]) == (10, True)
    most = summaries(call, metered, whose, NOW - 30 * DAY, window="hour", limit=100)
    assert (len(most.ids), most.json["has_more"]) == (100, True)


def test_ids_stay_while_usage_arrives_and_differ_by_meter_customer_and_bucket(call: Call) -> None:
    metered, other = meter(call), meter(call, event_name="others")
    whose, someone = customer(call), customer(call)
    send(call, whose, NOW)
    [first] = summaries(call, metered, whose, window="day").ids
    send(call, whose, NOW, "10")
    send(call, someone, NOW)
    payload = {"stripe_customer_id": whose, "value": "1"}
    call.create("/v1/billing/meter_events", {"event_name": "others", "payload": payload})
    assert summaries(call, metered, whose, window="day").ids == [first]
    others = [
        summaries(call, metered, whose).ids,
        summaries(call, metered, whose, window="hour").ids,
        summaries(call, metered, someone, window="day").ids,
        summaries(call, other, whose, window="day").ids,
    ]
    assert len({first, *(each for [each] in others)}) == 5


def test_a_page_continues_where_it_stopped_while_newer_usage_arrives(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    for index in (1, 2, 3):
        send(call, whose, NOW - index * HOUR, str(index))
    first = summaries(call, metered, whose, window="hour", limit=2)
    send(call, whose, NOW, "9")
    rest = summaries(call, metered, whose, window="hour", limit=2, starting_after=first.ids[-1])
    assert [row[2] for row in rows(rest)] == [3]


@pytest.mark.parametrize("name", ["starting_after", "ending_before"])
def test_a_cursor_that_names_nothing_is_refused(call: Call, name: str) -> None:
    metered = meter(call)
    cursor: dict[str, Any] = {name: "mtrusg_test_none"}
    answer = summaries(call, metered, customer(call), **cursor)
    sentence = "No such billing meter event summary: 'mtrusg_test_none'"
    refused(answer, sentence, name, "resource_missing")


def test_two_cursors_are_one_too_many(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, NOW - HOUR)
    [only] = summaries(call, metered, whose).ids
    answer = summaries(call, metered, whose, starting_after=only, ending_before=only)
    refused(answer, "Received both starting_after and ending_before parameters. Please pass in only one.", None, None)


# Dimensions and tenants, in previews


def dimensional(call: Call) -> tuple[str, str]:
    """A meter and a customer with usage in powers of two: model, tier, team, value."""
    metered = meter(call, dimension_payload_keys=["model", "tier"], tenant_payload_keys=["team", "seat"])
    whose = customer(call)
    for model, tier, team, value in (
        ("a", "free", "red", "1"),
        ("a", "paid", "blue", "2"),
        ("b", "free", "red", "4"),
        ("b", "paid", "green", "8"),
    ):
        send(call, whose, NOW, value, model=model, tier=tier, team=team)
    send(call, whose, NOW - HOUR, "16", model="a", tier="free")
    return metered, whose


def test_a_filter_passes_one_value_of_a_key_and_keys_add_up(call: Call) -> None:
    metered, whose = dimensional(call)

    def filtered(**filters: str) -> list[Number]:
        return [value for _, value in by_dimensions(summaries(call, metered, whose, dimension_filters=filters))]

    assert filtered(model="a") == [19]
    assert filtered(tier="paid") == [10]
    assert filtered(model="a", tier="free") == [17]
    assert filtered(model="c") == []


def test_groups_are_summaries_of_their_own_in_order_within_a_bucket(call: Call) -> None:
    metered, whose = dimensional(call)
    answer = summaries(call, metered, whose, window="hour", dimension_group_by_keys=["model"])
    assert by_dimensions(answer) == [({"model": "a"}, 3), ({"model": "b"}, 12), ({"model": "a"}, 16)]
    assert len(set(answer.ids)) == 3
    answer = summaries(call, metered, whose, dimension_group_by_keys=["tier", "model"])
    assert by_dimensions(answer) == [
        ({"tier": "free", "model": "a"}, 17),
        ({"tier": "free", "model": "b"}, 4),
        ({"tier": "paid", "model": "a"}, 2),
        ({"tier": "paid", "model": "b"}, 8),
    ]


def test_groups_are_paged_like_buckets(call: Call) -> None:
    metered, whose = dimensional(call)
    grouping: dict[str, Any] = {"window": "hour", "dimension_group_by_keys": ["model"]}
    ids = summaries(call, metered, whose, **grouping).ids
    page = summaries(call, metered, whose, **grouping, limit=1, starting_after=ids[0])
    assert (page.ids, page.json["has_more"]) == (ids[1:2], True)


def test_tenants_are_included_or_excluded(call: Call) -> None:
    metered, whose = dimensional(call)

    def chosen(operator: str, keys: list[str], values: list[list[str]]) -> Number:
        tenants: dict[str, Any] = {"tenant_operator": operator, "tenant_keys": keys, "tenant_values": values}
        [row] = rows(summaries(call, metered, whose, **tenants))
        return row[2]

    assert chosen("includes", ["team"], [["red"]]) == 5
    assert chosen("includes", ["team"], [["red", "blue"]]) == 7
    assert chosen("excludes", ["team"], [["red"]]) == 26  # usage without a team is not excluded
    assert chosen("excludes", ["team"], [["red", "green"]]) == 18
    assert chosen("excludes", ["team", "seat"], [["red"], ["1"]]) == 26


def test_tenants_and_dimensions_are_chosen_together(call: Call) -> None:
    metered, whose = dimensional(call)
    answer = summaries(
        call,
        metered,
        whose,
        dimension_filters={"model": "b"},
        dimension_group_by_keys=["tier"],
        tenant_operator="includes",
        tenant_keys=["team"],
        tenant_values=[["red"]],
    )
    assert by_dimensions(answer) == [({"tier": "free"}, 4)]


@pytest.mark.parametrize(
    ("given", "param", "others"),
    [
        ({"tenant_keys": ["team"]}, "tenant_keys", "tenant_operator and tenant_values"),
        ({"tenant_operator": "includes"}, "tenant_operator", "tenant_keys and tenant_values"),
        ({"tenant_values": [["red"]]}, "tenant_values", "tenant_keys and tenant_operator"),
        ({"tenant_keys": ["team"], "tenant_values": [["red"]]}, "tenant_keys", "tenant_operator"),
        ({"tenant_keys": ["team"], "tenant_operator": "excludes"}, "tenant_keys", "tenant_values"),
    ],
)
def test_tenant_parameters_come_together(call: Call, given: dict[str, Any], param: str, others: str) -> None:
    metered, whose = dimensional(call)
    refused(summaries(call, metered, whose, **given), f"This parameter must be used together with {others}.", param)


def test_each_tenant_key_has_its_values(call: Call) -> None:
    metered, whose = dimensional(call)
    tenants: dict[str, Any] = {
        "tenant_keys": ["team", "seat"],
        "tenant_operator": "includes",
        "tenant_values": [["red"]],
    }
    assert summaries(call, metered, whose, **tenants).error["param"] == "tenant_values"


@pytest.mark.parametrize(
    ("given", "message", "param"),
    [
        (
            {"dimension_filters": {"colour": "red"}},
            "'colour' is not one of the dimension payload keys of the meter.",
            "dimension_filters[colour]",
        ),
        (
            {"dimension_filters": {"team": "red"}},
            "'team' is not one of the dimension payload keys of the meter.",
            "dimension_filters[team]",
        ),
        (
            {"dimension_group_by_keys": ["model", "colour"]},
            "'colour' is not one of the dimension payload keys of the meter.",
            "dimension_group_by_keys[1]",
        ),
        (
            {"tenant_keys": ["model"], "tenant_operator": "includes", "tenant_values": [["a"]]},
            "'model' is not one of the tenant payload keys of the meter.",
            "tenant_keys[0]",
        ),
        (
            {"tenant_keys": ["team"], "tenant_operator": "without", "tenant_values": [["a"]]},
            "Invalid tenant_operator: must be one of excludes or includes",
            "tenant_operator",
        ),
        ({"dimension_filters": {"model": ["a"]}}, 'Invalid string: {"0":"a"}', "dimension_filters[model]"),
        ({"tenant_filters": {"team": "red"}}, "Received unknown parameter: tenant_filters", "tenant_filters"),
    ],
)
def test_unknown_keys_are_refused(call: Call, given: dict[str, Any], message: str, param: str) -> None:
    metered, whose = dimensional(call)
    answer = summaries(call, metered, whose, version=PREVIEW, **given)
    assert (answer.status, answer.error["message"], answer.error["param"]) == (400, message, param)


PREVIEW_ONLY: list[dict[str, Any]] = [
    {"dimension_filters": {"model": "a"}},
    {"dimension_group_by_keys": ["model"]},
    {"tenant_keys": ["team"]},
    {"tenant_operator": "includes"},
    {"tenant_values": [["red"]]},
    {"tenant_filters": {"team": "red"}},
]


@pytest.mark.parametrize("given", PREVIEW_ONLY)
def test_versions_for_general_availability_do_not_know_the_preview_parameters(
    call: Call, given: dict[str, Any]
) -> None:
    metered, whose = dimensional(call)
    [name] = given
    for version in (GA, "2025-03-31.basil", "2026-04-22.dahlia"):
        answer = summaries(call, metered, whose, version=version, **given)
        refused(answer, f"Received unknown parameter: {name}", name, "parameter_unknown")


@pytest.mark.parametrize("version", [None, "2025-07-30.preview", "2025-11-17.preview", PREVIEW])
def test_previews_of_any_date_and_the_default_know_them(call: Call, version: str | None) -> None:
    metered, whose = dimensional(call)
    answer = summaries(call, metered, whose, version=version, dimension_group_by_keys=["model"])
    assert by_dimensions(answer) == [({"model": "a"}, 19), ({"model": "b"}, 12)]


def test_paging_works_for_general_availability_too(call: Call) -> None:
    metered, whose = dimensional(call)
    first = summaries(call, metered, whose, window="hour", version=GA, limit=1)
    rest = summaries(call, metered, whose, window="hour", version=GA, limit=1, starting_after=first.ids[0])
    assert [row[2] for row in rows(first)] + [row[2] for row in rows(rest)] == [15, 16]
    assert not any("dimensions" in each for each in rest.json["data"])
