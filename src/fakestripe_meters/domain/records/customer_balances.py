"""Transactions on a customer's balance: how they are stored and shown. A positive amount is owed by the customer.

Documented in: https://docs.stripe.com/billing/customer/balance.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.wire.tree import Tree

Kind = Literal[
    "adjustment",
    "applied_to_invoice",
    "credit_note",
    "initial",
    "invoice_overpaid",
    "invoice_too_small",
    "unapplied_from_invoice",
]


@record
class BalanceTransaction:
    """A change of a customer's balance in one currency, as stored; `ending_balance` is what it led to."""

    id: str
    created: int
    customer: str
    currency: str
    amount: int
    ending_balance: int
    kind: Kind
    invoice: str | None = None
    description: str | None = None
    credit_note: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class BalanceTransactions(Part, name="customer_balance_transactions", named_by=("customer_balance_transaction",)):
    """All changes of the balances of an account's customers."""

    table: Table[BalanceTransaction] = field(default_factory=Table)


@documented("the first currency that a customer's balance changes in becomes the customer's, as Stripe's OpenAPI says")
def book(
    account: Account,
    customer: Customer,
    currency: str,
    amount: int,
    kind: Kind,
    *,
    invoice: str | None = None,
    credit_note: str | None = None,
) -> BalanceTransaction:
    """Change a customer's balance in a currency, and return the transaction."""
    customers.change_balance(customer, currency, amount)
    transaction = BalanceTransaction(
        id=account.ids.new("cbtxn_", 24),
        created=account.now,
        customer=customer.id,
        currency=currency,
        amount=amount,
        ending_balance=customers.balance_in(customer, currency),
        kind=kind,
        invoice=invoice,
        credit_note=credit_note,
    )
    account.part(BalanceTransactions).table.add(transaction)
    return transaction


@observed("the fields (Kiln-AI/stripe_world)")
def render(_account: Account, transaction: BalanceTransaction) -> Tree:
    """Return a transaction as Stripe shows it."""
    return {
        "id": transaction.id,
        "object": "customer_balance_transaction",
        "amount": transaction.amount,
        "checkout_session": None,
        "created": transaction.created,
        "credit_note": transaction.credit_note,
        "currency": transaction.currency,
        "customer": transaction.customer,
        "customer_account": None,
        "description": transaction.description,
        "ending_balance": transaction.ending_balance,
        "invoice": transaction.invoice,
        "livemode": False,
        "metadata": dict(transaction.metadata),
        "type": transaction.kind,
    }
