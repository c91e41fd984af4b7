"""Meter events: what is answered, what is refused in which order, and when usage comes to count."""

import json
import re
import uuid
from dataclasses import asdict
from decimal import Decimal
from decimal import localcontext
from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.v2 import conftest as v2

EVENTS = "/v1/billing/meter_events"
METERS = "/v1/billing/meters"
ADJUSTMENTS = "/v1/billing/meter_event_adjustments"
NOW = 1_735_689_600
DAY = 86_400
FIVE_MINUTES = 300
THIRTY_FIVE_DAYS = 35 * DAY
DOCS = "https://stripe.com/docs/error-codes/"


def customer(call: Call, **options: Any) -> str:  # noqa: ANN401  as Call.request
    created: str = call.create("/v1/customers", **options)["id"]
    return created


def meter(call: Call, formula: str = "sum", event_name: str = "calls", key: str | None = None, **more: object) -> str:
    params = {"display_name": "Calls", "event_name": event_name, "default_aggregation": {"formula": formula}, **more}
    created: str = call.create(METERS, params, **({"key": key} if key else {}))["id"]
    return created


def send(call: Call, whose: str | None, value: object = "1", *, name: str = "calls", **more: Any) -> Answer:  # noqa: ANN401  a parameter of any kind
    payload = {"stripe_customer_id": whose, "value": value} | more.pop("payload", {})
    return call.post(EVENTS, {"event_name": name, "payload": payload, **more})


def total(call: Call, meter_id: str, whose: str, **options: Any) -> Decimal | None:  # noqa: ANN401  as Call.request
    """What a meter has counted of a customer within 40 days of now; None if there is nothing."""
    minute = call.clock.now() // 60 * 60
    params = {"customer": whose, "start_time": minute - 40 * DAY, "end_time": minute + DAY}
    answer = call.get(f"{METERS}/{meter_id}/event_summaries", params, **options)
    found = json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)["data"]
    assert len(found) <= 1
    value: Decimal | None = found[0]["aggregated_value"] if found else None
    return value


def lag(call: Call, seconds: float) -> None:
    call.fake.control.set_lag(seconds)


def judge_later(call: Call) -> None:
    """Asynchronous validation, which a real account cannot choose."""
    call.fake.engine.world.settings.async_validation = True


def dropped(call: Call) -> list[dict[str, Any]]:
    found = [asdict(each) for each in call.fake.dropped_events]
    return [{name: each[name] for name in ("code", "message", "event", "at")} for each in found]


engine_only = pytest.mark.parametrize("call", ["engine"], indirect=True)
"""For what is about numbers and takes thousands of calls."""


def refused(answer: Answer, message: str, *, code: str | None = None, param: str | None = None) -> None:
    """Stripe's whole envelope for a 400, in its order of keys."""
    assert answer.status == 400
    error = dict(answer.error)
    assert list(answer.json) == ["error"]
    assert error.pop("request_log_url").endswith(f"/test/workbench/logs?object={answer.headers['request-id']}")
    doc_url = DOCS + code.replace("_", "-") if code else None
    fields = {"code": code, "doc_url": doc_url, "message": message, "param": param, "type": "invalid_request_error"}
    assert list(error.items()) == [(name, value) for name, value in fields.items() if value is not None]


# What is answered


def test_an_event_is_answered_with_seven_keys_and_no_id(call: Call) -> None:
    meter(call)
    whose = customer(call)
    answer = send(call, whose, "25", identifier="identifier_123", timestamp=NOW - 60)
    assert answer.status == 200
    assert list(answer.json.items()) == [
        ("object", "billing.meter_event"),
        ("created", NOW),
        ("event_name", "calls"),
        ("identifier", "identifier_123"),
        ("livemode", False),
        ("payload", {"stripe_customer_id": whose, "value": "25"}),
        ("timestamp", NOW - 60),
    ]


def test_an_event_without_a_timestamp_is_of_now(call: Call) -> None:
    meter(call)
    whose = customer(call)
    call.clock.advance(61.9)
    assert send(call, whose).json["timestamp"] == NOW + 61
    assert send(call, whose).json["created"] == NOW + 61


def test_generated_identifiers_are_uuids_and_unique(call: Call) -> None:
    meter(call)
    whose = customer(call)
    made = [send(call, whose).json["identifier"] for _ in range(50)]
    assert len(set(made)) == 50
    assert all(str(uuid.UUID(each)) == each and uuid.UUID(each).version == 4 for each in made)


