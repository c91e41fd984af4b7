"""Meter event adjustments: one event received within 24 hours ceases to count."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call

ADJUSTMENTS = "/v1/billing/meter_event_adjustments"
METERS = "/v1/billing/meters"
NOW = 1_735_689_600
HOUR = 3_600
DAY = 86_400


def customer(call: Call) -> str:
    created: str = call.create("/v1/customers")["id"]
    return created


def meter(call: Call, formula: str = "sum", event_name: str = "calls", **more: object) -> str:
    params = {"display_name": "Calls", "event_name": event_name, "default_aggregation": {"formula": formula}, **more}
    created: str = call.create(METERS, params)["id"]
    return created


def send(call: Call, whose: str, identifier: str, value: str = "1", at: int | None = None, **payload: str) -> None:
    payload |= {"stripe_customer_id": whose, "value": value}
    params = {"event_name": "calls", "identifier": identifier, "timestamp": at, "payload": payload}
    call.create("/v1/billing/meter_events", params)


def cancel(call: Call, identifier: str, event_name: str = "calls", **options: Any) -> Answer:  # noqa: ANN401  as Call.request
    params = {"event_name": event_name, "type": "cancel", "cancel": {"identifier": identifier}}
    return call.post(ADJUSTMENTS, params, **options)


def usage(call: Call, meter_id: str, whose: str) -> list[Decimal]:
    """Each hour's usage of the last 40 days, oldest first; hours without any are left out."""
    hour = call.clock.now() // HOUR * HOUR
    params = {"customer": whose, "start_time": hour - 40 * DAY, "end_time": hour + DAY}
    params |= {"value_grouping_window": "hour", "limit": 100}
    answer = call.get(f"{METERS}/{meter_id}/event_summaries", params)
    found = json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)["data"]
    return [each["aggregated_value"] for each in reversed(found)]


def refused(answer: Answer, message: str) -> None:
    assert answer.status == 400
    error = answer.error
    assert list(error) == ["message", "param", "request_log_url", "type"]
    assert (error["message"], error["param"]) == (message, "cancel[identifier]")
    assert error["type"] == "invalid_request_error"


# What is answered


def test_an_adjustment_is_answered_as_pending_with_six_keys_and_no_id(call: Call) -> None:
    meter(call)
    send(call, customer(call), "one")
    answer = cancel(call, "one")
    assert answer.status == 200
    assert list(answer.json.items()) == [
        ("object", "billing.meter_event_adjustment"),
        ("cancel", {"identifier": "one"}),
        ("event_name", "calls"),
        ("livemode", False),
        ("status", "pending"),
        ("type", "cancel"),
    ]


def test_the_usage_of_a_cancelled_event_disappears(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "kept", "0.1")
    send(call, whose, "gone", "0.2")
    assert usage(call, metered, whose) == [Decimal("0.3")]
    cancel(call, "gone")
    assert usage(call, metered, whose) == [Decimal("0.1")]
    cancel(call, "kept")
    assert usage(call, metered, whose) == []


def test_a_count_falls_by_one(call: Call) -> None:
    metered = meter(call, "count")
    whose = customer(call)
    for identifier in ("a", "b", "c"):
        send(call, whose, identifier, "9")
    cancel(call, "b")
    assert usage(call, metered, whose) == [2]


def test_of_a_last_meter_the_event_before_counts_again(call: Call) -> None:
    metered = meter(call, "last")
    whose = customer(call)
    send(call, whose, "early", "1", NOW - 120)
    send(call, whose, "late", "3", NOW - 60)
    send(call, whose, "between", "2", NOW - 90)
    assert usage(call, metered, whose) == [3]
    cancel(call, "late")
    assert usage(call, metered, whose) == [2]
    cancel(call, "early")
    assert usage(call, metered, whose) == [2]
    cancel(call, "between")
    assert usage(call, metered, whose) == []


