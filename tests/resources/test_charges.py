"""Charges, what they move in the balance, and the fees."""

import pytest

from tests.conftest import Call
from tests.resources.payments import charge_of
from tests.resources.payments import charged
from tests.resources.payments import happened
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer

CHARGES = "/v1/charges"
BALANCE = "/v1/balance_transactions"
PLACED = "https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(950, 58), (1000, 59), (1900, 85), (2250, 95), (2500, 103), (2900, 114), (22500, 683), (25000, 755)],
)
def test_the_fee_is_that_of_the_recordings(call: Call, amount: int, fee: int) -> None:
    charge = charge_of(call, charged(call, amount=amount, description="a book"))
    movement = call.get(f"{BALANCE}/{charge['balance_transaction']}").json
    assert movement == {
        "id": movement["id"],
        "object": "balance_transaction",
        "amount": amount,
        "available_on": NEW_YEAR + 7 * DAY,
        "balance_type": "payments",
        "created": NEW_YEAR,
        "currency": "usd",
        "description": "a book",
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": "usd",
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ],
        "net": amount - fee,
        "reporting_category": "charge",
        "source": charge["id"],
        "status": "pending",
        "type": "charge",
    }


def test_an_amount_is_available_after_seven_days(call: Call) -> None:
    call.clock.advance(5 * HOUR)
    charged(call)
    (movement,) = call.get(BALANCE).json["data"]
    assert (movement["available_on"], movement["status"]) == (NEW_YEAR + 7 * DAY, "pending")
    call.clock.freeze(NEW_YEAR + 7 * DAY)
    (movement,) = call.get(BALANCE).json["data"]
    assert movement["status"] == "available"


def test_an_amount_that_bypasses_the_pending_balance_is_available_at_once(call: Call) -> None:
    charged(call, "bypassPending")
    (movement,) = call.get(BALANCE).json["data"]
    assert (movement["available_on"], movement["status"]) == (NEW_YEAR, "available")


def test_what_is_captured_asynchronously_is_booked_after_the_answer(call: Call) -> None:
    intent = charged(call, expand=["latest_charge"])
    assert intent["latest_charge"]["balance_transaction"] is None
    assert call.get(f"{CHARGES}/{intent['latest_charge']['id']}").json["balance_transaction"].startswith("txn_")
    (event,) = call.get("/v1/events", {"type": "charge.updated"}).json["data"]
    assert event["data"]["previous_attributes"] == {"balance_transaction": None}
    at_once = charged(call, expand=["latest_charge.balance_transaction"], capture_method="automatic")
    assert at_once["latest_charge"]["balance_transaction"]["fee"] == 114


def test_movements_are_listed(call: Call) -> None:
    ours = charge_of(call, charged(call))
    charged(call, currency="eur")
    assert len(call.get(BALANCE).ids) == 2
    assert call.get(BALANCE, {"source": ours["id"]}).ids == [ours["balance_transaction"]]
    assert call.get(BALANCE, {"currency": "USD"}).ids == [ours["balance_transaction"]]
    assert call.get(BALANCE, {"type": "charge", "created": NEW_YEAR}).ids != []
    for nothing in ({"source": "ch_0"}, {"type": "adjustment"}, {"created": {"gt": NEW_YEAR}}):
        assert call.get(BALANCE, nothing).ids == []
    assert call.get(BALANCE, {"payout": "po_1"}).status == 400
    answer = call.get(f"{BALANCE}/txn_0")
    assert (answer.status, answer.error["param"]) == (404, "id")
    assert answer.error["message"] == "No such balance transaction: 'txn_0'"


