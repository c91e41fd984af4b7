"""`fake.explain_invoice`: by line its tier, its quantity, its credits, and the events behind it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.errors import Misuse
from tests.conftest import DOORS
from tests.conftest import Call

NEW_YEAR = 1_735_689_600
FEBRUARY = 1_738_368_000
HOUR = 3_600


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1) as fake:
        yield Call(DOORS["engine"], fake)
        assert fake.engine.failures == []


def customer(call: Call, **params: Any) -> str:  # noqa: ANN401  a parameter of any kind
    """A customer who subscribes to a graduated price of calls and to a seat."""
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    recurring = {"interval": "month", "usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
    tiers = [{"up_to": 100, "unit_amount": 10, "flat_amount": 50}, {"up_to": "inf", "unit_amount": 5}]
    tiered = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers}
    calls = {"currency": "usd", "product_data": {"name": "Calls"}, "recurring": recurring, **tiered}
    seat = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}}
    whose: str = call.create("/v1/customers", params)["id"]
    items = [{"price": call.create("/v1/prices", price)["id"]} for price in (calls, seat)]
    call.create("/v1/subscriptions", {"customer": whose, "items": items})
    return whose


def use(call: Call, whose: str, units: int, identifier: str, **more: Any) -> None:  # noqa: ANN401  likewise
    payload = {"stripe_customer_id": whose, "value": units}
    call.create(
        "/v1/billing/meter_events", {"event_name": "calls", "payload": payload, "identifier": identifier} | more
    )


def grant(call: Call, whose: str, value: int) -> str:
    params = {
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "customer": whose,
    }
    created: str = call.create("/v1/billing/credit_grants", params)["id"]
    return created


def latest(call: Call) -> str:
    found: str = call.get("/v1/invoices", {"limit": 1}).ids[0]
    return found


def test_each_line_has_its_tier_its_quantity_its_credits_and_its_events(call: Call) -> None:
    ann = customer(call)
    given = grant(call, ann, 1100)
    use(call, ann, 90, "one")
    use(call, ann, 5, "gone")
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "gone"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    call.clock.freeze(FEBRUARY + 60)
    use(call, ann, 20, "two", timestamp=FEBRUARY - 1)
    use(call, ann, 7, "next")
    call.clock.freeze(FEBRUARY + HOUR)
    use(call, ann, 40, "late", timestamp=FEBRUARY - 2)

    explained = call.fake.explain_invoice(latest(call))
    assert (explained.status, explained.total) == ("paid", 700)
    first, flat, second, seat = explained.lines
    assert [(line.tier, int(line.quantity), line.amount) for line in explained.lines] == [
        (1, 100, 1000),
        (1, 0, 50),
        (2, 10, 50),
        (None, 1, 700),
    ]
    assert [line.charged for line in explained.lines] == [0, 0, 0, 700]
    assert [[(credit.grant, credit.amount) for credit in line.credits] for line in explained.lines] == [
        [(given, 1000)],
        [(given, 50)],
        [(given, 50)],
        [],
    ]
    assert all(credit.transaction for line in (first, flat, second) for credit in line.credits)
    assert {each.identifier: each.outcome for each in first.events} == {
        "one": "billed",
        "gone": "cancelled",
        "two": "billed",
        "late": "late",
    }
    assert [event.value for event in first.of("billed")] == [90, 20]
    assert first.events is second.events
    assert (seat.used, seat.events) == (None, ())


def test_printed_it_is_a_table(call: Call) -> None:
    ann = customer(call)
    given = grant(call, ann, 300)
    use(call, ann, 90, "one")
    call.clock.freeze(FEBRUARY)
    draft = latest(call)
    assert str(call.fake.explain_invoice(draft)).splitlines() == [
        f"{draft}, draft: $13.50",
        "         $9.00  90 × Calls (Tier 1 at $0.10 / month)",
        f"        -$3.00    credits of {given} (not booked yet)",
        "         $0.50  Calls (Tier 1 at $0.50 / month)",
        "                  90 used",
        "                    2025-01-01T00:00:00Z        90  billed  [one]",
        "         $7.00  1 × Seat (at $7.00 / month)",
        "                  a period, paid in advance, from 2025-02-01T00:00:00Z to 2025-03-01T00:00:00Z",
    ]


def test_what_was_billed_before_is_told(call: Call) -> None:
    ann = customer(call)
    subscription = call.get("/v1/subscriptions").ids[0]
    call.create(f"/v1/subscriptions/{subscription}", {"billing_thresholds": {"amount_gte": 900}})
    use(call, ann, 90, "one")
    use(call, ann, 20, "two")
    call.clock.freeze(FEBRUARY)
    explained = call.fake.explain_invoice(latest(call))
    first = explained.lines[0]
    assert [first.quantity, first.used, first.billed_before] == [10, 110, 90]
    assert "110 used, 90 of it billed before" in str(explained)


def test_usage_that_is_not_visible_yet_is_told(call: Call) -> None:
    ann = customer(call)
    call.fake.control.set_lag(7_200)
    call.clock.freeze(FEBRUARY - 60)
    use(call, ann, 90, "one")
    use(call, ann, 5, "next", timestamp=FEBRUARY)
    call.clock.freeze(FEBRUARY)
    first = call.fake.explain_invoice(latest(call)).lines[0]
    assert [first.quantity, first.used] == [0, 0]
    assert [(event.identifier, event.outcome, event.value) for event in first.events] == [
        ("one", "waiting", Decimal(90)),
    ]
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert [event.outcome for event in call.fake.explain_invoice(latest(call)).lines[0].events] == ["late"]


def test_an_unknown_invoice_is_a_misuse(call: Call) -> None:
    with pytest.raises(Misuse, match="unknown invoice 'in_x': none exists"):
        call.fake.explain_invoice("in_x")
    customer(call)
    with pytest.raises(Misuse, match=f"use {latest(call)}"):
        call.fake.explain_invoice("in_x")


def test_usage_that_a_canceled_subscription_left_is_explained_on_the_invoice_of_another(call: Call) -> None:
    whose = customer(call)
    [first] = call.get("/v1/subscriptions", {"customer": whose}).json["data"]
    seat = first["items"]["data"][1]["price"]["id"]
    call.create("/v1/subscriptions", {"customer": whose, "items": [{"price": seat}]})
    use(call, whose, 7, "seven")
    call.delete(f"/v1/subscription_items/{first['items']['data'][0]['id']}")
    call.delete(f"/v1/subscriptions/{first['id']}")
    call.fake.clock.freeze(FEBRUARY)
    lines = [line for line in call.fake.explain_invoice(latest(call)).lines if line.events]
    assert [(event.identifier, event.outcome) for line in lines for event in line.events] == [("seven", "billed")] * 2
    assert sum(line.amount for line in lines) == 7 * 10 + 50


def test_each_step_from_the_usage_to_what_is_due_is_told(call: Call) -> None:
    ann = customer(call)
    given = grant(call, ann, 300)
    [subscription] = call.get("/v1/subscriptions").json["data"]
    seat = subscription["items"]["data"][1]["id"]
    vat = call.create("/v1/tax_rates", {"display_name": "VAT", "percentage": "20", "inclusive": False})["id"]
    coupons: dict[str, dict[str, Any]] = {"TEN": {"percent_off": 10}, "FIVE": {"amount_off": 500, "currency": "usd"}}
    for name, terms in coupons.items():
        call.create("/v1/coupons", {"id": name, "duration": "forever", **terms})
    call.create(f"/v1/subscription_items/{seat}", {"discounts": [{"coupon": "FIVE"}]})
    more = {"discounts": [{"coupon": "TEN"}], "default_tax_rates": [vat]}
    call.create(f"/v1/subscriptions/{subscription['id']}", more)
    call.create(f"/v1/customers/{ann}/balance_transactions", {"amount": -250, "currency": "usd"})
    use(call, ann, 90, "one")
    call.clock.freeze(FEBRUARY + HOUR)
    invoice = latest(call)
    explained = call.fake.explain_invoice(invoice)
    assert str(explained).splitlines() == [
        f"{invoice}, paid: $8.82",
        "         $9.00  90 × Calls (Tier 1 at $0.10 / month)",
        "        -$0.90    10% off, a discount on the invoice (coupon TEN)",
        f"        -$3.00    credits of {given} ({explained.lines[0].credits[0].transaction})",
        f"         $1.02    20% VAT on $5.10 ({vat})",
        "         $0.50  Calls (Tier 1 at $0.50 / month)",
        "        -$0.05    10% off, a discount on the invoice (coupon TEN)",
        f"         $0.09    20% VAT on $0.45 ({vat})",
        "                  90 used",
        "                    2025-01-01T00:00:00Z        90  billed  [one]",
        "         $7.00  1 × Seat (at $7.00 / month)",
        "        -$5.00    $5.00 off, a discount on this line (coupon FIVE)",
        "        -$0.20    10% off, a discount on the invoice (coupon TEN)",
        f"         $0.36    20% VAT on $1.80 ({vat})",
        "                  a period, paid in advance, from 2025-02-01T00:00:00Z to 2025-03-01T00:00:00Z",
        "        $11.50  subtotal, after the discounts of lines",
        "        -$1.15  discounts on the invoice",
        "        -$3.00  billing credits",
        "         $1.47  taxes that are added",
        "         $8.82  total",
        "        -$2.50  paid from the customer's balance",
        "         $6.32  due",
    ]
    assert [line.charged for line in explained.lines] == [510, 45, 180]


def test_what_credit_notes_took_off_and_gave_back_is_told(call: Call) -> None:
    whose = call.create("/v1/customers", {"balance": -300})["id"]
    draft = call.create("/v1/invoices", {"customer": whose, "currency": "usd"})["id"]
    call.create("/v1/invoiceitems", {"customer": whose, "invoice": draft, "amount": 1000, "description": "Set-up"})
    call.create(f"/v1/invoices/{draft}/finalize")
    call.create("/v1/credit_notes", {"invoice": draft, "amount": 150})
    call.create(f"/v1/invoices/{draft}/pay")
    call.create("/v1/credit_notes", {"invoice": draft, "amount": 250, "refund_amount": 200, "credit_amount": 50})
    explained = call.fake.explain_invoice(draft)
    assert str(explained).splitlines() == [
        f"{draft}, paid: $10.00",
        "        $10.00  Set-up",
        "                  an invoice item, from 2025-01-01T00:00:00Z to 2025-01-01T00:00:00Z",
        "        -$3.00  paid from the customer's balance",
        "        -$1.50  credit notes, before it was paid",
        "         $5.50  due",
        "        -$2.50  credit notes, which gave it back or credited it",
    ]
    assert (explained.steps.credit_notes, explained.steps.given_back) == (150, 250)


def test_an_invoice_without_lines_is_told_too(call: Call) -> None:
    empty = call.create("/v1/invoices", {"customer": call.create("/v1/customers")["id"]})["id"]
    assert str(call.fake.explain_invoice(empty)) == f"{empty}, draft: $0.00"
