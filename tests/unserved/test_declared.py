"""Declared parameters that the fake does not act on, or only sometimes."""

import re
from typing import Any

import pytest

from fakestripe_meters.resources import registry
from tests.conformance.test_silent import leaves_of
from tests.conftest import Call

DAY = 86_400
CUSTOMERS, INVOICES, ITEMS, SUBSCRIPTIONS = (
    "/v1/customers",
    "/v1/invoices",
    "/v1/subscription_items",
    "/v1/subscriptions",
)
SEAT = {"currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}, "unit_amount": 100}
DECLINING = "pm_card_chargeCustomerFail"
AT_ONCE = {"proration_behavior": "always_invoice"}
FLEXIBLE = (
    "With `billing_mode.type=flexible` set on a subscription, the following parameters are not supported: clear_usage."
)


def price(call: Call, unit_amount: int = 100) -> str:
    made: str = call.create("/v1/prices", SEAT | {"unit_amount": unit_amount})["id"]
    return made


def subscribe(call: Call, **terms: Any) -> dict[str, Any]:  # noqa: ANN401  parameters of any kind
    customer = call.create(CUSTOMERS)["id"]
    return call.create(SUBSCRIPTIONS, {"customer": customer, "items": [{"price": price(call)}], **terms})


def first_item(subscription: dict[str, Any]) -> str:
    item: str = subscription["items"]["data"][0]["id"]
    return item


def refused(call: Call, path: str, params: dict[str, Any], method: str = "POST") -> tuple[int, str | None]:
    """Status and param of a refusal."""
    answer = call.post(path, params) if method == "POST" else call.delete(path, params)
    return answer.status, answer.error.get("param")


def test_what_is_declared_as_unserved_is_known() -> None:
    found = {
        re.sub(r"\.0\b", "[]", f"{endpoint.route} {leaf.dotted}")
        for endpoint in registry().endpoints()
        for leaf in leaves_of(endpoint)
        if leaf.owner.declared[leaf.name].unserved
    }
    assert found == {
        "GET /v1/credit_notes/preview refunds[].type",
        "GET /v1/credit_notes/preview/lines refunds[].type",
        "GET /v1/invoices/upcoming subscription_details.cancel_at",
        "GET /v1/invoices/upcoming/lines subscription_details.cancel_at",
        "POST /v1/billing_portal/configurations features.subscription_pause.enabled",
        "POST /v1/billing_portal/configurations login_page.enabled",
        "POST /v1/billing_portal/configurations/<configuration_id> features.subscription_pause.enabled",
        "POST /v1/billing_portal/configurations/<configuration_id> login_page.enabled",
        "POST /v1/billing_portal/sessions flow_data.type",
        "POST /v1/charges/<charge_id>/refund refund_application_fee",
        "POST /v1/charges/<charge_id>/refund reverse_transfer",
        "POST /v1/charges/<charge_id>/refunds refund_application_fee",
        "POST /v1/charges/<charge_id>/refunds reverse_transfer",
        "POST /v1/checkout/sessions automatic_tax.enabled",
        "POST /v1/checkout/sessions managed_payments.enabled",
        "POST /v1/credit_notes refunds[].type",
        "POST /v1/invoices/<invoice_id>/pay forgive",
        "POST /v1/invoices/create_preview subscription_details.cancel_at",
        "POST /v1/payment_intents/<intent_id>/capture final_capture",
        "POST /v1/payment_methods type",
        "POST /v1/payment_pages/<page_id>/confirm payment_method_data.type",
        "POST /v1/refunds refund_application_fee",
        "POST /v1/refunds reverse_transfer",
        "POST /v1/subscription_schedules default_settings.automatic_tax.enabled",
        "POST /v1/subscription_schedules phases[].automatic_tax.enabled",
        "POST /v1/subscription_schedules/<schedule_id> default_settings.automatic_tax.enabled",
        "POST /v1/subscription_schedules/<schedule_id> phases[].automatic_tax.enabled",
        "POST /v1/subscriptions automatic_tax.enabled",
        "POST /v1/subscriptions cancel_at",
        "POST /v1/subscriptions/<subscription_id> automatic_tax.enabled",
        "POST /v1/subscriptions/<subscription_id> cancel_at",
    }


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]"),
    ],
)
def test_an_update_refuses_what_it_would_not_do(call: Call, terms: dict[str, Any], param: str) -> None:
    path = f"{SUBSCRIPTIONS}/{subscribe(call)['id']}"
    assert refused(call, path, {"description": "new", **terms}) == (501, param)
    assert call.get(path).json["description"] is None


