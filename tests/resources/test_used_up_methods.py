"""A payment method that an intent has chosen may be lost before the intent is confirmed."""

import pytest

from tests.conftest import Call
from tests.resources.payments import BACK
from tests.resources.payments import INTENTS
from tests.resources.payments import saved
from tests.resources.payments import terms
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import subscribe

METHODS = "/v1/payment_methods"
SETUPS = "/v1/setup_intents"
USED_UP = (
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and "
    "may not be used again."
)


def unattached(call: Call) -> str:
    method: str = call.create(METHODS, {"type": "card", "card": {"token": "tok_visa"}})["id"]
    return method


def test_an_intent_is_not_confirmed_with_a_method_that_was_detached(call: Call) -> None:
    ada, method = saved(call)
    intent = call.create(INTENTS, terms(customer=ada, payment_method=method))
    call.create(f"{METHODS}/{method}/detach")
    assert call.post(f"{INTENTS}/{intent['id']}/confirm").error["message"] == USED_UP
    assert call.get(f"{INTENTS}/{intent['id']}").json == intent
    confirmed = call.create(f"{INTENTS}/{intent['id']}/confirm", {"payment_method": "pm_card_visa"})
    assert confirmed["status"] == "succeeded"


def test_an_intent_is_not_confirmed_with_the_method_of_a_deleted_customer(call: Call) -> None:
    ada, method = saved(call)
    intent = call.create(INTENTS, terms(customer=ada, payment_method=method))
    call.delete(f"/v1/customers/{ada}")
    assert call.post(f"{INTENTS}/{intent['id']}/confirm").error["message"] == USED_UP


def test_a_method_that_belongs_to_nobody_pays_once(call: Call) -> None:
    method = unattached(call)
    first, second = (call.create(INTENTS, terms(payment_method=method))["id"] for _ in range(2))
    assert call.create(f"{INTENTS}/{first}/confirm")["status"] == "succeeded"
    assert call.post(f"{INTENTS}/{second}/confirm").error["message"] == USED_UP


def test_a_method_that_has_found_a_customer_needs_that_customer(call: Call) -> None:
    method, ada = unattached(call), customer(call)
    intent = call.create(INTENTS, terms(payment_method=method))["id"]
    call.create(f"{METHODS}/{method}/attach", {"customer": ada})
    error = call.post(f"{INTENTS}/{intent}/confirm").error
    assert error["code"] == "parameter_missing"
    assert f"belongs to the Customer {ada}" in error["message"]


def test_what_is_paid_for_a_deleted_customer_saves_nothing(call: Call) -> None:
    ada = customer(call)
    asked = terms(customer=ada, payment_method="pm_card_visa", setup_future_usage="off_session")
    intent = call.create(INTENTS, asked)["id"]
    call.delete(f"/v1/customers/{ada}")
    paid = call.create(f"{INTENTS}/{intent}/confirm")
    assert paid["status"] == "succeeded"
    assert call.get(f"{METHODS}/{paid['payment_method']}").json["customer"] is None


def test_what_is_set_up_for_a_deleted_customer_is_not_attached(call: Call) -> None:
    ada = customer(call)
    asked = {"customer": ada, "payment_method": "pm_card_authenticationRequired", "confirm": True, "return_url": BACK}
    intent = call.create(SETUPS, asked)
    call.delete(f"/v1/customers/{ada}")
    assert call.fake.authenticate(intent["id"]) == "succeeded"
    assert call.get(f"{METHODS}/{intent['payment_method']}").json["customer"] is None


def test_what_was_detached_while_it_was_set_up_stays_so(call: Call) -> None:
    ada, method = saved(call, "authenticationRequired")
    asked = {"customer": ada, "payment_method": method, "confirm": True, "return_url": BACK}
    intent = call.create(SETUPS, asked)["id"]
    call.create(f"{METHODS}/{method}/detach")
    assert call.fake.authenticate(intent) == "succeeded"
    assert call.get(f"{METHODS}/{method}").json["customer"] is None


def test_a_setup_intent_that_is_done_keeps_its_customer(call: Call) -> None:
    intent = call.create(SETUPS, {"payment_method": "pm_card_visa", "confirm": True, "return_url": BACK})
    error = call.post(f"{SETUPS}/{intent['id']}", {"customer": customer(call)}).error
    assert error["message"] == "You cannot update this SetupIntent because it has already succeeded."


@pytest.mark.parametrize("name", ["capture_method", "payment_method_types"])
def test_a_confirmation_changes_nothing_that_an_invoice_decides(call: Call, name: str) -> None:
    ada, method = saved(call)
    subscribe(call, ada, licensed(call), payment_behavior="default_incomplete", default_payment_method=method)
    shown = invoices(call, expand=["data.payments"])[0]
    intent = shown["payments"]["data"][0]["payment"]["payment_intent"]
    value = {"capture_method": "manual", "payment_method_types": ["card"]}[name]
    answer = call.post(f"{INTENTS}/{intent}/confirm", {name: value}, version="2026-08-26.dahlia")
    assert answer.error["param"] == name
    assert "created by an invoice" in answer.error["message"]
