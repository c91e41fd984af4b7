"""From usage to money, as a business lives it: meter, price, subscription, events, summary, invoice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from stripe import StripeClient

from fakestripe_meters import FakeStripe
from tests.conftest import Call

NOW = "2025-01-01T00:00:00Z"
FEBRUARY = 1738368000
HOUR_S = 3_600
DAY_S = 86_400

Business = Callable[..., dict[str, str]]


@pytest.fixture
def business(call: Call) -> Business:
    """A customer subscribed to a metered price; the price's own terms are given."""

    def begin(**terms: Any) -> dict[str, str]:  # noqa: ANN401  parameters of a price
        customer = call.post("/v1/customers", {"name": "Ada"}).json["id"]
        meter = call.post(
            "/v1/billing/meters",
            {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}},
        ).json["id"]
        price = call.post(
            "/v1/prices",
            {
                "currency": "usd",
                "product_data": {"name": "Tokens"},
                "recurring": {"interval": "month", "usage_type": "metered", "meter": meter},
                **terms,
            },
        ).json["id"]
        subscription = call.post("/v1/subscriptions", {"customer": customer, "items": [{"price": price}]}).json["id"]
        return {"customer": customer, "meter": meter, "price": price, "subscription": subscription}

    return begin


def use(call: Call, customer: str, value: str, timestamp: int | None = None) -> None:
    answer = call.post(
        "/v1/billing/meter_events",
        {
            "event_name": "tokens",
            "payload": {"stripe_customer_id": customer, "value": value},
            "timestamp": timestamp,
        },
    )
    assert answer.status == 200, answer.body


def cycle_invoices(call: Call, customer: str) -> list[dict[str, Any]]:
    found = call.get("/v1/invoices", {"customer": customer, "limit": 100}).json["data"]
    return [invoice for invoice in found if invoice["billing_reason"] == "subscription_cycle"]


def test_a_month_of_usage_is_on_an_invoice_and_paid_an_hour_later(call: Call, business: Business) -> None:
    ids = business(unit_amount_decimal="0.5")
    call.clock.advance(10 * DAY_S)
    use(call, ids["customer"], "1001")
    call.clock.freeze(FEBRUARY)
    (draft,) = cycle_invoices(call, ids["customer"])
    assert draft["status"] == "draft"
    call.clock.advance(HOUR_S)
    (paid,) = cycle_invoices(call, ids["customer"])
    assert (paid["status"], paid["total"], paid["amount_paid"]) == ("paid", 501, 501)
    (line,) = paid["lines"]["data"]
    assert (line["quantity"], line["amount"], line["period"]) == (1001, 501, {"start": 1735689600, "end": FEBRUARY})
    assert line["description"] == "1001 × Tokens (at $0.005 / month)"


def test_usage_of_the_closed_period_counts_until_the_invoice_is_finalized_and_never_after(
    call: Call, business: Business
) -> None:
    ids = business(unit_amount="1")
    call.clock.freeze(FEBRUARY + HOUR_S - 60)
    use(call, ids["customer"], "7", FEBRUARY - 1)
    call.clock.advance(60)
    use(call, ids["customer"], "1000", FEBRUARY - 1)
    call.clock.advance(31 * DAY_S)
    assert sorted(invoice["total"] for invoice in cycle_invoices(call, ids["customer"])) == [0, 7]


def test_a_preview_shows_the_usage_so_far_and_changes_nothing(call: Call, business: Business) -> None:
    ids = business(unit_amount="3")
    use(call, ids["customer"], "4")
    before = len(call.get("/v1/invoices").json["data"])
    preview = call.post("/v1/invoices/create_preview", {"subscription": ids["subscription"]}).json
    assert (preview["status"], preview["total"]) == ("draft", 12)
    assert len(call.get("/v1/invoices").json["data"]) == before


def test_a_negative_total_bills_nothing(call: Call, business: Business) -> None:
    ids = business(unit_amount="3")
    use(call, ids["customer"], "-4")
    preview = call.post("/v1/invoices/create_preview", {"subscription": ids["subscription"]}).json
    assert (preview["total"], preview["lines"]["data"][0]["quantity"]) == (0, 0)