def test_a_charge_is_shown_as_stripe_shows_it(call: Call) -> None:
    charge = charge_of(call, charged(call, statement_descriptor_suffix="BOOK", receipt_email="ada@example.com"))
    assert (charge["status"], charge["paid"], charge["captured"], charge["refunded"]) == (
        "succeeded",
        True,
        True,
        False,
    )
    assert charge["outcome"]["network_status"] == "approved_by_network"
    assert charge["payment_method_details"]["card"]["last4"] == "4242"
    assert charge["payment_method_details"]["card"]["amount_authorized"] == 2900
    assert charge["calculated_statement_descriptor"].endswith("* BOOK")
    assert charge["receipt_email"] == "ada@example.com"
    assert charge["receipt_url"].startswith("https://pay.stripe.com/receipts/")
    assert "refunds" not in charge
    shown = call.get(f"{CHARGES}/{charge['id']}", {"expand": ["refunds", "payment_intent"]}).json
    url = f"{CHARGES}/{charge['id']}/refunds"
    assert shown["refunds"] == {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": url}
    assert shown["payment_intent"]["id"] == charge["payment_intent"]


@pytest.mark.parametrize(("card", "level"), [("riskLevelElevated", "elevated"), ("visa", "normal")])
def test_the_risk_of_a_charge_is_that_of_the_card(call: Call, card: str, level: str) -> None:
    assert charge_of(call, charged(call, card))["outcome"]["risk_level"] == level


def test_a_charge_that_is_too_risky_is_blocked(call: Call) -> None:
    call.post(
        "/v1/payment_intents",
        {
            "amount": 100,
            "currency": "usd",
            "payment_method": "pm_card_radarBlock",
            "confirm": True,
            "return_url": "https://a.example",
        },
    )
    (charge,) = call.get(CHARGES).json["data"]
    assert (charge["outcome"]["type"], charge["outcome"]["network_status"]) == ("blocked", "not_sent_to_network")


def test_charges_are_listed_and_searched(call: Call) -> None:
    ada = customer(call)
    mine = charged(call, customer=ada, transfer_group="g")
    charged(call)
    for wanted in ({"customer": ada}, {"payment_intent": mine["id"]}, {"transfer_group": "g"}):
        assert call.get(CHARGES, wanted).ids == [mine["latest_charge"]]
    assert call.get(CHARGES, {"created": {"lt": NEW_YEAR}}).ids == []
    assert call.get(f"{CHARGES}/search", {"query": f"customer:'{ada}'"}).ids == [mine["latest_charge"]]
    assert call.get(CHARGES, {"payment_intent": "pi_0"}).error["param"] == "payment_intent"


def test_a_charge_is_changed(call: Call) -> None:
    ada = customer(call)
    charge = charge_of(call, charged(call))
    terms = {
        "description": "a book",
        "metadata": {"a": "b"},
        "receipt_email": "ada@example.com",
        "fraud_details": {"user_report": "safe"},
        "shipping": {"name": "Ada", "address": {"city": "Rome"}},
        "transfer_group": "g",
        "customer": ada,
    }
    changed = call.create(f"{CHARGES}/{charge['id']}", terms)
    assert {name: changed[name] for name in terms if name != "shipping"} == {
        name: value for name, value in terms.items() if name != "shipping"
    }
    assert changed["shipping"]["address"]["city"] == "Rome"
    assert happened(call)[-1] == "charge.updated"


def test_a_charge_keeps_its_customer(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    charge = charge_of(call, charged(call, customer=ada))
    answer = call.post(f"{CHARGES}/{charge['id']}", {"customer": bob, "description": "a book"})
    assert (answer.status, answer.error["param"]) == (400, "customer")
    assert answer.error["message"] == f"Charge {charge['id']} already has a customer."
    assert call.get(f"{CHARGES}/{charge['id']}").json == charge
    assert call.create(f"{CHARGES}/{charge['id']}", {"customer": ada})["customer"] == ada


def test_an_intent_captures_its_charge_itself(call: Call) -> None:
    held = charged(call, capture_method="manual")
    answer = call.post(f"{CHARGES}/{held['latest_charge']}/capture")
    assert answer.error["message"] == (
        f"This uncaptured Charge was created by a PaymentIntent ({held['id']}). You must capture the PaymentIntent "
        f"instead. For more information, see {PLACED}"
    )
    paid = charged(call)
    answer = call.post(f"{CHARGES}/{paid['latest_charge']}/capture")
    assert (answer.error["code"], answer.error["message"]) == (
        "charge_already_captured",
        f"Charge {paid['latest_charge']} has already been captured.",
    )
    answer = call.get(f"{CHARGES}/ch_0")
    assert (answer.status, answer.error["param"]) == (404, "id")
    assert answer.error["message"] == "No such charge: 'ch_0'"
