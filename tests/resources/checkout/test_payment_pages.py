"""Payment pages, by which the official CLI and tests of apps complete Checkout sessions without a browser."""

from typing import Any

import pytest

from tests.conftest import Call

SUCCESS = "https://app.example.com/done?session={CHECKOUT_SESSION_ID}"


def priced(call: Call, **params: Any) -> str:  # noqa: ANN401  any parameters
    product = call.create("/v1/products", {"name": "Seats"})["id"]
    recurring = {"interval": "month"}
    asked = {"currency": "usd", "unit_amount": 1500, "product": product, "recurring": recurring, **params}
    price: str = call.create("/v1/prices", {name: value for name, value in asked.items() if value is not None})["id"]
    return price


def opened(call: Call, **params: Any) -> dict[str, Any]:  # noqa: ANN401  any parameters
    lines = [{"price": priced(call), "quantity": 2}]
    return call.create(
        "/v1/checkout/sessions", {"mode": "subscription", "line_items": lines, "success_url": SUCCESS, **params}
    )


def world(call: Call) -> Any:  # noqa: ANN401  plain data
    """What was made; the number of requests is no part of it."""
    return call.fake.snapshot()["accounts"]


def typed_in(call: Call, token: str = "tok_visa") -> str:
    holder = {"email": "ada@example.com", "name": "Ada", "address": {"country": "GB", "postal_code": "N1 9GU"}}
    params = {"type": "card", "card": {"token": token}, "billing_details": holder}
    method: str = call.create("/v1/payment_methods", params)["id"]
    return method


def test_a_page_shows_what_is_bought_and_what_is_due(call: Call) -> None:
    session = opened(call)
    page = call.get(f"/v1/payment_pages/{session['id']}").json
    assert page["object"] == "checkout.session"
    assert (page["session_id"], page["mode"], page["status"]) == (session["id"], "subscription", "open")
    assert page["total_summary"] == {"due": 3000, "subtotal": 3000, "total": 3000}
    assert page["line_item_group"]["line_items"][0]["name"] == "Seats"
    assert call.get(f"/v1/payment_pages/{page['id']}").json == page
    assert call.post(f"/v1/payment_pages/{session['id']}/init", {"browser_locale": "en"}).json == page


