"""How an invoice is paid: its payment and payment intent, what a card answers, and what becomes of all of them."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import subscribe
from tests.resources.shop import types

INVOICES, INTENTS, PAYMENTS = "/v1/invoices", "/v1/payment_intents", "/v1/invoice_payments"
SUBSCRIPTIONS = "/v1/subscriptions"
AUTHENTICATION = "pm_card_authenticationRequired"
ON_SETUP = "pm_card_authenticationRequiredOnSetup"
PAID = ["invoice.updated", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]
CHARGED = ["charge.succeeded", "payment_intent.succeeded"]
REFUSED = ["charge.failed", "payment_intent.payment_failed", "invoice.updated", "invoice.payment_failed"]

Tree = dict[str, Any]


def attached(call: Call, name: str = "pm_card_visa", **terms: object) -> tuple[str, str]:
    """A customer whose default payment method is of a card, and that payment method."""
    ada = customer(call, **terms)
    method: str = call.create(f"/v1/payment_methods/{name}/attach", {"customer": ada})["id"]
    call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": method}})
    return ada, method


def subscribed(call: Call, name: str = "pm_card_visa", **terms: object) -> Tree:
    return subscribe(call, attached(call, name)[0], licensed(call), **terms)


def opened(call: Call, amount: int = 500, **terms: object) -> Tree:
    """An open invoice that nothing collects."""
    ada = attached(call)[0]
    draft = call.create(INVOICES, {"customer": ada, "auto_advance": False, **terms})
    call.create("/v1/invoiceitems", {"customer": ada, "invoice": draft["id"], "amount": amount})
    return call.create(f"{INVOICES}/{draft['id']}/finalize")


def invoice_of(call: Call, subscription: Tree, *expand: str) -> Tree:
    latest = call.get(f"{SUBSCRIPTIONS}/{subscription['id']}").json["latest_invoice"]
    found: Tree = call.get(f"{INVOICES}/{latest}", {"expand": ["payments", *expand]}).json
    return found


def payment_of(call: Call, invoice: Tree) -> Tree:
    [payment] = call.get(PAYMENTS, {"invoice": invoice["id"]}).json["data"]
    found: Tree = payment
    return found


def intent_of(call: Call, invoice: Tree) -> Tree:
    found: Tree = call.get(f"{INTENTS}/{payment_of(call, invoice)['payment']['payment_intent']}").json
    return found


def status(call: Call, subscription: Tree) -> str:
    found: str = call.get(f"{SUBSCRIPTIONS}/{subscription['id']}").json["status"]
    return found


def since(call: Call, seen: int) -> list[str]:
    return types(call)[seen:]


# A payment that passes


def test_a_first_invoice_is_paid_with_the_events_in_order(call: Call) -> None:
    ada, method = attached(call)
    price = licensed(call)
    seen = len(types(call))
    made = subscribe(call, ada, price, expand=["latest_invoice.payments", "latest_invoice.confirmation_secret"])
    invoice = made["latest_invoice"]
    assert (made["status"], made["default_payment_method"], invoice["status"]) == ("active", None, "paid")
    assert (invoice["attempt_count"], invoice["attempted"], invoice["auto_advance"]) == (1, True, False)
    intent = intent_of(call, invoice)
    assert (intent["status"], intent["payment_method"], intent["customer"]) == ("succeeded", method, ada)
    assert (intent["description"], intent["setup_future_usage"]) == ("Subscription creation", "off_session")
    assert intent["payment_details"] == {"customer_reference": None, "order_reference": invoice["id"]}
    assert invoice["confirmation_secret"]["client_secret"] == intent["client_secret"]
    begins = ["customer.subscription.created", "invoice.created", "invoice.finalized", "payment_intent.created"]
    assert [each for each in since(call, seen) if each != "customer.updated"] == begins + CHARGED + PAID
    [created] = [each for each in events(call) if each["type"] == "customer.subscription.created"]
    assert created["data"]["object"]["status"] == "active"


def test_a_payment_is_listed_retrieved_and_filtered(call: Call) -> None:
    invoice = invoice_of(call, subscribed(call))
    payment = payment_of(call, invoice)
    assert invoice["payments"]["data"] == [payment]
    assert (payment["amount_paid"], payment["amount_requested"], payment["is_default"]) == (1000, 1000, True)
    assert (payment["status"], payment["status_transitions"]["paid_at"]) == ("paid", NEW_YEAR)
    assert call.get(f"{PAYMENTS}/{payment['id']}").json == payment
    intent = payment["payment"]["payment_intent"]
    found: list[tuple[Tree, list[str]]] = [
        ({"payment": {"type": "payment_intent", "payment_intent": intent}, "status": "paid"}, [payment["id"]]),
        ({"payment": {"type": "payment_intent", "payment_intent": "pi_none"}}, []),
        ({"payment": {"type": "payment_record"}}, []),
        ({"status": "open"}, []),
        ({"created": {"gt": NEW_YEAR}}, []),
    ]
    for where, ids in found:
        assert call.get(PAYMENTS, where).ids == ids
    assert call.get(PAYMENTS, {"invoice": "in_none"}).status == 400
    assert call.get(PAYMENTS, {"payment": {"payment_intent": intent}}).error["param"] == "payment[type]"
    missing = call.get(f"{PAYMENTS}/inpay_none")
    assert (missing.status, missing.error["param"]) == (404, "invoice_payment")


def test_a_renewal_is_paid_off_session(call: Call) -> None:
    made = subscribed(call)
    call.clock.freeze(FEBRUARY)
    seen = len(types(call))
    call.clock.advance(HOUR)
    invoice = invoice_of(call, made)
    assert (invoice["status"], intent_of(call, invoice)["description"]) == ("paid", "Subscription update")
    assert since(call, seen) == ["invoice.finalized", "payment_intent.created", *CHARGED, *PAID]


def test_an_invoice_made_by_hand_has_a_payment_for_itself(call: Call) -> None:
    invoice = opened(call)
    intent = intent_of(call, invoice)
    assert (intent["description"], intent["setup_future_usage"]) == ("Payment for Invoice", None)
    assert (intent["status"], intent["amount"]) == ("requires_confirmation", 500)
    assert (payment_of(call, invoice)["status"], payment_of(call, invoice)["amount_paid"]) == ("open", None)


def test_an_invoice_of_nothing_and_one_too_small_have_no_payment(call: Call) -> None:
    for amount in (0, 20):
        invoice = opened(call, amount)
        assert (invoice["status"], invoice["attempt_count"], invoice["attempted"]) == ("paid", 0, True)
        assert call.get(PAYMENTS, {"invoice": invoice["id"]}).json["data"] == []
        shown = call.get(f"{INVOICES}/{invoice['id']}", {"expand": ["payments", "confirmation_secret"]}).json
        assert (shown["payments"]["data"], shown["confirmation_secret"]) == ([], None)


def test_who_has_no_payment_method_pays_with_a_stand_in(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    intent = intent_of(call, invoice_of(call, made))
    method = call.get(f"/v1/payment_methods/{intent['payment_method']}").json
    assert (method["card"]["last4"], method["customer"]) == ("4242", None)


@pytest.mark.parametrize("setting", ["on_subscription", "off"])
def test_the_method_that_paid_is_saved_if_that_is_wanted(call: Call, setting: str) -> None:
    ada, method = attached(call)
    made = subscribe(call, ada, licensed(call), payment_settings={"save_default_payment_method": setting})
    assert made["default_payment_method"] == (method if setting == "on_subscription" else None)


# A payment that fails


def test_a_first_invoice_that_is_declined(call: Call) -> None:
    ada, _ = attached(call, DECLINING)
    price = licensed(call)
    seen = len(types(call))
    made = subscribe(call, ada, price)
    invoice = invoice_of(call, made)
    assert (made["status"], invoice["status"], invoice["attempt_count"]) == ("incomplete", "open", 1)
    assert intent_of(call, invoice)["status"] == "requires_payment_method"
    assert since(call, seen)[-5:] == ["payment_intent.created", *REFUSED]


def test_a_renewal_that_is_declined(call: Call) -> None:
    made = subscribed(call)
    ada = made["customer"]
    bad = call.create(f"/v1/payment_methods/{DECLINING}/attach", {"customer": ada})["id"]
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", {"default_payment_method": bad})
    call.clock.freeze(FEBRUARY)
    seen = len(types(call))
    call.clock.advance(HOUR)
    begins = ["invoice.finalized", "payment_intent.created"]
    assert since(call, seen) == [*begins, *REFUSED, "customer.subscription.updated"]
    assert set(since(call, seen)[-2:]) <= {
        "customer.subscription.updated",
        "customer.updated",
        "invoice.payment_failed",
    }
    invoice = invoice_of(call, made)
    assert (status(call, made), invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)


def test_paying_with_another_method_heals(call: Call) -> None:
    made = subscribed(call, DECLINING)
    invoice = invoice_of(call, made)
    refused = call.post(f"{INVOICES}/{invoice['id']}/pay")
    assert (refused.status, refused.error["code"], refused.error["decline_code"]) == (
        402,
        "card_declined",
        "generic_decline",
    )
    assert refused.error["payment_intent"]["status"] == "requires_payment_method"
    good = call.create("/v1/payment_methods/pm_card_visa/attach", {"customer": made["customer"]})["id"]
    seen = len(types(call))
    paid = call.create(f"{INVOICES}/{invoice['id']}/pay", {"payment_method": good})
    assert (paid["status"], paid["attempt_count"], status(call, made)) == ("paid", 1, "active")
    assert since(call, seen) == [*CHARGED, *PAID, "customer.subscription.updated"]


def test_after_23_hours_the_intent_is_canceled_and_the_invoice_void(call: Call) -> None:
    made = subscribed(call, DECLINING)
    call.clock.advance(23 * HOUR)
    invoice = invoice_of(call, made)
    intent = intent_of(call, invoice)
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "void_invoice")
    assert (payment_of(call, invoice)["status"], invoice["status"]) == ("canceled", "void")
    assert status(call, made) == "incomplete_expired"


@pytest.mark.parametrize(
    ("how", "expected"),
    [("void", ("void", "canceled", "void_invoice")), ("pay", ("paid", "canceled", "automatic"))],
)
def test_an_invoice_that_is_not_charged_cancels_its_payment(call: Call, how: str, expected: tuple[str, ...]) -> None:
    invoice = opened(call)
    done = call.create(f"{INVOICES}/{invoice['id']}/{how}", {"paid_out_of_band": True} if how == "pay" else {})
    intent = intent_of(call, invoice)
    assert (done["status"], intent["status"], intent["cancellation_reason"]) == expected
    payment = payment_of(call, invoice)
    assert (payment["status"], payment["status_transitions"]["canceled_at"]) == ("canceled", NEW_YEAR)
    assert (
        call.get(f"{INVOICES}/{invoice['id']}", {"expand": ["confirmation_secret"]}).json["confirmation_secret"] is None
    )


# A payment that wants to be authenticated


def test_authentication_while_the_customer_is_present(call: Call) -> None:
    ada, _ = attached(call, AUTHENTICATION)
    price = licensed(call)
    seen = len(types(call))
    made = subscribe(call, ada, price)
    invoice = invoice_of(call, made)
    intent = intent_of(call, invoice)
    assert (made["status"], invoice["status"], invoice["attempt_count"], invoice["attempted"]) == (
        "incomplete",
        "open",
        0,
        True,
    )
    assert (intent["status"], intent["latest_charge"], intent["last_payment_error"]) == ("requires_action", None, None)
    wants = ["payment_intent.created", "payment_intent.requires_action", "invoice.updated"]
    assert since(call, seen)[-4:] == [*wants, "invoice.payment_action_required"]
    call.fake.authenticate(intent["id"])
    paid = invoice_of(call, made)
    assert (status(call, made), paid["status"], paid["attempt_count"]) == ("active", "paid", 1)


def test_authentication_that_fails(call: Call) -> None:
    made = subscribed(call, AUTHENTICATION)
    intent = intent_of(call, invoice_of(call, made))
    call.fake.authenticate(intent["id"], succeeds=False)
    assert intent_of(call, invoice_of(call, made))["status"] == "requires_payment_method"
    assert (status(call, made), types(call)[-1]) == ("incomplete", "invoice.payment_failed")


def test_authentication_off_session_is_a_failed_charge(call: Call) -> None:
    made = subscribed(call, AUTHENTICATION, off_session=True)
    invoice = invoice_of(call, made)
    intent = intent_of(call, invoice)
    assert (made["status"], invoice["attempt_count"], intent["status"]) == ("incomplete", 1, "requires_action")
    assert call.get(f"/v1/charges/{intent['latest_charge']}").json["status"] == "failed"
    assert types(call)[-2:] == ["invoice.payment_action_required", "invoice.payment_failed"]


def test_a_renewal_that_wants_to_be_authenticated(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, retries=(3,))
    made = subscribed(call, AUTHENTICATION)
    call.fake.authenticate(intent_of(call, invoice_of(call, made))["id"])
    call.clock.freeze(FEBRUARY + HOUR)
    invoice = invoice_of(call, made)
    assert (status(call, made), invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)
    charges = len(call.get("/v1/charges").json["data"])
    call.clock.advance(3 * DAY)
    assert invoice_of(call, made)["attempt_count"] == 2
    assert len(call.get("/v1/charges").json["data"]) == charges  # the bank would decline it again
    call.fake.authenticate(intent_of(call, invoice)["id"])
    assert (status(call, made), invoice_of(call, made)["status"]) == ("active", "paid")


def test_a_card_that_was_set_up_by_the_first_payment_renews(call: Call) -> None:
    made = subscribed(call, ON_SETUP)
    call.fake.authenticate(intent_of(call, invoice_of(call, made))["id"])
    call.clock.freeze(FEBRUARY + HOUR)
    assert (status(call, made), invoice_of(call, made)["status"]) == ("active", "paid")


@pytest.mark.parametrize("off_session", [True, False])
def test_paying_with_a_card_that_wants_to_be_authenticated(call: Call, off_session: bool) -> None:
    made = subscribed(call, AUTHENTICATION)
    invoice = invoice_of(call, made)
    refused = call.post(f"{INVOICES}/{invoice['id']}/pay", {"off_session": off_session})
    assert (refused.status, refused.error["code"]) == (402, "invoice_payment_intent_requires_action")
    assert invoice_of(call, made)["attempt_count"] == int(off_session)


# What a request says of the payment


@pytest.mark.parametrize(
    ("name", "expected"), [("pm_card_visa", "requires_confirmation"), (None, "requires_payment_method")]
)
def test_a_subscription_that_waits_for_a_confirmation(call: Call, name: str | None, expected: str) -> None:
    ada = customer(call) if name is None else attached(call, name)[0]
    made = subscribe(call, ada, licensed(call), payment_behavior="default_incomplete")
    invoice = invoice_of(call, made)
    intent = intent_of(call, invoice)
    assert (made["status"], invoice["status"], invoice["attempted"]) == ("incomplete", "open", False)
    assert intent["status"] == expected
    sent = {} if name else {"payment_method": "pm_card_visa"}
    call.create(f"{INTENTS}/{intent['id']}/confirm", sent)
    paid = invoice_of(call, made)
    assert (status(call, made), paid["status"], paid["attempt_count"]) == ("active", "paid", 1)
    assert types(call)[-1] == "customer.subscription.updated"


def test_a_confirmation_that_is_declined(call: Call) -> None:
    made = subscribed(call, DECLINING, payment_behavior="default_incomplete")
    intent = intent_of(call, invoice_of(call, made))
    refused = call.post(f"{INTENTS}/{intent['id']}/confirm")
    assert (refused.status, refused.error["code"]) == (402, "card_declined")
    invoice = invoice_of(call, made)
    assert (status(call, made), invoice["status"], invoice["attempt_count"]) == ("incomplete", "open", 1)
    assert types(call)[-1] == "invoice.payment_failed"


@pytest.mark.parametrize(
    ("name", "code"),
    [(DECLINING, "card_declined"), (AUTHENTICATION, "subscription_payment_intent_requires_action")],
)
def test_a_subscription_that_is_refused_if_it_is_not_paid(call: Call, name: str, code: str) -> None:
    ada, _ = attached(call, name)
    price, seen = licensed(call), len(types(call))
    terms: Tree = {"customer": ada, "items": [{"price": price}], "payment_behavior": "error_if_incomplete"}
    refused = call.post(SUBSCRIPTIONS, terms)
    assert (refused.status, refused.error["type"], refused.error["code"]) == (402, "card_error", code)
    assert ("param" in refused.error, "payment_intent" in refused.error) == (False, False)
    assert (invoices(call), since(call, seen + 3)) == ([], [])
    assert call.get(INTENTS).json["data"] == []


def test_a_first_invoice_that_is_too_small_to_be_charged_needs_no_card_that_passes(call: Call) -> None:
    ada = customer(call)
    terms = {"default_payment_method": DECLINING, "payment_behavior": "error_if_incomplete"}
    assert subscribe(call, ada, licensed(call, 30), **terms)["status"] == "active"
    assert types(call, "customer.subscription.*") == ["customer.subscription.created"]
    assert call.get(f"/v1/customers/{ada}").json["balance"] == 30


def test_an_update_that_wants_to_be_authenticated(call: Call) -> None:
    made = subscribed(call)
    method = call.create(f"/v1/payment_methods/{AUTHENTICATION}/attach", {"customer": made["customer"]})["id"]
    change: Tree = {
        "default_payment_method": method,
        "items": [{"id": made["items"]["data"][0]["id"], "quantity": 2}],
        "proration_behavior": "always_invoice",
    }
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    refused = call.post(path, change | {"payment_behavior": "error_if_incomplete"})
    assert refused.error["code"] == "subscription_payment_intent_requires_action"
    assert call.get(path).json == made
    changed = call.create(path, change)
    assert (changed["status"], changed["items"]["data"][0]["quantity"]) == ("past_due", 2)
    intent = intent_of(call, invoice_of(call, made))
    assert (intent["status"], intent["description"]) == ("requires_action", "Subscription update")
    call.fake.authenticate(intent["id"])
    assert status(call, made) == "active"


def test_a_change_that_waits_for_its_authentication(call: Call) -> None:
    made = subscribed(call)
    method = call.create(f"/v1/payment_methods/{AUTHENTICATION}/attach", {"customer": made["customer"]})["id"]
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    call.create(path, {"default_payment_method": method})
    items = [{"id": made["items"]["data"][0]["id"], "quantity": 2}]
    terms: Tree = {"items": items, "proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    waiting = call.create(path, terms)
    assert (waiting["pending_update"] is None, waiting["items"]["data"][0]["quantity"]) == (False, 1)
    call.fake.authenticate(intent_of(call, invoice_of(call, made))["id"])
    changed = call.get(path).json
    assert (changed["pending_update"], changed["items"]["data"][0]["quantity"]) == (None, 2)


# Payment methods that are required


def required(call: Call, *, retries: tuple[int, ...] = ()) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, payment_methods="required", retries=retries)


def test_a_subscription_that_costs_something_needs_a_payment_method(call: Call) -> None:
    required(call)
    ada, price = customer(call), licensed(call)
    terms: Tree = {"customer": ada, "items": [{"price": price}]}
    for behavior in ("allow_incomplete", "error_if_incomplete"):
        refused = call.post(SUBSCRIPTIONS, terms | {"payment_behavior": behavior})
        assert (refused.status, refused.error["code"]) == (400, "resource_missing")
        assert "param" not in refused.error
    assert call.get(SUBSCRIPTIONS, {"status": "all"}).json["data"] == []
    assert subscribe(call, ada, price, trial_period_days=7)["status"] == "trialing"
    assert subscribe(call, ada, price, collection_method="send_invoice", days_until_due=7)["status"] == "active"
    assert subscribe(call, ada, price, payment_behavior="default_incomplete")["status"] == "incomplete"


def test_a_renewal_without_a_payment_method_fails(call: Call) -> None:
    required(call, retries=(3,))
    made = subscribe(call, customer(call), licensed(call), trial_period_days=7)
    call.clock.advance(7 * DAY + HOUR)
    invoice = invoice_of(call, made)
    assert (status(call, made), invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)
    assert types(call).count("invoice.payment_failed") == 1
    call.clock.advance(3 * DAY)
    assert invoice_of(call, made)["attempt_count"] == 2
    assert types(call).count("invoice.payment_failed") == 1  # nothing was charged
    assert call.get("/v1/charges").json["data"] == []


def test_an_invoice_without_a_payment_method_cannot_be_paid(call: Call) -> None:
    required(call)
    ada = customer(call)
    draft = call.create(INVOICES, {"customer": ada})
    call.create("/v1/invoiceitems", {"customer": ada, "invoice": draft["id"], "amount": 500})
    refused = call.post(f"{INVOICES}/{draft['id']}/pay")
    assert (refused.status, "default_payment_method" in refused.error["message"]) == (400, True)
    assert call.get(f"{INVOICES}/{draft['id']}").json["status"] == "draft"
    assert call.post(f"{INVOICES}/{draft['id']}/pay", {"payment_method": "pm_card_visa"}).status == 400
    assert call.create(f"{INVOICES}/{draft['id']}/pay", {"paid_out_of_band": True})["status"] == "paid"


# Payments that are attached


def charged(call: Call, invoice: Tree, amount: int, **terms: object) -> str:
    method = call.get(f"/v1/customers/{invoice['customer']}/payment_methods").json["data"][0]["id"]
    given: Tree = {"amount": amount, "currency": "usd", "customer": invoice["customer"], "payment_method": method}
    made: str = call.create(
        INTENTS, given | {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}} | terms
    )["id"]
    return made


def test_an_attached_payment_pays_at_once(call: Call) -> None:
    invoice = opened(call)
    path = f"{INVOICES}/{invoice['id']}"
    intent = charged(call, invoice, 500, confirm=True)
    own = intent_of(call, invoice)["id"]
    paid = call.create(f"{path}/attach_payment", {"payment_intent": intent})
    assert (paid["status"], paid["amount_paid"], paid["amount_overpaid"]) == ("paid", 500, 0)
    payments = call.get(PAYMENTS, {"invoice": invoice["id"]}).json["data"]
    assert [(each["is_default"], each["status"], each["amount_paid"]) for each in payments] == [
        (False, "paid", 500),
        (True, "canceled", None),
    ]
    assert call.get(f"{INTENTS}/{own}").json["status"] == "canceled"


def test_an_attached_payment_pays_a_part_and_the_invoice_asks_for_the_rest(call: Call) -> None:
    invoice = opened(call)
    path = f"{INVOICES}/{invoice['id']}"
    intent = charged(call, invoice, 200)
    waiting = call.create(f"{path}/attach_payment", {"payment_intent": intent})
    assert (waiting["status"], waiting["amount_paid"]) == ("open", 0)
    call.create(f"{INTENTS}/{intent}/confirm")
    partly = call.get(path).json
    assert (partly["status"], partly["amount_paid"], partly["amount_remaining"]) == ("open", 200, 300)
    [_, default] = call.get(PAYMENTS, {"invoice": invoice["id"]}).json["data"]
    assert default["amount_requested"] == 300
    paid = call.create(f"{path}/pay")
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 500, 0)
    assert sorted(each["amount"] for each in call.get("/v1/charges").json["data"]) == [200, 300]


@pytest.mark.parametrize("marked", [False, True])
def test_an_invoice_that_is_paid_in_part_cannot_be_voided(call: Call, marked: bool) -> None:
    invoice = opened(call)
    path = f"{INVOICES}/{invoice['id']}"
    call.create(f"{path}/attach_payment", {"payment_intent": charged(call, invoice, 200, confirm=True)})
    if marked:
        call.create(f"{path}/mark_uncollectible")
    assert call.post(f"{path}/void").error["message"] == "Invoices with `paid` payments cannot be voided."
    assert call.create(f"{path}/pay")["status"] == "paid"


def test_an_attached_payment_that_came_too_late_may_pay_another_invoice(call: Call) -> None:
    invoice = opened(call)
    intent = charged(call, invoice, 200)
    call.create(f"{INVOICES}/{invoice['id']}/attach_payment", {"payment_intent": intent})
    call.create(f"{INVOICES}/{invoice['id']}/pay")
    assert call.get(PAYMENTS, {"invoice": invoice["id"]}).json["data"][0]["status"] == "canceled"
    call.create(f"{INTENTS}/{intent}", {"amount": 500})
    terms = {"customer": invoice["customer"], "currency": "usd"}
    other = call.create(INVOICES, {**terms, "auto_advance": False})["id"]
    call.create("/v1/invoiceitems", {**terms, "invoice": other, "amount": 500})
    call.create(f"{INVOICES}/{other}/finalize")
    call.create(f"{INVOICES}/{other}/attach_payment", {"payment_intent": intent})
    call.create(f"{INTENTS}/{intent}/confirm")
    assert call.get(f"{INVOICES}/{other}").json["status"] == "paid"


def test_a_deleted_customer_gets_no_new_payment_method(call: Call) -> None:
    invoice = opened(call)
    call.delete(f"/v1/customers/{invoice['customer']}")
    error = call.post(f"{INVOICES}/{invoice['id']}/pay", {"payment_method": "pm_card_visa"}).error
    assert (error["code"], error["param"]) == ("resource_missing", "payment_method")
    assert error["message"] == f"No such customer: '{invoice['customer']}'"
    assert call.create(f"{INVOICES}/{invoice['id']}/pay")["status"] == "paid"


def test_what_was_paid_too_much_is_credited(call: Call) -> None:
    invoice = opened(call)
    intent = charged(call, invoice, 700, confirm=True)
    paid = call.create(f"{INVOICES}/{invoice['id']}/attach_payment", {"payment_intent": intent})
    assert (paid["status"], paid["amount_paid"], paid["amount_overpaid"]) == ("paid", 500, 200)
    path = f"/v1/customers/{invoice['customer']}"
    assert call.get(path).json["balance"] == -200
    [transaction] = call.get(f"{path}/balance_transactions").json["data"]
    assert (transaction["type"], transaction["amount"]) == ("invoice_overpaid", -200)


def test_what_cannot_be_attached(call: Call) -> None:
    invoice = opened(call)
    path = f"{INVOICES}/{invoice['id']}/attach_payment"
    others = call.create(INTENTS, {"amount": 500, "currency": "usd"})["id"]
    euros = charged(call, invoice, 500, currency="eur")
    own = intent_of(call, invoice)["id"]
    for sent, status_, param in (
        ({}, 400, "payment_intent"),
        ({"payment_intent": "pi_none"}, 404, "payment_intent"),
        ({"payment_intent": others}, 400, "payment_intent"),
        ({"payment_intent": euros}, 400, "payment_intent"),
        ({"payment_intent": own}, 400, "payment_intent"),
    ):
        refused = call.post(path, sent)
        assert (refused.status, refused.error["param"]) == (status_, param)
    call.create(f"{INVOICES}/{invoice['id']}/void")
    closed = call.post(path, {"payment_intent": charged(call, invoice, 500)})
    assert closed.error["message"] == "You can only pass in open invoices. This invoice isn't open."


def test_an_invoice_whose_intent_was_canceled_can_only_be_paid_elsewhere(call: Call) -> None:
    invoice = opened(call)
    call.create(f"{INTENTS}/{intent_of(call, invoice)['id']}/cancel")
    assert payment_of(call, invoice)["status"] == "canceled"
    refused = call.post(f"{INVOICES}/{invoice['id']}/pay")
    assert refused.error["message"].startswith("This invoice can no longer be paid.")
    assert call.create(f"{INVOICES}/{invoice['id']}/pay", {"paid_out_of_band": True})["status"] == "paid"


# Older versions

ACACIA = {"Stripe-Version": "2025-02-24.acacia"}


def test_before_basil_an_invoice_names_its_intent_and_its_charge(call: Call) -> None:
    made = subscribed(call)
    path = f"{INVOICES}/{made['latest_invoice']}"
    intent = intent_of(call, call.get(path).json)
    older = call.get(path, headers=ACACIA).json
    assert (older["payment_intent"], older["charge"]) == (intent["id"], intent["latest_charge"])
    assert (older["paid"], older["paid_out_of_band"]) == (True, False)
    expanded = call.get(f"{SUBSCRIPTIONS}/{made['id']}", {"expand": ["latest_invoice.payment_intent"]}, headers=ACACIA)
    shown = expanded.json["latest_invoice"]["payment_intent"]
    assert (shown["status"], shown["invoice"]) == ("succeeded", made["latest_invoice"])
    assert call.get(f"/v1/charges/{intent['latest_charge']}", headers=ACACIA).json["invoice"] == made["latest_invoice"]


def test_before_basil_what_is_paid_out_of_band_is_not_paid_here(call: Call) -> None:
    invoice = opened(call)
    path = f"{INVOICES}/{invoice['id']}"
    assert call.get(path, headers=ACACIA).json["charge"] is None
    call.create(f"{path}/pay", {"paid_out_of_band": True})
    older = call.get(path, headers=ACACIA).json
    assert (older["paid"], older["paid_out_of_band"], older["amount_paid"]) == (True, True, 0)
    assert call.get(path).json["amount_paid"] == 500
