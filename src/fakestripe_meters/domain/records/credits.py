"""Credit grants and their transactions: how they are stored and shown.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

Kind = Literal[
    "credits_granted",
    "credits_application_invoice_voided",
    "credits_applied",
    "credits_expired",
    "credits_voided",
]
CREDITS = frozenset({"credits_granted", "credits_application_invoice_voided"})
NEVER = 1 << 62


@record
class CreditGrant:
    """A grant as stored. `balance` is the sum of all its transactions, in the currency's smallest unit."""

    id: str
    created: int
    customer: str
    currency: str
    value: int
    price_type: str | None
    prices: Sequence[str]
    category: str
    effective_at: int
    expires_at: int | None
    metadata: Mapping[str, str]
    name: str | None
    priority: int
    test_clock: str | None
    updated: int
    voided_at: int | None = None
    applied: bool = False
    """Whether an invoice has ever drawn on it."""
    balance: int = 0

    @property
    @documented("the order")
    @inferred("a grant that never expires comes last")
    def rank(self) -> tuple[int, int, bool, int, int]:
        """The order in which grants are drawn on: the smallest rank first."""
        expires_at = NEVER if self.expires_at is None else self.expires_at
        return self.priority, expires_at, self.category != "promotional", self.effective_at, self.created

    def usable(self, instant: int) -> bool:
        """Return whether it can be drawn on at an instant: effective, not expired, not void, not empty."""
        alive = self.voided_at is None and (self.expires_at is None or instant < self.expires_at)
        return alive and self.effective_at <= instant and self.balance > 0

    def covers(self, price: str) -> bool:
        """Return whether a metered price is in its scope."""
        return self.price_type == "metered" or price in self.prices

    @inferred(
        "prices select the grants that can pay for one of them, `metered` those for every price; without a scope, all"
    )
    def answers(self, price_type: str | None, prices: Sequence[str]) -> bool:
        """Return whether it belongs to the scope that a request names."""
        return any(map(self.covers, prices)) if prices else price_type in (None, self.price_type)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One booking on a grant; `amount` is never negative, `kind` gives the direction."""

    id: str
    created: int
    effective_at: int
    credit_grant: str
    customer: str
    kind: Kind
    currency: str
    amount: int
    invoice: str | None
    invoice_line_item: str | None
    test_clock: str | None


@dataclass(eq=False)
class Credits(Part, name="billing.credits", named_by=("grant", "credit_grant", "transaction")):
    """All grants and transactions of an account, the ids of each customer's grants and of each invoice's debits."""

    grants: Table[CreditGrant] = field(default_factory=Table)
    transactions: Table[Transaction] = field(default_factory=Table)
    by_customer: Index[tuple[str, ...]] = field(default_factory=Index)
    by_invoice: Index[tuple[str, ...]] = field(default_factory=Index)

    def add(self, grant: CreditGrant) -> None:
        """Add a new grant."""
        self.grants.add(grant)
        self.by_customer[grant.customer] = (*self.by_customer.get(grant.customer, ()), grant.id)

    def add_transaction(self, transaction: Transaction) -> None:
        """Add a transaction, and change its grant's balance."""
        self.transactions.add(transaction)
        if transaction.kind == "credits_applied" and transaction.invoice is not None:
            drawn = self.by_invoice.get(transaction.invoice, ())
            self.by_invoice[transaction.invoice] = (*drawn, transaction.id)
        change = transaction.amount if transaction.kind in CREDITS else -transaction.amount
        self.grant(transaction.credit_grant).balance += change

    def grant(self, grant_id: str) -> CreditGrant:
        """Return the grant that a transaction refers to."""
        return self.grants.kept(grant_id)

    def of(self, customer: str) -> list[CreditGrant]:
        """Return a customer's grants, oldest first."""
        return [self.grant(grant_id) for grant_id in self.by_customer.get(customer, ())]

    def debits(self, invoice: str) -> list[Transaction]:
        """Return what an invoice has drawn, oldest first."""
        return [self.transactions.kept(transaction_id) for transaction_id in self.by_invoice.get(invoice, ())]


@inferred("the noun in the sentence")
def find(account: Account, grant_id: str, *, param: str = "id", status: int = 404) -> CreditGrant:
    """Return the grant with that id, or raise `No such credit grant`."""
    return required(account.part(Credits).grants.get(grant_id), "credit grant", grant_id, param=param, status=status)


def render(_account: Account, grant: CreditGrant) -> Tree:
    """Return a grant as Stripe shows it; no field says whether it is pending, used up or expired."""
    prices = [{"id": price} for price in grant.prices]
    return {
        "id": grant.id,
        "object": "billing.credit_grant",
        "amount": render_money(grant.currency, grant.value),
        "applicability_config": {"scope": {"prices": prices} if prices else {"price_type": grant.price_type}},
        "category": grant.category,
        "created": grant.created,
        "customer": grant.customer,
        "customer_account": None,
        "effective_at": grant.effective_at,
        "expires_at": grant.expires_at,
        "livemode": False,
        "metadata": dict(grant.metadata),
        "name": grant.name,
        "priority": grant.priority,
        "test_clock": grant.test_clock,
        "updated": grant.updated,
        "voided_at": grant.voided_at,
    }


def render_transaction(_account: Account, transaction: Transaction) -> Tree:
    """Return a transaction as Stripe shows it."""
    is_credit = transaction.kind in CREDITS
    booking: Tree = {"amount": render_money(transaction.currency, transaction.amount)}
    about = {"invoice": transaction.invoice, "invoice_line_item": transaction.invoice_line_item}
    reason = "credits_application_invoice_voided" if is_credit else "credits_applied"
    booking[reason] = about if transaction.kind == reason else None
    booking["type"] = transaction.kind
    return {
        "id": transaction.id,
        "object": "billing.credit_balance_transaction",
        "created": transaction.created,
        "credit": booking if is_credit else None,
        "credit_grant": transaction.credit_grant,
        "debit": None if is_credit else booking,
        "effective_at": transaction.effective_at,
        "livemode": False,
        "test_clock": transaction.test_clock,
        "type": "credit" if is_credit else "debit",
    }


def render_money(currency: str, value: int) -> Tree:
    """Return an amount in the form that billing credits have."""
    return {"monetary": {"currency": currency, "value": value}, "type": "monetary"}
