"""What an app may get wrong where money moves: refused in Stripe's words, and nothing half done.

`payment_sentences.json` has the status and what is said to each request, by its path and its parameters.
"""

import json
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import licensed
from tests.resources.shop import product

Tree = dict[str, Any]
Names = Mapping[str, str]

INTENTS, METHODS, SETUPS, CHARGES = "/v1/payment_intents", "/v1/payment_methods", "/v1/setup_intents", "/v1/charges"
REFUNDS, COUPONS, CODES, RATES = "/v1/refunds", "/v1/coupons", "/v1/promotion_codes", "/v1/tax_rates"
NOTES, INVOICES, ITEMS = "/v1/credit_notes", "/v1/invoices", "/v1/invoiceitems"
CUSTOMERS, SUBSCRIPTIONS = "/v1/customers", "/v1/subscriptions"
SENTENCES: Mapping[str, str] = json.loads(Path(__file__).with_name("payment_sentences.json").read_text("utf-8"))
OF_REQUESTS: Tree = {"request_ids": 0, "request_state": []}
"""What a request changes in a snapshot even if it is refused."""
BACK = {"return_url": "https://example.com/back"}
MONEY: Tree = {"amount": 500, "currency": "usd"}
HIS: Tree = {"customer": "{CUSTOMER}"}
SEAT: Tree = HIS | {"items": [{"price": "{SEAT}"}]}
VAT: Tree = {"display_name": "VAT", "inclusive": False, "percentage": 19}
OWN_LINE: Tree = {"type": "custom_line_item", "description": "late", "quantity": 1, "unit_amount": 100}


def intents(call: Call, customer: str, card: str) -> dict[str, str]:
    """A payment intent of each status."""
    money = {"amount": 3000, "currency": "usd", "customer": customer}
    paid = call.create(INTENTS, money | {"payment_method": card, "confirm": "true"} | BACK)
    held = call.create(INTENTS, money | {"payment_method": card, "confirm": "true", "capture_method": "manual"} | BACK)
    back = call.create(INTENTS, money | {"payment_method": card, "confirm": "true"} | BACK)
    call.create(REFUNDS, {"payment_intent": back["id"]})
    canceled = call.create(INTENTS, money)["id"]
    call.create(f"{INTENTS}/{canceled}/cancel")
    asks = {"payment_method": "pm_card_authenticationRequired", "confirm": "true"}
    return {
        "NEW": call.create(INTENTS, money)["id"],
        "LONELY": call.create(INTENTS, MONEY)["id"],
        "READY": call.create(INTENTS, money | {"payment_method": card})["id"],
        "ASKS": call.create(INTENTS, money | asks | BACK)["id"],
        "PAID": paid["id"],
        "PAID_CHARGE": paid["latest_charge"],
        "HELD": held["id"],
        "HELD_CHARGE": held["latest_charge"],
        "BACK_CHARGE": back["latest_charge"],
        "CANCELED": canceled,
    }


def setups(call: Call, customer: str, card: str) -> dict[str, str]:
    done = call.create(SETUPS, {"customer": customer, "payment_method": card, "confirm": "true"} | BACK)["id"]
    canceled = call.create(SETUPS, {"customer": customer})["id"]
    call.create(f"{SETUPS}/{canceled}/cancel")
    new = call.create(SETUPS, {"customer": customer})["id"]
    return {"SETUP": new, "SETUP_DONE": done, "SETUP_CANCELED": canceled}


def discounts(call: Call, card: str, customer: str) -> dict[str, str]:
    """Coupons of which some can no longer be used, and codes for them."""
    tenth = call.create(COUPONS, {"percent_off": 10, "duration": "forever"})["id"]
    gone = call.create(COUPONS, {"percent_off": 5})["id"]
    call.delete(f"{COUPONS}/{gone}")
    used = call.create(COUPONS, {"percent_off": 5, "duration": "forever", "max_redemptions": 1})["id"]
    plan = {"customer": customer, "items": [{"price": licensed(call)}], "default_payment_method": card}
    call.create(SUBSCRIPTIONS, plan | {"discounts": [{"coupon": used}]})
    off = call.create(CODES, {"promotion": {"type": "coupon", "coupon": tenth}, "code": "OFF", "active": False})["id"]
    return {
        "TENTH": tenth,
        "GONE": gone,
        "USED": used,
        "EUROS": call.create(COUPONS, {"amount_off": 100, "currency": "eur"})["id"],
        "OFF": off,
        "CODE": call.create(CODES, {"promotion": {"type": "coupon", "coupon": tenth}, "code": "ON"})["id"],
    }


