"""Balance transactions: what moves into and out of the account's balance, after fees.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

NOUN = "balance transaction"


@record
class Movement:
    """A balance transaction as stored; `source` is the charge or the refund."""

    id: str
    created: int
    amount: int
    currency: str
    source: str
    kind: Literal["charge", "refund", "refund_failure"]
    available_on: int
    fee: int = 0
    description: str | None = None
    test_clock: str | None = None


@dataclass(eq=False)
class Movements(Part, name="balance_transactions", named_by=("balance_transaction", "failure_balance_transaction")):
    """All balance transactions of an account."""

    table: Table[Movement] = field(default_factory=Table)


def find(account: Account, transaction_id: str, *, param: str = "id") -> Movement:
    """Return the balance transaction with that id, or raise `No such balance transaction`."""
    return required(account.part(Movements).table.get(transaction_id), NOUN, transaction_id, param=param)


def render(account: Account, movement: Movement) -> Tree:
    """Return a balance transaction as Stripe shows it."""
    return {"id": movement.id, "object": "balance_transaction"}