def test_a_generated_identifier_is_taken_like_any_other(call: Call) -> None:
    meter(call)
    whose = customer(call)
    made = send(call, whose).json["identifier"]
    refused(send(call, whose, identifier=made), f"An event already exists with identifier {made}.")


def test_further_payload_keys_are_echoed_and_do_not_count(call: Call) -> None:
    counted = meter(call)
    whose = customer(call)
    answer = send(call, whose, "2", payload={"region": "eu", "unit price": "9", "ключ": "значение"})
    assert answer.json["payload"] == {
        "stripe_customer_id": whose,
        "value": "2",
        "region": "eu",
        "unit price": "9",
        "ключ": "значение",
    }
    assert total(call, counted, whose) == 2


def test_there_is_nothing_to_list_or_retrieve(call: Call) -> None:
    answer = call.get(EVENTS)
    assert answer.status == 404
    assert answer.error["message"].startswith("Unrecognized request URL (GET: /v1/billing/meter_events).")


# Values


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("5", "5"),
        ("0", "0"),
        ("-3", "-3"),
        ("+4", "4"),
        ("007", "7"),
        ("0.1", "0.1"),
        (".5", "0.5"),
        ("-0.25", "-0.25"),
        ("2.50", "2.5"),
        ("-0", "0"),
        ("123456789012345", "123456789012345"),
        ("-123456789012345", "-123456789012345"),
        ("1234567890.12345", "1234567890.12345"),
        ("0.123456789012345", "0.123456789012345"),
        ("0000000123456789012345", "123456789012345"),
        ("0.000000000123456789012345", "0.000000000123456789012345"),
    ],
)
def test_a_number_counts_exactly_and_is_echoed_as_it_was_sent(call: Call, text: str, counted: str) -> None:
    metered = meter(call)
    whose = customer(call)
    answer = send(call, whose, text)
    assert answer.status == 200
    assert answer.json["payload"]["value"] == text
    assert total(call, metered, whose) == Decimal(counted)


@pytest.mark.parametrize(
    "text",
    [
        "five",
        "1e3",
        "1E3",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "0x10",
        "1_000",
        "1,5",
        "1.2.3",
        "5.",
        ".",
        "+",
        "-",
        "--1",
        "+-1",
        "٣",
        "½",
        "1'000",
        "$5",
        "",
        " 5",
        "5 ",
        "5\n",
        "5\0",
    ],
)
def test_what_is_no_plain_number_is_refused(call: Call, text: str) -> None:
    metered = meter(call)
    whose = customer(call)
    refused(
        send(call, whose, text),
        f"Invalid value '{text}' in the event payload: it must be a number.",
        code="meter_event_invalid_value",
        param="payload[value]",
    )
    assert total(call, metered, whose) is None


@pytest.mark.parametrize(
    "text",
    [
        "1234567890123456",
        "-1234567890123456",
        "12345678901234.56",
        "1.000000000000000",
        "1000000000000000",
        "00012345678901234567",
    ],
)
def test_more_than_15_significant_digits_are_refused(call: Call, text: str) -> None:
    meter(call)
    refused(
        send(call, customer(call), text),
        f"The value in the event payload can have at most `15` digits. Received `{text}`.",
        code="meter_event_value_too_many_digits",
        param="payload[value]",
    )


# More than 12 decimals

FINE = ["43.899664402008", "0.000006944", "-0.000000000001", "123456789012345", ".5"]
TOO_FINE = ["43.8996644020081", "0.0000000000001", "-.0000000000001", "1.0000000000000"]


@pytest.mark.parametrize("text", TOO_FINE)
def test_decimals_have_no_limit_of_their_own_by_default(call: Call, text: str) -> None:
    metered = meter(call)
    whose = customer(call)
    assert send(call, whose, text).status == 200
    assert total(call, metered, whose) == Decimal(text)


