"""`add_invoice_items`: what a subscription is billed once, beside its own items."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe

SUBSCRIPTIONS, ITEMS = "/v1/subscriptions", "/v1/invoiceitems"
MODES = ("classic", "flexible")
Tree = dict[str, Any]


def updated(call: Call, subscription: Tree, **terms: Any) -> Tree:  # noqa: ANN401  parameters of any kind
    return call.create(f"{SUBSCRIPTIONS}/{subscription['id']}", terms)


def pending(call: Call) -> list[Tree]:
    found: list[Tree] = call.get(ITEMS, {"pending": True}).json["data"]
    return found


def test_a_set_up_fee_is_on_the_first_invoice(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), add_invoice_items=[{"price": one_time(call)}])
    (invoice,) = invoices(call, subscription=made["id"])
    assert lines(invoice) == [("Set-up", 500), ("1 × Seat (at $10.00 / month)", 1000)]
    line = invoice["lines"]["data"][0]
    assert line["period"] == {"start": NEW_YEAR, "end": FEBRUARY}
    assert line["parent"]["invoice_item_details"]["subscription"] == made["id"]
    (item,) = call.get(ITEMS).json["data"]
    assert (item["invoice"], item["amount"], item["quantity"]) == (invoice["id"], 500, 1)


def test_a_set_up_fee_alone_makes_a_first_invoice(call: Call) -> None:
    fee = {"price": one_time(call), "quantity": 3, "metadata": {"for": "set-up"}, "discountable": False}
    made = subscribe(call, customer(call), metered(call), add_invoice_items=[fee])
    (invoice,) = invoices(call, subscription=made["id"])
    assert (invoice["total"], invoice["status"], invoice["billing_reason"]) == (1500, "paid", "subscription_create")
    (line,) = invoice["lines"]["data"]
    assert (line["quantity"], line["metadata"], line["discountable"]) == (3, {"for": "set-up"}, False)


def test_a_set_up_fee_is_charged_when_a_trial_begins(call: Call) -> None:
    fee = {"price": one_time(call)}
    made = subscribe(call, customer(call), licensed(call), trial_period_days=7, add_invoice_items=[fee])
    (invoice,) = invoices(call, subscription=made["id"])
    assert invoice["total"] == 500
    assert invoice["lines"]["data"][0]["period"]["end"] == NEW_YEAR + 7 * DAY


@pytest.mark.parametrize(
    ("data", "amount"),
    [({"unit_amount": 250}, 500), ({"unit_amount_decimal": "0.25"}, 1), ({"unit_amount": -250}, -500)],
)
def test_its_price_may_be_made_along(call: Call, data: Tree, amount: int) -> None:
    fee = {"price_data": {"currency": "usd", "product": product(call, "Training"), **data}, "quantity": 2}
    subscribe(call, customer(call), licensed(call), add_invoice_items=[fee])
    (item,) = call.get(ITEMS).json["data"]
    assert (item["amount"], item["description"]) == (amount, "Training")
    price = call.get(f"/v1/prices/{item['pricing']['price_details']['price']}").json
    assert (price["type"], price["unit_amount_decimal"]) == ("one_time", next(str(each) for each in data.values()))


def test_an_item_may_be_for_another_time(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    call.clock.advance(DAY)
    price = one_time(call)
    periods = [
        {"start": {"type": "now"}, "end": {"type": "min_item_period_end"}},
        {"start": {"type": "max_item_period_start"}, "end": {"type": "timestamp", "timestamp": FEBRUARY + DAY}},
        {"start": {"type": "timestamp", "timestamp": 0}, "end": {"type": "timestamp", "timestamp": 5}},
    ]
    updated(call, made, add_invoice_items=[{"price": price, "period": each} for each in periods])
    assert [each["period"] for each in reversed(pending(call))] == [
        {"start": NEW_YEAR + DAY, "end": FEBRUARY},
        {"start": NEW_YEAR, "end": FEBRUARY + DAY},
        {"start": 0, "end": 5},
    ]


@pytest.mark.parametrize("mode", MODES)
def test_what_an_update_adds_waits_for_the_next_invoice(call: Call, mode: str) -> None:
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": mode})
    call.clock.advance(DAY)
    updated(call, made, add_invoice_items=[{"price": one_time(call)}])
    assert [each["subscription"] for each in [item["parent"]["subscription_details"] for item in pending(call)]] == [
        made["id"]
    ]
    call.clock.freeze(FEBRUARY)
    assert lines(invoices(call)[-1]) == [("Set-up", 500), ("1 × Seat (at $10.00 / month)", 1000)]
    assert pending(call) == []


@pytest.mark.parametrize(("mode", "count"), [("classic", 2), ("flexible", 1)])
def test_alone_it_is_invoiced_at_once_in_classic_mode_only(call: Call, mode: str, count: int) -> None:
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": mode})
    call.clock.advance(DAY)
    updated(call, made, add_invoice_items=[{"price": one_time(call)}], proration_behavior="always_invoice")
    assert len(invoices(call)) == count
    assert len(pending(call)) == 2 - count


@pytest.mark.parametrize("mode", MODES)
def test_it_is_on_the_invoice_that_the_update_makes(call: Call, mode: str) -> None:
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": mode})
    call.clock.advance(DAY)
    changed = [{"id": made["items"]["data"][0]["id"], "quantity": 2}]
    terms = {"items": changed, "proration_behavior": "always_invoice"}
    updated(call, made, add_invoice_items=[{"price": one_time(call)}], **terms)
    assert ("Set-up", 500) in lines(invoices(call)[-1])
    assert pending(call) == []


@pytest.mark.parametrize(
    ("fee", "param"),
    [
        ({"quantity": 1}, "[0][price]"),
        ({"price": "price_x"}, "[0][price]"),
        ({"price": "recurring"}, "[0][price]"),
        ({"price": "euro"}, "[0][price]"),
        ({"price": "inactive"}, "[0][price]"),
        ({"price": "fee", "price_data": {"currency": "usd", "product": "x"}}, "[0][price]"),
        ({"price": "fee", "quantity": 999_999_999_999_999}, "[0][quantity]"),
        ({"price": "fee", "quantity": -1}, "[0][quantity]"),
        ({"price": "fee", "metadata": {"k": "v" * 501}}, "[0][metadata][k]"),
        ({"price_data": {"currency": "usd", "product": "x", "unit_amount": 1}}, "[0][price_data][product]"),
        ({"price_data": {"currency": "usd", "unit_amount": 1}}, "[0][price_data][product]"),
        ({"price_data": {"currency": "usd", "product": "product"}}, None),
        (
            {"price_data": {"currency": "usd", "product": "product", "unit_amount": 1, "unit_amount_decimal": "1"}},
            "[0][price_data][unit_amount]",
        ),
        ({"price_data": {"currency": "eur", "product": "product", "unit_amount": 1}}, "[0][price_data][currency]"),
        (
            {"price": "fee", "period": {"start": {"type": "timestamp"}, "end": {"type": "min_item_period_end"}}},
            "[0][period][start][timestamp]",
        ),
        (
            {
                "price": "fee",
                "period": {"start": {"type": "now"}, "end": {"type": "min_item_period_end", "timestamp": 1}},
            },
            "[0][period][end][timestamp]",
        ),
        ({"price": "fee", "period": {"start": {"type": "now"}}}, "[0][period][end]"),
    ],
)
def test_what_is_wrong_is_refused(call: Call, fee: Tree, param: str | None) -> None:
    euro = {"currency": "eur", "unit_amount": 1, "product_data": {"name": "Euro"}}
    inactive = one_time(call)
    call.create(f"/v1/prices/{inactive}", {"active": False})
    names = {
        "fee": one_time(call),
        "recurring": licensed(call),
        "euro": call.create("/v1/prices", euro)["id"],
        "inactive": inactive,
    }
    if "price" in fee:
        fee = {**fee, "price": names.get(fee["price"], fee["price"])}
    if fee.get("price_data", {}).get("product") == "product":
        fee = {**fee, "price_data": fee["price_data"] | {"product": product(call)}}
    made = subscribe(call, customer(call), licensed(call))
    new = {"customer": customer(call), "items": [{"price": licensed(call)}], "add_invoice_items": [fee]}
    for path, terms in ((SUBSCRIPTIONS, new), (f"{SUBSCRIPTIONS}/{made['id']}", {"add_invoice_items": [fee]})):
        refused = call.post(path, terms)
        assert (refused.status, refused.error.get("param")) == (400, param and f"add_invoice_items{param}")
    assert call.get(ITEMS).ids == []


def test_at_most_twenty_are_added(call: Call) -> None:
    fee = {"price": one_time(call)}
    new = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    refused = call.post(SUBSCRIPTIONS, {**new, "add_invoice_items": [fee] * 21})
    assert refused.error["message"] == "Array add_invoice_items exceeded maximum 20 allowed elements."
    made = call.create(SUBSCRIPTIONS, {**new, "add_invoice_items": [fee] * 20})
    assert invoices(call, subscription=made["id"])[0]["total"] == 11_000


@pytest.mark.parametrize("inert", ["discounts", "tax_rates"])
def test_an_item_may_have_no_discounts_and_no_taxes(call: Call, inert: str) -> None:
    new = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    fee = {"price": one_time(call)}
    assert call.create(SUBSCRIPTIONS, {**new, "add_invoice_items": [{**fee, inert: ""}]})["status"] == "active"
    value = ["txr_1"] if inert == "tax_rates" else [{"coupon": "x"}]
    refused = call.post(SUBSCRIPTIONS, {**new, "add_invoice_items": [{**fee, inert: value}]})
    assert refused.status == 400
    assert refused.error["param"].startswith(f"add_invoice_items[0][{inert}]")


def test_in_classic_mode_other_items_wait_when_the_cycle_begins_anew(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": "classic"})
    terms = {"customer": made["customer"], "subscription": made["id"], "currency": "usd"}
    other = call.create(ITEMS, {**terms, "amount": 7})["id"]
    call.clock.advance(DAY)
    anew = {"billing_cycle_anchor": "now", "proration_behavior": "always_invoice"}
    updated(call, made, add_invoice_items=[{"price": one_time(call)}], **anew)
    assert ("Set-up", 500) in lines(invoices(call)[-1])
    assert [each["id"] for each in pending(call)] == [other]
