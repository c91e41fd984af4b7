"""Metronome: an array of events in, an empty 200 out."""

import gzip
import json
from typing import Any

import pytest
from metronome import BadRequestError
from metronome import InternalServerError
from metronome import Metronome

from fakestripe_meters import FakeStripe
from tests.vendors.conftest import Send

PATH = "metronome/v1/ingest"
DAY_S = 86_400


def event(customer: str, transaction: str = "t1", value: object = "5", **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    made = {
        "transaction_id": transaction,
        "customer_id": customer,
        "event_type": "tokens",
        "timestamp": "2024-12-31T12:00:00Z",
        "properties": {"value": value},
    }
    return made | more


def test_usage_counts_in_the_ledger_of_stripes_meter(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    answer = send(PATH, [event(customer), event(customer, "t2", 2.25)])
    assert (answer.status, answer.body) == (200, b"")
    assert fake.usage(meter, customer) == pytest.approx(7.25)
    (entry,) = fake.journal.find(path="/_vendors/metronome/*")
    assert entry.request_id == answer.headers["X-Request-Id"]


def test_a_transaction_counts_once_in_34_days(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    send(PATH, [event(customer), event(customer)])
    fake.clock.advance(34 * DAY_S - 1)
    assert send(PATH, [event(customer, timestamp="2025-01-31T00:00:00Z")]).status == 200
    assert fake.usage(meter, customer) == 5
    fake.clock.advance(1)
    send(PATH, [event(customer, timestamp="2025-01-31T00:00:00Z")])
    assert fake.usage(meter, customer) == 10


@pytest.mark.parametrize(
    ("timestamp", "status"),
    [
        ("2024-11-28T00:00:00Z", 200),
        ("2024-11-27T23:59:59Z", 400),
        ("2025-01-02T00:00:00Z", 200),
        ("2025-01-02T00:00:01Z", 400),
        ("2025-01-02T02:00:00+02:00", 200),
    ],
)
def test_the_window_is_34_days_back_and_a_day_ahead(  # noqa: PLR0917  fixtures
    send: Send, fake: FakeStripe, meter: str, customer: str, timestamp: str, status: int
) -> None:
    assert send(PATH, [event(customer, timestamp=timestamp)]).status == status
    assert fake.usage(meter, customer) == (5 if status == 200 else 0)


def test_an_unknown_customer_is_accepted_and_its_usage_is_dropped(send: Send, fake: FakeStripe, meter: str) -> None:
    assert send(PATH, [event("acme")]).status == 200
    (dropped,) = fake.dropped_events
    assert dropped.code == "vendor_customer_unmapped"
    assert dropped.event == {
        "event_name": "tokens",
        "identifier": "metronome:t1",
        "payload": {"value": "5", "stripe_customer_id": "acme"},
        "timestamp": 1735646400,
        "vendor": "metronome",
        "sent": event("acme"),
    }
    assert meter


def test_a_gzipped_body_is_read(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    packed = gzip.compress(json.dumps([event(customer)]).encode())
    assert send(PATH, packed, content_encoding="gzip").status == 200
    assert fake.usage(meter, customer) == 5


def test_a_batch_of_100_counts_and_one_of_101_does_not(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    events = [event(customer, f"t{number}", 1) for number in range(101)]
    answer = send(PATH, events)
    assert answer.status == 400
    assert answer.json == {"message": "Invalid request: the body must have 1 to 100 events, not 101"}
    assert send(PATH, events[:100]).status == 200
    assert fake.usage(meter, customer) == 100


def test_the_sdk_sends_unmodified(fake: FakeStripe, meter: str, customer: str) -> None:
    client = Metronome(bearer_token="key", base_url=f"{fake.url}/_vendors/metronome")
    client.v1.usage.ingest(usage=[event(customer)])  # type: ignore[list-item]  # as a dict
    assert fake.usage(meter, customer) == 5
    with pytest.raises(BadRequestError, match="1 to 100 events"):
        client.v1.usage.ingest(usage=[])
    with pytest.raises(InternalServerError, match="ingestion only, which is POST"):
        client.v1.customers.create(name="Acme")
    assert len(fake.journal.find(path="/_vendors/metronome/v1/customers")) == 1
