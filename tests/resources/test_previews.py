"""What a preview takes beside a change of items: anchors, invoice items, customers, and the recurring part."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import use

PREVIEW = "/v1/invoices/create_preview"
ACACIA = "2025-02-24.acacia"
NOTHING = (
    "You must provide at least one of: `subscription`, `schedule`, `subscription_details.items`, "
    "`schedule_details.phases`, `invoice_items`."
)


def preview(call: Call, **terms: Any) -> Tree:  # noqa: ANN401  parameters of any kind
    return call.create(PREVIEW, terms)


def refused(call: Call, **terms: Any) -> Answer:  # noqa: ANN401  parameters of any kind
    answer = call.post(PREVIEW, terms)
    assert answer.status != 200, answer.body
    return answer


def about(subscription: Tree, **details: object) -> Tree:
    return {"subscription": subscription["id"], "subscription_details": details}


def doubled(call: Call) -> Tree:
    """A subscription with a pending proration."""
    created = subscribe(call, customer(call), licensed(call, 3100))
    call.clock.advance(15 * DAY)
    call.create(f"/v1/subscription_items/{created['items']['data'][0]['id']}", {"quantity": 2})
    return created


# The recurring part


def test_the_recurring_part_has_no_prorations_and_no_other_items(call: Call) -> None:
    created = doubled(call)
    call.create("/v1/invoiceitems", {"customer": created["customer"], "amount": 70, "currency": "usd"})
    of_once = [{"amount": 5}]
    whole = preview(call, subscription=created["id"], invoice_items=of_once)
    recurring = preview(call, subscription=created["id"], invoice_items=of_once, preview_mode="recurring")
    assert (whole["total"], recurring["total"]) == (7800 + 75, 6200)
    assert lines(recurring) == [("2 × Seat (at $31.00 / month)", 6200)]


@pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations", "none"])
def test_the_recurring_part_of_a_change_is_the_next_renewal(call: Call, behavior: str) -> None:
    created = subscribe(call, customer(call), licensed(call, 3100))
    call.clock.advance(15 * DAY)
    items = [{"id": created["items"]["data"][0]["id"], "quantity": 3}]
    terms = about(created, items=items, proration_behavior=behavior)
    shown = preview(call, **terms, preview_mode="recurring")
    assert (shown["created"], lines(shown)) == (FEBRUARY, [("3 × Seat (at $31.00 / month)", 9300)])


def test_the_recurring_part_of_a_new_subscription_is_a_whole_period_without_its_trial(call: Call) -> None:
    details = {"items": [{"price": licensed(call, 3100)}], "trial_end": NEW_YEAR + 10 * DAY}
    shown = preview(call, customer=customer(call), subscription_details=details, preview_mode="recurring")
    assert lines(shown) == [("1 × Seat (at $31.00 / month)", 3100)]


# When the billing cycle begins


@pytest.mark.parametrize("anchor", ["now", {"type": "now"}])
def test_a_cycle_that_begins_now_is_previewed_as_it_is_billed(call: Call, anchor: object) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call, 3100), metered(call))
    use(call, ada, 40)
    call.clock.advance(10 * DAY)
    shown = preview(call, **about(created, billing_cycle_anchor=anchor))
    call.create(f"/v1/subscriptions/{created['id']}", {"billing_cycle_anchor": "now"})
    bill = invoices(call)[-1]
    for name in ("created", "period_start", "period_end", "total"):
        assert shown[name] == bill[name]
    assert lines(shown) == lines(bill)


@pytest.mark.parametrize("anchor", ["unchanged", {"type": "unchanged"}])
def test_a_cycle_that_stays_changes_nothing(call: Call, anchor: object) -> None:
    created = subscribe(call, customer(call), licensed(call))
    assert preview(call, **about(created, billing_cycle_anchor=anchor)) == preview(call, **about(created))


@pytest.mark.parametrize("anchor", [MARCH, {"type": "timestamp", "timestamp": MARCH}])
def test_a_time_is_for_the_cycle_of_a_new_subscription(call: Call, anchor: object) -> None:
    ada, price = customer(call), licensed(call, 3100, interval="year")
    terms = {"customer": ada, "subscription_details": {"items": [{"price": price}], "billing_cycle_anchor": anchor}}
    shown = preview(call, **terms)
    subscribe(call, ada, price, billing_cycle_anchor=MARCH)
    assert lines(shown) == lines(invoices(call)[-1])
    assert shown["total"] < 3100
    answer = refused(call, **about(subscribe(call, ada, price), billing_cycle_anchor=anchor))
    assert (answer.status, answer.error["param"]) == (400, "subscription_details[billing_cycle_anchor]")


@pytest.mark.parametrize(
    ("anchor", "param"),
    [
        (NEW_YEAR, "subscription_details[billing_cycle_anchor]"),
        ({"type": "timestamp"}, "subscription_details[billing_cycle_anchor][timestamp]"),
        ({"type": "now", "timestamp": MARCH}, "subscription_details[billing_cycle_anchor][timestamp]"),
        ("soon", "subscription_details[billing_cycle_anchor]"),
    ],
)
def test_a_wrong_anchor_is_refused(call: Call, anchor: object, param: str) -> None:
    details = {"items": [{"price": licensed(call)}], "billing_cycle_anchor": anchor}
    answer = refused(call, customer=customer(call), subscription_details=details)
    assert (answer.status, answer.error["param"]) == (400, param)


# New subscriptions


def test_a_new_subscription_that_began_before_is_previewed_as_it_is_billed(call: Call) -> None:
    ada, price, begun = customer(call), licensed(call, 3100), NEW_YEAR - 10 * DAY
    details = {"items": [{"price": price}], "start_date": begun}
    shown = preview(call, customer=ada, subscription_details=details)
    subscribe(call, ada, price, backdate_start_date=begun)
    assert (lines(shown), shown["total"]) == (lines(invoices(call)[-1]), invoices(call)[-1]["total"])


def test_a_start_in_the_future_and_that_of_a_subscription_that_exists_are_not_served(call: Call) -> None:
    ada, price = customer(call), licensed(call)
    later = {"items": [{"price": price}], "start_date": FEBRUARY}
    existing = about(subscribe(call, ada, price), start_date=NEW_YEAR - DAY)
    for terms in ({"customer": ada, "subscription_details": later}, existing):
        answer = refused(call, **terms)
        assert (answer.status, answer.error["param"]) == (501, "subscription_details[start_date]")


def test_a_price_can_be_described(call: Call) -> None:
    described = {"currency": "usd", "product": product(call, "Desk"), "recurring": {"interval": "month"}}
    items = [{"price_data": {**described, "unit_amount": 4200}}]
    shown = preview(call, customer=customer(call), subscription_details={"items": items})
    assert lines(shown) == [("1 × Desk (at $42.00 / month)", 4200)]
    assert call.get("/v1/prices").ids == []


def test_a_described_price_is_shown_in_full_by_older_versions(call: Call) -> None:
    described = {"currency": "usd", "product": product(call, "Desk"), "recurring": {"interval": "month"}}
    items = [{"price_data": {**described, "unit_amount": 4200}}]
    terms = {"customer": customer(call), "subscription_details": {"items": items}, "invoice_items": [{"amount": 5}]}
    shown = call.create(PREVIEW, terms, version=ACACIA)
    assert [line["price"]["unit_amount"] for line in shown["lines"]["data"]] == [5, 4200]


def test_a_subscription_takes_no_item_of_another_one_in_a_preview(call: Call) -> None:
    item = subscribe(call, customer(call), licensed(call))["items"]["data"][0]["id"]
    answer = refused(call, customer=customer(call), subscription_details={"items": [{"id": item, "quantity": 2}]})
    assert answer.error["message"] == "You cannot update a subscription item without a subscription."


def test_the_metadata_of_a_subscription_is_shown(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call), metadata={"a": "1"})
    shown = preview(call, **about(created, metadata={"b": "2"}))
    assert shown["parent"]["subscription_details"]["metadata"] == {"a": "1", "b": "2"}
    assert call.get(f"/v1/subscriptions/{created['id']}").json["metadata"] == {"a": "1"}


# Cancellations


@pytest.mark.parametrize(
    ("behavior", "total"), [(None, -3000), ("create_prorations", -3000), ("always_invoice", -3000), ("none", 0)]
)
def test_a_cancellation_is_prorated_unless_it_shall_not_be(call: Call, behavior: str | None, total: int) -> None:
    created = subscribe(call, customer(call), licensed(call, 3100), metered(call))
    call.clock.advance(DAY)
    chosen = {"proration_behavior": behavior} if behavior else {}
    shown = preview(call, **about(created, cancel_now=True, **chosen))
    assert (shown["total"], shown["period_end"]) == (total, NEW_YEAR + DAY)


def test_a_cancellation_and_another_change_are_not_previewed_together(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call))
    answer = refused(call, **about(created, cancel_now=True, items=[{"price": licensed(call)}]))
    assert (answer.status, answer.error["param"]) == (501, "subscription_details[cancel_now]")


@pytest.mark.parametrize(
    "details", [{"cancel_at_period_end": True}, {"cancel_at": NEW_YEAR + DAY, "proration_behavior": "none"}]
)
def test_what_ends_without_a_bill_has_no_upcoming_invoice(call: Call, details: Tree) -> None:
    created = subscribe(call, customer(call), licensed(call))
    answer = refused(call, **about(created, **details))
    assert (answer.status, answer.error["code"]) == (400, "invoice_upcoming_none")
    call.create(f"/v1/subscriptions/{created['id']}", details)
    assert refused(call, subscription=created["id"]).error["code"] == "invoice_upcoming_none"


# Invoice items


def test_items_are_added_to_the_next_invoice(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call, 2000))
    given = [
        {"amount": 70, "description": "Extra", "currency": "usd"},
        {"price": one_time(call), "quantity": 2},
        {"price_data": {"currency": "usd", "product": product(call, "Help"), "unit_amount": 5}, "discountable": False},
        {"unit_amount": 30, "quantity_decimal": "1.5", "metadata": {"a": "1"}, "period": {"start": 1, "end": 2}},
        {"unit_amount_decimal": "-2.5", "quantity": 4},
    ]
    shown = preview(call, subscription=created["id"], invoice_items=given)
    amounts = {line["description"]: line["amount"] for line in shown["lines"]["data"] if line["description"]}
    assert amounts == {"Extra": 70, "Set-up": 1000, "Help": 5, "1 × Seat (at $20.00 / month)": 2000}
    assert shown["total"] == 70 + 1000 + 5 + 45 - 10 + 2000
    assert {line["discountable"] for line in shown["lines"]["data"] if line["description"] == "Help"} == {False}
    assert {"start": 1, "end": 2} in [line["period"] for line in shown["lines"]["data"]]
    assert {"a": "1"} in [line["metadata"] for line in shown["lines"]["data"]]
    assert call.get("/v1/invoiceitems").ids == []


def test_an_item_that_waits_can_be_changed(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call, 2000))
    item = call.create("/v1/invoiceitems", {"customer": created["customer"], "amount": 70, "currency": "usd"})
    given = [{"invoiceitem": item["id"], "amount": 100, "description": "More"}]
    shown = preview(call, subscription=created["id"], invoice_items=given)
    assert ("More", 100) in lines(shown)
    assert shown["total"] == 2100
    assert call.get(f"/v1/invoiceitems/{item['id']}").json == item


def test_items_alone_make_an_invoice_of_no_subscription(call: Call) -> None:
    ada = customer(call, name="Ada")
    subscribe(call, ada, licensed(call))
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 70, "currency": "usd"})
    shown = preview(call, customer=ada, invoice_items=[{"price": one_time(call)}, {"amount": 5}])
    assert sorted(line["amount"] for line in shown["lines"]["data"]) == [5, 500]
    assert (shown["customer_name"], shown["parent"], shown["billing_reason"]) == ("Ada", None, "upcoming")
    assert (shown["period_start"], shown["period_end"], shown["auto_advance"]) == (NEW_YEAR, NEW_YEAR, False)


def test_an_upcoming_invoice_takes_items_for_the_next_one_of_a_customer(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call, 2000))
    terms = {"customer": created["customer"], "invoice_items": [{"amount": 70}]}
    assert call.get("/v1/invoices/upcoming", terms, version=ACACIA).json["total"] == 2070


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({"quantity": 2}, "invoice_items[0][amount]"),
        ({"amount": 5, "price": "price_x"}, "invoice_items[0][amount]"),
        ({"amount": 5, "quantity": 1, "quantity_decimal": "2"}, "invoice_items[0][quantity]"),
        ({"price": "price_x"}, "invoice_items[0][price]"),
        ({"price": "RECURRING"}, "invoice_items[0][price]"),
        ({"price_data": {"currency": "usd", "product": "prod_x"}}, "invoice_items[0][price_data][product]"),
        ({"amount": 5, "currency": "eur"}, "invoice_items[0][currency]"),
        ({"invoiceitem": "ii_x", "amount": 5}, "invoice_items[0][invoiceitem]"),
        ({"unit_amount": 99_999_999, "quantity": 99_999_999}, "invoice_items[0][quantity]"),
        ({"amount": 5, "metadata": {"a" * 41: "1"}}, f"invoice_items[0][metadata][{'a' * 41}]"),
    ],
)
def test_a_wrong_item_is_refused(call: Call, item: Tree, param: str) -> None:
    created = subscribe(call, customer(call), licensed(call))
    names = {"RECURRING": created["items"]["data"][0]["price"]["id"]}
    given = {name: names.get(str(value), value) for name, value in item.items()}
    answer = refused(call, subscription=created["id"], invoice_items=[given])
    assert (answer.status, answer.error["param"]) == (400, param)


# Customers


def test_a_preview_needs_no_customer(call: Call) -> None:
    items = [{"price": licensed(call, 3100)}]
    address = {"country": "DE", "city": "Berlin"}
    shown = preview(call, customer_details={"address": address}, subscription_details={"items": items})
    assert (shown["total"], shown["customer"][:4]) == (3100, "cus_")
    assert (shown["customer_address"]["city"], shown["customer_email"]) == ("Berlin", None)
    assert call.get("/v1/customers").ids == []
    once = preview(call, invoice_items=[{"amount": 5, "currency": "eur"}])
    assert (once["total"], once["currency"]) == (5, "eur")


def test_a_customer_is_shown_with_other_details(call: Call) -> None:
    created = subscribe(call, customer(call, address={"city": "Paris"}), licensed(call))
    shipping = {"name": "Bob", "address": {"line1": "Here"}}
    details = {"address": {"city": "Rome"}, "shipping": shipping, "tax_exempt": "exempt"}
    shown = preview(call, subscription=created["id"], customer_details=details)
    assert (shown["customer_address"]["city"], shown["customer_shipping"]["name"]) == ("Rome", "Bob")
    assert (shown["customer"], shown["customer_tax_exempt"]) == (created["customer"], "exempt")
    cleared = preview(call, subscription=created["id"], customer_details={"address": "", "shipping": ""})
    assert (cleared["customer_address"], cleared["customer_shipping"]) == (None, None)
    assert call.get(f"/v1/customers/{created['customer']}").json["address"]["city"] == "Paris"


def test_a_customer_that_does_not_exist_expands(call: Call) -> None:
    shown = preview(call, invoice_items=[{"amount": 5}], expand=["customer"])
    assert (shown["customer"]["object"], shown["customer"]["created"]) == ("customer", NEW_YEAR)
    assert call.get(f"/v1/customers/{shown['customer']['id']}").status == 404


@pytest.mark.parametrize("version", [None, "2025-03-31.basil", "2026-08-26.dahlia", "2025-08-27.preview"])
def test_a_customer_alone_is_not_enough_since_basil(call: Call, version: str | None) -> None:
    created = subscribe(call, customer(call), licensed(call))
    for terms in ({"customer": created["customer"]}, {}, {"customer": created["customer"], "preview_mode": "next"}):
        answer = call.post(PREVIEW, terms, version=version)
        assert (answer.status, answer.error["message"]) == (400, NOTHING)
        assert "param" not in answer.error


def test_before_basil_a_customer_alone_is_enough(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call, 2000))
    assert call.create(PREVIEW, {"customer": created["customer"]}, version=ACACIA)["total"] == 2000
    assert call.post(PREVIEW, {}, version=ACACIA).status == 400
    changed = {"customer": created["customer"], "subscription_details": {"cancel_now": True}}
    answer = call.post(PREVIEW, changed, version=ACACIA)
    assert answer.error["message"] == (
        "When previewing changes to a subscription, you must specify either `subscription` or "
        "`subscription_details[items]`"
    )


def test_a_preview_of_a_subscription_takes_no_other_customer(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    made = subscribe(call, ada, licensed(call))
    asked = {"subscription": made["id"], "customer": bob}
    answer = call.post("/v1/invoices/create_preview", asked)
    assert (answer.status, answer.error["param"]) == (400, "customer")
    assert call.post("/v1/invoices/create_preview", {**asked, "customer": ada}).status == 200