@pytest.mark.parametrize("formula", ["sum", "last", "count"])
def test_of_a_window_the_event_received_before_counts_again(call: Call, formula: str) -> None:
    """Which of a window's events counts is told by its own instant: the first hour of the day, or the second."""
    metered = meter(call, formula, event_time_window="day")
    whose = customer(call)
    send(call, whose, "first", "1", NOW - DAY + 60)
    send(call, whose, "second", "2", NOW - DAY + HOUR)
    send(call, whose, "third", "3", NOW - DAY + 120)

    def counting() -> list[tuple[int, int]]:
        params = {"customer": whose, "start_time": NOW - DAY, "end_time": NOW, "value_grouping_window": "hour"}
        found = call.get(f"{METERS}/{metered}/event_summaries", params).json["data"]
        return [(each["start_time"] - NOW + DAY, each["aggregated_value"]) for each in found]

    expected = {"first": (0, 1), "second": (HOUR, 2), "third": (0, 3)}
    if formula == "count":
        expected = {identifier: (at, 1) for identifier, (at, _) in expected.items()}
    assert counting() == [expected["third"]]
    cancel(call, "third")
    assert counting() == [expected["second"]]
    cancel(call, "first")
    assert counting() == [expected["second"]]
    cancel(call, "second")
    assert counting() == []


def test_cancelling_an_overwritten_event_changes_nothing(call: Call) -> None:
    metered = meter(call, event_time_window="hour")
    whose = customer(call)
    send(call, whose, "first", "1")
    send(call, whose, "second", "2")
    cancel(call, "first")
    assert usage(call, metered, whose) == [2]


def test_windows_are_kept_apart_by_dimension_values(call: Call) -> None:
    metered = meter(call, event_time_window="hour", dimension_payload_keys=["model"])
    whose = customer(call)
    send(call, whose, "a", "1", model="a")
    send(call, whose, "b", "2", model="b")
    assert usage(call, metered, whose) == [3]
    cancel(call, "b")
    assert usage(call, metered, whose) == [1]


def test_usage_sent_after_a_cancellation_counts(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "wrong", "100")
    cancel(call, "wrong")
    send(call, whose, "right", "10")
    assert usage(call, metered, whose) == [10]


def test_an_event_of_a_deactivated_meter_can_be_cancelled(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "one")
    call.post(f"{METERS}/{metered}/deactivate")
    assert cancel(call, "one").status == 200
    assert usage(call, metered, whose) == []


def test_an_event_of_a_deleted_customer_can_be_cancelled(call: Call) -> None:
    meter(call)
    whose = customer(call)
    send(call, whose, "one")
    call.delete(f"/v1/customers/{whose}")
    assert cancel(call, "one").status == 200


def test_an_idempotency_key_replays_a_cancellation(call: Call) -> None:
    meter(call)
    send(call, customer(call), "one")
    first = cancel(call, "one", idempotency_key="key")
    replayed = cancel(call, "one", idempotency_key="key")
    assert (replayed.status, replayed.body) == (200, first.body)
    assert replayed.headers["idempotent-replayed"] == "true"


# What cannot be cancelled


def test_an_unknown_identifier_is_refused(call: Call) -> None:
    meter(call)
    refused(cancel(call, "never"), "No meter event was found with identifier never.")


def test_an_event_of_another_account_is_unknown(call: Call) -> None:
    meter(call)
    send(call, customer(call), "ours")
    refused(cancel(call, "ours", key="sk_test_other"), "No meter event was found with identifier ours.")


def test_another_meters_identifier_is_refused(call: Call) -> None:
    metered = meter(call)
    meter(call, event_name="tokens")
    whose = customer(call)
    send(call, whose, "one")
    refused(cancel(call, "one", "tokens"), "The meter event with identifier one does not have the event name tokens.")
    refused(cancel(call, "one", "nothing"), "The meter event with identifier one does not have the event name nothing.")
    assert usage(call, metered, whose) == [1]


