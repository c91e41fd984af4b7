"""Refunds: how they are stored, found and shown.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

NOUN = "refund"
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
    part = account.part(Refunds)
    return [part.table.kept(each) for each in part.by_charge.get(charge_id, ())]


def render(account: Account, refund: Refund) -> Tree:
    """Return a refund as Stripe shows it."""
    return {"id": refund.id, "object": NOUN}
