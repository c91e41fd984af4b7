"""Checkout sessions: what a customer is asked to subscribe to, to pay, or to save."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import one_time

SESSIONS = "/v1/checkout/sessions"
BACK = "https://example.com/back?session={CHECKOUT_SESSION_ID}"


def asked(call: Call, *lines: Tree, version: str | None = None, **terms: Any) -> Answer:  # noqa: ANN401  any parameters
    usual: Tree = {"mode": "subscription", "success_url": BACK}
    bought: Tree = {"line_items": list(lines)} if lines else {}
    headers = {} if version is None else {"Stripe-Version": version}
    everything = {name: value for name, value in {**usual, **bought, **terms}.items() if value is not None}
    return call.post(SESSIONS, everything, headers=headers)


def opened(call: Call, *lines: Tree, **terms: Any) -> Tree:  # noqa: ANN401  any parameters
    answer = asked(call, *lines, **terms)
    assert answer.status == 200, answer.json
    session: Tree = answer.json
    return session


def seat(call: Call, quantity: int = 1, amount: int = 2000) -> Tree:
    return {"price": licensed(call, amount), "quantity": quantity}


def sums(session: Tree) -> tuple[int, int, int, int]:
    details = session["total_details"]
    return session["amount_subtotal"], details["amount_discount"], details["amount_tax"], session["amount_total"]


def test_a_session_for_usage_is_opened(call: Call) -> None:
    ada = customer(call, email="ada@example.com")
    session = opened(call, {"price": metered(call)}, customer=ada)
    assert session["id"].startswith("cs_test_a1")
    assert session["url"].endswith(f"checkout/{session['id']}")
    assert (session["amount_total"], session["status"], session["payment_status"]) == (0, "open", "unpaid")
    assert session["expires_at"] == session["created"] + DAY
    assert session["customer_details"]["email"] == "ada@example.com"
    assert (session["success_url"], session["customer_creation"]) == (BACK, None)
    assert call.get(f"{SESSIONS}/{session['id']}").json == session
    assert events(call, "checkout.session.completed", "checkout.session.expired") == []


def test_only_what_is_due_at_once_counts(call: Call) -> None:
    lines = [seat(call), {"price": metered(call)}, {"price": one_time(call), "quantity": 1}]
    assert sums(opened(call, *lines)) == (2500, 0, 0, 2500)
    trial = {"trial_period_days": 14}
    assert sums(opened(call, *lines, subscription_data=trial)) == (500, 0, 0, 500)


def test_discounts_come_first_and_taxes_after(call: Call) -> None:
    coupon = call.create("/v1/coupons", {"percent_off": 15, "duration": "once"})["id"]
    vat = call.create("/v1/tax_rates", {"display_name": "VAT", "inclusive": False, "percentage": 20})["id"]
    session = opened(
        call,
        {"price": one_time(call, 1000), "quantity": 2, "tax_rates": [vat]},
        mode="payment",
        discounts=[{"coupon": coupon}],
    )
    assert sums(session) == (2000, 300, 340, 2040)
    assert session["discounts"] == [{"coupon": coupon, "promotion_code": None}]
    shown = call.get(f"{SESSIONS}/{session['id']}", {"expand": ["line_items.data.taxes"]}).json
    [line] = shown["line_items"]["data"]
    assert (line["amount_subtotal"], line["amount_discount"], line["amount_tax"], line["amount_total"]) == (
        *(2000, 300, 340),
        2040,
    )
    assert [(tax["amount"], tax["taxable_amount"], tax["rate"]["id"]) for tax in line["taxes"]] == [(340, 1700, vat)]


def test_the_default_tax_rates_of_a_subscription_count(call: Call) -> None:
    vat = call.create("/v1/tax_rates", {"display_name": "VAT", "inclusive": True, "percentage": 25})["id"]
    assert sums(opened(call, seat(call), subscription_data={"default_tax_rates": [vat]})) == (2000, 0, 400, 2000)


def test_an_anchored_cycle_begins_with_a_part_of_a_period(call: Call) -> None:
    soon = int(call.clock.now()) + 10 * DAY
    anchored = {"billing_cycle_anchor": soon}
    part = opened(call, seat(call), subscription_data=anchored)["amount_total"]
    assert 0 < part < 2000
    nothing = opened(call, seat(call), subscription_data={**anchored, "proration_behavior": "none"})
    assert nothing["amount_total"] == 0


def test_a_price_can_be_made_along_with_its_line(call: Call) -> None:
    described = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Cap", "description": "Red"}}
    session = opened(call, {"price_data": described, "quantity": 3}, mode="payment")
    assert session["amount_total"] == 2100
    [line] = call.get(f"{SESSIONS}/{session['id']}/line_items").json["data"]
    assert (line["description"], line["price"]["active"], line["price"]["type"]) == ("Cap", False, "one_time")
    product = call.get(f"/v1/products/{line['price']['product']}").json
    assert (product["description"], product["active"]) == ("Red", False)


def test_lines_are_listed_in_their_order(call: Call) -> None:
    session = opened(call, seat(call), {"price": metered(call)})
    lines = call.get(f"{SESSIONS}/{session['id']}/line_items").json
    assert [line["quantity"] for line in lines["data"]] == [1, None]
    assert lines["url"] == f"{SESSIONS}/{session['id']}/line_items"
    first = call.get(f"{SESSIONS}/{session['id']}/line_items", {"limit": 1}).json
    assert first["has_more"]
    after = {"starting_after": first["data"][0]["id"]}
    assert call.get(f"{SESSIONS}/{session['id']}/line_items", after).json["data"] == lines["data"][1:]


def test_a_set_up_has_its_intent_at_once(call: Call) -> None:
    ada = customer(call)
    session = opened(call, mode="setup", customer=ada, currency="usd", setup_intent_data={"description": "later"})
    assert session["id"].startswith("cs_test_c1")
    assert (session["amount_total"], session["total_details"], session["payment_status"]) == (
        *(None, None),
        "no_payment_required",
    )
    intent = call.get(f"/v1/setup_intents/{session['setup_intent']}").json
    assert (intent["customer"], intent["description"], intent["status"]) == (ada, "later", "requires_payment_method")


def test_what_is_only_shown_is_shown_again(call: Call) -> None:
    field = {"key": "size", "label": {"type": "custom", "custom": "Size"}, "type": "text"}
    session = opened(
        call,
        seat(call),
        allow_promotion_codes=True,
        billing_address_collection="required",
        client_reference_id="user 1",
        custom_fields=[field],
        locale="de",
        metadata={"plan": "a"},
        phone_number_collection={"enabled": True},
    )
    assert session["id"].startswith("cs_test_b1")
    assert session["allow_promotion_codes"] is True
    assert session["billing_address_collection"] == "required"
    assert session["client_reference_id"] == "user 1"
    empty = {"default_value": None, "maximum_length": None, "minimum_length": None, "value": None}
    assert session["custom_fields"] == [{**field, "optional": False, "text": empty}]
    assert (session["locale"], session["metadata"]) == ("de", {"plan": "a"})
    assert session["phone_number_collection"] == {"enabled": True}


def test_a_session_in_a_page_of_the_app_has_a_secret_and_no_address(call: Call) -> None:
    terms = {"success_url": None, "return_url": BACK, "ui_mode": "embedded_page"}
    session = opened(call, seat(call), **terms)
    assert session["url"] is None
    assert session["client_secret"].startswith(f"{session['id']}_secret_")
    assert (session["return_url"], session["redirect_on_completion"]) == (BACK, "always")
    never = opened(call, seat(call), **{**terms, "return_url": None, "redirect_on_completion": "never"})
    assert never["redirect_on_completion"] == "never"


def test_a_change_replaces_all_lines_and_merges_metadata(call: Call) -> None:
    session = opened(call, seat(call), {"price": metered(call)}, metadata={"a": "b"})
    path = f"{SESSIONS}/{session['id']}"
    first, _ = call.get(f"{path}/line_items").json["data"]
    cap = {"price": one_time(call, 300), "quantity": 1}
    changed = call.create(path, {"line_items": [{"id": first["id"], "quantity": 2}, cap], "metadata": {"c": "d"}})
    assert (changed["amount_total"], changed["metadata"]) == (4300, {"a": "b", "c": "d"})
    lines = call.get(f"{path}/line_items").json["data"]
    assert [(line["id"] == first["id"], line["quantity"]) for line in lines] == [(True, 2), (False, 1)]
    refused = call.post(path, {"line_items": [{"id": "li_none", "quantity": 1}]})
    assert (refused.status, refused.error["param"]) == (400, "line_items[0][id]")


def test_a_session_expires_by_a_call(call: Call) -> None:
    session = opened(call, seat(call), after_expiration={"recovery": {"enabled": True}})
    path = f"{SESSIONS}/{session['id']}"
    expired = call.create(f"{path}/expire")
    assert (expired["status"], expired["url"], expired["payment_status"]) == ("expired", None, "unpaid")
    recovery = expired["after_expiration"]["recovery"]
    assert recovery["url"].startswith("https://buy.stripe.com/r/test_")
    assert recovery["expires_at"] > expired["expires_at"]
    [event] = events(call, "checkout.session.expired")
    assert event["data"]["object"] == expired
    again = call.post(f"{path}/expire")
    assert (again.status, again.error["code"]) == (400, "checkout_session_not_open")
    assert again.error["message"] == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
        "`expired`."
    )
    assert call.post(path, {"line_items": [seat(call)]}).error["code"] == "checkout_session_not_open"
    assert call.create(path, {"metadata": {"why": "late"}})["metadata"] == {"why": "late"}


def test_a_session_expires_by_itself(call: Call) -> None:
    soon = opened(call, seat(call), expires_at=int(call.clock.now()) + HOUR)
    later = opened(call, mode="setup", success_url=BACK, currency="usd")
    call.clock.advance(HOUR)
    assert call.get(f"{SESSIONS}/{soon['id']}").json["status"] == "expired"
    assert call.get(f"{SESSIONS}/{later['id']}").json["status"] == "open"
    call.clock.advance(DAY)
    assert call.get(f"{SESSIONS}/{later['id']}").json["status"] == "expired"
    assert call.get(f"/v1/setup_intents/{later['setup_intent']}").json["status"] == "canceled"


def test_the_accounts_clock_counts_for_a_customer_on_a_test_clock(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": int(call.clock.now()) + 400 * DAY})["id"]
    ada = customer(call, test_clock=clock)
    session = opened(call, seat(call), customer=ada)
    assert session["created"] == int(call.clock.now())
    assert session["expires_at"] == session["created"] + DAY


def test_sessions_are_listed_by_filters(call: Call) -> None:
    ada = customer(call, email="ada@example.com")
    hers, nobodys = opened(call, seat(call), customer=ada), opened(call, seat(call))
    call.create(f"{SESSIONS}/{nobodys['id']}/expire")

    def found(**where: object) -> list[str]:
        return [each["id"] for each in call.get(SESSIONS, where).json["data"]]

    assert found() == [nobodys["id"], hers["id"]]
    assert found(customer=ada) == found(status="open") == [hers["id"]]
    assert found(customer_details={"email": "ada@example.com"}) == [hers["id"]]
    assert found(status="complete") == found(created={"gt": hers["created"]}) == []
    assert call.get(SESSIONS, {"customer": "cus_none"}).error["param"] == "customer"
    assert call.get(SESSIONS, {"subscription": "sub_none"}).error["param"] == "subscription"
    assert call.get(SESSIONS, {"payment_intent": "pi_none"}).error["param"] == "payment_intent"


def test_an_unknown_session_is_not_quoted(call: Call) -> None:
    answer = call.get(f"{SESSIONS}/cs_test_none")
    assert answer.status == 404
    assert (answer.error["message"], answer.error["code"]) == (
        "No such checkout.session: cs_test_none",
        "resource_missing",
    )
    assert "param" not in answer.error


@pytest.mark.parametrize(
    ("version", "sent", "shown"),
    [
        ("2026-02-25.clover", "embedded", "embedded"),
        ("2025-04-30.basil", "custom", "custom"),
        ("2026-03-25.dahlia", "embedded_page", "embedded_page"),
        ("2026-03-25.dahlia", "form", "form"),
    ],
)
def test_the_kinds_of_pages_have_the_names_of_the_version(call: Call, version: str, sent: str, shown: str) -> None:
    terms = {"ui_mode": sent, "return_url": BACK, "success_url": None}
    session = asked(call, seat(call), version=version, **terms).json
    assert session["ui_mode"] == shown


@pytest.mark.parametrize(
    ("version", "sent", "message"),
    [
        (
            "2026-02-25.clover",
            "embedded_page",
            "Invalid ui_mode: must be one of custom, embedded, or hosted",
        ),
        (
            "2026-03-25.dahlia",
            "hosted",
            "Invalid ui_mode: must be one of elements, embedded_page, form, or hosted_page",
        ),
        ("2026-02-25.clover", "embedded", "`success_url` is not supported with `ui_mode: embedded`."),
    ],
)
def test_names_of_other_versions_are_refused(call: Call, version: str, sent: str, message: str) -> None:
    answer = asked(call, seat(call), version=version, ui_mode=sent)
    assert (answer.status, answer.error["message"]) == (400, message)


def test_types_of_payment_methods_are_listed_until_endive_and_restricted_since(call: Call) -> None:
    older, newer = "2026-08-26.dahlia", "2026-09-30.endive"
    listed = asked(call, seat(call), version=older, payment_method_types=["card"]).json
    assert listed["payment_method_types"] == ["card"]
    assert listed["payment_method_configuration_details"] is None
    assert "allowed_payment_method_types" not in listed
    refused = asked(call, seat(call), version=newer, payment_method_types=["card"])
    assert refused.error["code"] == "payment_method_types_no_longer_supported"
    restricted = asked(call, seat(call), version=newer, allowed_payment_method_types=["card"]).json
    assert restricted["allowed_payment_method_types"] == ["card"]
    unknown = asked(call, seat(call), version=older, allowed_payment_method_types=["card"])
    assert unknown.error["message"] == "Received unknown parameter: allowed_payment_method_types"


def test_older_versions_show_less(call: Call) -> None:
    session = asked(call, seat(call), version="2025-03-31.basil").json
    assert session["ui_mode"] == "hosted"
    assert not {"branding_settings", "origin_context", "integration_identifier", "wallet_options"} & session.keys()


@pytest.mark.parametrize(
    ("version", "data", "unknown"),
    [
        ("2026-05-27.dahlia", {"billing_cycle_anchor_config": {"day_of_month": 1}}, "[billing_cycle_anchor_config]"),
        ("2026-08-26.dahlia", {"invoice_settings": {"footer": "a"}}, "[invoice_settings][footer]"),
        ("2025-05-28.basil", {"billing_mode": {"type": "flexible"}}, "[billing_mode]"),
    ],
)
def test_a_parameter_of_a_newer_version_is_unknown(call: Call, version: str, data: Tree, unknown: str) -> None:
    answer = asked(call, seat(call), version=version, subscription_data=data)
    assert answer.error["message"] == f"Received unknown parameter: subscription_data{unknown}"
