"""The ledger of billing credits: what was granted, drawn, expired, voided and given back, and in which order.

Source: https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits.
"""

from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.invoicing import alerting
from fakestripe_meters.domain.records.credits import CreditGrant
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.domain.records.credits import Kind
from fakestripe_meters.domain.records.credits import Transaction
from fakestripe_meters.domain.records.credits import render_transaction


@dataclass(frozen=True, slots=True)
class CreditableLine:
    """A line of an invoice that credits may pay for: metered usage of a subscription item."""

    id: str
    price: str
    amount: int


@dataclass(frozen=True, slots=True)
class Draw:
    """The part of a line that one grant pays; `transaction` is None until it is booked."""

    grant: str
    line: str
    amount: int
    transaction: str | None = None


def plan(
    account: Account, customer: str, currency: str, period_end: int, lines: Sequence[CreditableLine]
) -> list[Draw]:
    """Return what credits would pay: grants in their order for each line in its order. Nothing is booked."""
    grants = [
        grant for grant in account.part(Credits).of(customer) if grant.currency == currency and grant.usable(period_end)
    ]
    grants.sort(key=lambda grant: grant.rank)
    left = {grant.id: grant.balance for grant in grants}
    draws: list[Draw] = []
    for line in lines:
        due = line.amount
        for grant in grants:
            amount = min(due, left[grant.id])
            if amount > 0 and grant.covers(line.price):
                left[grant.id] -= amount
                due -= amount
                draws.append(Draw(grant.id, line.id, amount))
    return draws


def draw(account: Account, draws: Sequence[Draw], invoice: str) -> list[Draw]:
    """Book planned draws, and return them with their transactions."""
    booked = []
    for each in draws:
        grant = account.part(Credits).grant(each.grant)
        grant.applied = True
        transaction = book(account, grant, "credits_applied", each.amount, invoice=invoice, line=each.line)
        booked.append(Draw(each.grant, each.line, each.amount, transaction.id))
    return booked


def reinstate(account: Account, invoice: str) -> None:
    """Give back what a voided invoice had drawn; whatever is past its expiry expires at once."""
    credits = account.part(Credits)
    for each in credits.debits(invoice):
        grant = credits.grant(each.credit_grant)
        kind: Kind = "credits_application_invoice_voided"
        book(account, grant, kind, each.amount, invoice=invoice, line=each.invoice_line_item)
        expire(account, grant)


def expire(account: Account, grant: CreditGrant) -> None:
    """Book what is left of a grant as expired, if its expiry is reached."""
    over = grant.expires_at is not None and grant.expires_at <= account.now
    if over and grant.balance > 0:
        book(account, grant, "credits_expired", grant.balance)


def book(
    account: Account,
    grant: CreditGrant,
    kind: Kind,
    amount: int,
    *,
    invoice: str | None = None,
    line: str | None = None,
) -> Transaction:
    """Add a transaction, which changes the grant's balance, and publish the event."""
    transaction = Transaction(
        id=account.ids.new("cbtxn_test_", 24),
        created=account.now,
        effective_at=grant.effective_at if kind == "credits_granted" else account.now,
        credit_grant=grant.id,
        customer=grant.customer,
        kind=kind,
        currency=grant.currency,
        amount=amount,
        invoice=invoice,
        invoice_line_item=line,
        test_clock=grant.test_clock,
    )
    account.part(Credits).add_transaction(transaction)
    publish(account, "billing.credit_balance_transaction.created", render_transaction(account, transaction))
    alerting.watch_balance(account, grant)
    return transaction
