"""Orb: all events of a list, or none."""

import datetime as dt
from typing import Any

import pytest
from orb import InternalServerError
from orb import Orb
from orb import RequestValidationError
from orb import TooManyRequests

from fakestripe_meters import FakeStripe
from tests.vendors.conftest import Send
from tests.vendors.conftest import made_customer

PATH = "orb/v1/ingest"


def event(customer: str, key: str = "k1", value: object = 5, **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    made = {
        "idempotency_key": key,
        "external_customer_id": customer,
        "event_name": "tokens",
        "timestamp": "2024-12-31T18:00:00Z",
        "properties": {"value": value},
    }
    return {name: each for name, each in {**made, **more}.items() if each is not None}


def test_usage_counts_in_the_ledger_of_stripes_meter(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    answer = send(PATH, {"events": [event(customer), event(customer, "k2", 0.5)]})
    assert (answer.status, answer.json) == (200, {"validation_failed": []})
    assert fake.usage(meter, customer) == pytest.approx(5.5)


def test_a_key_counts_once_in_the_grace_period(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    send(PATH, {"events": [event(customer), event(customer)]})
    fake.clock.advance(12 * 3600 - 1)
    assert send(PATH, {"events": [event(customer, value=7, timestamp="2025-01-01T11:00:00Z")]}).status == 200
    assert fake.usage(meter, customer) == 5
    fake.clock.advance(1)
    send(PATH, {"events": [event(customer, value=7, timestamp="2025-01-01T11:00:00Z")]})
    assert fake.usage(meter, customer) == 12


def test_one_invalid_event_refuses_all_and_leaves_the_keys_free(
    send: Send, fake: FakeStripe, meter: str, customer: str
) -> None:
    answer = send(PATH, {"events": [event(customer), event(customer, "k2", properties={"value": [1]})]})
    assert answer.status == 400
    assert answer.json["type"].endswith("#400-request-validation-errors")
    reason = "properties.value must be a string, a number, or true or false"
    assert answer.json["validation_failed"] == [{"idempotency_key": "k2", "validation_errors": [reason]}]
    assert answer.json["validation_errors"] == [reason]
    assert fake.usage(meter, customer) == 0
    assert send(PATH, {"events": [event(customer), event(customer, "k2")]}).status == 200
    assert fake.usage(meter, customer) == 10


def test_a_key_that_stands_for_two_events_refuses_the_batch(
    send: Send, fake: FakeStripe, meter: str, customer: str
) -> None:
    answer = send(PATH, {"events": [event(customer), event(customer, value=6), event(customer, "k2")]})
    reason = "this idempotency_key stands for two events that differ"
    assert answer.json["validation_failed"] == [{"idempotency_key": "k1", "validation_errors": [reason]}]
    assert fake.usage(meter, customer) == 0


@pytest.mark.parametrize(
    ("timestamp", "status"),
    [
        ("2024-12-31T12:00:00Z", 200),
        ("2024-12-31T11:59:59Z", 400),
        ("2025-01-01T00:05:00Z", 200),
        ("2025-01-01T00:05:01Z", 400),
        ("2024-12-31T18:00:00", 200),
        ("2024-12-31T18:00:00.123456+00:00", 200),
        ("2024-12-31T19:00:00+01:00", 400),
    ],
)
def test_a_time_is_in_utc_within_the_grace_period_and_five_minutes_ahead(
    send: Send, meter: str, customer: str, timestamp: str, status: int
) -> None:
    assert send(PATH, {"events": [event(customer, timestamp=timestamp)]}).status == status
    assert meter


def test_a_customer_id_must_be_known_and_an_external_one_need_not(
    send: Send, fake: FakeStripe, meter: str, customer: str
) -> None:
    unknown = event("acme", external_customer_id=None, customer_id="acme")
    answer = send(PATH, {"events": [unknown]})
    assert answer.json["validation_errors"] == ["there is no customer 'acme'"]
    assert send(PATH, {"events": [event("acme")]}).status == 200
    assert [each.code for each in fake.dropped_events] == ["vendor_customer_unmapped"]
    fake.vendor_customers({"acme": customer})
    assert send(PATH, {"events": [{**unknown, "idempotency_key": "k2"}]}).status == 200
    assert fake.usage(meter, customer) == 5


def test_the_sentence_of_a_refusal_names_each_event(send: Send) -> None:
    answer = send(PATH, {"events": [5, event("", "k2")]})
    assert answer.json["detail"] == (
        "an event without an idempotency_key: an event must be an object; "
        "k2: external_customer_id must be a string that is not empty"
    )


def test_a_backfill_is_not_served(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    assert send(f"{PATH}?backfill_id=bf_1", {"events": [event(customer)]}).status == 501
    assert send(f"{PATH}?backfill_id=", {"events": [event(customer)]}).status == 200
    assert fake.usage(meter, customer) == 5


def test_the_sdk_sends_unmodified(fake: FakeStripe, meter: str) -> None:
    customer = made_customer(fake, "metadata[external_id]=acme")
    client = Orb(api_key="key", base_url=f"{fake.url}/_vendors/orb/v1", max_retries=0)
    sent: Any = event("acme") | {"timestamp": dt.datetime(2024, 12, 31, 23, tzinfo=dt.UTC)}
    assert client.events.ingest(events=[sent]).validation_failed == []
    assert fake.usage(meter, customer) == 5
    with pytest.raises(RequestValidationError) as refused:
        client.events.ingest(events=[sent | {"event_name": ""}])
    assert refused.value.validation_errors == ["event_name must be a string that is not empty"]
    fake.fail_next("POST /_vendors/orb/v1/ingest", status=429)
    with pytest.raises(TooManyRequests, match="A planned fault"):
        client.events.ingest(events=[sent])
    with pytest.raises(InternalServerError, match="ingestion only, which is POST"):
        client.customers.fetch("acme")