@pytest.mark.parametrize("text", TOO_FINE)
def test_more_than_12_decimals_are_refused_by_choice_at_every_door(call: Call, text: str) -> None:
    call.fake.begin(now=NOW, strict_decimals=True)
    metered = meter(call)
    whose = customer(call)
    sentence = f"The value in the event payload can have at most `15` digits. Received `{text}`."
    code = "meter_event_value_too_many_digits"
    refused(send(call, whose, text), sentence, code=code, param="payload[value]")
    assert v2.post(call, "/v2/billing/meter_events", v2.usage(whose, text)).error["message"] == sentence
    assert v2.stream(call, [v2.usage(whose, text)], v2.token(call)).status == 200
    assert [(each["code"], each["message"]) for each in dropped(call)] == [(code, sentence)]
    assert total(call, metered, whose) is None


@pytest.mark.parametrize("text", FINE)
def test_12_decimals_are_never_refused(call: Call, text: str) -> None:
    call.fake.begin(now=NOW, strict_decimals=True)
    metered = meter(call)
    whose = customer(call)
    assert send(call, whose, text).status == 200
    assert total(call, metered, whose) == Decimal(text)


def test_a_huge_value_is_refused_without_being_repeated_whole(call: Call) -> None:
    meter(call)
    whose = customer(call)
    for text in ("9" * 100_000, "x" * 100_000, "0" * 100_000, f"0.{'0' * 100_000}1"):
        answer = send(call, whose, text)
        assert answer.status == 400
        assert len(answer.body) < 1_000
    assert send(call, whose, f"0.{'0' * 97}1").status == 200


def test_negative_values_correct_earlier_ones(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "10")
    send(call, whose, "-12.5")
    assert total(call, metered, whose) == Decimal("-2.5")


def test_a_count_meter_ignores_values_even_absent_and_absurd_ones(call: Call) -> None:
    metered = meter(call, "count")
    whose = customer(call)
    for payload in ({"value": "50"}, {"value": "-1"}, {"value": "many"}, {"value": "1" * 40}, {"value": ""}, {}):
        sent = call.post(EVENTS, {"event_name": "calls", "payload": {"stripe_customer_id": whose, **payload}})
        assert sent.status == 200
    assert total(call, metered, whose) == 6


@pytest.mark.parametrize("formula", ["sum", "last"])
def test_other_meters_need_a_value(call: Call, formula: str) -> None:
    meter(call, formula)
    refused(
        call.post(EVENTS, {"event_name": "calls", "payload": {"stripe_customer_id": customer(call)}}),
        "Value key value not found in payload.",
        code="meter_event_value_not_found",
        param="payload",
    )


def test_a_last_meter_counts_the_greatest_timestamp_and_of_equal_ones_the_later_receipt(call: Call) -> None:
    metered = meter(call, "last")
    whose = customer(call)
    send(call, whose, "1", timestamp=NOW - 60)
    send(call, whose, "2", timestamp=NOW - 120)
    assert total(call, metered, whose) == 1
    send(call, whose, "3", timestamp=NOW - 60)
    assert total(call, metered, whose) == 3


def test_sums_are_exact_decimals(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "0.1")
    send(call, whose, "0.2")
    params = {"customer": whose, "start_time": NOW, "end_time": NOW + 60}
    body = call.get(f"{METERS}/{metered}/event_summaries", params).body
    assert b'"aggregated_value": 0.3,' in body