def test_a_cancelled_event_cannot_be_cancelled_again(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "one")
    send(call, whose, "two")
    cancel(call, "one")
    refused(cancel(call, "one"), "The meter event with identifier one has already been cancelled.")
    assert usage(call, metered, whose) == [1]


def test_nor_can_one_whose_cancellation_still_waits(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "one")
    call.fake.control.set_lag(30)
    cancel(call, "one")
    refused(cancel(call, "one"), "The meter event with identifier one has already been cancelled.")
    call.clock.advance(30)
    assert usage(call, metered, whose) == []


def test_24_hours_after_receipt_are_the_last_instant_however_old_the_usage(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "old usage", "1", NOW - 34 * DAY)
    send(call, whose, "new usage", "2", NOW + 300)
    send(call, whose, "too late", "4", NOW + 300)
    call.clock.advance(DAY)
    assert cancel(call, "old usage").status == 200
    assert cancel(call, "new usage").status == 200
    call.clock.advance(0.001)
    refused(cancel(call, "too late"), "The meter event with identifier too late was received more than 24 hours ago.")
    assert usage(call, metered, whose) == [4]


def test_a_cancelled_events_identifier_stays_taken(call: Call) -> None:
    meter(call)
    whose = customer(call)
    send(call, whose, "one")
    cancel(call, "one")
    params = {"event_name": "calls", "identifier": "one", "payload": {"stripe_customer_id": whose, "value": "1"}}
    answer = call.post("/v1/billing/meter_events", params)
    assert answer.error["message"] == "An event already exists with identifier one."
    call.clock.advance(DAY)
    assert call.post("/v1/billing/meter_events", params).status == 200


def test_an_identifier_names_the_event_it_was_last_used_for(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "daily", "1")
    call.clock.advance(DAY)
    send(call, whose, "daily", "2")
    cancel(call, "daily")
    assert usage(call, metered, whose) == [1]
    refused(cancel(call, "daily"), "The meter event with identifier daily has already been cancelled.")


def test_refusals_come_in_order(call: Call) -> None:
    meter(call)
    meter(call, event_name="tokens")
    send(call, customer(call), "one")
    cancel(call, "one")
    call.clock.advance(DAY + 1)
    refused(cancel(call, "one", "tokens"), "The meter event with identifier one does not have the event name tokens.")
    refused(cancel(call, "one"), "The meter event with identifier one was received more than 24 hours ago.")


# The shape of the parameters


@pytest.mark.parametrize("missing", ["event_name", "type", "cancel"])
def test_a_required_parameter_is_missed(call: Call, missing: str) -> None:
    params = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    del params[missing]
    error = call.post(ADJUSTMENTS, params).error
    assert error["message"] == f"Missing required param: {missing}."
    assert (error["code"], error["param"]) == ("parameter_missing", missing)


def test_cancelling_is_the_only_type(call: Call) -> None:
    params = {"event_name": "calls", "type": "restore", "cancel": {"identifier": "one"}}
    error = call.post(ADJUSTMENTS, params).error
    assert (error["message"], error["param"]) == ("Invalid type: must be one of cancel", "type")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ("cancel=one", "cancel"),
        ("cancel[]=one", "cancel"),
        ("cancel[identifier][]=one", "cancel[identifier]"),
        ("cancel[identifier]=", "cancel[identifier]"),
        (f"cancel[identifier]={'x' * 101}", "cancel[identifier]"),
        ("cancel[identifier]=one&cancel[range]=1", "cancel[range]"),
        ("cancel[identifier]=one&identifier=one", "identifier"),
        ("cancel[range]=1", "cancel[range]"),
    ],
)
def test_a_cancellation_of_another_form_is_refused(call: Call, body: str, param: str) -> None:
    answer = call.post(ADJUSTMENTS, f"event_name=calls&type=cancel&{body}")
    assert (answer.status, answer.error["param"]) == (400, param)


def test_an_adjustment_cannot_be_retrieved(call: Call) -> None:
    assert call.get(ADJUSTMENTS).status == 404
