"""Refunds: what is given back, when, and what it moves in the balance."""

import pytest

from tests.conftest import Call
from tests.resources.payments import charge_of
from tests.resources.payments import charged
from tests.resources.payments import happened
from tests.resources.payments import terms
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer

REFUNDS = "/v1/refunds"
PLACED = "https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"


def status(call: Call, refund: Tree) -> str:
    found: str = call.get(f"{REFUNDS}/{refund['id']}").json["status"]
    return found


def test_a_charge_is_refunded_in_parts(call: Call) -> None:
    ada = customer(call)
    intent = charged(call, amount=3000, customer=ada, description="a book")
    refund = call.create(REFUNDS, {"charge": intent["latest_charge"], "amount": 1000})
    assert refund == {
        "id": refund["id"],
        "object": "refund",
        "amount": 1000,
        "balance_transaction": refund["balance_transaction"],
        "charge": intent["latest_charge"],
        "created": NEW_YEAR,
        "currency": "usd",
        "customer": ada,
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": {},
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    assert happened(call)[-4:] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ]
    later = call.get(f"{REFUNDS}/{refund['id']}").json["destination_details"]["card"]
    assert (later["reference_status"], later["reference"][:1]) == ("available", "7")
    movement = call.get(f"/v1/balance_transactions/{refund['balance_transaction']}").json
    assert (movement["amount"], movement["fee"], movement["net"], movement["type"]) == (-1000, 0, -1000, "refund")
    assert (movement["description"], movement["fee_details"]) == ("REFUND FOR CHARGE (a book)", [])
    call.create(REFUNDS, {"payment_intent": intent["id"], "amount": 500})
    charge = charge_of(call, intent)
    assert (charge["amount_refunded"], charge["refunded"]) == (1500, False)
    rest = call.create(REFUNDS, {"charge": charge["id"], "reason": "requested_by_customer", "metadata": {"a": "b"}})
    assert (rest["amount"], rest["reason"], rest["metadata"]) == (1500, "requested_by_customer", {"a": "b"})
    assert charge_of(call, intent)["refunded"] is True
    again = call.post(REFUNDS, {"charge": charge["id"]})
    assert (again.error["code"], again.error["message"]) == (
        "charge_already_refunded",
        f"Charge {charge['id']} has already been refunded.",
    )


