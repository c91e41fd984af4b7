"""Chargebee: usage records of subscriptions by form, usage events by JSON."""

from typing import Any
from urllib.parse import urlencode

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Answer
from tests.vendors.conftest import Send
from tests.vendors.conftest import made_meter

PATH = "chargebee/api/v2/subscriptions/sub_1/usages"
EVENTS = "chargebee/api/v2/usage_events"
BATCH = "chargebee/api/v2/batch/usage_events"
NEW_YEAR = 1735689600
RECORD = {"item_price_id": "tokens", "quantity": "5", "usage_date": str(NEW_YEAR - 60)}


@pytest.fixture
def subscriber(fake: FakeStripe, customer: str) -> str:
    """The customer who has the subscription."""
    fake.vendor_customers({"sub_1": customer})
    return customer


def record(send: Send, path: str = PATH, **fields: str | None) -> Answer:
    """Send the usual usage record, with other fields; None leaves one out."""
    names = ("chargebee_idempotency_key",)
    headers = {name: value for name in names if (value := fields.pop(name, None)) is not None}
    form = {name: value for name, value in {**RECORD, **fields}.items() if value is not None}
    return send(path, urlencode(form).encode(), content_type="application/x-www-form-urlencoded", **headers)


def event(deduplication_id: str = "d1", **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    made = {
        "deduplication_id": deduplication_id,
        "subscription_id": "sub_1",
        "usage_timestamp": (NEW_YEAR - 60) * 1_000,
        "properties": {"tokens": 5, "model": "large"},
    }
    return made | more


# Usage records


def test_a_usage_record_counts_on_the_meter_that_its_item_price_names(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    answer = record(send, id="use_1", note="as agreed")
    assert answer.status == 200
    assert answer.json["usage"] == {
        "id": "use_1",
        "usage_date": NEW_YEAR - 60,
        "subscription_id": "sub_1",
        "item_price_id": "tokens",
        "quantity": "5",
        "source": "api",
        "resource_version": NEW_YEAR * 1_000,
        "created_at": NEW_YEAR,
        "updated_at": NEW_YEAR,
        "object": "usage",
        "note": "as agreed",
    }
    assert fake.usage(meter, subscriber) == 5
    assert fake.usage(meter, subscriber, start=NEW_YEAR - 60, end=NEW_YEAR) == 5


def test_a_key_is_the_user_name_of_basic(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    form = urlencode(RECORD).encode()
    kind = "application/x-www-form-urlencoded"
    assert send(PATH, form, key=None, content_type=kind, authorization="Basic dGVzdF9rZXk6").status == 200
    assert fake.usage(meter, subscriber) == 5
    answer = send(PATH, form, key=None, content_type=kind)
    assert (answer.status, answer.json["api_error_code"]) == (401, "api_authentication_failed")


def test_names_may_stand_in_brackets(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    form = urlencode({f"usage[{name}]": value for name, value in RECORD.items()}).encode()
    assert send(PATH, form, content_type="application/x-www-form-urlencoded").status == 200
    assert fake.usage(meter, subscriber) == 5


def test_each_record_has_an_id_of_its_own(send: Send, meter: str, subscriber: str) -> None:
    ids = [record(send, usage_date=str(NEW_YEAR + at)).json["usage"]["id"] for at in range(3)]
    assert len(set(ids)) == 3
    assert {len(each) for each in ids} == {16}
    assert meter != subscriber


def test_a_subscription_has_one_usage_for_an_item_price_and_a_date(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    made_meter(fake, "seconds")
    assert record(send).status == 200
    answer = record(send, quantity="7")
    assert (answer.status, answer.json["api_error_code"]) == (400, "duplicate_entry")
    assert (answer.json["type"], answer.json["param"]) == ("invalid_request", "usage_date")
    assert record(send, item_price_id="seconds").status == 200
    assert record(send, usage_date=str(NEW_YEAR)).status == 200
    fake.clock.advance(400 * 86_400)
    assert record(send).status == 400
    assert fake.usage(meter, subscriber) == 10
    assert fake.usage("seconds", subscriber) == 5


def test_a_repeat_may_be_skipped_and_is_never_replaced(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    assert record(send, dedupe_option="skip").status == 200
    assert record(send, quantity="7", dedupe_option="skip").status == 200
    answer = record(send, quantity="7", dedupe_option="update_existing")
    assert (answer.status, answer.json["api_error_code"]) == (501, "fakestripe_not_served")
    assert fake.usage(meter, subscriber) == 5


def test_usage_of_a_subscription_that_nobody_mapped_is_accepted_and_dropped(
    send: Send, fake: FakeStripe, meter: str
) -> None:
    assert record(send).status == 200
    (dropped,) = fake.dropped_events
    assert dropped.code == "vendor_customer_unmapped"
    assert dropped.event["sent"] == RECORD
    assert meter


def test_usage_of_an_item_price_without_a_meter_is_accepted_and_dropped(
    send: Send, fake: FakeStripe, subscriber: str
) -> None:
    assert record(send).status == 200
    assert [each.code for each in fake.dropped_events] == ["no_meter"]
    assert subscriber


def test_an_idempotency_key_brings_the_first_answer_again(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    first = record(send, chargebee_idempotency_key="k1")
    fake.clock.advance(60)
    again = record(send, chargebee_idempotency_key="k1")
    assert (again.status, again.body) == (200, first.body)
    assert "chargebee-idempotency-replayed" not in first.headers
    assert again.headers["chargebee-idempotency-replayed"] == "true"
    fake.restore(fake.snapshot())
    assert record(send, chargebee_idempotency_key="k1").body == first.body
    assert record(send, chargebee_idempotency_key="k2").json["api_error_code"] == "duplicate_entry"
    assert fake.usage(meter, subscriber) == 5


@pytest.mark.parametrize("key", ["k1", "", "k" * 101])
def test_an_idempotency_key_is_good_for_one_request(
    send: Send, fake: FakeStripe, meter: str, subscriber: str, key: str
) -> None:
    assert record(send, chargebee_idempotency_key="k1").status == 200
    answer = record(send, quantity="7", usage_date="1", chargebee_idempotency_key=key)
    assert (answer.status, answer.json["param"]) == (400, "chargebee-idempotency-key")
    assert fake.usage(meter, subscriber) == 5


# Usage events


def test_a_property_counts_on_the_meter_of_its_name_and_the_others_are_dimensions(
    send: Send, fake: FakeStripe, subscriber: str
) -> None:
    made_meter(fake, "tokens", more="dimension_payload_keys[0]=model")
    made_meter(fake, "calls", "count")
    answer = send(EVENTS, event(properties={"tokens": "2.5", "model": "large", "calls": 1}))
    assert answer.json["usage_event"]["properties"] == {"tokens": "2.5", "model": "large", "calls": 1}
    assert fake.usage("tokens", subscriber, dimension_filters={"model": "large"}) == pytest.approx(2.5)
    assert fake.usage("calls", subscriber) == 1


def test_an_event_that_names_no_meter_counts_on_the_meter_usage_event(
    send: Send, fake: FakeStripe, subscriber: str
) -> None:
    made_meter(fake, "usage_event", "count")
    assert send(EVENTS, event(properties={"path": "/a"})).status == 200
    assert fake.usage("usage_event", subscriber) == 1


def test_a_deduplication_id_counts_once_for_a_subscription(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    assert [send(EVENTS, event()).status for _ in range(2)] == [200, 200]
    fake.clock.advance(400 * 86_400)
    assert send(EVENTS, event(properties={"tokens": 9})).status == 200
    assert fake.usage(meter, subscriber) == 5
    assert send(EVENTS, event(subscription_id=subscriber)).status == 200
    assert fake.usage(meter, subscriber) == 10


def test_of_a_batch_the_valid_events_count_and_the_others_are_named(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    answer = send(BATCH, {"events": [event("a"), event("b", usage_timestamp="now"), event("c"), event("a"), 5]})
    assert answer.status == 200
    assert len(answer.json["batch_id"]) == 16
    assert [(each["index"], each["deduplication_id"]) for each in answer.json["failed_events"]] == [(1, "b"), (4, None)]
    assert fake.usage(meter, subscriber) == 10


def test_a_batch_that_fails_whole_is_refused(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    answer = send(BATCH, {"events": [event(properties=None)]})
    assert (answer.status, answer.json["type"]) == (400, "ubb_batch_ingestion_invalid_request")
    assert answer.json["failed_events"] == [
        {"index": 0, "deduplication_id": "d1", "message": "properties : must be an object"}
    ]
    assert fake.usage(meter, subscriber) == 0
