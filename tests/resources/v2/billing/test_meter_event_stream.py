"""The stream: refused for its form alone; each event is checked by itself, after the response."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters.resources.v2.billing.meter_event_stream import CreateStream
from fakestripe_meters.resources.v2.billing.meter_events import CreateMeterEventV2
from fakestripe_meters.wire.schema import parse
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources.v2.conftest import DAY
from tests.resources.v2.conftest import customer
from tests.resources.v2.conftest import dropped
from tests.resources.v2.conftest import make
from tests.resources.v2.conftest import meter
from tests.resources.v2.conftest import post
from tests.resources.v2.conftest import reports
from tests.resources.v2.conftest import stream
from tests.resources.v2.conftest import token
from tests.resources.v2.conftest import total
from tests.resources.v2.conftest import usage

STREAM = "/v2/billing/meter_event_stream"


def test_a_hundred_events_count_at_once(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    answer = stream(call, [usage(whose, str(number)) for number in range(100)], bearer)
    assert (answer.status, answer.json) == (200, {})
    assert total(call, meter_id, whose) == 4950


def test_more_than_a_hundred_are_refused_whole(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    answer = stream(call, [usage(whose)] * 101, bearer)
    assert (answer.status, answer.error["code"]) == (400, "invalid_fields")
    assert answer.error["invalid_param"] == "events"
    assert total(call, meter_id, whose) is None


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ("text", "events[1]"),
        (None, "events[1]"),
        ([], "events[1]"),
        ({}, "events[1][event_name]"),
        ({"event_name": "calls"}, "events[1][payload]"),
        ({"event_name": "calls", "payload": {"value": 5}}, "events[1][payload][value]"),
        ({"event_name": "calls", "payload": {"value": None}}, "events[1][payload][value]"),
        ({"event_name": "x" * 101, "payload": {}}, "events[1][event_name]"),
        ({"event_name": "calls", "payload": {}, "timestamp": 5}, "events[1][timestamp]"),
        ({"event_name": "calls", "payload": {}, "timestamp": "5"}, "events[1][timestamp]"),
        ({"event_name": "calls", "payload": {}, "identifier": []}, "events[1][identifier]"),
        ({"event_name": "calls", "payload": {}, "more": 1}, "events[1][more]"),
    ],
)
def test_one_of_the_wrong_type_refuses_all(call: Call, wrong: object, param: str) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    answer = stream(call, [usage(whose), wrong], bearer)
    assert (answer.status, answer.error["code"]) == (400, "invalid_fields")
    assert answer.error["invalid_param"] == param
    assert total(call, meter_id, whose) is None


@pytest.mark.parametrize("tree", [{}, {"events": []}, {"events": {}}, {"events": "x"}, {"events": None}])
def test_there_must_be_events(call: Call, tree: object) -> None:
    answer = post(call, STREAM, tree, key=token(call))
    assert (answer.status, answer.error["code"]) == (400, "invalid_fields")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"events": NaN}', b"\xff"])
def test_broken_json_is_refused(call: Call, body: bytes) -> None:
    answer = post(call, STREAM, body, key=token(call))
    assert (answer.status, answer.error["code"]) == (400, "invalid_json")


def test_what_is_wrong_with_an_event_is_found_out_later(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    call.create(f"/v1/billing/meters/{meter(call, 'old')}/deactivate")
    wrong = [
        usage(whose, event_name="nope"),
        usage(whose, event_name="old"),
        usage("cus_nope"),
        usage(whose, payload={"value": "1"}),
        usage(whose, payload={"stripe_customer_id": whose}),
        usage(whose, "many"),
        usage(whose, "1234567890123456"),
        usage(whose, timestamp="2024-11-26T23:59:59Z"),
        usage(whose, timestamp="2025-01-01T00:05:01Z"),
    ]
    numbered = [event | {"identifier": str(number)} for number, event in enumerate(wrong)]
    assert stream(call, [usage(whose, "3"), *numbered], bearer).status == 200
    assert total(call, meter_id, whose) == 3
    assert dropped(call) == [
        ("no_meter", "0"),
        ("archived_meter", "1"),
        ("meter_event_customer_not_found", "2"),
        ("meter_event_no_customer_defined", "3"),
        ("meter_event_value_not_found", "4"),
        ("meter_event_invalid_value", "5"),
        ("meter_event_value_too_many_digits", "6"),
        ("timestamp_too_far_in_past", "7"),
        ("timestamp_in_future", "8"),
    ]
    assert [each.message for each in call.fake.dropped_events] == [
        "No meter was found matching event_name nope.",
        "The meter matching event_name old is not active.",
        "No such customer: 'cus_nope'",
        "Customer mapping key stripe_customer_id not found in payload.",
        "Value key value not found in payload.",
        "Invalid value 'many' in the event payload: it must be a number.",
        "The value in the event payload can have at most `15` digits. Received `1234567890123456`.",
        (
            "The event timestamp cannot be more than 35 days in past. "
            "Expected a timestamp greater than or equal to 1732665600."
        ),
        ("The event timestamp cannot be in future. Expected a timestamp less than or equal to 1735689900."),
    ]


def test_usage_is_accepted_dropped_reported_and_listed(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    events = [usage("cus_nope"), usage("cus_nope"), usage(whose, "many")]
    assert stream(call, events, bearer, idempotency_key="the-key").status == 200
    assert [code for code, _ in dropped(call)] == ["meter_event_customer_not_found"] * 2 + ["meter_event_invalid_value"]
    call.clock.advance(11.999)
    assert reports(call) == []
    call.clock.advance(0.001)
    (report,) = reports(call)
    assert report["type"] == "v1.billing.meter.error_report_triggered"
    assert report["created"] == "2025-01-01T00:00:12.000Z"
    assert report["reason"] is None
    assert report["related_object"] == {
        "id": meter_id,
        "type": "billing.meter",
        "url": f"/v1/billing/meters/{meter_id}",
    }
    sample = {"error_message": "No such customer: 'cus_nope'", "request": {"identifier": "the-key"}}
    message = "Invalid value 'many' in the event payload: it must be a number."
    assert report["data"] == {
        "developer_message_summary": "There are 3 invalid events",
        "reason": {
            "error_count": 3,
            "error_types": [
                {"code": "meter_event_customer_not_found", "error_count": 2, "sample_errors": [sample, sample]},
                {
                    "code": "meter_event_invalid_value",
                    "error_count": 1,
                    "sample_errors": [{"error_message": message, "request": {"identifier": "the-key"}}],
                },
            ],
        },
        "validation_end": "2025-01-01T00:00:10.000Z",
        "validation_start": "2025-01-01T00:00:00.000Z",
    }


def test_events_without_a_meter_are_reported_together(call: Call) -> None:
    bearer = token(call)
    stream(call, [usage("cus_x", event_name="one"), usage("cus_x", event_name="two")], bearer)
    call.clock.advance(12)
    (report,) = reports(call)
    assert report["type"] == "v1.billing.meter.no_meter_found"
    assert report["related_object"] is None
    (kind,) = report["data"]["reason"]["error_types"]
    assert (kind["code"], kind["error_count"]) == ("no_meter", 2)
    assert kind["sample_errors"][0]["error_message"] == "No meter was found matching event_name one."


def test_an_inactive_meter_is_what_its_report_is_about(call: Call) -> None:
    meter_id, bearer = meter(call), token(call)
    call.create(f"/v1/billing/meters/{meter_id}/deactivate")
    stream(call, [usage("cus_x")], bearer)
    call.clock.advance(12)
    (report,) = reports(call)
    assert report["related_object"]["id"] == meter_id
    assert report["data"]["developer_message_summary"] == "There is 1 invalid event"
    assert report["data"]["reason"]["error_types"][0]["code"] == "archived_meter"


def test_each_meter_and_each_ten_seconds_have_a_report(call: Call) -> None:
    bearer = token(call)
    meters = [meter(call, name) for name in ("one", "two")]
    for _ in range(2):
        stream(call, [usage("cus_x", event_name=name) for name in ("one", "two", "one")], bearer)
        call.clock.advance(10)
    call.clock.advance(2)
    found = [
        (each["related_object"]["id"], each["data"]["reason"]["error_count"], each["data"]["validation_start"])
        for each in reports(call)
    ]
    first, second = "2025-01-01T00:00:00.000Z", "2025-01-01T00:00:10.000Z"
    assert found == [(meters[0], 2, first), (meters[1], 1, first), (meters[0], 2, second), (meters[1], 1, second)]


def test_a_report_counts_all_and_shows_some(call: Call) -> None:
    bearer = token(call)
    meter(call)
    stream(call, [usage("cus_x")] * 100, bearer)
    call.clock.advance(12)
    (kind,) = reports(call)[0]["data"]["reason"]["error_types"]
    assert (kind["error_count"], len(kind["sample_errors"])) == (100, 10)


def test_a_report_that_is_due_survives_a_snapshot(call: Call) -> None:
    bearer = token(call)
    stream(call, [usage("cus_x")], bearer)
    snapshot = call.fake.snapshot()
    call.fake.reset()
    call.fake.restore(json.loads(json.dumps(snapshot)))
    call.clock.advance(12)
    assert len(reports(call)) == 1


def test_a_repeated_identifier_counts_once_and_is_reported_nowhere(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    make(call, "/v2/billing/meter_events", usage(whose, identifier="one"))
    assert stream(call, [usage(whose, identifier="one"), usage(whose, identifier="two")] * 2, bearer).status == 200
    assert total(call, meter_id, whose) == 2
    assert dropped(call) == []
    call.clock.advance(86_400)
    stream(call, [usage(whose, identifier="one")], token(call))
    assert total(call, meter_id, whose) == 3


def test_a_repeated_call_under_one_key_counts_once(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    for _ in range(2):
        assert stream(call, [usage(whose)] * 50, bearer, idempotency_key="one").status == 200
    assert total(call, meter_id, whose) == 50
    other = stream(call, [usage(whose)] * 51, bearer, idempotency_key="one")
    assert other.error["type"] == "idempotency_error"


def test_accepted_usage_is_invisible_until_the_lag_is_over(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    call.fake.control.set_lag(30)
    stream(call, [usage(whose)], bearer)
    assert total(call, meter_id, whose) is None
    call.clock.advance(30)
    assert total(call, meter_id, whose) == 1


def test_usage_of_a_customer_on_a_test_clock_is_judged_in_its_time(call: Call) -> None:
    meter_id, bearer = meter(call), token(call)
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": call.clock.now() + 60 * DAY})["id"]
    ada = call.create("/v1/customers", {"test_clock": clock})["id"]
    now = usage(ada, "1", timestamp="2025-01-01T00:00:00Z", identifier="now")
    then = usage(ada, "2", timestamp="2025-03-02T00:00:00Z", identifier="then")
    assert stream(call, [now, then], bearer).status == 200
    assert dropped(call) == [("timestamp_too_far_in_past", "now")]
    call.clock.advance(60 * DAY)
    assert total(call, meter_id, ada) == 2


def test_dimensions_and_counts_are_judged_as_everywhere(call: Call) -> None:
    whose, bearer = customer(call), token(call)
    params = {
        "display_name": "Calls",
        "event_name": "calls",
        "default_aggregation": {"formula": "count"},
        "dimension_payload_keys": ["model"],
    }
    meter_id: str = call.create("/v1/billing/meters", params)["id"]
    good = {"stripe_customer_id": whose, "model": "opus"}
    stream(call, [usage(whose, payload=good), usage(whose, payload=good), usage(whose, identifier="one")], bearer)
    assert total(call, meter_id, whose) == 2
    assert dropped(call) == [("missing_dimension_payload_keys", "one")]


def test_ten_thousand_events_a_second_are_let_in(call: Call) -> None:
    call.fake.control.set_limits({"stream": 150})
    whose, bearer = customer(call), token(call)
    meter(call)
    assert stream(call, [usage(whose)] * 100, bearer).status == 200
    refused = stream(call, [usage(whose)] * 51, bearer)
    assert refused.status == 429
    assert refused.error["type"] == "rate_limit"
    assert refused.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    assert stream(call, [usage(whose)] * 50, bearer).status == 200
    call.clock.advance(0.5)
    assert stream(call, [usage(whose)] * 75, bearer).status == 200


def test_in_a_sandbox_calls_count_as_any_others(call: Call) -> None:
    call.fake.control.set_limits({"profile": "sandbox"})
    whose, bearer = customer(call), token(call)
    call.clock.advance(1)
    statuses = [stream(call, [usage(whose)] * 100, bearer).status for _ in range(20)]
    statuses += [call.get("/v1/customers").status for _ in range(5)]
    assert statuses == [200] * 25
    refused = stream(call, [usage(whose)], bearer)
    assert refused.status == 429
    assert refused.headers["Stripe-Rate-Limited-Reason"] == "global-rate"


def test_the_journal_does_not_keep_what_is_too_much(call: Call) -> None:
    bearer = token(call)
    stream(call, [usage("cus_x")], bearer)
    stream(call, [usage("cus_x", identifier=str(number)) for number in range(100)], bearer)
    short, long = call.fake.control.journal(path=STREAM)
    assert short["params"] == {"events": [usage("cus_x")]}
    assert long["params"].endswith(" bytes")
    assert str(short["account"]).startswith("sk_test_")


def test_an_event_that_is_read_quickly_is_what_it_is_declared_to_be() -> None:
    short = usage("cus_x", timestamp="2025-01-01T00:00:00Z")
    quick, slow = parse(CreateStream, {"events": [short | {"identifier": "one"}, short]}).events
    assert type(quick) is type(slow) is CreateMeterEventV2
    assert vars(quick) == vars(slow) | {"identifier": "one"}
    assert parse(CreateStream, {"events": [short | {"identifier": "one"}]}).sent == [quick.sent]


EVENT = st.fixed_dictionaries(
    {
        "event_name": st.sampled_from(["sums", "counts", "lasts", "old", "nope"]),
        "payload": st.fixed_dictionaries(
            {},
            optional={
                "stripe_customer_id": st.sampled_from(["CUSTOMER", "cus_nope"]),
                "value": st.sampled_from(["1", "007", "-2", "+3", "0.5", "1e3", "٣", "", "9" * 15, "9" * 16, " 1"]),
            },
        ),
    },
    optional={
        "identifier": st.sampled_from(["a", "b", "c", "d"]),
        "timestamp": st.sampled_from(
            ["2024-11-26T23:59:59Z", "2024-11-27T00:00:00Z", "2024-12-31T01:00:00.9Z", "2025-01-01T00:05:01Z"]
        ),
    },
)


@given(st.lists(EVENT, min_size=1, max_size=8))
def test_events_at_once_come_to_the_same_as_one_by_one(events: list[dict[str, object]]) -> None:
    outcomes = []
    for calls in ([events], [[event] for event in events]):
        with FakeStripe(now="2025-01-01T00:00:00Z", seed=1) as fake:
            call = Call(DOORS["engine"], fake)
            whose = customer(call)
            meters = [meter(call, f"{formula}s", formula) for formula in ("sum", "count", "last")]
            call.create(f"/v1/billing/meters/{meter(call, 'old')}/deactivate")
            bearer = token(call)
            for some in calls:
                body = json.dumps({"events": some}).replace("CUSTOMER", whose).encode()
                assert post(call, STREAM, body, key=bearer).status == 200
            totals = [total(call, each, whose) for each in meters]
            kept = fake.snapshot()["accounts"][0]["parts"]["usage"]
            outcomes.append((totals, [code for code, _ in dropped(call)], kept))
    assert outcomes[0] == outcomes[1]
