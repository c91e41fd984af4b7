"""Which account has a meter and a customer, or an invoice. Each account is locked while it is looked at."""

from collections.abc import Iterable
from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import instead
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters

LONGEST_HINT = 300


def metered(accounts: Iterable[Account], meter: str, customer: str) -> tuple[Account, Meter]:
    """Return the account that has a customer and a meter, given by its id or event name, and the meter.

    Raises:
        Misuse: No account has both.
    """
    known = [(account, each) for account in accounts for each in _meters(account)]
    having = [(account, each) for account, each in known if meter in (each.id, each.event_name)]
    if not having:
        names = sorted({each.event_name for _, each in known})
        raise Misuse(f"unknown meter {quoted(meter)}: {_instead(names)}", param="meter")
    for account, found in sorted(having, key=lambda pair: pair[1].active, reverse=True):
        if _has(account, Customers, customer):
            return account, found
    raise Misuse(f"no account with the meter {quoted(meter)} has a customer {quoted(customer)}", param="customer")


def invoicing(accounts: Iterable[Account], invoice: str) -> Account:
    """Return the account that has an invoice; raise `Misuse` if none has it."""
    every = list(accounts)
    for account in every:
        if _has(account, Invoices, invoice):
            return account
    known = [each for account in every for each in _invoices(account)]
    raise Misuse(f"unknown invoice {quoted(invoice)}: {_instead(known)}", param="invoice")


def meters_of(accounts: Iterable[Account], customer: str) -> list[Meter]:
    """Return all meters of the accounts that have a customer; raise `Misuse` if none has it."""
    having = [account for account in accounts if _has(account, Customers, customer)]
    if not having:
        raise Misuse(f"no account has a customer {quoted(customer)}", param="expected")
    return [meter for account in having for meter in _meters(account)]


def _has(account: Account, kind: type[Customers | Invoices], identifier: str) -> bool:
    with account.lock:
        part = account.peek(kind)
        return part is not None and part.table.get(identifier) is not None


def _meters(account: Account) -> Sequence[Meter]:
    with account.lock:
        meters = account.peek(Meters)
        return [] if meters is None else list(meters.table)


def _invoices(account: Account) -> Sequence[str]:
    with account.lock:
        invoices = account.peek(Invoices)
        return [] if invoices is None else [each.id for each in invoices.table]


def _instead(names: Sequence[str]) -> str:
    return shortened(instead(names), LONGEST_HINT)
