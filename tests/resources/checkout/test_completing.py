"""Completed Checkout sessions: what is made, what is charged, and which events tell of it."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import types

SESSIONS = "/v1/checkout/sessions"
SUCCESS = "https://app.example.com/done?session={CHECKOUT_SESSION_ID}"
Tree = dict[str, Any]


def opened(call: Call, mode: str, *lines: Tree, **terms: object) -> Tree:
    bought = {"line_items": list(lines)} if lines else {}
    return call.create(SESSIONS, {"mode": mode, "success_url": SUCCESS, **bought, **terms})


def seats(call: Call, quantity: int = 1, **terms: object) -> Tree:
    return {"price": licensed(call), "quantity": quantity, **terms}


def shirts(call: Call, quantity: int = 1, **terms: object) -> Tree:
    return {"price": one_time(call, 1500, "Shirt"), "quantity": quantity, **terms}


def complete(call: Call, session: Tree, **form: Any) -> Tree:  # noqa: ANN401  as the method has them
    return call.fake.complete_checkout(session["id"], **form)


def get(call: Call, path: str, name: object, **params: object) -> Tree:
    found: Tree = call.get(f"/v1/{path}/{name}", params).json
    return found


def since(call: Call, act: Any) -> list[str]:  # noqa: ANN401  any function
    """The types of the events that an act publishes, oldest first."""
    before = len(types(call))
    act()
    return types(call)[before:]


# Subscriptions


def test_a_subscription_is_paid_by_the_card_that_becomes_its_default(call: Call) -> None:
    session = opened(call, "subscription", seats(call, 2), subscription_data={"metadata": {"plan": "pro"}})
    done = complete(call, session)
    assert done["amount_total"] == 2000
    assert (done["status"], done["payment_status"], done["payment_intent"]) == ("complete", "paid", None)
    subscription = get(call, "subscriptions", done["subscription"])
    assert (subscription["status"], subscription["metadata"]) == ("active", {"plan": "pro"})
    assert subscription["items"]["data"][0]["quantity"] == 2
    method = get(call, "payment_methods", subscription["default_payment_method"])
    assert method["customer"] == done["customer"] == subscription["customer"]
    assert get(call, "customers", done["customer"])["invoice_settings"]["default_payment_method"] is None
    invoice = get(call, "invoices", done["invoice"])
    assert (invoice["billing_reason"], invoice["status"]) == ("subscription_create", "paid")
    assert (invoice["amount_paid"], invoice["attempt_count"]) == (2000, 1)


def test_the_next_period_is_charged_to_the_card(call: Call) -> None:
    done = complete(call, opened(call, "subscription", seats(call), {"price": metered(call)}))
    payload = {"stripe_customer_id": done["customer"], "value": 70}
    call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
    call.clock.advance(32 * DAY)
    renewal = call.get("/v1/invoices", {"customer": done["customer"]}).json["data"][0]
    assert (renewal["billing_reason"], renewal["status"], renewal["amount_paid"]) == (
        "subscription_cycle",
        "paid",
        1070,
    )


def test_the_events_of_a_new_customer_come_in_one_order(call: Call) -> None:
    session = opened(call, "subscription", seats(call))
    assert since(call, lambda: complete(call, session)) == [
        "customer.created",
        "charge.succeeded",
        "payment_method.attached",
        "checkout.session.completed",
        "customer.updated",
        "customer.subscription.created",
        "payment_intent.succeeded",
        "payment_intent.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]


def test_the_event_has_the_session_as_it_is_then(call: Call) -> None:
    session = opened(call, "subscription", seats(call), client_reference_id="user_1", metadata={"team": "a"})
    done = complete(call, session)
    event = call.get("/v1/events", {"type": "checkout.session.completed"}).json["data"][0]
    assert event["data"]["object"] == get(call, "checkout/sessions", session["id"]) == done
    assert (done["client_reference_id"], done["metadata"]) == ("user_1", {"team": "a"})
    assert done["success_url"] == SUCCESS


def test_a_customer_of_before_is_updated_only_as_far_as_the_session_says(call: Call) -> None:
    ada = customer(call, name="Ada", email="ada@example.com")
    form: Tree = {"name": "Countess", "email": "other@example.com", "address": {"country": "GB"}}
    done = complete(call, opened(call, "subscription", seats(call), customer=ada), **form)
    assert done["customer_details"]["email"] == "ada@example.com"
    kept = get(call, "customers", ada)
    assert (kept["name"], kept["email"], kept["address"]) == ("Ada", "ada@example.com", None)
    update = {"name": "auto", "address": "auto"}
    complete(call, opened(call, "subscription", seats(call), customer=ada, customer_update=update), **form)
    changed = get(call, "customers", ada)
    assert (changed["name"], changed["email"], changed["address"]["country"]) == ("Countess", "ada@example.com", "GB")


def test_a_customer_without_an_address_gets_the_one_that_is_filled_in(call: Call) -> None:
    ada = customer(call)
    session = opened(call, "subscription", seats(call), customer=ada)
    told = since(call, lambda: complete(call, session, email="ada@example.com"))
    assert get(call, "customers", ada)["email"] == "ada@example.com"
    assert "customer.created" not in told
    assert "customer.updated" in told


def test_the_address_that_the_session_was_given_counts(call: Call) -> None:
    session = opened(call, "subscription", seats(call), customer_email="ada@example.com")
    done = complete(call, session, email="other@example.com")
    assert (done["customer_email"], done["customer_details"]["email"]) == ("ada@example.com", "ada@example.com")
    assert get(call, "customers", done["customer"])["email"] == "ada@example.com"


def test_a_trial_sets_the_card_up(call: Call) -> None:
    session = opened(call, "subscription", seats(call), subscription_data={"trial_period_days": 14})
    told = since(call, lambda: complete(call, session))
    done = get(call, "checkout/sessions", session["id"])
    assert (done["payment_status"], done["amount_total"], done["setup_intent"]) == ("no_payment_required", 0, None)
    subscription = get(call, "subscriptions", done["subscription"])
    assert (subscription["status"], subscription["trial_end"]) == ("trialing", NEW_YEAR + 14 * DAY)
    assert subscription["default_payment_method"] is not None
    assert subscription["pending_setup_intent"] is None
    assert get(call, "invoices", done["invoice"])["amount_paid"] == 0
    assert told[:7] == [
        "customer.created",
        "payment_method.attached",
        "setup_intent.succeeded",
        "setup_intent.created",
        "checkout.session.completed",
        "customer.updated",
        "customer.subscription.created",
    ]
    call.clock.advance(15 * DAY)
    assert get(call, "subscriptions", done["subscription"])["status"] == "active"


@pytest.mark.parametrize(("mode", "invoiced"), [("classic", True), ("flexible", False)])
def test_usage_alone_costs_nothing_at_first(call: Call, mode: str, invoiced: bool) -> None:
    session = opened(call, "subscription", {"price": metered(call)}, subscription_data={"billing_mode": {"type": mode}})
    done = complete(call, session)
    assert (done["payment_status"], done["amount_total"]) == ("no_payment_required", 0)
    assert (done["invoice"] is not None) == invoiced
    assert get(call, "subscriptions", done["subscription"])["status"] == "active"


def test_no_card_is_asked_for_if_none_is_required(call: Call) -> None:
    terms = {"payment_method_collection": "if_required"}
    session = opened(call, "subscription", {"price": metered(call)}, **terms)
    done = complete(call, session)
    assert get(call, "subscriptions", done["subscription"])["default_payment_method"] is None
    assert call.get("/v1/payment_methods", {"customer": done["customer"]}).ids == []
    session = opened(call, "subscription", seats(call), **terms)
    assert complete(call, session)["payment_status"] == "paid"


def test_what_is_bought_once_is_on_the_first_invoice(call: Call) -> None:
    done = complete(call, opened(call, "subscription", seats(call, 2), shirts(call, 3)))
    invoice = get(call, "invoices", done["invoice"])
    assert done["amount_total"] == invoice["amount_paid"] == 2 * 1000 + 3 * 1500
    assert len(get(call, "subscriptions", done["subscription"])["items"]["data"]) == 1


def test_items_that_wait_for_the_customer_are_left_waiting(call: Call) -> None:
    ada = customer(call)
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 700, "currency": "usd"})
    done = complete(call, opened(call, "subscription", seats(call), customer=ada))
    assert get(call, "invoices", done["invoice"])["total"] == done["amount_total"] == 1000
    assert len(call.get("/v1/invoiceitems", {"pending": True}).ids) == 1


@pytest.mark.parametrize(("balance", "due"), [(-300, 700), (-1000, 0), (-5000, 0), (200, 1200)])
def test_the_customer_s_balance_is_applied(call: Call, balance: int, due: int) -> None:
    ada = customer(call, balance=balance)
    session = opened(call, "subscription", seats(call), customer=ada)
    page = get(call, "payment_pages", session["id"])
    assert page["total_summary"] == {"due": due, "subtotal": 1000, "total": 1000}
    done = complete(call, session)
    assert (done["amount_total"], done["payment_status"]) == (1000, "paid")
    assert get(call, "invoices", done["invoice"])["amount_due"] == due
    assert get(call, "customers", ada)["balance"] == min(0, balance + 1000)


def test_a_customer_on_a_test_clock_subscribes_at_its_time(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR + 90 * DAY})["id"]
    ada = customer(call, test_clock=clock)
    done = complete(call, opened(call, "subscription", seats(call), customer=ada))
    subscription = get(call, "subscriptions", done["subscription"])
    assert (subscription["test_clock"], subscription["start_date"]) == (clock, NEW_YEAR + 90 * DAY)
    assert get(call, "invoices", done["invoice"])["created"] == NEW_YEAR + 90 * DAY


# Payments


def test_a_payment_is_charged_and_makes_no_customer_by_itself(call: Call) -> None:
    session = opened(call, "payment", shirts(call, 2))
    told = since(call, lambda: complete(call, session, email="ada@example.com"))
    done = get(call, "checkout/sessions", session["id"])
    assert (done["status"], done["payment_status"], done["customer"]) == ("complete", "paid", None)
    assert done["customer_details"]["email"] == "ada@example.com"
    intent = get(call, "payment_intents", done["payment_intent"])
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 3000)
    assert get(call, "charges", intent["latest_charge"])["billing_details"]["email"] == "ada@example.com"
    assert told[:4] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "checkout.session.completed",
    ]


def test_the_payment_has_what_the_session_says(call: Call) -> None:
    data = {
        "description": "Two shirts",
        "metadata": {"order": "1"},
        "receipt_email": "ada@example.com",
        "setup_future_usage": "off_session",
        "statement_descriptor": "SHIRTS",
        "shipping": {"name": "Ada", "address": {"line1": "1 Lane", "country": "GB"}},
    }
    done = complete(call, opened(call, "payment", shirts(call), payment_intent_data=data, customer=customer(call)))
    intent = get(call, "payment_intents", done["payment_intent"])
    assert {name: intent[name] for name in ("description", "metadata", "receipt_email", "statement_descriptor")} == {
        name: data[name] for name in ("description", "metadata", "receipt_email", "statement_descriptor")
    }
    assert (intent["setup_future_usage"], intent["shipping"]["name"]) == ("off_session", "Ada")
    assert get(call, "payment_methods", intent["payment_method"])["customer"] == done["customer"]


def test_a_card_that_only_pays_is_not_kept(call: Call) -> None:
    ada = customer(call)
    done = complete(call, opened(call, "payment", shirts(call), customer=ada))
    assert get(call, "payment_intents", done["payment_intent"])["customer"] == ada
    assert call.get("/v1/payment_methods", {"customer": ada}).ids == []


def test_a_payment_makes_a_customer_if_it_shall(call: Call) -> None:
    done = complete(call, opened(call, "payment", shirts(call), customer_creation="always"), name="Ada")
    assert get(call, "customers", done["customer"])["name"] == "Ada"
    assert done["customer_creation"] == "always"


def test_a_payment_that_is_only_authorized_is_not_paid(call: Call) -> None:
    data = {"capture_method": "manual"}
    done = complete(call, opened(call, "payment", shirts(call), payment_intent_data=data))
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    assert get(call, "payment_intents", done["payment_intent"])["status"] == "requires_capture"
    call.create(f"/v1/payment_intents/{done['payment_intent']}/capture")
    assert get(call, "checkout/sessions", done["id"])["payment_status"] == "paid"


def test_a_payment_gets_an_invoice_if_it_shall(call: Call) -> None:
    rate = call.create("/v1/tax_rates", {"display_name": "VAT", "inclusive": False, "percentage": 10})["id"]
    coupon = call.create("/v1/coupons", {"percent_off": 20, "duration": "once"})["id"]
    data = {"description": "Thank you", "footer": "Bye", "metadata": {"order": "1"}}
    session = opened(
        call,
        "payment",
        shirts(call, 2, tax_rates=[rate]),
        discounts=[{"coupon": coupon}],
        invoice_creation={"enabled": True, "invoice_data": data},
    )
    told = since(call, lambda: complete(call, session))
    done = get(call, "checkout/sessions", session["id"])
    assert (done["payment_status"], done["amount_total"]) == ("paid", 2640)
    invoice = get(call, "invoices", done["invoice"], expand=["payments"])
    assert (invoice["status"], invoice["total"], invoice["amount_paid"]) == ("paid", 2640, 2640)
    assert {name: invoice[name] for name in data} == data
    assert invoice["customer"] == done["customer"] is not None
    assert [each["payment"]["payment_intent"] for each in invoice["payments"]["data"]] == [done["payment_intent"]]
    assert get(call, "coupons", coupon)["times_redeemed"] == 1
    assert told.count("payment_intent.created") == told.count("invoice.paid") == 1
    assert "payment_intent.canceled" not in told


def test_the_invoice_of_a_payment_leaves_the_customer_s_balance(call: Call) -> None:
    ada = customer(call, balance=-300)
    session = opened(call, "payment", shirts(call), customer=ada, invoice_creation={"enabled": True})
    done = complete(call, session)
    assert get(call, "invoices", done["invoice"])["amount_paid"] == 1500
    assert get(call, "payment_intents", done["payment_intent"])["amount"] == 1500
    assert get(call, "customers", ada)["balance"] == -300


def test_a_payment_redeems_a_coupon(call: Call) -> None:
    coupon = call.create("/v1/coupons", {"amount_off": 500, "currency": "usd", "max_redemptions": 1})["id"]
    sessions = [opened(call, "payment", shirts(call), discounts=[{"coupon": coupon}]) for _ in range(2)]
    assert get(call, "payment_intents", complete(call, sessions[0])["payment_intent"])["amount"] == 1000
    assert get(call, "coupons", coupon)["times_redeemed"] == 1
    answer = call.post(f"/v1/payment_pages/{sessions[1]['id']}/confirm", {"payment_method": "pm_card_visa"})
    assert answer.status == 400
    assert get(call, "checkout/sessions", sessions[1]["id"])["status"] == "open"


def test_nothing_is_charged_for_nothing(call: Call) -> None:
    coupon = call.create("/v1/coupons", {"percent_off": 100, "duration": "once"})["id"]
    done = complete(call, opened(call, "payment", shirts(call), discounts=[{"coupon": coupon}]))
    assert (done["status"], done["payment_status"]) == ("complete", "no_payment_required")
    assert (done["payment_intent"], done["amount_total"]) == (None, 0)
    session = opened(call, "payment", shirts(call), discounts=[{"coupon": coupon}], invoice_creation={"enabled": True})
    done = complete(call, session)
    assert get(call, "invoices", done["invoice"])["status"] == "paid"


# Set-ups


def test_a_set_up_saves_the_card_of_a_customer(call: Call) -> None:
    ada = customer(call)
    session = opened(call, "setup", customer=ada, currency="usd", setup_intent_data={"metadata": {"why": "later"}})
    told = since(call, lambda: complete(call, session))
    done = get(call, "checkout/sessions", session["id"])
    assert (done["status"], done["payment_status"]) == ("complete", "no_payment_required")
    assert done["setup_intent"] == session["setup_intent"]
    intent = get(call, "setup_intents", done["setup_intent"])
    assert (intent["status"], intent["metadata"]) == ("succeeded", {"why": "later"})
    assert call.get("/v1/payment_methods", {"customer": ada}).ids == [intent["payment_method"]]
    assert told[:3] == ["payment_method.attached", "setup_intent.succeeded", "checkout.session.completed"]


def test_a_set_up_may_make_the_customer(call: Call) -> None:
    done = complete(call, opened(call, "setup", currency="usd", customer_creation="always"))
    intent = get(call, "setup_intents", done["setup_intent"])
    assert intent["customer"] == done["customer"] is not None
    done = complete(call, opened(call, "setup", currency="usd"))
    assert done["customer"] is None


# Cards


@pytest.mark.parametrize("card", ["pm_card_authenticationRequired", "pm_card_authenticationRequiredOnSetup"])
@pytest.mark.parametrize("mode", ["payment", "setup", "subscription", "trial"])
def test_a_card_that_wants_it_is_authenticated(call: Call, mode: str, card: str) -> None:
    sessions = {
        "payment": lambda: opened(call, "payment", shirts(call)),
        "setup": lambda: opened(call, "setup", currency="usd"),
        "subscription": lambda: opened(call, "subscription", seats(call)),
        "trial": lambda: opened(call, "subscription", seats(call), subscription_data={"trial_period_days": 7}),
    }
    done = complete(call, sessions[mode](), payment_method=card)
    assert done["status"] == "complete"
    if done["subscription"]:
        assert get(call, "subscriptions", done["subscription"])["status"] in ("active", "trialing")


@pytest.mark.parametrize(
    "card",
    [
        "pm_card_visa_chargeDeclined",
        "pm_card_chargeCustomerFail",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
    ],
)
@pytest.mark.parametrize("mode", ["payment", "subscription", "invoiced"])
def test_a_decline_makes_nothing_and_leaves_the_session_open(call: Call, mode: str, card: str) -> None:
    sessions = {
        "payment": lambda: opened(call, "payment", shirts(call)),
        "subscription": lambda: opened(call, "subscription", seats(call)),
        "invoiced": lambda: opened(call, "payment", shirts(call), invoice_creation={"enabled": True}),
    }
    session = sessions[mode]()
    before = call.fake.snapshot()["accounts"]
    answer = call.post(f"/v1/payment_pages/{session['id']}/confirm", {"payment_method": card})
    assert (answer.status, answer.error["type"]) == (402, "card_error")
    assert call.fake.snapshot()["accounts"] == before
    assert complete(call, session)["status"] == "complete"


# Adjustments


def test_the_customer_adjusts_a_quantity_and_takes_what_is_offered(call: Call) -> None:
    seat, extra = licensed(call), one_time(call, 700, "Mug")
    session = opened(
        call,
        "subscription",
        {"price": seat, "quantity": 2, "adjustable_quantity": {"enabled": True, "minimum": 1, "maximum": 5}},
        optional_items=[{"price": extra, "quantity": 1}],
    )
    done = complete(call, session, quantities={seat: 4, extra: 1})
    assert done["amount_total"] == 4 * 1000 + 700
    assert get(call, "invoices", done["invoice"])["amount_paid"] == 4700
    assert get(call, "subscriptions", done["subscription"])["items"]["data"][0]["quantity"] == 4


@pytest.mark.parametrize("duration", ["once", "forever"])
def test_the_customer_types_a_promotion_code_in(call: Call, duration: str) -> None:
    coupon = call.create("/v1/coupons", {"percent_off": 25, "duration": duration})["id"]
    code = call.create("/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": coupon}, "code": "SUMMER"})
    session = opened(call, "subscription", seats(call, 2), allow_promotion_codes=True)
    done = complete(call, session, promotion_code="summer")
    assert (done["amount_total"], done["total_details"]["amount_discount"]) == (1500, 500)
    assert done["discounts"] == [{"coupon": None, "promotion_code": code["id"]}]
    assert get(call, "invoices", done["invoice"])["amount_paid"] == 1500
    assert get(call, "promotion_codes", code["id"])["times_redeemed"] == 1
    discounts = get(call, "subscriptions", done["subscription"])["discounts"]
    assert len(discounts) == (duration == "forever")


# What is charged is what the session shows


def coupon(call: Call, kind: str) -> list[Tree]:
    kinds: dict[str, Tree] = {"percent": {"percent_off": 12.5}, "amount": {"amount_off": 333, "currency": "usd"}}
    terms = kinds.get(kind, {})
    return [{"coupon": call.create("/v1/coupons", {"duration": "once", **terms})["id"]}] if terms else []


def taxes(call: Call, kind: str) -> list[str]:
    inclusive = {"on top": [False], "within": [True], "both": [False, True]}.get(kind, [])
    return [
        call.create("/v1/tax_rates", {"display_name": "VAT", "inclusive": each, "percentage": 7.7})["id"]
        for each in inclusive
    ]


@pytest.mark.parametrize("off", ["none", "percent", "amount"])
@pytest.mark.parametrize("tax", ["none", "on top", "within", "both"])
@pytest.mark.parametrize("what", ["seats", "seats and usage", "seats and shirts", "shirts", "trial and shirts"])
def test_what_is_charged_is_the_total_of_the_session(call: Call, what: str, tax: str, off: str) -> None:
    rates = taxes(call, tax)
    own: Tree = {"tax_rates": rates} if rates else {}
    seat, shirt = seats(call, 3, **own), shirts(call, 7, **own)
    lines = {
        "seats": [seat],
        "seats and usage": [seat, {"price": metered(call), **own}],
        "seats and shirts": [seat, shirt],
        "shirts": [shirt],
        "trial and shirts": [seat, shirt],
    }[what]
    terms: Tree = {"discounts": found} if (found := coupon(call, off)) else {}
    if what == "trial and shirts":
        terms["subscription_data"] = {"trial_period_days": 7}
    for invoiced in (False, True) if what == "shirts" else (True,):
        if what == "shirts":
            terms["invoice_creation"] = {"enabled": invoiced}
            terms["discounts"] = coupon(call, off) or []
        terms = {name: value for name, value in terms.items() if value != []}
        session = opened(call, "payment" if what == "shirts" else "subscription", *lines, **terms)
        assert get(call, "payment_pages", session["id"])["total_summary"]["due"] == session["amount_total"] > 0
        done = complete(call, session)
        assert (done["payment_status"], done["amount_total"]) == ("paid", session["amount_total"])
        charges = call.get("/v1/charges").json["data"]
        assert charges[0]["amount"] == session["amount_total"]
        if invoiced:
            invoice = get(call, "invoices", done["invoice"])
            assert invoice["total"] == invoice["amount_paid"] == session["amount_total"]
            assert invoice["subtotal"] == session["amount_subtotal"]


@pytest.mark.parametrize("wish", ["any", "challenge"])
def test_whatever_a_session_makes_is_authenticated_as_it_asks(call: Call, wish: str) -> None:
    asks: Tree = {"payment_method_options": {"card": {"request_three_d_secure": wish}}}
    done = complete(call, opened(call, "subscription", seats(call), **asks))
    settings = get(call, "subscriptions", done["subscription"])["payment_settings"]
    assert settings["payment_method_options"]["card"]["request_three_d_secure"] == wish
    (charge,) = call.get("/v1/charges", {"customer": done["customer"]}).json["data"]
    assert charge["payment_method_details"]["card"]["three_d_secure"]["result"] == "authenticated"
    saved = complete(call, opened(call, "setup", currency="usd", **asks))
    options = get(call, "setup_intents", saved["setup_intent"])["payment_method_options"]
    assert options["card"]["request_three_d_secure"] == wish
    complete(call, opened(call, "subscription", seats(call), subscription_data={"trial_period_days": 3}, **asks))
    made = call.get("/v1/events", {"type": "setup_intent.succeeded"}).json["data"][0]["data"]["object"]
    assert made["payment_method_options"]["card"]["request_three_d_secure"] == wish
