"""OpenMeter: CloudEvents, of which the content type says whether there is one."""

import datetime as dt
import json
from typing import Any

import pytest
from openmeter import Client
from openmeter.models import Event

from fakestripe_meters import FakeStripe
from tests.vendors.conftest import Send
from tests.vendors.conftest import made_customer
from tests.vendors.conftest import made_meter

PATH = "openmeter/api/v1/events"
DAY_S = 86_400


def event(subject: str, identifier: str = "1", value: object = "5", **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    made = {
        "specversion": "1.0",
        "id": identifier,
        "source": "tests",
        "type": "tokens",
        "subject": subject,
        "time": "2024-12-31T12:00:00Z",
        "data": {"value": value},
    }
    return made | more


@pytest.mark.parametrize(
    ("content_type", "several"),
    [
        ("application/cloudevents+json", False),
        ("application/cloudevents-batch+json", True),
        ("application/json", False),
        ("application/json", True),
    ],
)
def test_usage_counts_in_the_ledger_of_stripes_meter(  # noqa: PLR0917  fixtures
    send: Send, fake: FakeStripe, meter: str, customer: str, content_type: str, several: bool
) -> None:
    body = [event(customer), event(customer, "2", 2)] if several else event(customer)
    answer = send(PATH, body, content_type=content_type)
    assert (answer.status, answer.body) == (204, b"")
    assert fake.usage(meter, customer) == (7 if several else 5)


def test_the_content_type_decides_what_a_body_must_be(send: Send, fake: FakeStripe, customer: str) -> None:
    before = fake.snapshot()
    for kind, body in (
        ("application/cloudevents+json", [event(customer)]),
        ("application/cloudevents-batch+json", event(customer)),
        ("application/json", "an event"),
        ("text/plain", event(customer)),
        ("application/json; charset=utf-8", event(customer)),
    ):
        answer = send(PATH, body, content_type=kind)
        assert answer.status == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["title"] == "Bad Request"
        assert answer.json["detail"].startswith("invalid ")
        assert answer.json["instance"] == f"urn:request:{answer.headers['X-Request-Id']}"
    assert fake.snapshot()["accounts"] == before["accounts"]


def test_an_id_counts_once_for_each_source_in_32_days(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    send(PATH, [event(customer), event(customer), event(customer, source="others")])
    assert fake.usage(meter, customer) == 10
    send(PATH, [event(customer, "c", source="a b"), event(customer, "b c", source="a")])
    assert fake.usage(meter, customer) == 20
    fake.clock.advance(32 * DAY_S - 1)
    send(PATH, event(customer))
    assert fake.usage(meter, customer) == 20
    fake.clock.advance(1)
    send(PATH, event(customer))
    assert fake.usage(meter, customer) == 25


def test_an_event_without_a_time_is_of_its_receipt(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    send(PATH, event(customer, time=None))
    assert fake.usage(meter, customer, "2025-01-01T00:00:00Z", "2025-01-01T00:00:01Z") == 5


def test_an_event_of_any_time_counts(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    for number, time in enumerate(("1970-01-01T00:00:00Z", "2023-06-01T00:00:00+02:00", "2999-12-31T23:59:59Z")):
        assert send(PATH, event(customer, str(number), time=time)).status == 204
    assert fake.usage(meter, customer, "1970-01-01T00:00:00Z", "3000-01-01T00:00:00Z") == 15
    assert fake.usage(meter, customer, "2023-05-31T22:00:00Z", "2023-06-01T00:00:00Z") == 5


def test_the_key_is_needed_by_the_cloud_only(send: Send, fake: FakeStripe, meter: str, customer: str) -> None:
    assert send(PATH, event(customer), key=None).status == 204
    assert send(PATH, event(customer, "2"), key=None, host="openmeter.cloud").status == 401
    assert fake.usage(meter, customer) == 5


def test_what_is_nested_in_the_data_is_json_in_the_payload(send: Send, fake: FakeStripe, customer: str) -> None:
    made_meter(fake, more="dimension_payload_keys[]=model")
    send(PATH, event(customer, data={"value": 1.50, "model": {"name": "é", "sizes": [1, 2.5]}}))
    (found,) = fake.explain("tokens", customer).events
    assert found.dimensions == {
        "model": json.dumps({"name": "é", "sizes": [1, 2.5]}, separators=(",", ":"), ensure_ascii=False)
    }
    assert found.identifier == "openmeter:tests 1"


def test_the_sdk_sends_unmodified(fake: FakeStripe, meter: str) -> None:
    customer = made_customer(fake, "metadata[external_id]=acme")
    client = Client(endpoint=f"{fake.url}/_vendors/openmeter", token="key")
    usual: dict[str, Any] = {"source": "tests", "specversion": "1.0", "type": "tokens", "subject": "acme"}
    time = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    client.events.ingest_event(Event(id="1", data={"value": 3}, time=time, **usual))
    client.events.ingest_events([Event(id="2", data={"value": "4"}, **usual), Event(id="1", data={}, **usual)])
    client.events.ingest_events_json(Event(id="3", data={"value": 5}, **usual))
    assert fake.usage(meter, customer) == 12
