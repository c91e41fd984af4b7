"""Paddle: usage events, transactions, and charges of subscriptions."""

from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.vendors.conftest import Send

EVENTS = "paddle/usage-events"
TRANSACTIONS = "paddle/transactions"
CHARGE = "paddle/subscriptions/sub_01/charge"
NEW_YEAR = 1735689600
DAY_S = 86_400


@pytest.fixture
def subscriber(fake: FakeStripe, customer: str) -> str:
    """The customer, whom Paddle calls ctm_01, and who has the subscription."""
    fake.vendor_customers({"ctm_01": customer, "sub_01": customer})
    return customer


def event(event_key: str = "k1", **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    made = {
        "action": "tokens",
        "customer_id": "ctm_01",
        "quantity": 5,
        "event_key": event_key,
        "occurred_at": "2024-12-31T12:00:00Z",
    }
    return made | more


def items(*quantities: int) -> list[dict[str, Any]]:
    return [{"price_id": "tokens", "quantity": quantity} for quantity in quantities]


# Usage events


def test_events_count_on_the_meter_that_their_action_names(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    answer = send(EVENTS, {"events": [event(), event("k2", quantity=2.5)]})
    assert answer.status == 201
    assert answer.json["data"] == [
        event() | {"status": "accepted"},
        event("k2", quantity=2.5) | {"status": "accepted"},
    ]
    assert answer.json["meta"] == {"request_id": answer.headers["X-Request-Id"]}
    assert fake.usage(meter, subscriber, end=NEW_YEAR) == pytest.approx(7.5)


def test_an_event_counts_once_for_its_customer_action_key_and_time(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    assert send(EVENTS, [event(), event()]).status == 201
    assert send(EVENTS, [event(occurred_at="2024-12-31T13:00:00+01:00")]).status == 201
    assert fake.usage(meter, subscriber) == 5
    assert send(EVENTS, [event(occurred_at="2024-12-31T12:00:01Z")]).status == 201
    assert send(EVENTS, [event(customer_id=subscriber)]).status == 201
    assert fake.usage(meter, subscriber) == 15


@pytest.mark.parametrize(
    ("occurred_at", "code"),
    [
        ("2024-11-02T00:00:00Z", None),
        ("2024-11-01T23:59:59Z", "usage_event_timestamp_too_old"),
        ("2025-01-02T00:00:00Z", None),
        ("2025-01-02T00:00:01Z", "usage_event_future_timestamp"),
    ],
)
def test_the_window_is_60_days_back_and_a_day_ahead(  # noqa: PLR0917  fixtures
    send: Send, fake: FakeStripe, meter: str, subscriber: str, occurred_at: str, code: str | None
) -> None:
    answer = send(EVENTS, {"events": [event(), event("k2", occurred_at=occurred_at)]})
    assert answer.status == (400 if code else 201)
    assert fake.usage(meter, subscriber) == (0 if code else 10)
    if code:
        assert (answer.error["type"], answer.error["code"]) == ("request_error", code)
        assert answer.error["documentation_url"] == f"https://developer.paddle.com/errors/usage-events/{code}"
        assert answer.error["detail"].startswith(f"usage event occurred_at {occurred_at} is more than ")


def test_one_invalid_event_refuses_all_and_each_field_is_named(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    answer = send(EVENTS, {"events": [event(), event("", quantity=-1), event("k3", action=None)]})
    assert (answer.status, answer.error["code"]) == (400, "bad_request")
    assert [each["field"] for each in answer.error["errors"]] == [
        "events.1.event_key",
        "events.1.quantity",
        "events.2.action",
    ]
    assert fake.usage(meter, subscriber) == 0


def test_a_call_has_at_most_100_events(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    events = [event(f"k{number}", quantity=1) for number in range(101)]
    assert send(EVENTS, {"events": events}).status == 400
    assert send(EVENTS, {"events": events[:100]}).status == 201
    assert fake.usage(meter, subscriber) == 100


def test_an_action_without_a_meter_and_an_unknown_customer_are_accepted_and_dropped(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    assert send(EVENTS, [event(action="other"), event(customer_id="ctm_02")]).status == 201
    assert [each.code for each in fake.dropped_events] == ["no_meter", "vendor_customer_unmapped"]
    assert fake.usage(meter, subscriber) == 0


# Transactions and charges


def test_a_transactions_items_count_now_by_their_quantity(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    along = {"price": {"description": "tokens", "unit_price": {"amount": "7", "currency_code": "EUR"}}, "quantity": 3}
    answer = send(TRANSACTIONS, {"customer_id": "ctm_01", "currency_code": "EUR", "items": [*items(5, 5), along]})
    assert answer.status == 201
    made = answer.json["data"]
    assert (made["id"][:4], len(made["id"]), made["status"], made["currency_code"]) == ("txn_", 30, "ready", "EUR")
    assert [item["quantity"] for item in made["items"]] == [5, 5, 3]
    assert made["items"][2]["price"]["unit_price"] == {"amount": "7", "currency_code": "EUR"}
    assert fake.usage(meter, subscriber, start=NEW_YEAR) == 13


def test_no_transaction_is_a_repeat(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    ids = {send(TRANSACTIONS, {"customer_id": "ctm_01", "items": items(5)}).json["data"]["id"] for _ in range(2)}
    assert len(ids) == 2
    assert fake.usage(meter, subscriber) == 10


def test_a_transaction_without_a_customer_is_a_draft_and_its_usage_is_dropped(
    send: Send, fake: FakeStripe, meter: str
) -> None:
    assert send(TRANSACTIONS, {"items": items(5)}).json["data"]["status"] == "draft"
    assert [each.code for each in fake.dropped_events] == ["vendor_customer_unmapped"]
    assert meter


def test_a_charge_counts_for_the_customer_of_its_subscription(
    send: Send, fake: FakeStripe, meter: str, subscriber: str
) -> None:
    answer = send(CHARGE, {"effective_from": "next_billing_period", "items": items(5)})
    assert (answer.status, answer.json["data"]["id"]) == (200, "sub_01")
    assert fake.usage(meter, subscriber) == 5


def test_what_is_not_served_is_refused(send: Send, fake: FakeStripe, meter: str, subscriber: str) -> None:
    answer = send(TRANSACTIONS, {"customer_id": "ctm_01", "items": items(5), "discount_id": "dsc_01"})
    assert answer.error["errors"] == [{"field": "discount_id", "message": "is not served"}]
    answer = send("paddle/subscriptions/sub_01", {}, method="PATCH")
    assert (answer.status, answer.error["code"]) == (501, "fakestripe_not_served")
    assert fake.usage(meter, subscriber) == 0
