"""Balance transactions: what moves into and out of the account's balance, after fees.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import test_clocks
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


@observed("the fields, and that it is pending until then")
def render(account: Account, movement: Movement) -> Tree:
    """Return a balance transaction as Stripe shows it."""
    fee = {
        "amount": movement.fee,
        "application": None,
        "currency": movement.currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    available = test_clocks.now(account, movement.test_clock) >= movement.available_on
    return {
        "id": movement.id,
        "object": "balance_transaction",
        "amount": movement.amount,
        "available_on": movement.available_on,
        "balance_type": "payments",
        "created": movement.created,
        "currency": movement.currency,
        "description": movement.description,
        "exchange_rate": None,
        "fee": movement.fee,
        "fee_details": [fee] if movement.fee else [],
        "net": movement.amount - movement.fee,
        "reporting_category": movement.kind,
        "source": movement.source,
        "status": "available" if available else "pending",
        "type": movement.kind,
    }