def invoices(call: Call, customer: str) -> dict[str, str]:
    """An invoice of each status, with a line of 1000."""
    made = {}
    for name, last in (("DRAFT", ""), ("OPEN", "finalize"), ("BILLED", "pay"), ("VOID", "void")):
        invoice = call.create(INVOICES, {"customer": customer, "auto_advance": False})["id"]
        call.create(ITEMS, {"customer": customer, "invoice": invoice, "amount": 1000, "currency": "usd"})
        if last:
            call.create(f"{INVOICES}/{invoice}/finalize")
        if last not in ("", "finalize"):
            call.create(f"{INVOICES}/{invoice}/{last}")
        made[name] = invoice
    lines = call.get(f"{INVOICES}/{made['OPEN']}/lines").json["data"]
    note = call.create(NOTES, {"invoice": made["OPEN"], "amount": 100})["id"]
    void = call.create(NOTES, {"invoice": made["OPEN"], "amount": 100})["id"]
    call.create(f"{NOTES}/{void}/void")
    return made | {"LINE": lines[0]["id"], "NOTE": note, "NOTE_VOID": void}


@pytest.fixture(scope="module")
def world() -> tuple[Tree, Names]:
    """A snapshot of a world in which everything is there once, and the ids in it."""
    with FakeStripe(now=NOW, seed=1, payment_methods="required") as fake:
        call = Call(DOORS["engine"], fake)
        customer, other = call.create(CUSTOMERS)["id"], call.create(CUSTOMERS)["id"]
        card = call.create(f"{METHODS}/pm_card_visa/attach", {"customer": customer})["id"]
        call.create(f"{CUSTOMERS}/{customer}", {"invoice_settings": {"default_payment_method": card}})
        spent = call.create(f"{METHODS}/pm_card_visa/attach", {"customer": customer})["id"]
        call.create(f"{METHODS}/{spent}/detach")
        names = {
            "CUSTOMER": customer,
            "OTHER": other,
            "POOR": call.create(CUSTOMERS)["id"],
            "CARD": card,
            "OTHERS": call.create(f"{METHODS}/pm_card_visa/attach", {"customer": other})["id"],
            "SPENT": spent,
            "FREE": call.create(METHODS, {"type": "card", "card": {"token": "tok_visa"}})["id"],
            "SEAT": licensed(call),
            "PRODUCT": product(call),
            "RATE": call.create(RATES, VAT)["id"],
        }
        call.create(f"{CUSTOMERS}/{other}", {"invoice_settings": {"default_payment_method": names["OTHERS"]}})
        names |= intents(call, customer, card) | setups(call, customer, card) | invoices(call, customer)
        names |= discounts(call, names["OTHERS"], other)
        plan = call.create(SUBSCRIPTIONS, {"customer": customer, "items": [{"price": names["SEAT"]}]})
        names |= {"PLAN": plan["id"], "ITEM": plan["items"]["data"][0]["id"]}
        return fake.snapshot(), names


@pytest.fixture
def names(session_fake: FakeStripe, world: tuple[Tree, Names]) -> Iterator[Names]:
    """The ids of the world that `shop` finds; after the test it must be as it was, down to the next id."""
    before, ids = world
    session_fake.begin(now=NOW, seed=1, payment_methods="required")
    session_fake.restore(before)
    yield ids
    assert session_fake.snapshot() | OF_REQUESTS == before | OF_REQUESTS
    failures = session_fake.engine.failures.copy()
    session_fake.begin()
    assert failures == []


@pytest.fixture
def shop(session_fake: FakeStripe) -> Call:
    """Through one door: `test_bad_input.py` goes through all."""
    return Call(DOORS["engine"], session_fake)


def filled(tree: Any, names: Names) -> Any:  # noqa: ANN401  any JSON tree
    if isinstance(tree, dict):
        return {key: filled(value, names) for key, value in tree.items()}
    if isinstance(tree, list):
        return [filled(value, names) for value in tree]
    return tree.format_map(names) if isinstance(tree, str) else tree


Case = tuple[str, Tree, str | None]
"""Path, parameters, and the `param` of the refusal."""

