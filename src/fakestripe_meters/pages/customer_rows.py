"""Customers in lists: a row for each."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.customers import currency_of
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.pages import cards
from fakestripe_meters.pages import words


class Tag(NamedTuple):
    """A status, and how many have it."""

    status: str
    many: int


class CustomerRow(NamedTuple):
    """A customer in one row of a list."""

    id: str
    name: str
    email: str
    created: int
    deleted: bool
    on_test_clock: bool
    delinquent: bool
    balance: str
    subscriptions: Sequence[Tag]
    card: str


def found(account: Account, text: str) -> list[Customer]:
    """Return the customers whose id, name or email contains a text, newest first; all of them if it is empty."""
    table, wanted = account.part(Customers).table, text.strip().casefold()
    return [each for each in table if not wanted or _says(each, wanted)][::-1]


def _says(customer: Customer, wanted: str) -> bool:
    """Return whether one of the names of a customer contains a text; this is asked of each one in the account."""
    c = customer
    known = f"{c.id}\n{c.name or ''}\n{c.email or ''}\n{c.business_name or ''}\n{c.individual_name or ''}"
    return wanted in known.casefold()


def row(account: Account, customer: Customer) -> CustomerRow:
    """Return a customer in one row."""
    statuses = Counter(each.status for each in account.part(Subscriptions).of(customer.id))
    default = customer.default_payment_method
    return CustomerRow(
        id=customer.id,
        name=name_of(customer),
        email=words.plain(customer.email or ""),
        created=customer.created,
        deleted=customer.deleted,
        on_test_clock=customer.test_clock is not None,
        delinquent=customer.delinquent,
        balance=", ".join(balances(customer)),
        subscriptions=[Tag(status, count) for status, count in statuses.items()],
        card="" if default is None else cards.saved(payment_methods.kept(account, default)),
    )


def name_of(customer: Customer) -> str:
    """Return what a customer is called: its name, its email, or its id."""
    return words.plain(customer.name or customer.business_name or customer.email or customer.id)


def balances(customer: Customer) -> Iterator[str]:
    """Yield what a customer has, or owes, in each currency: `$5.00 credit`, `$1.00 owed`."""
    for currency, amount in ((currency_of(customer), customer.balance), *customer.other_balances.items()):
        if amount:
            yield f"{pricing.money(abs(amount), currency)} {'credit' if amount < 0 else 'owed'}"