def test_what_stripe_does_not_have_beside_it_is_refused_first(call: Call) -> None:
    path = f"{SUBSCRIPTIONS}/{subscribe(call)['id']}"
    answer = call.post(path, {"automatic_tax": {"enabled": True, "colour": "red"}})
    assert (answer.status, answer.error["message"]) == (400, "Received unknown parameter: automatic_tax[colour]")


@pytest.mark.parametrize(
    "terms",
    [
        {"trial_from_plan": False},
        {"automatic_tax": {"enabled": False}},
        {"trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}}},
    ],
)
def test_an_update_takes_what_changes_nothing(call: Call, terms: dict[str, Any]) -> None:
    subscription = subscribe(call)
    assert call.create(f"{SUBSCRIPTIONS}/{subscription['id']}", terms)["status"] == "active"


def test_a_refused_value_is_wrong_before_it_is_refused(call: Call) -> None:
    path = f"{SUBSCRIPTIONS}/{subscribe(call)['id']}"
    answer = call.post(path, {"automatic_tax": {"enabled": "soon"}})
    assert (answer.status, answer.error["message"]) == (400, "Invalid boolean: soon")
    answer = call.post(path, {"automatic_tax": {"enabled": True}, "trial_end": "soon"})
    assert (answer.status, answer.error["message"]) == (400, "Invalid integer: soon")


def test_forgiving_an_invoice_is_refused(call: Call) -> None:
    customer = call.create(CUSTOMERS)["id"]
    invoice = call.create(INVOICES, {"customer": customer})["id"]
    assert refused(call, f"{INVOICES}/{invoice}/pay", {"forgive": True}) == (501, "forgive")
    assert call.create(f"{INVOICES}/{invoice}/pay", {"forgive": False})["status"] == "paid"


def test_a_product_that_is_made_with_a_line_is_refused(call: Call) -> None:
    draft = f"{INVOICES}/{call.create(INVOICES, {'customer': call.create(CUSTOMERS)['id']})['id']}"
    line = {"price_data": {"currency": "usd", "unit_amount": 5, "product_data": {"name": "Setup"}}}
    assert refused(call, f"{draft}/add_lines", {"lines": [line]}) == (501, "lines[0][price_data][product_data][name]")
    added = call.create(f"{draft}/add_lines", {"lines": [{"amount": 5}]})["lines"]["data"][0]["id"]
    change = {"lines": [{"id": added} | line]}
    assert refused(call, f"{draft}/update_lines", change) == (501, "lines[0][price_data][product_data][name]")
    assert refused(call, f"{draft}/lines/{added}", line) == (501, "price_data[product_data][name]")
    assert call.get(draft).json["total"] == 5


def test_the_price_of_a_line_needs_a_product(call: Call) -> None:
    draft = f"{INVOICES}/{call.create(INVOICES, {'customer': call.create(CUSTOMERS)['id']})['id']}"
    lines = [{"price_data": {"currency": "usd", "unit_amount": 5}}]
    assert refused(call, f"{draft}/add_lines", {"lines": lines}) == (400, "lines[0][price_data][product]")


def dearer(call: Call, subscription: dict[str, Any], **terms: Any) -> Any:  # noqa: ANN401  as above
    """A change to a dearer price in mid-period."""
    call.clock.advance(10 * DAY)
    items = [{"id": first_item(subscription), "price": price(call, 5000)}]
    return call.post(f"{SUBSCRIPTIONS}/{subscription['id']}", {"items": items, **terms})


def unit_amount(call: Call, subscription: dict[str, Any]) -> int:
    now = call.get(f"{SUBSCRIPTIONS}/{subscription['id']}").json
    amount: int = now["items"]["data"][0]["price"]["unit_amount"]
    return amount


@pytest.mark.parametrize("behavior", ["allow_incomplete", "error_if_incomplete", "pending_if_incomplete"])
def test_a_change_whose_payment_succeeds_is_made_in_any_case(call: Call, behavior: str) -> None:
    subscription = subscribe(call)
    assert dearer(call, subscription, payment_behavior=behavior, **AT_ONCE).status == 200
    assert unit_amount(call, subscription) == 5000


@pytest.mark.parametrize("behavior", ["default_incomplete", "error_if_incomplete", "pending_if_incomplete"])
def test_a_change_that_is_not_paid_at_once_needs_no_payment_behavior(call: Call, behavior: str) -> None:
    subscription = subscribe(call, default_payment_method="pm_card_visa")
    declines(call, subscription)
    assert dearer(call, subscription, payment_behavior=behavior).status == 200


@pytest.mark.parametrize("behavior", ["default_incomplete", "error_if_incomplete"])
def test_a_change_whose_invoice_is_sent_needs_none_either(call: Call, behavior: str) -> None:
    customer = call.create(CUSTOMERS)["id"]
    terms = {"customer": customer, "items": [{"price": price(call)}], "collection_method": "send_invoice"}
    sent = call.create(SUBSCRIPTIONS, terms | {"days_until_due": 30})
    assert dearer(call, sent, payment_behavior=behavior, **AT_ONCE).status == 200


def declines(call: Call, subscription: dict[str, Any]) -> None:
    call.create(f"{SUBSCRIPTIONS}/{subscription['id']}", {"default_payment_method": DECLINING})


@pytest.mark.parametrize(
    ("behavior", "status", "amount"),
    [
        ("allow_incomplete", 200, 5000),
        ("error_if_incomplete", 402, 100),
        ("pending_if_incomplete", 200, 100),
    ],
)
def test_a_change_whose_payment_fails(call: Call, behavior: str, status: int, amount: int) -> None:
    subscription = subscribe(call)
    declines(call, subscription)
    assert dearer(call, subscription, payment_behavior=behavior, **AT_ONCE).status == status
    assert unit_amount(call, subscription) == amount
    assert len(call.get(INVOICES).ids) == (2 if status == 200 else 1)


def test_a_new_subscription_cannot_be_pending(call: Call) -> None:
    customer = call.create(CUSTOMERS)["id"]
    terms = {"customer": customer, "items": [{"price": price(call)}], "payment_behavior": "pending_if_incomplete"}
    answer = call.post(SUBSCRIPTIONS, terms)
    assert (answer.status, answer.error["param"]) == (400, "payment_behavior")
    assert answer.error["message"] == (
        "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription."
    )


def clearing(call: Call, mode: str) -> list[Any]:
    """The answers to all requests that may clear the usage of an item."""
    seat, other = price(call), price(call, 50)
    customer = call.create(CUSTOMERS)["id"]
    items = [{"price": seat}, {"price": other}]
    made = call.create(SUBSCRIPTIONS, {"customer": customer, "items": items, "billing_mode": {"type": mode}})
    item = {"id": first_item(made), "deleted": True, "clear_usage": True}
    preview = {"subscription": made["id"], "subscription_details": {"items": [item]}}
    return [
        call.post(f"{INVOICES}/create_preview", preview),
        call.post(f"{SUBSCRIPTIONS}/{made['id']}", {"items": [item]}),
        call.delete(f"{ITEMS}/{made['items']['data'][1]['id']}", {"clear_usage": True}),
    ]


def test_usage_cannot_be_cleared_in_flexible_mode(call: Call) -> None:
    answers = clearing(call, "flexible")
    assert [(each.status, each.error["message"]) for each in answers] == [(400, FLEXIBLE)] * 3


def test_clearing_usage_does_nothing_in_classic_mode(call: Call) -> None:
    preview, update, deletion = clearing(call, "classic")
    assert (preview.status, update.status) == (200, 200)
    assert deletion.error["message"].startswith("A subscription must have at least one active plan.")


def test_the_preview_of_a_new_subscription_cannot_clear_usage_either(call: Call) -> None:
    items = [{"price": price(call), "clear_usage": True}]
    wanted = {"customer": call.create(CUSTOMERS)["id"], "subscription_details": {"items": items}}
    assert call.post(f"{INVOICES}/create_preview", wanted).error["message"] == FLEXIBLE


def test_a_price_made_with_an_item_shows_its_tax_behavior(call: Call) -> None:
    data = {
        "currency": "usd",
        "product": call.create("/v1/products", {"name": "Seat"})["id"],
        "recurring": {"interval": "month"},
        "unit_amount": 5,
        "tax_behavior": "exclusive",
    }
    customer = call.create(CUSTOMERS)["id"]
    made = call.create(SUBSCRIPTIONS, {"customer": customer, "items": [{"price_data": data}]})
    assert made["items"]["data"][0]["price"]["tax_behavior"] == "exclusive"
