"""Billing credits in words: grants, what is left of them, and what was booked on them."""

from collections import Counter
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.invoicing import credits_left
from fakestripe_meters.domain.records import credits as credit_records
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.credits import CreditGrant
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.domain.records.credits import Transaction
from fakestripe_meters.pages import customer_rows
from fakestripe_meters.pages import portal_words
from fakestripe_meters.pages import words

KINDS = {
    "credits_granted": "granted",
    "credits_application_invoice_voided": "given back: the invoice was voided",
    "credits_applied": "paid for an invoice",
    "credits_expired": "expired",
    "credits_voided": "voided",
}


class GrantRow(NamedTuple):
    """A credit grant in one row."""

    id: str
    name: str
    customer: str
    customer_name: str
    category: str
    priority: int
    status: str
    granted: str
    available: str
    """What can be drawn on now."""
    ledger: str
    """What is booked on it."""
    effective_at: int
    expires_at: int | None
    covers: Sequence[str]
    """The names of the prices that it pays for; empty if it pays for every metered price."""


class TransactionRow(NamedTuple):
    """A booking on a grant in one row."""

    id: str
    created: int
    kind: str
    amount: str
    grant: str
    customer: str
    customer_name: str
    invoice: str
    invoice_title: str


class Balance(NamedTuple):
    """What is left of some grants in one currency."""

    currency: str
    available: str
    ledger: str


def grants(account: Account, found: Sequence[CreditGrant]) -> list[GrantRow]:
    """Return grants in rows."""
    drawn = _drawn(account, {each.customer for each in found if each.balance > 0})
    return [_grant(account, each, drawn) for each in found]


def _drawn(account: Account, of: Collection[str]) -> Counter[str]:
    return credits_left.shown_by_drafts(account, of) if of else Counter()


def _grant(account: Account, grant: CreditGrant, drawn: Counter[str]) -> GrantRow:
    now = test_clocks.now(account, grant.test_clock)
    return GrantRow(
        id=grant.id,
        name=words.plain(grant.name or ""),
        customer=grant.customer,
        customer_name=customer_rows.name_of(customers.kept(account, grant.customer)),
        category=grant.category,
        priority=grant.priority,
        status=status_of(grant, now),
        granted=pricing.money(grant.value, grant.currency),
        available=pricing.money(credits_left.available(grant, drawn, now), grant.currency),
        ledger=pricing.money(grant.balance, grant.currency),
        effective_at=grant.effective_at,
        expires_at=grant.expires_at,
        covers=[_price(account, each) for each in grant.prices],
    )


def _price(account: Account, price_id: str) -> str:
    return portal_words.name_of(account, prices.kept(account, price_id))


def status_of(grant: CreditGrant, now: int) -> str:
    """Return whether a grant can be drawn on, or why not."""
    if grant.voided_at is not None:
        return "voided"
    if grant.expires_at is not None and grant.expires_at <= now:
        return "expired"
    if grant.balance <= 0:
        return "used up"
    return "active" if grant.effective_at <= now else "pending"


def balances(account: Account, found: Iterable[CreditGrant]) -> list[Balance]:
    """Return what is left of grants, by currency."""
    every = list(found)
    drawn = _drawn(account, {each.customer for each in every if each.balance > 0})
    left: Counter[str] = Counter()
    booked: Counter[str] = Counter()
    for each in every:
        now = test_clocks.now(account, each.test_clock)
        left[each.currency] += credits_left.available(each, drawn, now)
        booked[each.currency] += each.balance
    return [
        Balance(currency, pricing.money(left[currency], currency), pricing.money(booked[currency], currency))
        for currency in sorted(booked)
    ]


def transaction(account: Account, each: Transaction) -> TransactionRow:
    """Return a booking in one row; it takes away or adds."""
    adds = each.kind in credit_records.CREDITS
    invoice = None if each.invoice is None else account.part(invoices.Invoices).table.get(each.invoice)
    return TransactionRow(
        id=each.id,
        created=each.created,
        kind=KINDS[each.kind],
        amount=pricing.money(each.amount if adds else -each.amount, each.currency),
        grant=each.credit_grant,
        customer=each.customer,
        customer_name=customer_rows.name_of(customers.kept(account, each.customer)),
        invoice=each.invoice or "",
        invoice_title="" if invoice is None else invoice.number or "Draft",
    )


def of_customer(account: Account, customer: str) -> list[CreditGrant]:
    """Return the grants of a customer in the order in which they are drawn on, those that are left first."""
    held = account.part(Credits).of(customer)
    return sorted(held, key=lambda each: (each.balance <= 0, each.rank))
