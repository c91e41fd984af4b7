"""Charges of cards: how they are stored, found and shown.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
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


def render(account: Account, charge: CardCharge) -> Tree:
    """Return a charge as Stripe shows it."""
    return {"id": charge.id, "object": NOUN}