def test_a_confirmation_completes_the_session(call: Call) -> None:
    session = opened(call)["id"]
    params = {"payment_method": typed_in(call), "expected_amount": 3000}
    page = call.create(f"/v1/payment_pages/{session}/confirm", params)
    assert (page["status"], page["payment_status"]) == ("complete", "paid")
    done = call.get(f"/v1/checkout/sessions/{session}").json
    assert done["customer_details"] == {
        "address": {
            "city": None,
            "country": "GB",
            "line1": None,
            "line2": None,
            "postal_code": "N1 9GU",
            "state": None,
        },
        "business_name": None,
        "email": "ada@example.com",
        "individual_name": None,
        "name": "Ada",
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    assert call.get(f"/v1/subscriptions/{done['subscription']}").json["status"] == "active"
    assert call.get(f"/v1/invoices/{done['invoice']}").json["amount_paid"] == 3000


def test_the_page_s_own_id_and_a_token_do_as_well(call: Call) -> None:
    page = call.get(f"/v1/payment_pages/{opened(call)['id']}").json["id"]
    data = {"type": "card", "card": {"token": "tok_visa"}, "billing_details": {"email": "ada@example.com"}}
    assert call.create(f"/v1/payment_pages/{page}/confirm", {"payment_method_data": data})["status"] == "complete"


def test_where_it_is_shipped_to_is_kept(call: Call) -> None:
    session = opened(call)["id"]
    shipping = {"name": "Ada", "address": {"line1": "1 Lane", "country": "GB"}}
    call.create(f"/v1/payment_pages/{session}/confirm", {"payment_method": "pm_card_visa", "shipping": shipping})
    done = call.get(f"/v1/checkout/sessions/{session}").json
    assert done["collected_information"]["shipping_details"]["address"]["line1"] == "1 Lane"
    assert call.get(f"/v1/customers/{done['customer']}").json["shipping"]["name"] == "Ada"


def test_a_page_is_seen_whatever_its_status_but_opened_only_while_the_session_is_open(call: Call) -> None:
    session = opened(call)["id"]
    call.create(f"/v1/payment_pages/{session}/confirm", {"payment_method": "pm_card_visa"})
    assert call.get(f"/v1/payment_pages/{session}").json["status"] == "complete"
    for act in ("init", "confirm"):
        error = call.post(f"/v1/payment_pages/{session}/{act}").error
        assert error["code"] == "checkout_succeeded_session"
    session = opened(call)["id"]
    call.clock.advance(24 * 3600)
    for act in ("init", "confirm"):
        error = call.post(f"/v1/payment_pages/{session}/{act}").error
        assert (error["code"], error["message"]) == (
            "checkout_not_active_session",
            "This Checkout Session is no longer active.",
        )


def test_a_card_that_wants_it_is_authenticated(call: Call) -> None:
    session = opened(call)["id"]
    params = {"payment_method": "pm_card_authenticationRequired"}
    assert call.create(f"/v1/payment_pages/{session}/confirm", params)["payment_status"] == "paid"
    done = call.get(f"/v1/checkout/sessions/{session}", {"expand": ["invoice.payments"]}).json
    intent = done["invoice"]["payments"]["data"][0]["payment"]["payment_intent"]
    charge = call.get(f"/v1/payment_intents/{intent}", {"expand": ["latest_charge"]}).json["latest_charge"]
    assert charge["payment_method_details"]["card"]["three_d_secure"]["result"] == "authenticated"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("tok_chargeDeclined", "card_declined"),
        ("tok_chargeDeclinedInsufficientFunds", "card_declined"),
        ("tok_chargeCustomerFail", "card_declined"),
        ("tok_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_decline_leaves_the_session_open(call: Call, token: str, code: str) -> None:
    session, method = opened(call)["id"], typed_in(call, token)
    before = world(call)
    answer = call.post(f"/v1/payment_pages/{session}/confirm", {"payment_method": method})
    assert (answer.status, answer.error["type"], answer.error["code"]) == (402, "card_error", code)
    assert world(call) == before
    assert call.create(f"/v1/payment_pages/{session}/confirm", {"payment_method": "pm_card_visa"})["status"]


def others_method(call: Call) -> str:
    customer = call.create("/v1/customers")["id"]
    return str(call.create("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})["id"])


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({}, "parameter_missing", "payment_method"),
        ({"payment_method": "pm_1"}, "resource_missing", "payment_method"),
        ({"payment_method": "pm_card_visa", "expected_amount": 2999}, "checkout_amount_mismatch", None),
        (
            {"payment_method": "pm_card_visa", "payment_method_data": {"card": {"token": "tok_visa"}}},
            "parameters_exclusive",
            "payment_method",
        ),
        ({"payment_method_data": {"type": "card"}}, "parameter_missing", "payment_method_data[card]"),
        (
            {"payment_method_data": {"card": {"cvc": "123"}}},
            "parameter_missing",
            "payment_method_data[card][token]",
        ),
        (
            {"payment_method_data": {"card": {"token": "tok_nobody"}}},
            None,
            "payment_method_data[card][token]",
        ),
        ({"payment_method_data": {"card": {"number": "4242424242424242"}}}, None, None),
        ({"client_secret": "cs_1_secret_x", "payment_method": "pm_card_visa"}, "resource_missing", "client_secret"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
    ],
)
def test_a_wrong_confirmation_changes_nothing(
    call: Call, params: dict[str, Any], code: str | None, param: str | None
) -> None:
    session = opened(call)["id"]
    before = world(call)
    error = call.post(f"/v1/payment_pages/{session}/confirm", params).error
    assert (error.get("code"), error.get("param")) == (code, param)
    assert world(call) == before


def test_a_payment_method_of_somebody_else_does_not_pay(call: Call) -> None:
    method, customer = others_method(call), call.create("/v1/customers")["id"]
    for session in (opened(call)["id"], opened(call, customer=customer)["id"]):
        before = world(call)
        assert call.post(f"/v1/payment_pages/{session}/confirm", {"payment_method": method}).status == 400
        assert world(call) == before


def test_no_page_is_without_a_session(call: Call) -> None:
    for path in ("cs_test_none", "ppage_none", "cs_test_none/init", "cs_test_none/confirm"):
        method = "POST" if "/" in path else "GET"
        answer = call.request(method, f"/v1/payment_pages/{path}")
        assert (answer.status, answer.error["message"]) == (404, "No such checkout.session: cs_test_none")
