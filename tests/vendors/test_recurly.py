"""Recurly: usage of a subscription's add-on, as JSON and, in API v2, as XML."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from fakestripe_meters import FakeStripe
from tests.vendors.conftest import Send

PATH = "recurly/subscriptions/uuid-1a2b/add_ons/code-tokens/usage"
XML_PATH = "recurly/v2/subscriptions/1a2b/add_ons/tokens/usage"
NEW_YEAR = 1735689600


@pytest.fixture
def subscriber(fake: FakeStripe, customer: str) -> str:
    """The customer who has the subscription."""
    fake.vendor_customers({"1a2b": customer})
    return customer


def usage(amount: Any = 5, **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return {"amount": amount, "usage_timestamp": "2024-12-31T12:00:00Z", **more}


def xml(send: Send, fields: str) -> Any:  # noqa: ANN401  an Answer
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n<usage>{fields}</usage>'
    return send(XML_PATH, document.encode(), content_type="application/xml; charset=utf-8")


def test_usage_counts_on_the_meter_that_the_add_on_names(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    answer = send(PATH, usage(merchant_tag="order 7", recording_timestamp="2024-12-31T13:00:00+01:00"))
    assert answer.status == 201
    shown = answer.json
    assert len(shown["id"]) == 12
    assert {name: shown[name] for name in ("object", "amount", "merchant_tag", "usage_type", "billed_at")} == {
        "object": "usage",
        "amount": 5,
        "merchant_tag": "order 7",
        "usage_type": "price",
        "billed_at": None,
    }
    assert shown["recording_timestamp"] == shown["usage_timestamp"] == "2024-12-31T12:00:00Z"
    assert shown["created_at"] == "2025-01-01T00:00:00Z"
    assert fake.usage(meter, subscriber, end=NEW_YEAR) == 5


def test_ids_of_subscriptions_and_add_ons_have_no_prefix(
    send: Send, fake: FakeStripe, meter: str, customer: str
) -> None:
    assert send(f"recurly/subscriptions/{customer}/add_ons/tokens/usage", usage()).status == 201
    assert fake.usage(meter, customer) == 5


def test_no_usage_is_a_repeat(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    ids = {send(PATH, usage()).json["id"] for _ in range(3)}
    assert len(ids) == 3
    assert fake.usage(meter, subscriber) == 15


def test_amounts_may_be_negative_zero_and_have_nine_decimals(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    for amount in (10, -2.5, 0, "1.0000000004"):
        assert send(PATH, usage(amount)).status == 201
    assert str(fake.usage(meter, subscriber)) == "8.5"


def test_usage_without_a_timestamp_is_of_now_and_none_is_of_the_future(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    assert send(PATH, {"amount": 5}).json["usage_timestamp"] == "2025-01-01T00:00:00Z"
    answer = send(PATH, usage(usage_timestamp="2025-01-01T00:00:01Z"))
    assert answer.status == 422
    sentence = "Cannot create usage record with a usage timestamp in the future."
    assert answer.error == {
        "type": "validation",
        "message": sentence,
        "params": [{"param": "usage_timestamp", "message": sentence}],
    }
    assert fake.usage(meter, subscriber) == 5


def test_usage_of_a_subscription_that_nobody_mapped_is_accepted_and_dropped(
    send: Send, fake: FakeStripe, meter: str
) -> None:
    assert send(PATH, usage()).status == 201
    assert [each.code for each in fake.dropped_events] == ["vendor_customer_unmapped"]
    assert meter


def test_the_former_version_speaks_xml(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    answer = xml(
        send,
        '<amount type="integer">5</amount><merchant_tag>Ada &amp; Co</merchant_tag>'
        '<usage_timestamp type="datetime">2024-12-31T12:00:00Z</usage_timestamp>',
    )
    assert answer.status == 201
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    shown = ET.fromstring(answer.body)
    assert shown.attrib["href"] == answer.headers["Location"]
    assert answer.headers["Location"].endswith(f"/subscriptions/1a2b/add_ons/tokens/usage/{shown.findtext('id')}")
    assert [shown.findtext(name) for name in ("amount", "merchant_tag", "usage_timestamp")] == [
        "5",
        "Ada & Co",
        "2024-12-31T12:00:00Z",
    ]
    assert fake.usage(meter, subscriber, end=NEW_YEAR) == 5


def test_the_former_version_refuses_in_xml(send: Send, fake: FakeStripe) -> None:
    answer = xml(send, "<amount>many</amount>")
    assert answer.status == 422
    assert answer.headers["Content-Type"].startswith("application/xml")
    (error,) = ET.fromstring(answer.body)
    assert (error.attrib, error.text) == (
        {"field": "usage.amount", "symbol": "invalid"},
        "amount is not a number",
    )
    fake.fail_next(f"POST /_vendors/{XML_PATH}", status=503)
    answer = xml(send, "<amount>5</amount>")
    assert (answer.status, ET.fromstring(answer.body).findtext("symbol")) == (503, "service_unavailable")


def test_the_address_of_a_record_is_one_line(send: Send) -> None:
    path = "recurly/v2/subscriptions/a%0D%0ASet-Cookie:%20b/add_ons/%C3%A9/usage"
    answer = send(path, b"<usage><amount>5</amount></usage>", content_type="application/xml")
    assert answer.status == 201
    assert "/subscriptions/a%0D%0ASet-Cookie%3A%20b/add_ons/%C3%A9/usage/" in answer.headers["Location"]
    assert ET.fromstring(answer.body).attrib["href"] == answer.headers["Location"]
