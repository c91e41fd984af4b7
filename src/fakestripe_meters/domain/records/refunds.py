"""Refunds: how they are stored, found and shown.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import list_within

NOUN = "refund"
MOST_WITHIN = 10
"""How many refunds a charge shows; the rest is listed separately."""
Reason = Literal["duplicate", "fraudulent", "requested_by_customer"]


@record
class Refund:
    """A refund as stored."""

    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str | None = None
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None
    instructions_email: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    reference: str | None = None
    """The acquirer's number of it, once that is known."""
    status: Literal["canceled", "failed", "pending", "succeeded"] = "succeeded"
    test_clock: str | None = None


@dataclass(eq=False)
class Refunds(Part, name="refunds", named_by=("refund",)):
    """All refunds of an account."""

    table: Table[Refund] = field(default_factory=Table)
    by_charge: Index[tuple[str, ...]] = field(default_factory=Index)
    """The ids of the refunds of each charge, oldest first."""


def find(account: Account, refund_id: str, *, param: str = "refund", status: int = 404) -> Refund:
    """Return the refund with that id, or raise `No such refund`."""
    return required(account.part(Refunds).table.get(refund_id), NOUN, refund_id, param=param, status=status)


def kept(account: Account, refund_id: str) -> Refund:
    """Return the refund that another object refers to."""
    return account.part(Refunds).table.kept(refund_id)


def of_charge(account: Account, charge_id: str) -> list[Refund]:
    """Return the refunds of a charge, oldest first."""
    part = account.peek(Refunds)
    return [] if part is None else [part.table.kept(each) for each in part.by_charge.get(charge_id, ())]


def add(account: Account, refund: Refund) -> None:
    """Add a new refund."""
    part = account.part(Refunds)
    part.table.add(refund)
    part.by_charge[refund.charge] = (*part.by_charge.get(refund.charge, ()), refund.id)


@inferred("the number")
def reference_of(refund: Refund) -> str:
    """Return the acquirer's number of a refund."""
    return "7" + f"{refund.created:010d}"[-10:] + f"{refund.amount:012d}"[-12:]


@observed("the fields (pay-rails/pay); the customer and the payment method (openfoodfoundation/openfoodnetwork)")
@inferred("when it is pending, and why")
def render(account: Account, refund: Refund) -> Tree:
    """Return a refund as Stripe shows it."""
    charge = card_charges.kept(account, refund.charge)
    failed = refund.status == "failed"
    return {
        "id": refund.id,
        "object": NOUN,
        "amount": refund.amount,
        "balance_transaction": refund.balance_transaction,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "customer": charge.customer,
        "customer_account": None,
        "destination_details": render_destination(refund),
        **({"failure_balance_transaction": refund.failure_balance_transaction} if failed else {}),
        **({"failure_reason": refund.failure_reason} if failed else {}),
        **({"instructions_email": refund.instructions_email} if refund.instructions_email else {}),
        "metadata": dict(refund.metadata),
        "payment_intent": refund.payment_intent,
        "payment_method": charge.payment_method,
        **({"pending_reason": "processing"} if refund.status == "pending" else {}),
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
    }


@observed("the number by which the bank knows it comes seconds after the refund (Kiln-AI/stripe_world)")
def render_destination(refund: Refund, *, known: bool = True) -> Tree:
    """Return where the money goes, with the acquirer's number if that is known."""
    reference = refund.reference if known else None
    card = {
        **({"reference": reference} if reference else {}),
        "reference_status": "available" if reference else "pending",
        "reference_type": "acquirer_reference_number",
        "type": "pending" if refund.status == "pending" else "refund",
    }
    return {"card": card, "type": "card"}


@observed("the list with its count, which is shown only if it is expanded")
def within_charge(account: Account, charge_id: str) -> Json:
    """Return the newest refunds of a charge, as the charge shows them."""
    found = of_charge(account, charge_id)[::-1]
    shown = [render(account, each) for each in found[:MOST_WITHIN]]
    return list_within(shown, f"/v1/charges/{charge_id}/refunds", count=len(found))
