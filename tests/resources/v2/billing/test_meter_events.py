"""Meter events of API v2: the same judgement as v1's, in v2's words."""

import pytest

from tests.conftest import Call
from tests.resources.v2.conftest import customer
from tests.resources.v2.conftest import dropped
from tests.resources.v2.conftest import make
from tests.resources.v2.conftest import meter
from tests.resources.v2.conftest import post
from tests.resources.v2.conftest import reports
from tests.resources.v2.conftest import total
from tests.resources.v2.conftest import usage

EVENTS = "/v2/billing/meter_events"
KEYS = ["object", "created", "event_name", "identifier", "livemode", "payload", "timestamp"]


def test_an_event_counts_and_is_shown_without_an_id(call: Call) -> None:
    whose, meter_id = customer(call), meter(call)
    made = make(call, EVENTS, usage(whose, "2.5", identifier="one", timestamp="2024-12-31T12:00:00.500Z"))
    assert list(made) == KEYS
    assert made["object"] == "v2.billing.meter_event"
    assert (made["created"], made["timestamp"]) == ("2025-01-01T00:00:00.000Z", "2024-12-31T12:00:00.000Z")
    assert made["payload"] == {"stripe_customer_id": whose, "value": "2.5"}
    assert total(call, meter_id, whose) == 2.5


def test_identifier_and_timestamp_may_be_left_out(call: Call) -> None:
    whose = customer(call)
    meter(call)
    first, second = make(call, EVENTS, usage(whose)), make(call, EVENTS, usage(whose))
    assert first["identifier"] != second["identifier"]
    assert first["timestamp"] == first["created"]


def test_answers_carry_the_usual_headers(call: Call) -> None:
    whose = customer(call)
    meter(call)
    answer = post(call, EVENTS, usage(whose), version="2026-10-28.endive", idempotency_key="one")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Idempotency-Key"] == "one"


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"event_name": "nope"}, "no_meter", "A meter must exist to submit events."),
        ({"event_name": "old"}, "archived_meter", "The meter must be Active to submit events."),
        (
            {"identifier": "taken"},
            "duplicate_meter_event",
            "A meter event with a duplicate identifier has already been submitted.",
        ),
        (
            {"payload": {"value": "1"}},
            "payload_no_customer_defined",
            "The payload must have a reference to the customer.",
        ),
        ({"payload": {"stripe_customer_id": "WHOSE"}}, "payload_no_value_defined", "The payload must have a value."),
        (
            {"payload": {"stripe_customer_id": "WHOSE", "value": "many"}},
            "payload_invalid_value",
            "The value must be a positive integer.",
        ),
        (
            {"payload": {"stripe_customer_id": "cus_x", "value": "1"}},
            "meter_event_customer_not_found",
            "No such customer: 'cus_x'",
        ),
        (
            {"payload": {"stripe_customer_id": "WHOSE", "value": "1234567890123456"}},
            "meter_event_value_too_many_digits",
            "The value in the event payload can have at most `15` digits. Received `1234567890123456`.",
        ),
        ({"timestamp": "2024-11-26T23:59:59Z"}, "timestamp_too_far_in_past", None),
        ({"timestamp": "2025-01-01T00:05:01Z"}, "timestamp_in_future", None),
    ],
)
def test_what_is_wrong_has_its_name(call: Call, change: dict[str, object], code: str, message: str | None) -> None:
    whose = customer(call)
    meter(call)
    call.create(f"/v1/billing/meters/{meter(call, 'old')}/deactivate")
    make(call, EVENTS, usage(whose, identifier="taken"))
    event = usage(whose) | change
    event["payload"] = {key: whose if value == "WHOSE" else value for key, value in event["payload"].items()}
    answer = post(call, EVENTS, event)
    assert answer.status == 400
    assert answer.error["code"] == code
    assert message is None or answer.error["message"] == message
    assert "type" not in answer.error


@pytest.mark.parametrize("timestamp", ["2024-11-27T00:00:00Z", "2025-01-01T00:05:00Z"])
def test_the_ends_of_the_time_window_are_within(call: Call, timestamp: str) -> None:
    whose = customer(call)
    meter(call)
    assert post(call, EVENTS, usage(whose, timestamp=timestamp)).status == 200


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({}, "event_name"),
        ({"event_name": "calls"}, "payload"),
        ({"event_name": 7, "payload": {}}, "event_name"),
        ({"event_name": "x" * 101, "payload": {}}, "event_name"),
        ({"event_name": None, "payload": {}}, "event_name"),
        ({"event_name": "calls", "payload": []}, "payload"),
        ({"event_name": "calls", "payload": {"value": 5}}, "payload[value]"),
        ({"event_name": "calls", "payload": {"value": {"a": "b"}}}, "payload[value]"),
        ({"event_name": "calls", "payload": {"value": True}}, "payload[value]"),
        ({"event_name": "calls", "payload": {}, "timestamp": 1735689600}, "timestamp"),
        ({"event_name": "calls", "payload": {}, "timestamp": "yesterday"}, "timestamp"),
        ({"event_name": "calls", "payload": {}, "timestamp": "2025-01-01T00:00:00+24:00"}, "timestamp"),
        ({"event_name": "calls", "payload": {}, "timestamp": "2025-01-01T00:00:00-00:60"}, "timestamp"),
        ({"event_name": "calls", "payload": {}, "timestamp": "2024-12-31T23:59:60Z"}, "timestamp"),
        ({"event_name": "calls", "payload": {}, "identifier": "x" * 101}, "identifier"),
        ({"event_name": "calls", "payload": {}, "identifier": ""}, "identifier"),
        ({"event_name": "calls", "payload": {}, "amount": 1}, "amount"),
        ({"event_name": "calls", "payload": {}, "expand": ["x"]}, "expand"),
    ],
)
def test_wrong_fields_are_named(call: Call, event: dict[str, object], param: str) -> None:
    answer = post(call, EVENTS, event)
    assert answer.status == 400
    assert (answer.error["code"], answer.error["invalid_param"]) == ("invalid_fields", param)