@engine_only
def test_thousands_of_15_digit_values_add_up_exactly(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    values = [f"{999_999_999_999_999 - index}" for index in range(900)]
    values += [f"0.{100_000_000_000_000 + index}" for index in range(900)]
    for index, value in enumerate(values):
        if not index % 900:
            call.clock.advance(1)  # for the limit of 1,000 a second
        assert send(call, whose, value).status == 200
    with localcontext(prec=60):
        assert total(call, metered, whose) == sum(map(Decimal, values))


# Customers and their keys


def test_a_meter_may_have_keys_of_its_own(call: Call) -> None:
    mapping = {"event_payload_key": "who", "type": "by_id"}
    metered = meter(call, customer_mapping=mapping, value_settings={"event_payload_key": "tokens"})
    whose = customer(call)
    payload = {"who": whose, "tokens": "7", "value": "nonsense", "stripe_customer_id": "cus_nobody"}
    assert call.post(EVENTS, {"event_name": "calls", "payload": payload}).status == 200
    assert total(call, metered, whose) == 7
    refused(
        call.post(EVENTS, {"event_name": "calls", "payload": {"stripe_customer_id": whose, "value": "1"}}),
        "Customer mapping key who not found in payload.",
        code="meter_event_no_customer_defined",
        param="payload",
    )
    refused(
        call.post(EVENTS, {"event_name": "calls", "payload": {"who": whose, "value": "1"}}),
        "Value key tokens not found in payload.",
        code="meter_event_value_not_found",
        param="payload",
    )
    refused(
        call.post(EVENTS, {"event_name": "calls", "payload": {"who": "cus_nobody", "tokens": "1"}}),
        "No such customer: 'cus_nobody'",
        code="resource_missing",
        param="payload[who]",
    )
    refused(
        call.post(EVENTS, {"event_name": "calls", "payload": {"who": whose, "tokens": "x"}}),
        "Invalid value 'x' in the event payload: it must be a number.",
        code="meter_event_invalid_value",
        param="payload[tokens]",
    )


def test_the_payload_must_name_its_customer(call: Call) -> None:
    meter(call)
    refused(
        call.post(EVENTS, {"event_name": "calls", "payload": {"value": "1"}}),
        "Customer mapping key stripe_customer_id not found in payload.",
        code="meter_event_no_customer_defined",
        param="payload",
    )


@pytest.mark.parametrize("whose", ["cus_nobody", "", "CUS_1", "mtr_test_1"])
def test_an_unknown_customer_is_refused(call: Call, whose: str) -> None:
    meter(call)
    message = f"No such customer: '{whose}'"
    refused(send(call, whose), message, code="resource_missing", param="payload[stripe_customer_id]")


def test_a_deleted_customer_is_refused_and_keeps_what_was_counted(call: Call) -> None:
    meter(call)
    whose = customer(call)
    assert send(call, whose).status == 200
    call.delete(f"/v1/customers/{whose}")
    message = f"No such customer: '{whose}'"
    refused(send(call, whose), message, code="resource_missing", param="payload[stripe_customer_id]")


def test_usage_is_kept_apart_by_customer_and_by_meter(call: Call) -> None:
    calls, tokens = meter(call), meter(call, event_name="tokens")
    ann, bob = customer(call), customer(call)
    send(call, ann, "1")
    send(call, bob, "2")
    send(call, ann, "4", name="tokens")
    assert [total(call, calls, ann), total(call, calls, bob)] == [1, 2]
    assert [total(call, tokens, ann), total(call, tokens, bob)] == [4, None]


# Meters


def test_an_event_needs_a_meter_of_its_name(call: Call) -> None:
    refused(send(call, customer(call)), 'No active meter found for event name "calls".')


def test_a_deactivated_meter_takes_no_events_until_it_is_reactivated(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "1")
    call.post(f"{METERS}/{metered}/deactivate")
    refused(send(call, whose, "2"), 'No active meter found for event name "calls".')
    assert total(call, metered, whose) == 1
    call.post(f"{METERS}/{metered}/reactivate")
    assert send(call, whose, "4").status == 200
    assert total(call, metered, whose) == 5


def test_events_go_to_the_active_one_of_two_meters_with_a_name(call: Call) -> None:
    old = meter(call)
    whose = customer(call)
    send(call, whose, "1", identifier="one")
    call.post(f"{METERS}/{old}/deactivate")
    new = meter(call, "count")
    send(call, whose, "5")
    assert [total(call, old, whose), total(call, new, whose)] == [1, 1]
    refused(send(call, whose, identifier="one"), "An event already exists with identifier one.")


def test_listed_dimension_keys_must_be_in_the_payload_and_tenant_keys_need_not(call: Call) -> None:
    metered = meter(call, dimension_payload_keys=["model", "tier"], tenant_payload_keys=["team"])
    whose = customer(call)
    refused(
        send(call, whose, payload={"model": "a"}),
        "Dimension key tier not found in payload.",
        code="missing_dimension_payload_keys",
        param="payload",
    )
    assert send(call, whose, payload={"model": "a", "tier": ""}).status == 200
    assert total(call, metered, whose) == 1


# Identifiers


def test_an_identifier_is_refused_twice_and_a_client_told_not_to_retry(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, identifier="once")
    answer = send(call, whose, "3", identifier="once")
    refused(answer, "An event already exists with identifier once.")
    assert answer.headers["stripe-should-retry"] == "false"
    assert total(call, metered, whose) == 1


def test_an_identifier_is_taken_for_all_meters_and_customers_of_the_account(call: Call) -> None:
    meter(call)
    meter(call, event_name="tokens")
    send(call, customer(call), identifier="once")
    answer = send(call, customer(call), name="tokens", identifier="once")
    refused(answer, "An event already exists with identifier once.")


def test_an_identifier_is_free_again_after_exactly_24_hours_since_receipt(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "1", identifier="daily", timestamp=NOW - 3 * DAY)
    call.clock.advance(DAY - 1)
    refused(send(call, whose, "2", identifier="daily"), "An event already exists with identifier daily.")
    call.clock.advance(1)
    assert send(call, whose, "4", identifier="daily").status == 200
    refused(send(call, whose, "8", identifier="daily"), "An event already exists with identifier daily.")
    assert total(call, metered, whose) == 5


def test_a_refused_event_does_not_take_its_identifier(call: Call) -> None:
    meter(call)
    whose = customer(call)
    assert send(call, whose, "x", identifier="again").status == 400
    assert send(call, whose, "1", identifier="again").status == 200


def test_the_same_idempotency_key_replays_where_a_fresh_one_is_refused(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    first = send_with_key(call, whose, "first")
    replayed = send_with_key(call, whose, "first")
    assert (replayed.status, replayed.body) == (200, first.body)
    assert replayed.headers["idempotent-replayed"] == "true"
    refused(send_with_key(call, whose, "second"), "An event already exists with identifier once.")
    assert total(call, metered, whose) == 1


def send_with_key(call: Call, whose: str, key: str) -> Answer:
    params = {"event_name": "calls", "identifier": "once", "payload": {"stripe_customer_id": whose, "value": "1"}}
    return call.post(EVENTS, params, idempotency_key=key)


# Time


def test_an_event_may_be_35_days_old_to_the_second(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    call.clock.advance(0.999)
    assert send(call, whose, timestamp=NOW - THIRTY_FIVE_DAYS).status == 200
    refused(
        send(call, whose, timestamp=NOW - THIRTY_FIVE_DAYS - 1),
        "The event timestamp cannot be more than 35 days in past. "
        f"Expected a timestamp greater than or equal to {NOW - THIRTY_FIVE_DAYS}.",
        code="timestamp_too_far_in_past",
        param="timestamp",
    )
    assert total(call, metered, whose) == 1


def test_an_event_may_be_5_minutes_ahead_to_the_second(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    assert send(call, whose, timestamp=NOW + FIVE_MINUTES).status == 200
    refused(
        send(call, whose, timestamp=NOW + FIVE_MINUTES + 1),
        f"The event timestamp cannot be in future. Expected a timestamp less than or equal to {NOW + FIVE_MINUTES}.",
        code="timestamp_in_future",
        param="timestamp",
    )
    assert total(call, metered, whose) == 1


def test_the_window_of_timestamps_moves_with_the_clock(call: Call) -> None:
    meter(call)
    whose = customer(call)
    assert send(call, whose, timestamp=NOW + FIVE_MINUTES + 1).status == 400
    call.clock.advance(1)
    assert send(call, whose, timestamp=NOW + FIVE_MINUTES + 1).status == 200
    assert send(call, whose, timestamp=NOW - THIRTY_FIVE_DAYS).status == 400


@pytest.mark.parametrize("timestamp", [0, -1, -(10**17), 10**17])
def test_absurd_timestamps_are_refused(call: Call, timestamp: int) -> None:
    meter(call)
    assert send(call, customer(call), timestamp=timestamp).error["param"] == "timestamp"


# The shape of the parameters


@pytest.mark.parametrize("missing", ["event_name", "payload"])
def test_a_required_parameter_is_missed(call: Call, missing: str) -> None:
    params = {"event_name": "calls", "payload": {"stripe_customer_id": "cus_1", "value": "1"}}
    del params[missing]
    refused(call.post(EVENTS, params), f"Missing required param: {missing}.", code="parameter_missing", param=missing)


@pytest.mark.parametrize("name", ["event_name", "identifier"])
def test_a_name_has_at_most_100_characters(call: Call, name: str) -> None:
    meter(call, event_name="n" * 100)
    whose = customer(call)
    params = {"event_name": "n" * 100, "payload": {"stripe_customer_id": whose, "value": "1"}}
    assert call.post(EVENTS, params | {name: "n" * 100}).status == 200
    refused(
        call.post(EVENTS, params | {name: "n" * 101}),
        "Invalid string: nnnn...nnnn; must be at most 100 characters",
        param=name,
    )


@pytest.mark.parametrize("name", ["event_name", "identifier", "payload", "timestamp"])
def test_an_empty_parameter_is_refused(call: Call, name: str) -> None:
    meter(call)
    params = {"event_name": "calls", "payload": {"stripe_customer_id": customer(call), "value": "1"}}
    answer = call.post(EVENTS, params | {name: ""})
    assert (answer.error["code"], answer.error["param"]) == ("parameter_invalid_empty", name)


@pytest.mark.parametrize("timestamp", ["soon", "1.5", "1e9", "2025-01-01T00:00:00Z", " 1"])
def test_a_timestamp_is_whole_seconds(call: Call, timestamp: str) -> None:
    meter(call)
    answer = send(call, customer(call), timestamp=timestamp)
    refused(answer, f"Invalid integer: {timestamp}", code="parameter_invalid_integer", param="timestamp")


@pytest.mark.parametrize("value", [{"a": "1"}, ["1", "2"]])
def test_payload_values_are_strings(call: Call, value: object) -> None:
    meter(call)
    answer = send(call, customer(call), value)
    assert answer.status == 400
    assert answer.error["message"].startswith("Invalid string: ")
    assert answer.error["param"] == "payload[value]"


@pytest.mark.parametrize("body", ["payload=5", "payload[]=5", "payload[][value]=5"])
def test_the_payload_is_a_hash(call: Call, body: str) -> None:
    refused(call.post(EVENTS, f"event_name=calls&{body}"), "Invalid object", param="payload")


def test_unknown_parameters_are_refused(call: Call) -> None:
    meter(call)
    whose = customer(call)
    refused(
        send(call, whose, value_="1"),
        "Received unknown parameter: value_",
        code="parameter_unknown",
        param="value_",
    )
    assert send(call, whose, expand=["customer"]).error["message"] == "This property cannot be expanded (customer)."


# The order of the checks


def wrongs(call: Call) -> list[tuple[dict[str, Any], str]]:
    """What can be wrong with an event, in the order in which it is found out, and how the sentence begins."""
    send(call, customer(call), identifier="taken", payload={"model": "a"})
    return [
        ({"surplus": "1"}, "Received unknown parameter"),
        ({"event_name": "nothing"}, "No active meter found"),
        ({"identifier": "taken"}, "An event already exists"),
        ({"stripe_customer_id": None}, "Customer mapping key"),
        ({"stripe_customer_id": "cus_nobody"}, "No such customer"),
        ({"value": None}, "Value key"),
        ({"value": "x"}, "Invalid value"),
        ({"value": "1" * 16}, "The value in the event payload can have at most"),
        ({"model": None}, "Dimension key"),
        ({"timestamp": NOW - THIRTY_FIVE_DAYS - 1}, "The event timestamp cannot be more than 35 days"),
    ]


IN_PAYLOAD = {"stripe_customer_id", "value", "model"}


def test_of_two_things_wrong_the_first_in_order_is_reported(call: Call) -> None:
    meter(call, dimension_payload_keys=["model"])
    whose = customer(call)
    pairs = 0
    everything = wrongs(call)
    for place, (first, sentence) in enumerate(everything):
        for second, _ in [(first, sentence), *everything[place + 1 :]]:
            if first.keys() & second.keys() and first != second:
                continue  # one parameter can be wrong in one way only
            wrong = first | second
            payload = {"stripe_customer_id": whose, "value": "1", "model": "a"}
            payload |= {name: value for name, value in wrong.items() if name in IN_PAYLOAD}
            rest = {name: value for name, value in wrong.items() if name not in IN_PAYLOAD}
            answer = call.post(EVENTS, {"event_name": "calls", "payload": payload} | rest)
            assert answer.error["message"].startswith(sentence), wrong
            pairs += 1
    assert pairs == 51


# Accounts


def test_two_keys_never_see_each_other(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "1", identifier="same")
    theirs = meter(call, key="sk_test_other")
    other = customer(call, key="sk_test_other")
    params = {"event_name": "calls", "identifier": "same", "payload": {"stripe_customer_id": other, "value": "2"}}
    assert call.post(EVENTS, params, key="sk_test_other").status == 200
    assert total(call, metered, whose) == 1
    assert total(call, theirs, other, key="sk_test_other") == 2
    refused(
        send(call, other),
        f"No such customer: '{other}'",
        code="resource_missing",
        param="payload[stripe_customer_id]",
    )
    assert call.get(f"{METERS}/{theirs}").status == 404


def test_a_connected_account_is_a_world_below_its_key(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    params = {"event_name": "calls", "payload": {"stripe_customer_id": whose, "value": "1"}}
    answer = call.post(EVENTS, params, headers={"Stripe-Account": "acct_connected"})
    refused(answer, 'No active meter found for event name "calls".')
    assert total(call, metered, whose) is None


# Asynchronous validation


LATER = [
    ({"stripe_customer_id": "cus_nobody"}, "meter_event_customer_not_found", "No such customer: 'cus_nobody'"),
    ({"value": None}, "meter_event_value_not_found", "Value key value not found in payload."),
    ({"value": "x"}, "meter_event_invalid_value", "Invalid value 'x' in the event payload: it must be a number."),
    (
        {"value": "1" * 16},
        "meter_event_value_too_many_digits",
        f"The value in the event payload can have at most `15` digits. Received `{'1' * 16}`.",
    ),
    ({"model": None}, "missing_dimension_payload_keys", "Dimension key model not found in payload."),
]


@pytest.mark.parametrize(("wrong", "code", "message"), LATER)
def test_with_asynchronous_validation_an_event_is_taken_and_dropped(
    call: Call, wrong: dict[str, str | None], code: str, message: str
) -> None:
    judge_later(call)
    metered = meter(call, dimension_payload_keys=["model"])
    whose = customer(call)
    payload = {"stripe_customer_id": whose, "value": "1", "model": "a"} | wrong
    sent = {name: value for name, value in payload.items() if value is not None}
    answer = call.post(EVENTS, {"event_name": "calls", "identifier": "bad", "payload": sent})
    assert answer.status == 200
    assert answer.json["payload"] == sent
    event = {"event_name": "calls", "identifier": "bad", "payload": sent, "timestamp": NOW}
    assert dropped(call) == [{"code": code, "message": message, "event": event, "at": NOW}]
    assert total(call, metered, whose) is None
    answer = send(call, whose, identifier="bad", payload={"model": "a"})
    refused(answer, "An event already exists with identifier bad.")


@pytest.mark.parametrize(
    ("timestamp", "code"),
    [(NOW - THIRTY_FIVE_DAYS - 1, "timestamp_too_far_in_past"), (NOW + FIVE_MINUTES + 1, "timestamp_in_future")],
)
def test_with_asynchronous_validation_so_is_one_out_of_time(call: Call, timestamp: int, code: str) -> None:
    judge_later(call)
    meter(call)
    assert send(call, customer(call), timestamp=timestamp).json["timestamp"] == timestamp
    assert [each["code"] for each in dropped(call)] == [code]


def test_with_asynchronous_validation_form_meter_identifier_and_customer_key_are_still_checked(call: Call) -> None:
    judge_later(call)
    meter(call)
    whose = customer(call)
    assert send(call, whose, identifier="good").status == 200
    assert send(call, whose, "1", name="nothing").status == 400
    assert send(call, whose, "1", identifier="good").status == 400
    assert send(call, None).error["code"] == "meter_event_no_customer_defined"
    assert send(call, whose, ["1"]).status == 400
    assert dropped(call) == []


def test_a_dropped_events_identifier_is_free_again_after_24_hours_too(call: Call) -> None:
    judge_later(call)
    meter(call)
    whose = customer(call)
    for value in ("1", "x", "2"):  # counted, dropped, counted: each a day after the one before
        assert send(call, whose, value, identifier="daily").status == 200
        call.clock.advance(DAY - 1)
        answer = send(call, whose, "4", identifier="daily")
        refused(answer, "An event already exists with identifier daily.")
        call.clock.advance(1)


def test_a_dropped_event_cannot_be_cancelled(call: Call) -> None:
    judge_later(call)
    meter(call)
    send(call, customer(call), "x", identifier="bad")
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "bad"}}
    answer = call.post(ADJUSTMENTS, cancel)
    assert answer.error["message"] == "No meter event was found with identifier bad."


# Lag


def test_without_a_lag_usage_counts_at_once(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "5")
    assert total(call, metered, whose) == 5


def test_with_a_lag_usage_counts_when_it_is_over(call: Call) -> None:
    lag(call, 30)
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "1")
    call.clock.advance(10)
    send(call, whose, "2")
    call.clock.advance(19)
    assert total(call, metered, whose) is None
    call.clock.advance(1)
    assert total(call, metered, whose) == 1
    call.clock.advance(9)
    assert total(call, metered, whose) == 1
    call.clock.advance(1)
    assert total(call, metered, whose) == 3


def test_a_flush_shows_all_accepted_usage_now_and_nothing_twice(call: Call) -> None:
    lag(call, 30)
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "1")
    call.fake.flush()
    assert total(call, metered, whose) == 1
    send(call, whose, "2")
    assert total(call, metered, whose) == 1
    call.clock.advance(3_600)
    assert total(call, metered, whose) == 3


def test_the_identifier_is_taken_while_its_usage_waits(call: Call) -> None:
    lag(call, 30)
    meter(call)
    whose = customer(call)
    send(call, whose, identifier="once")
    refused(send(call, whose, identifier="once"), "An event already exists with identifier once.")


def test_a_cancellation_waits_as_long(call: Call) -> None:
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "1", identifier="kept")
    send(call, whose, "2", identifier="gone")
    lag(call, 30)
    call.post(ADJUSTMENTS, {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "gone"}})
    call.clock.advance(29)
    assert total(call, metered, whose) == 3
    call.clock.advance(1)
    assert total(call, metered, whose) == 1