def test_a_pending_refund_succeeds_later(call: Call) -> None:
    intent = charged(call, "pendingRefund")
    refund = call.create(REFUNDS, {"payment_intent": intent["id"]})
    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")
    assert happened(call)[-2:] == ["refund.created", "charge.refunded"]
    call.clock.advance(HOUR)
    assert status(call, refund) == "succeeded"
    assert happened(call)[-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_refund_that_fails_gives_the_amount_back_to_the_charge(call: Call) -> None:
    intent = charged(call, "refundFail")
    refund = call.create(REFUNDS, {"payment_intent": intent["id"]})
    assert refund["status"] == "succeeded"
    call.clock.advance(HOUR)
    failed = call.get(f"{REFUNDS}/{refund['id']}").json
    assert (failed["status"], failed["failure_reason"]) == ("failed", "unknown")
    movement = call.get(f"/v1/balance_transactions/{failed['failure_balance_transaction']}").json
    assert (movement["amount"], movement["type"]) == (2900, "refund_failure")
    charge = charge_of(call, intent)
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert happened(call)[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]


def test_refunds_are_listed_and_changed(call: Call) -> None:
    intents = [charged(call), charged(call)]
    first, second = (call.create(REFUNDS, {"payment_intent": each["id"]})["id"] for each in intents)
    assert call.get(REFUNDS).ids == [second, first]
    assert call.get(REFUNDS, {"charge": intents[0]["latest_charge"]}).ids == [first]
    assert call.get(REFUNDS, {"payment_intent": intents[1]["id"]}).ids == [second]
    assert call.get(REFUNDS, {"created": {"gt": NEW_YEAR}}).ids == []
    assert call.create(f"{REFUNDS}/{first}", {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}
    answer = call.post(f"{REFUNDS}/{first}/cancel")
    assert answer.error["message"] == "Canceling this refund is unsupported."


def test_a_charge_has_its_refunds(call: Call) -> None:
    intent = charged(call)
    path = f"/v1/charges/{intent['latest_charge']}"
    refund = call.create(f"{path}/refunds", {"amount": 100})
    assert call.get(f"{path}/refunds").ids == [refund["id"]]
    assert call.get(f"{path}/refunds/{refund['id']}").json["amount"] == 100
    assert call.create(f"{path}/refunds/{refund['id']}", {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}
    charge = call.create(f"{path}/refund", {"amount": 200})
    assert (charge["object"], charge["amount_refunded"]) == ("charge", 300)
    shown = call.get(path, {"expand": ["refunds"]}).json["refunds"]
    assert (shown["total_count"], [each["amount"] for each in shown["data"]]) == (2, [200, 100])
    other = charged(call)["latest_charge"]
    assert call.get(f"/v1/charges/{other}/refunds/{refund['id']}").status == 404


@pytest.mark.parametrize(
    ("body", "status", "code", "param", "message"),
    [
        (
            {},
            400,
            None,
            None,
            "One of the following params should be provided for this request: payment_intent or charge.",
        ),
        ({"charge": "ch_0"}, 404, "resource_missing", "id", "No such charge: 'ch_0'"),
        ({"payment_intent": "pi_0"}, 404, "resource_missing", "payment_intent", "No such payment_intent: 'pi_0'"),
        (
            {"charge": "CHARGE", "amount": 0},
            400,
            "parameter_invalid_integer",
            "amount",
            "This value must be greater than or equal to 1.",
        ),
        (
            {"charge": "CHARGE", "amount": -5},
            400,
            "parameter_invalid_integer",
            "amount",
            "This value must be greater than or equal to 1.",
        ),
        (
            {"charge": "CHARGE", "amount": 4000},
            400,
            None,
            "amount",
            "Refund amount ($40.00) is greater than unrefunded amount on charge ($29.00)",
        ),
        (
            {"charge": "CHARGE", "reason": "other"},
            400,
            None,
            "reason",
            "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer",
        ),
        (
            {"charge": "CHARGE", "reverse_transfer": True},
            501,
            "fakestripe_not_served",
            "reverse_transfer",
            "fakestripe-meters does not act on",
        ),
        (
            {"charge": "CHARGE", "refund_application_fee": True},
            501,
            "fakestripe_not_served",
            "refund_application_fee",
            "fakestripe-meters does not act on",
        ),
    ],
)
def test_what_cannot_be_refunded_is_refused(  # noqa: PLR0917  pytest passes them by name
    call: Call, body: Tree, status: int, code: str | None, param: str | None, message: str
) -> None:
    charge = charged(call)["latest_charge"]
    answer = call.post(REFUNDS, {name: charge if value == "CHARGE" else value for name, value in body.items()})
    error = answer.error
    assert (answer.status, error.get("code"), error.get("param")) == (status, code, param)
    assert error["message"].startswith(message)
    assert call.get(REFUNDS).ids == []


def test_what_was_not_taken_is_not_refunded(call: Call) -> None:
    new = call.create("/v1/payment_intents", terms())
    answer = call.post(REFUNDS, {"payment_intent": new["id"]})
    assert answer.error["message"] == f"This PaymentIntent ({new['id']}) does not have a successful charge to refund."
    held = charged(call, capture_method="manual")
    answer = call.post(REFUNDS, {"payment_intent": held["id"]})
    assert answer.error["message"] == (
        f"This uncaptured Charge was created by a PaymentIntent ({held['id']}). You must cancel the PaymentIntent to "
        "reverse the authorization instead of refunding the Charge directly. For more information, see "
        f"{PLACED}"
    )
    declined = call.post("/v1/payment_intents", terms(payment_method="pm_card_chargeDeclined", confirm=True)).error
    answer = call.post(REFUNDS, {"charge": declined["charge"]})
    assert (answer.status, answer.error["param"]) == (400, "charge")
    answer = call.post(REFUNDS, {"charge": declined["charge"], "payment_intent": held["id"]})
    assert (answer.status, answer.error["param"]) == (400, "charge")


def test_unknown_refunds_are_refused(call: Call) -> None:
    for method, path in (("GET", "re_0"), ("POST", "re_0"), ("POST", "re_0/cancel")):
        answer = call.request(method, f"{REFUNDS}/{path}")
        assert (answer.status, answer.error["param"]) == (404, "refund")
        assert answer.error["message"] == "No such refund: 're_0'"