def test_graduated_tiers_print_a_line_for_each_tier_and_its_flat_fee(call: Call, business: Business) -> None:
    ids = business(
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=[
            {"up_to": 1000, "unit_amount": 0, "flat_amount": 900},
            {"up_to": "inf", "unit_amount_decimal": "3.6", "flat_amount": 0},
        ],
    )
    use(call, ids["customer"], "1031")
    preview = call.post("/v1/invoices/create_preview", {"subscription": ids["subscription"]}).json
    assert [(line["quantity"], line["amount"]) for line in preview["lines"]["data"]] == [
        (1000, 0),
        (0, 900),
        (31, 112),
        (0, 0),
    ]
    assert preview["total"] == 1012


@pytest.mark.parametrize("steps", [1, 13])
def test_thirteen_months_bill_the_same_in_one_jump_as_in_thirteen(call: Call, business: Business, steps: int) -> None:
    ids = business(unit_amount_decimal="1.5")
    use(call, ids["customer"], "3")
    edges = [FEBRUARY, *(FEBRUARY + days * DAY_S for days in (28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334, 365))]
    for edge in edges if steps == 13 else edges[-1:]:
        call.clock.freeze(edge + HOUR_S)
    invoices = cycle_invoices(call, ids["customer"])
    assert [invoice["total"] for invoice in invoices] == [0] * 12 + [5]
    assert [invoice["period_end"] for invoice in reversed(invoices)] == edges
    assert {invoice["status"] for invoice in invoices} == {"paid"}


def test_metered_items_take_no_quantity(call: Call, business: Business) -> None:
    ids = business(unit_amount="1")
    refused = call.post(
        "/v1/subscriptions", {"customer": ids["customer"], "items": [{"price": ids["price"], "quantity": 2}]}
    )
    assert (refused.status, refused.error["param"]) == (400, "items[0][quantity]")


def test_an_inactive_meter_is_refused_on_a_new_price(call: Call, business: Business) -> None:
    ids = business(unit_amount="1")
    assert call.post(f"/v1/billing/meters/{ids['meter']}/deactivate").status == 200
    refused = call.post(
        "/v1/prices",
        {
            "currency": "usd",
            "unit_amount": 1,
            "product_data": {"name": "More"},
            "recurring": {"interval": "month", "usage_type": "metered", "meter": ids["meter"]},
        },
    )
    assert (refused.status, refused.error["param"]) == (400, "recurring[meter]")


def test_a_customer_on_a_test_clock_lives_in_its_time(call: Call) -> None:
    start = 1735689600
    clock = call.post("/v1/test_helpers/test_clocks", {"frozen_time": start}).json["id"]
    customer = call.post("/v1/customers", {"test_clock": clock}).json["id"]
    price = call.post(
        "/v1/prices",
        {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}},
    ).json["id"]
    call.post("/v1/subscriptions", {"customer": customer, "items": [{"price": price}]})
    advanced = call.post(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": FEBRUARY + HOUR_S}).json
    assert advanced["frozen_time"] == FEBRUARY + HOUR_S
    (invoice,) = cycle_invoices(call, customer)
    assert (invoice["status"], invoice["total"], invoice["created"]) == ("paid", 500, FEBRUARY)
    assert call.clock.now() == start


def test_the_sdk_walks_from_a_meter_to_an_invoice() -> None:
    with FakeStripe(now=NOW) as fake:
        client = StripeClient("sk_test_fakestripe", http_client=fake.http_client())
        customer = client.v1.customers.create({"name": "Ada"})
        meter = client.v1.billing.meters.create(
            {
                "display_name": "API Requests",
                "event_name": "api_request",
                "default_aggregation": {"formula": "sum"},
                "value_settings": {"event_payload_key": "request_count"},
            }
        )
        price = client.v1.prices.create(
            {
                "currency": "usd",
                "unit_amount_decimal": Decimal("2.5"),
                "product_data": {"name": "Requests"},
                "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
            }
        )
        client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
        client.v1.billing.meter_events.create(
            {
                "event_name": "api_request",
                "payload": {"stripe_customer_id": customer.id, "request_count": "150"},
                "timestamp": fake.clock.now(),
            }
        )
        range_ = {"customer": customer.id, "start_time": 1735689600, "end_time": FEBRUARY}
        (summary,) = client.v1.billing.meters.event_summaries.list(meter.id, range_).data  # type: ignore[arg-type]
        assert summary.aggregated_value == 150
        fake.clock.freeze(FEBRUARY + HOUR_S)
        newest = client.v1.invoices.list({"customer": customer.id}).data[0]
        assert (newest.status, newest.total) == ("paid", 375)