def test_usage_cancelled_while_it_waits_is_seen_for_as_long_as_the_cancellation_is_behind(call: Call) -> None:
    lag(call, 30)
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "2", identifier="gone")
    call.clock.advance(10)
    call.post(ADJUSTMENTS, {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "gone"}})
    call.clock.advance(20)
    assert total(call, metered, whose) == 2
    call.clock.advance(10)
    assert total(call, metered, whose) is None


def test_a_shortened_lag_lets_a_cancellation_overtake_its_event(call: Call) -> None:
    lag(call, 60)
    metered = meter(call)
    whose = customer(call)
    send(call, whose, "2", identifier="gone")
    send(call, whose, "4")
    lag(call, 0)
    call.post(ADJUSTMENTS, {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "gone"}})
    send(call, whose, "8")
    assert total(call, metered, whose) == 8
    call.clock.advance(60)
    assert total(call, metered, whose) == 12


@pytest.mark.parametrize("lags", [(0, 60, 0), (60, 0, 60), (10, 60, 30), (60, 30, 10)])
def test_a_changed_lag_loses_nothing_and_counts_nothing_twice(call: Call, lags: tuple[int, ...]) -> None:
    metered = meter(call)
    whose = customer(call)
    expected = 0
    for power, seconds in enumerate(lags):
        lag(call, seconds)
        send(call, whose, str(10**power), identifier=f"kept-{power}")
        send(call, whose, str(10**power), identifier=f"gone-{power}")
        call.post(ADJUSTMENTS, {"event_name": "calls", "type": "cancel", "cancel": {"identifier": f"gone-{power}"}})
        expected += 10**power
        call.clock.advance(5)
    call.clock.advance(60)
    assert total(call, metered, whose) == expected


def test_the_last_event_received_wins_its_window_whichever_becomes_visible_last(call: Call) -> None:
    metered = meter(call, event_time_window="hour")
    whose = customer(call)
    lag(call, 60)
    send(call, whose, "1")
    lag(call, 0)
    send(call, whose, "2")
    assert total(call, metered, whose) == 2
    call.clock.advance(60)
    assert total(call, metered, whose) == 2


# Rate limits


@engine_only
def test_the_1001st_event_of_a_frozen_second_is_refused_and_a_second_brings_a_thousand_more(call: Call) -> None:
    params = {"event_name": "nothing"}  # a refused call counts as well
    for _ in range(2):
        assert {call.post(EVENTS, params).status for _ in range(1_000)} == {400}
        answer = call.post(EVENTS, params)
        assert answer.status == 429
        assert answer.headers["stripe-rate-limited-reason"] == "endpoint-rate"
        assert answer.error["code"] == "rate_limit"
        assert re.fullmatch(
            r"Request rate limit exceeded\. You can learn more about rate limits here "
            r"https://stripe\.com/docs/rate-limits\.",
            answer.error["message"],
        )
        call.clock.advance(1)