OF_METHODS: list[Case] = [
    (METHODS, {}, "type"),
    (METHODS, {"type": "cash"}, "type"),
    (METHODS, {"type": "card"}, "card"),
    (METHODS, {"type": "card", "card": {"token": "tok_nope"}}, "token"),
    (METHODS, {"type": "card", "card": {"token": "pm_card_visa"}}, "token"),
    (METHODS, {"type": "card", "card": {"token": "tok_visa"}, "customer": "{CUSTOMER}"}, None),
    (METHODS, {"type": "card", "card": {"token": "tok_visa"}, "allow_redisplay": "perhaps"}, "allow_redisplay"),
    (METHODS, {"type": "card", "card": {"token": "tok_visa"}, "metadata": {"a": "b" * 501}}, "metadata[a]"),
    (f"{METHODS}/{{CARD}}", {"card": {"exp_month": 13}}, "card[exp_month]"),
    (f"{METHODS}/{{CARD}}", {"card": {"exp_year": 2001}}, "card[exp_year]"),
    (f"{METHODS}/{{FREE}}/attach", {}, None),
    (f"{METHODS}/{{FREE}}/attach", {"customer": "x"}, "customer"),
    (f"{METHODS}/{{OTHERS}}/attach", {"customer": "{CUSTOMER}"}, None),
    (f"{METHODS}/{{SPENT}}/attach", {"customer": "{CUSTOMER}"}, None),
    (f"{METHODS}/{{FREE}}/detach", {}, None),
    (
        CUSTOMERS,
        {"invoice_settings": {"default_payment_method": "pm_card_visa"}},
        "invoice_settings[default_payment_method]",
    ),
    (
        f"{CUSTOMERS}/{{CUSTOMER}}",
        {"invoice_settings": {"default_payment_method": "pm_x"}},
        "invoice_settings[default_payment_method]",
    ),
    (
        f"{CUSTOMERS}/{{CUSTOMER}}",
        {"invoice_settings": {"default_payment_method": "{OTHERS}"}},
        "invoice_settings[default_payment_method]",
    ),
    (
        f"{CUSTOMERS}/{{CUSTOMER}}",
        {"invoice_settings": {"default_payment_method": "{FREE}"}},
        "invoice_settings[default_payment_method]",
    ),
    (f"{CUSTOMERS}/{{CUSTOMER}}", {"source": "tok_visa"}, "source"),
]
OF_INTENTS: list[Case] = [
    (INTENTS, {"currency": "usd"}, "amount"),
    (INTENTS, {"amount": 500}, "currency"),
    (INTENTS, MONEY | {"amount": 0}, "amount"),
    (INTENTS, MONEY | {"amount": -5}, "amount"),
    (INTENTS, MONEY | {"amount": "five"}, "amount"),
    (INTENTS, MONEY | {"currency": "bitcoin"}, "currency"),
    (INTENTS, MONEY | {"customer": "x"}, "customer"),
    (INTENTS, MONEY | {"payment_method": "pm_x"}, "payment_method"),
    (INTENTS, MONEY | {"payment_method": "{CARD}"}, "source"),
    (INTENTS, MONEY | HIS | {"payment_method": "{OTHERS}"}, "payment_method"),
    (INTENTS, MONEY | HIS | {"payment_method": "{SPENT}"}, None),
    (INTENTS, MONEY | {"off_session": True}, "off_session"),
    (INTENTS, MONEY | BACK, "return_url"),
    (INTENTS, MONEY | {"confirm": True} | BACK, None),
    (INTENTS, MONEY | HIS | {"payment_method": "{CARD}", "confirm": True}, None),
    (INTENTS, MONEY | {"capture_method": "never"}, "capture_method"),
    (INTENTS, MONEY | {"setup_future_usage": "always"}, "setup_future_usage"),
    (INTENTS, MONEY | {"statement_descriptor": "x" * 23}, "statement_descriptor"),
    (INTENTS, MONEY | {"description": "x" * 1001}, "description"),
    (INTENTS, MONEY | {"shipping": {"name": "Ada"}}, "shipping[address]"),
    (
        INTENTS,
        MONEY | {"automatic_payment_methods": {"allow_redirects": "never"}},
        "automatic_payment_methods[enabled]",
    ),
    (
        INTENTS,
        MONEY | {"automatic_payment_methods": {"enabled": True}, "confirmation_method": "manual"},
        "confirmation_method",
    ),
    (INTENTS, MONEY | {"nonsense": 1}, "nonsense"),
    (f"{INTENTS}/x", {"amount": 5}, "intent"),
    (f"{INTENTS}/{{PAID}}", {"amount": 5}, "amount"),
    (f"{INTENTS}/{{CANCELED}}", {"amount": 5}, "amount"),
    (f"{INTENTS}/{{PAID}}", {"payment_method": "{CARD}"}, "payment_method"),
    (f"{INTENTS}/{{NEW}}", {"amount": 0}, "amount"),
    (f"{INTENTS}/{{NEW}}", {"currency": "x"}, "currency"),
    (f"{INTENTS}/{{NEW}}", {"payment_method": "{OTHERS}"}, "payment_method"),
    (f"{INTENTS}/x/confirm", {}, "intent"),
    (f"{INTENTS}/{{LONELY}}/confirm", BACK, None),
    (f"{INTENTS}/{{READY}}/confirm", {}, None),
    (f"{INTENTS}/{{PAID}}/confirm", BACK, None),
    (f"{INTENTS}/{{HELD}}/confirm", BACK, None),
    (f"{INTENTS}/{{CANCELED}}/confirm", BACK, None),
    (f"{INTENTS}/{{READY}}/confirm", BACK | {"payment_method": "{OTHERS}"}, "payment_method"),
    (f"{INTENTS}/{{READY}}/confirm", BACK | {"client_secret": "x"}, "client_secret"),
    (f"{INTENTS}/{{READY}}/confirm", BACK | {"off_session": "sometimes"}, "off_session"),
    (f"{INTENTS}/{{NEW}}/capture", {}, None),
    (f"{INTENTS}/{{PAID}}/capture", {}, None),
    (f"{INTENTS}/{{HELD}}/capture", {"amount_to_capture": 3001}, "amount_to_capture"),
    (f"{INTENTS}/{{HELD}}/capture", {"amount_to_capture": 0}, "amount"),
    (f"{INTENTS}/{{HELD}}/capture", {"amount_to_capture": -1}, "amount_to_capture"),
    (f"{INTENTS}/{{PAID}}/cancel", {}, None),
    (f"{INTENTS}/{{CANCELED}}/cancel", {}, None),
    (f"{INTENTS}/{{NEW}}/cancel", {"cancellation_reason": "boredom"}, "cancellation_reason"),
]
OF_SETUPS: list[Case] = [
    (SETUPS, {"customer": "x"}, "customer"),
    (SETUPS, {"payment_method": "{CARD}"}, "payment_method"),
    (SETUPS, HIS | {"payment_method": "{OTHERS}"}, "payment_method"),
    (SETUPS, {"usage": "never"}, "usage"),
    (SETUPS, {"confirm": True} | BACK, None),
    (f"{SETUPS}/x/confirm", BACK, "intent"),
    (f"{SETUPS}/{{SETUP}}/confirm", BACK, None),
    (f"{SETUPS}/{{SETUP_DONE}}/confirm", BACK | {"payment_method": "{CARD}"}, None),
    (f"{SETUPS}/{{SETUP_CANCELED}}/confirm", BACK | {"payment_method": "{CARD}"}, None),
    (f"{SETUPS}/{{SETUP_DONE}}", {"payment_method": "{CARD}"}, None),
    (f"{SETUPS}/{{SETUP_DONE}}/cancel", {}, None),
    (f"{SETUPS}/{{SETUP_CANCELED}}/cancel", {}, None),
    (f"{SETUPS}/{{SETUP}}/verify_microdeposits", {}, None),
]
OF_CHARGES: list[Case] = [
    (CHARGES, MONEY, None),
    (CHARGES, MONEY | HIS, "card"),
    (f"{CHARGES}/x", {"description": "y"}, "id"),
    (f"{CHARGES}/{{HELD_CHARGE}}/capture", {}, None),
    (f"{CHARGES}/{{PAID_CHARGE}}/capture", {}, None),
    (f"{CHARGES}/{{PAID_CHARGE}}", {"fraud_details": {"user_report": "maybe"}}, "fraud_details[user_report]"),
    (REFUNDS, {}, None),
    (REFUNDS, {"charge": "x"}, "id"),
    (REFUNDS, {"payment_intent": "x"}, "payment_intent"),
    (REFUNDS, {"payment_intent": "{NEW}"}, None),
    (REFUNDS, {"charge": "{HELD_CHARGE}"}, None),
    (REFUNDS, {"charge": "{BACK_CHARGE}"}, None),
    (REFUNDS, {"charge": "{PAID_CHARGE}", "amount": 3001}, "amount"),
    (REFUNDS, {"charge": "{PAID_CHARGE}", "amount": 0}, "amount"),
    (REFUNDS, {"charge": "{PAID_CHARGE}", "amount": -1}, "amount"),
    (REFUNDS, {"charge": "{PAID_CHARGE}", "reason": "mood"}, "reason"),
    (f"{REFUNDS}/x", {"metadata": {"a": "b"}}, "refund"),
]
OF_DISCOUNTS: list[Case] = [
    (COUPONS, {}, None),
    (COUPONS, {"percent_off": 5, "amount_off": 5, "currency": "usd"}, None),
    (COUPONS, {"amount_off": 5}, "currency"),
    (COUPONS, {"amount_off": 0, "currency": "usd"}, "amount_off"),
    (COUPONS, {"percent_off": 0}, "percent_off"),
    (COUPONS, {"percent_off": 101}, "percent_off"),
    (COUPONS, {"percent_off": 5, "duration": "repeating"}, "duration"),
    (COUPONS, {"percent_off": 5, "duration": "twice"}, "duration"),
    (COUPONS, {"percent_off": 5, "redeem_by": NEW_YEAR - DAY}, "redeem_by"),
    (COUPONS, {"percent_off": 5, "max_redemptions": 0}, "max_redemptions"),
    (COUPONS, {"percent_off": 5, "name": "x" * 41}, "name"),
    (COUPONS, {"percent_off": 5, "id": "{TENTH}"}, "id"),
    (COUPONS, {"percent_off": 5, "applies_to": {"products": ["x"]}}, "applies_to[products][0]"),
    (COUPONS, {"percent_off": 5, "currency_options": {"eur": {"amount_off": 5}}}, "currency_options"),
    (f"{COUPONS}/{{GONE}}", {"name": "y"}, "coupon"),
    (CODES, {}, "promotion"),
    (CODES, {"promotion": {"type": "coupon"}}, "promotion.coupon"),
    (CODES, {"promotion": {"type": "coupon", "coupon": "x"}}, "promotion[coupon]"),
    (CODES, {"promotion": {"type": "coupon", "coupon": "{TENTH}"}, "code": "ON"}, None),
    (CODES, {"promotion": {"type": "coupon", "coupon": "{TENTH}"}, "code": "O N"}, "code"),
    (CODES, {"promotion": {"type": "coupon", "coupon": "{TENTH}"}, "customer": "x"}, "customer"),
    (CODES, {"promotion": {"type": "coupon", "coupon": "{TENTH}"}, "expires_at": NEW_YEAR - DAY}, "expires_at"),
    (f"{CODES}/x", {"active": False}, "promotion_code"),
    (SUBSCRIPTIONS, SEAT | {"discounts": [{"coupon": "x"}]}, "discounts[0][coupon]"),
    (SUBSCRIPTIONS, SEAT | {"discounts": [{"coupon": "{GONE}"}]}, "discounts[0][coupon]"),
    (SUBSCRIPTIONS, SEAT | {"discounts": [{"coupon": "{USED}"}]}, "discounts[0][coupon]"),
    (SUBSCRIPTIONS, SEAT | {"discounts": [{"coupon": "{EUROS}"}]}, "discounts[0][coupon]"),
    (SUBSCRIPTIONS, SEAT | {"discounts": [{"promotion_code": "x"}]}, "discounts[0][promotion_code]"),
    (SUBSCRIPTIONS, SEAT | {"discounts": [{"promotion_code": "{OFF}"}]}, "discounts[0][promotion_code]"),
    (SUBSCRIPTIONS, SEAT | {"discounts": [{"discount": "di_x"}]}, "discounts[0][discount]"),
    (INVOICES, HIS | {"discounts": [{"coupon": "x"}]}, "discounts[0][coupon]"),
    (ITEMS, HIS | {"amount": 5, "discounts": [{"coupon": "x"}]}, "discounts[0][coupon]"),
]
OF_TAXES: list[Case] = [
    (RATES, {"inclusive": False, "percentage": 5}, "display_name"),
    (RATES, VAT | {"percentage": None}, "percentage"),
    (RATES, VAT | {"percentage": 101}, "percentage"),
    (RATES, VAT | {"percentage": -1}, "percentage"),
    (RATES, VAT | {"percentage": "1.23456"}, "percentage"),
    (RATES, VAT | {"tax_type": "tithe"}, "tax_type"),
    (f"{RATES}/{{RATE}}", {"percentage": 5}, "percentage"),
    (f"{RATES}/x", {"active": False}, "tax_rate"),
    (SUBSCRIPTIONS, SEAT | {"default_tax_rates": ["x"]}, "default_tax_rates"),
    (INVOICES, HIS | {"default_tax_rates": ["x"]}, "default_tax_rates"),
    (INVOICES, HIS | {"default_tax_rates": ["{RATE}"] * 6}, "default_tax_rates"),
    (ITEMS, HIS | {"amount": 5, "tax_rates": ["x"]}, "tax_rates"),
]
OF_NOTES: list[Case] = [
    (NOTES, {}, "invoice"),
    (NOTES, {"invoice": "x"}, "invoice"),
    (NOTES, {"invoice": "{DRAFT}", "amount": 5}, "invoice"),
    (NOTES, {"invoice": "{VOID}", "amount": 5}, "invoice"),
    (NOTES, {"invoice": "{OPEN}"}, "amount"),
    (NOTES, {"invoice": "{OPEN}", "amount": 0}, "amount"),
    (NOTES, {"invoice": "{OPEN}", "amount": 901}, "amount"),
    (NOTES, {"invoice": "{OPEN}", "amount": 5, "lines": [OWN_LINE]}, "amount"),
    (NOTES, {"invoice": "{OPEN}", "lines": [OWN_LINE | {"description": None}]}, "lines[0][description]"),
    (
        NOTES,
        {"invoice": "{OPEN}", "lines": [{"type": "invoice_line_item", "amount": 5}]},
        "lines[0][invoice_line_item]",
    ),
    (NOTES, {"invoice": "{OPEN}", "lines": [{"type": "gift"}]}, "lines[0][type]"),
    (NOTES, {"invoice": "{BILLED}", "amount": 100, "refund_amount": 50}, None),
    (NOTES, {"invoice": "{BILLED}", "amount": 100}, None),
    (NOTES, {"invoice": "{BILLED}", "amount": 100, "refund_amount": 101}, None),
    (NOTES, {"invoice": "{OPEN}", "amount": 5, "reason": "mood"}, "reason"),
    (f"{NOTES}/x/void", {}, "id"),
    (f"{NOTES}/{{NOTE_VOID}}/void", {}, None),
]
OF_INVOICES: list[Case] = [
    (f"{INVOICES}/{{BILLED}}/pay", {}, None),
    (f"{INVOICES}/{{VOID}}/pay", {}, None),
    (f"{INVOICES}/{{OPEN}}/pay", {"payment_method": "pm_x"}, "payment_method"),
    (f"{INVOICES}/{{OPEN}}/pay", {"payment_method": "{OTHERS}"}, "payment_method"),
    (f"{INVOICES}/{{OPEN}}/attach_payment", {}, "payment_intent"),
    (f"{INVOICES}/{{OPEN}}/attach_payment", {"payment_intent": "x"}, "payment_intent"),
    (f"{INVOICES}/{{DRAFT}}/attach_payment", {"payment_intent": "{PAID}"}, None),
    (INVOICES, HIS | {"default_payment_method": "{OTHERS}"}, "default_payment_method"),
    (SUBSCRIPTIONS, SEAT | {"customer": "{POOR}"}, None),
    (SUBSCRIPTIONS, SEAT | {"default_payment_method": "pm_x"}, "default_payment_method"),
    (SUBSCRIPTIONS, SEAT | {"default_payment_method": "{OTHERS}"}, "default_payment_method"),
    (SUBSCRIPTIONS, SEAT | {"payment_behavior": "pending_if_incomplete"}, "payment_behavior"),
    (f"{SUBSCRIPTIONS}/{{PLAN}}", {"default_payment_method": "{SPENT}"}, "default_payment_method"),
]
CASES = [*OF_METHODS, *OF_INTENTS, *OF_SETUPS, *OF_CHARGES, *OF_DISCOUNTS, *OF_TAXES, *OF_NOTES, *OF_INVOICES]


@pytest.mark.parametrize(("path", "params", "param"), CASES)
def test_it_is_refused_in_words_and_nothing_changes(
    shop: Call, names: Names, path: str, params: Tree, param: str | None
) -> None:
    answer = shop.post(path.format_map(names), filled(params, names))
    said = f"{answer.status} {answer.error['message']}"
    assert said == SENTENCES[f"{path} {json.dumps(params)}"].format_map(names)
    assert answer.error.get("param") == param
