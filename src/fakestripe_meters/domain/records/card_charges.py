"""Charges of cards: how they are stored, found and shown.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.wire.tree import Tree

NOUN = "charge"


@record
class CardCharge:
    """A charge as stored: one try to take an amount from a card."""

    id: str
    created: int
    amount: int
    currency: str
    payment_intent: str
    payment_method: str
    customer: str | None = None
    captured: bool = True
    authenticated: bool = False
    """Whether the customer has authenticated it."""
    risk: Literal["normal", "elevated", "highest"] = "normal"
    amount_captured: int = 0
    amount_refunded: int = 0
    balance_transaction: str | None = None
    billing_details: Mapping[str, Any] | None = None
    """Those of the payment method when it was charged."""
    description: str | None = None
    failure: Mapping[str, str] | None = None
    """Why it failed: `code`, `message` and the other codes of the decline; None if it has succeeded."""
    fraud_report: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    receipt_email: str | None = None
    held: bool = False
    """Whether it was on hold first."""
    released: int = 0
    """How much of a hold on the card was released, uncaptured."""
    shipping: Mapping[str, Any] | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    test_clock: str | None = None
    transfer_group: str | None = None


@dataclass(eq=False)
class CardCharges(Part, name="charges", named_by=("latest_charge",)):
    """All charges of an account."""

    table: Table[CardCharge] = field(default_factory=Table)
    by_intent: Index[tuple[str, ...]] = field(default_factory=Index)
    """The ids of the charges of each payment intent, oldest first."""


def find(account: Account, charge_id: str, *, param: str = "id", status: int = 404) -> CardCharge:
    """Return the charge with that id, or raise `No such charge`."""
    return required(account.part(CardCharges).table.get(charge_id), NOUN, charge_id, param=param, status=status)


def kept(account: Account, charge_id: str) -> CardCharge:
    """Return the charge that another object refers to."""
    return account.part(CardCharges).table.kept(charge_id)


def of_intent(account: Account, intent_id: str) -> list[CardCharge]:
    """Return the charges of a payment intent, oldest first."""
    part = account.part(CardCharges)
    return [part.table.kept(each) for each in part.by_intent.get(intent_id, ())]


def add(account: Account, charge: CardCharge) -> None:
    """Add a new charge."""
    part = account.part(CardCharges)
    part.table.add(charge)
    intent = charge.payment_intent
    part.by_intent[intent] = (*part.by_intent.get(intent, ()), charge.id)


@observed("the fields")
def render(account: Account, charge: CardCharge) -> Tree:
    """Return a charge as Stripe shows it."""
    failure = charge.failure
    refunded = charge.amount_refunded + charge.released
    return {
        "id": charge.id,
        "object": NOUN,
        "amount": charge.amount,
        "amount_captured": charge.amount_captured,
        "amount_refunded": refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": charge.balance_transaction,
        "billing_details": charge.billing_details,
        "calculated_statement_descriptor": _descriptor(charge),
        "captured": charge.captured,
        "created": charge.created,
        "currency": charge.currency,
        "customer": charge.customer,
        "description": charge.description,
        "destination": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": failure and failure["code"],
        "failure_message": failure and failure["message"],
        "fraud_details": {"user_report": charge.fraud_report} if charge.fraud_report else {},
        "livemode": False,
        "metadata": dict(charge.metadata),
        "on_behalf_of": None,
        "order": None,
        "outcome": _declined(charge, failure)
        if failure
        else APPROVED
        if charge.risk == "normal"
        else _approved(charge),
        "paid": failure is None,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method,
        "payment_method_details": {"card": _render_card(account, charge), "type": "card"},
        "radar_options": {},
        "receipt_email": charge.receipt_email,
        "receipt_number": None,
        "receipt_url": None if failure else f"https://pay.stripe.com/receipts/payment/{charge.id}",
        "refunded": refunded == charge.amount,
        "review": None,
        "shipping": charge.shipping,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": charge.statement_descriptor,
        "statement_descriptor_suffix": charge.statement_descriptor_suffix,
        "status": "failed" if failure else "succeeded",
        "transfer_data": None,
        "transfer_group": charge.transfer_group,
    }


@inferred("the account's own descriptor")
def _descriptor(charge: CardCharge) -> str:
    own = charge.statement_descriptor or "FAKESTRIPE"
    return f"{own}* {charge.statement_descriptor_suffix}"[:22] if charge.statement_descriptor_suffix else own


# observed: the values, of which the score is between 0 and 64.
APPROVED: Tree = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 35,
    "seller_message": "Payment complete.",
    "type": "authorized",
}
SCORES = {"normal": 35, "elevated": 70, "highest": 90}


@documented("risk levels, https://docs.stripe.com/radar/risk-evaluation")
def _approved(charge: CardCharge) -> Tree:
    if charge.risk == "normal":
        return APPROVED
    return {**APPROVED, "risk_level": charge.risk, "risk_score": SCORES[charge.risk]}


@observed("the sentence of a decline without details, and that of another")
@inferred("a payment that is blocked was not sent to the network")
def _declined(charge: CardCharge, failure: Mapping[str, str]) -> Tree:
    reason = failure.get("decline_code")
    blocked = charge.risk == "highest"
    message = (
        "Stripe blocked this payment as too risky."
        if blocked
        else "The bank did not return any further details with this decline."
        if reason == "generic_decline"
        else f"The bank returned the decline code `{reason}`."
    )
    return {
        "advice_code": failure.get("advice_code"),
        "network_advice_code": failure.get("network_advice_code"),
        "network_decline_code": failure.get("network_decline_code"),
        "network_status": "not_sent_to_network" if blocked else "declined_by_network",
        "reason": "highest_risk_level" if blocked else reason,
        "risk_level": charge.risk,
        "risk_score": SCORES[charge.risk],
        "seller_message": message,
        "type": "blocked" if blocked else "issuer_declined",
    }


HELD_S = 7 * DAY_S
"""How long an amount is held on a card, in seconds."""
DISABLED, UNAVAILABLE, NO_TOKEN = {"status": "disabled"}, {"status": "unavailable"}, {"used": False}
# inferred: the values of a challenge that the customer has passed.
AUTHENTICATED: Tree = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": "00000000-0000-4000-8000-000000000000",
    "version": "2.2.0",
}


@observed("the fields, of which `capture_before` is there if the amount was on hold, also when it is captured")
def _render_card(account: Account, charge: CardCharge) -> Tree:
    method = payment_methods.kept(account, charge.payment_method)
    card = method.does
    passed = charge.failure is None
    return {
        "amount_authorized": charge.amount if passed else None,
        "authorization_code": _code_of(charge) if passed else None,
        "brand": card.brand,
        **({"capture_before": charge.created + HELD_S} if charge.held else {}),
        "checks": payment_methods.render_checks(method),
        "country": card.country,
        "exp_month": method.exp_month,
        "exp_year": method.exp_year,
        "extended_authorization": DISABLED,
        "fingerprint": method.fingerprint,
        "funding": card.funding,
        "incremental_authorization": UNAVAILABLE,
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": UNAVAILABLE,
        "network": card.brand,
        "network_token": NO_TOKEN,
        "network_transaction_id": _number_of(charge),
        "overcapture": {"maximum_amount_capturable": charge.amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": AUTHENTICATED if charge.authenticated else None,
        "wallet": None,
    }


def _code_of(charge: CardCharge) -> str:
    """Return six digits, as a bank gives them for an authorization."""
    return f"{charge.created:06d}"[-6:]


def _number_of(charge: CardCharge) -> str:
    """Return fifteen digits, as a network gives them for a transaction."""
    return f"10{charge.created:013d}"