def test_a_form_is_no_json(call: Call) -> None:
    answer = call.post(EVENTS, {"event_name": "calls"})
    assert (answer.status, answer.error["code"]) == (400, "invalid_json")


def test_unknown_urls_below_v2_are_refused_in_its_envelope(call: Call) -> None:
    for answer in (call.get(EVENTS), call.get("/v2/nope"), call.delete(EVENTS)):
        assert answer.status == 404
        assert answer.error["code"] == "not_found"
        assert "type" not in answer.error


@pytest.mark.parametrize("key", [None, "sk_live_1234567890", "token_abc", "pk_test_1234567890"])
def test_a_bad_key_is_refused_in_its_envelope(call: Call, key: str | None) -> None:
    answer = post(call, EVENTS, {}, key=key)
    assert answer.status == 401
    assert answer.error["code"] == "unauthorized"
    assert "type" not in answer.error


def test_a_success_is_replayed_for_thirty_days(call: Call) -> None:
    whose, meter_id = customer(call), meter(call)
    first = post(call, EVENTS, usage(whose), idempotency_key="one")
    call.clock.advance(30 * 86_400 - 1)
    again = post(call, EVENTS, usage(whose), idempotency_key="one")
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert total(call, meter_id, whose) == 1
    call.clock.advance(1)
    assert "Idempotent-Replayed" not in post(call, EVENTS, usage(whose), idempotency_key="one").headers


def test_failed_work_is_executed_again_under_its_key(call: Call) -> None:
    whose = customer(call)
    assert post(call, EVENTS, usage(whose), idempotency_key="one").error["code"] == "no_meter"
    meter_id = meter(call)
    assert post(call, EVENTS, usage(whose), idempotency_key="one").status == 200
    assert total(call, meter_id, whose) == 1


def test_a_key_is_good_for_one_request(call: Call) -> None:
    whose = customer(call)
    meter(call)
    make(call, EVENTS, usage(whose), idempotency_key="one")
    answer = post(call, EVENTS, usage(whose, "2"), idempotency_key="one")
    assert answer.status == 400
    assert (answer.error["type"], answer.error["code"]) == ("idempotency_error", "idempotency_error")


def test_the_order_of_keys_in_the_body_makes_no_other_request(call: Call) -> None:
    whose = customer(call)
    meter(call)
    event = usage(whose)
    first = post(call, EVENTS, event, idempotency_key="one")
    again = post(call, EVENTS, dict(reversed(event.items())), idempotency_key="one")
    assert again.body == first.body


def test_v1_and_v2_have_a_bucket_each(call: Call) -> None:
    whose = customer(call)
    meter(call)
    call.fake.control.set_limits({"meter_events": 2})
    statuses = [post(call, EVENTS, usage(whose)).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert call.post("/v1/billing/meter_events", usage(whose)).status == 200
    refused = post(call, EVENTS, usage(whose))
    assert (refused.error["type"], refused.error["code"]) == ("rate_limit", "account_rate_limit_exceeded")
    assert refused.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    call.clock.advance(1)
    assert post(call, EVENTS, usage(whose)).status == 200


def test_usage_that_is_judged_later_is_accepted_dropped_and_reported(call: Call) -> None:
    whose, meter_id = customer(call), meter(call)
    call.fake.engine.world.settings.async_validation = True
    make(call, EVENTS, usage("cus_nope", identifier="bad"), idempotency_key="the-key")
    assert call.create("/v1/billing/meter_events", usage(whose, "many", identifier="worse"))["identifier"] == "worse"
    assert dropped(call) == [("meter_event_customer_not_found", "bad"), ("meter_event_invalid_value", "worse")]
    assert total(call, meter_id, whose) is None
    call.clock.advance(12)
    (report,) = reports(call)
    reason = report["data"]["reason"]
    assert reason["error_count"] == 2
    assert reason["error_types"][0]["sample_errors"] == [
        {"error_message": "No such customer: 'cus_nope'", "request": {"identifier": "the-key"}}
    ]


def test_what_is_plainly_wrong_is_refused_even_so(call: Call) -> None:
    meter(call)
    call.fake.engine.world.settings.async_validation = True
    assert post(call, EVENTS, {"event_name": "nope", "payload": {}}).error["code"] == "no_meter"
    assert post(call, EVENTS, {"event_name": "calls", "payload": {}}).error["code"] == "payload_no_customer_defined"
    assert dropped(call) == []


def test_planned_faults_speak_v2(call: Call) -> None:
    call.fake.fail_next("POST /v2/billing/meter_events", status=409)
    answer = post(call, EVENTS, {})
    assert (answer.status, answer.error["code"]) == (409, "too_many_concurrent_requests")
    call.fake.fail_next("POST /v2/billing/meter_events", status=503)
    answer = post(call, EVENTS, {})
    assert (answer.status, answer.error["code"]) == (503, "internal_error")
