"""Subscriptions, invoices and their lines as versions before 2025-03-31.basil have them.

`stripe-11.6.1.json` is what the last SDK before it declares; `Sdk` in `tests/conformance/sdk_types.py` read it.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fakestripe_meters import versions
from fakestripe_meters.versions import additions
from fakestripe_meters.versions.changes import RELEASED
from fakestripe_meters.versions.changes import REQUESTED
from tests.conformance.compared import complaints
from tests.conformance.story import told
from tests.conftest import Call

ACACIA = "2025-02-24.acacia"
BASIL = "2025-03-31"
OLDER = (ACACIA, "2025-03-30.preview", "2024-06-20", "2023-10-16")
NEWER = (None, "2025-03-31.basil", "2025-03-31.preview", "2026-10-28.endive")
SUBSCRIPTIONS = "/v1/subscriptions"
INVOICES = "/v1/invoices"
JANUARY = {"current_period_start": 1_735_689_600, "current_period_end": 1_738_368_000}
MONTH = 31 * 86_400
ADDED_SINCE = {path[0] for addition in additions.ALL for path in addition.fields}
MOVED = {"paid", "subscription", "subscription_details", "tax", "total_tax_amounts"}
MOVED_FROM_LINES = {"type", "proration", "tax_amounts", "subscription_item", "invoice_item"}
Json = dict[str, Any]

older = pytest.mark.parametrize("version", OLDER)
newer = pytest.mark.parametrize("version", NEWER)


def subscribed(call: Call, version: str = ACACIA, **terms: Any) -> Json:  # noqa: ANN401  parameters of any kind
    """Two seats at $5 and calls at $0.5: the subscription, as versions before have it."""
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    metered = {"usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
    seats = price(call, unit_amount=500, recurring={"interval": "month"}, product_data={"name": "Seats"})
    calls = price(call, unit_amount=50, recurring={"interval": "month"} | metered, product_data={"name": "Calls"})
    items = [{"price": seats["id"], "quantity": 2}, {"price": calls["id"]}]
    customer = call.create("/v1/customers")["id"]
    return call.create(SUBSCRIPTIONS, {"customer": customer, "items": items} | terms, version=version)


def price(call: Call, **terms: Any) -> Json:  # noqa: ANN401  parameters of any kind
    return call.create("/v1/prices", {"currency": "usd"} | terms)


def got(call: Call, path: str, version: str | None = ACACIA, **params: Any) -> Json:  # noqa: ANN401  of any kind
    answer = call.get(path, params, version=version)
    assert answer.status == 200, answer.body
    tree: Json = answer.json
    return tree


# Which versions


@older
def test_dates_before_have_all_changes_whatever_the_route(version: str) -> None:
    spoken = versions.version(version)
    assert spoken is not None
    for route in ("", "GET /v1/customers", "GET /v1/billing/analytics/meter_usage"):
        since = {change for change in RELEASED if change.since > spoken.date}
        assert set(versions.changes_for(route, spoken, {})) >= since
        assert len(since) > len({change for change in RELEASED if change.since < BASIL})


@newer
def test_later_dates_and_the_default_have_none(version: str | None) -> None:
    spoken = versions.version(version)
    assert spoken is not None
    before = {change for change in (*RELEASED, *REQUESTED) if change.since <= BASIL}
    assert not set(versions.changes_for("", spoken, {})) & before


def test_changes_are_newest_first_and_each_has_an_entry_for_the_changelog() -> None:
    assert [change.since for change in RELEASED] == sorted((change.since for change in RELEASED), reverse=True)
    for change in RELEASED:
        assert type(change).__doc__
        assert change.objects
        assert not change.route
    for change in REQUESTED:
        assert type(change).__doc__
        assert change.routes
        assert not change.objects


@newer
def test_newer_answers_are_as_they_were(call: Call, version: str | None) -> None:
    made = subscribed(call)
    subscription = got(call, f"{SUBSCRIPTIONS}/{made['id']}", version)
    assert not {*JANUARY, "discount"} & subscription.keys()
    assert "aggregate_usage" not in subscription["items"]["data"][0]["plan"]
    invoice = got(call, f"{INVOICES}/{made['latest_invoice']}", version)
    assert not MOVED & invoice.keys()
    assert not any(MOVED_FROM_LINES & line.keys() for line in invoice["lines"]["data"])


# Subscriptions


@older
def test_a_subscription_has_its_period(call: Call, version: str) -> None:
    made = subscribed(call, version)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    assert {name: made[name] for name in JANUARY} == JANUARY
    assert made["discount"] is None
    retrieved = got(call, path, version)
    assert retrieved == made
    assert got(call, SUBSCRIPTIONS, version)["data"] == [made]
    fields = list(made)
    assert fields == ["id", "object", *sorted(set(fields) - {"id", "object"})]
    call.clock.advance(MONTH)
    assert got(call, path, version)["current_period_start"] == JANUARY["current_period_end"]


def test_items_keep_their_periods_and_prices_have_aggregate_usage(call: Call) -> None:
    made = subscribed(call)
    for item in made["items"]["data"]:
        assert {name: item[name] for name in JANUARY} == JANUARY
        assert item["plan"]["aggregate_usage"] is None
        assert item["price"]["recurring"]["aggregate_usage"] is None
    once = price(call, unit_amount=5, product_data={"name": "Once"})
    assert got(call, f"/v1/prices/{once['id']}")["recurring"] is None


# Invoices


@older
def test_an_invoice_tells_of_its_subscription_and_payment(call: Call, version: str) -> None:
    made = subscribed(call, metadata={"team": "red"})
    path = f"{INVOICES}/{made['latest_invoice']}"
    invoice = got(call, path, version)
    assert (invoice["subscription"], invoice["subscription_details"]) == (made["id"], {"metadata": {"team": "red"}})
    assert "subscription_proration_date" not in invoice
    assert (invoice["paid"], invoice["paid_out_of_band"]) == (True, False)
    assert (invoice["tax"], invoice["total_tax_amounts"]) == (None, [])
    nothing = ("application_fee_amount", "discount", "quote", "transfer_data")
    assert all(invoice[name] is None for name in nothing)
    assert got(call, f"/v1/payment_intents/{invoice['payment_intent']}")["latest_charge"] == invoice["charge"]
    fields = list(invoice)
    assert fields == ["id", "object", *sorted(set(fields) - {"id", "object"})]
    assert got(call, INVOICES, version)["data"] == [invoice]


def test_what_was_added_stays(call: Call) -> None:
    made = subscribed(call)
    path = f"{INVOICES}/{made['latest_invoice']}"
    invoice, today = got(call, path), got(call, path, None)
    for name in today.keys() - {"lines"} - ADDED_SINCE:
        assert invoice[name] == today[name]
    for line, line_today in zip(invoice["lines"]["data"], today["lines"]["data"], strict=True):
        stays = {name: value for name, value in line_today.items() if name not in ADDED_SINCE}
        assert stays.keys() >= {"parent", "pricing", "taxes"}
        assert line | stays == line


def test_an_invoice_of_no_subscription_says_so_and_is_paid_out_of_band(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    made = call.create(INVOICES, {"customer": customer}, version=ACACIA)
    assert (made["subscription"], made["subscription_details"], made["paid"]) == (None, {"metadata": None}, False)
    item = {"customer": customer, "amount": 700, "currency": "usd", "invoice": made["id"]}
    call.create("/v1/invoiceitems", item)
    call.create(f"{INVOICES}/{made['id']}/finalize", version=ACACIA)
    paid = call.create(f"{INVOICES}/{made['id']}/pay", {"paid_out_of_band": True}, version=ACACIA)
    assert (paid["paid"], paid["paid_out_of_band"]) == (True, True)


def test_a_proration_date_is_told_where_there_is_one() -> None:
    details = {"metadata": {}, "subscription": "sub_1", "subscription_proration_date": 5}
    invoice: Json = {"id": "in_1", "object": "invoice", "status": "open", "amount_paid_off_stripe": 0}
    invoice |= {"attempted": False, "amount_paid": 0, "amount_remaining": 5}
    invoice |= {"status_transitions": {"finalized_at": None}}
    parent = {"parent": {"quote_details": None, "subscription_details": details, "type": "subscription_details"}}
    assert lowered(invoice | parent)["subscription_proration_date"] == 5


def lowered(tree: Json) -> Json:
    spoken = versions.version(ACACIA)
    assert spoken is not None
    older_tree: Json = versions.downgrade(versions.changes_for("", spoken, {}), tree)
    return older_tree


@older
def test_a_line_tells_its_type_and_item(call: Call, version: str) -> None:
    made = subscribed(call)
    call.create("/v1/invoiceitems", {"customer": made["customer"], "amount": 700, "currency": "usd"})
    call.clock.advance(MONTH)
    newest = got(call, INVOICES, version, customer=made["customer"])["data"][0]
    seats = next(line for line in newest["lines"]["data"] if line["amount"] == 1000)
    bare = next(line for line in newest["lines"]["data"] if line["amount"] == 700)
    assert (
        seats
        | {
            "amount_excluding_tax": 1000,
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": made["id"],
            "subscription_item": made["items"]["data"][0]["id"],
            "tax_amounts": [],
            "tax_rates": [],
            "type": "subscription",
            "unit_amount_excluding_tax": "500",
        }
        == seats
    )
    assert "invoice_item" not in seats
    item = got(call, f"{SUBSCRIPTIONS}/{made['id']}", version)["items"]["data"][0]
    assert (seats["price"], seats["plan"]) == (item["price"], item["plan"])
    assert seats["plan"]["aggregate_usage"] is None
    assert (bare["type"], bare["subscription"], bare["unit_amount_excluding_tax"]) == ("invoiceitem", None, "700")
    assert (bare["price"]["unit_amount"], bare["price"]["active"], bare["plan"]) == (700, False, None)
    assert bare["invoice_item"].startswith("ii_")
    assert "subscription_item" not in bare
    listed = got(call, f"{INVOICES}/{newest['id']}/lines", version)["data"]
    assert listed == newest["lines"]["data"]


def test_a_proration_is_of_an_invoice_item_and_of_a_subscription_item(call: Call) -> None:
    made = subscribed(call)
    item = made["items"]["data"][0]["id"]
    call.clock.advance(MONTH // 2)
    call.create(f"/v1/subscription_items/{item}", {"quantity": 4})
    preview = call.create(f"{INVOICES}/create_preview", {"subscription": made["id"]}, version=ACACIA)
    assert (preview["subscription"], preview["paid"]) == (made["id"], False)
    prorations = [line for line in preview["lines"]["data"] if line["proration"]]
    assert len(prorations) == 2
    for line in prorations:
        assert (line["type"], line["subscription"], line["subscription_item"]) == ("invoiceitem", made["id"], item)
        assert line["unit_amount_excluding_tax"] == str(line["amount"])
    waiting = {each["id"]: each for each in got(call, "/v1/invoiceitems")["data"]}
    assert waiting.keys() == {line["invoice_item"] for line in prorations}
    for each in waiting.values():
        assert (each["subscription"], each["subscription_item"]) == (made["id"], item)
        assert (each["unit_amount"], each["unit_amount_decimal"]) == (each["amount"], str(each["amount"]))
        assert each["plan"]["id"] == each["price"]["id"] == made["items"]["data"][0]["price"]["id"]


@pytest.mark.parametrize(
    ("terms", "unit_amount", "decimal"),
    [
        ({"amount": 700, "currency": "usd"}, 700, "700"),
        ({"amount": -700, "currency": "usd"}, -700, "-700"),
        ({"price": 250, "quantity": 3}, 250, "250"),
        ({"price": "0.5", "quantity": 3}, None, "0.5"),
    ],
)
def test_an_invoice_item_tells_what_a_unit_costs(
    call: Call, terms: Json, unit_amount: int | None, decimal: str
) -> None:
    if "price" in terms:
        once = price(call, unit_amount_decimal=terms["price"], product_data={"name": "Once"})
        terms = terms | {"price": once["id"]}
    customer = call.create("/v1/customers")["id"]
    made = call.create("/v1/invoiceitems", terms | {"customer": customer}, version=ACACIA)
    assert (made["unit_amount"], made["unit_amount_decimal"]) == (unit_amount, decimal)
    assert made["subscription"] is None
    assert "subscription_item" not in made
    assert (made["price"]["unit_amount_decimal"], made["plan"]) == (decimal, None)


def test_what_is_deleted_has_no_more_than_before(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    draft = call.create(INVOICES, {"customer": customer})["id"]
    item = call.create("/v1/invoiceitems", {"customer": customer, "amount": 1, "currency": "usd"})["id"]
    for path in (f"{INVOICES}/{draft}", f"/v1/invoiceitems/{item}"):
        assert call.delete(path, version=ACACIA).json.keys() == {"id", "object", "deleted"}


# Expanded


def test_expanded_objects_are_of_the_same_version(call: Call) -> None:
    made = subscribed(call)
    subscription = got(call, f"{SUBSCRIPTIONS}/{made['id']}", expand=["latest_invoice"])
    assert subscription["latest_invoice"]["subscription"] == made["id"]
    assert subscription["latest_invoice"]["lines"]["data"][0]["type"] == "subscription"
    invoice = got(call, f"{INVOICES}/{made['latest_invoice']}", expand=["subscription"])
    assert invoice["subscription"] == made
    assert invoice["parent"]["subscription_details"]["subscription"] == made["id"]


# Events


def told_of(call: Call, kind: str) -> Json:
    """The newest delivery of that type."""
    event: Json = [each.json for each in call.fake.webhooks.held if each.type == kind][-1]
    return event


def test_webhooks_are_written_in_the_endpoints_version(call: Call) -> None:
    call.fake.webhooks.hold()
    hook = {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]}
    call.create("/v1/webhook_endpoints", hook | {"api_version": "2024-06-20"})
    made = subscribed(call)
    created = told_of(call, "customer.subscription.created")
    assert created["api_version"] == "2024-06-20"
    assert {name: created["data"]["object"][name] for name in JANUARY} == JANUARY
    paid = told_of(call, "invoice.paid")["data"]["object"]
    assert (paid["paid"], paid["subscription"]) == (True, made["id"])
    call.clock.advance(MONTH)
    renewed = told_of(call, "customer.subscription.updated")["data"]
    assert renewed["object"]["current_period_start"] == JANUARY["current_period_end"]
    previous = renewed["previous_attributes"]
    assert {name: previous[name] for name in JANUARY} == JANUARY
    assert "discount" not in previous


def test_what_an_invoice_was_before_is_told_in_the_endpoints_version(call: Call) -> None:
    call.fake.webhooks.hold()
    hook = {"url": "http://127.0.0.1:9/hook", "enabled_events": ["invoice.updated"], "api_version": ACACIA}
    call.create("/v1/webhook_endpoints", hook)
    subscribed(call)
    call.clock.advance(MONTH + 7_200)
    previous = told_of(call, "invoice.updated")["data"]["previous_attributes"]
    assert (previous["status"], previous["paid"]) == ("open", False)
    assert "subscription" not in previous


# What the SDK declares

WHERE_THERE_IS_ONE = {
    "account",
    "carrier",
    "deleted",
    "id",
    "discount",
    "invoice_item",
    "quantity",
    "subscription_item",
    "subscription_proration_date",
    "threshold_reason",
    "tracking_number",
}
BEYOND = {
    "invoice": {"amount_overpaid", "automatic_tax.provider", "parent", "total_taxes"},
    "invoiceitem": {"parent", "pricing"},
    "line_item": {"parent", "pricing", "taxes"},
    "subscription": {"plan", "quantity"},
    "subscription_item": {"current_period_end", "current_period_start"},
}
"""What was added with the change, and what no SDK declares although all subscriptions have it."""


@cache
def found() -> dict[str, set[tuple[str, str]]]:
    """How the objects of a whole story part from what the SDK declares: path, and what is wrong with it."""
    declared = json.loads(Path(__file__).with_name("stripe-11.6.1.json").read_text("utf-8"))
    teller = told(declared["api_version"], preview=False)
    assert teller.fake.engine.failures == []
    types = declared["objects"]
    by_name: dict[str, set[tuple[str, str]]] = {name: set() for name in types}
    for each in teller.seen():
        if each.name in types:
            by_name[each.name].update(complaints(types[each.name], each.tree))
    return by_name


@pytest.mark.parametrize("name", BEYOND)
def test_every_field_that_the_last_sdk_before_declares_is_there_with_its_type(name: str) -> None:
    parted = found()[name]
    assert {path for path, what in parted if what == "undeclared"} == BEYOND[name]
    absent = {path.rpartition(".")[2] for path, what in parted if what == "absent"}
    assert absent <= WHERE_THERE_IS_ONE
    assert {what for _, what in parted} <= {"undeclared", "absent"}
