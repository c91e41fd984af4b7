"""Which discounts an invoice has, and when a discount is used up."""

from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.discounts import Discount
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscription


def of_invoice(account: Account, invoice: Invoice) -> Sequence[Discount]:
    """Return the discounts on a whole invoice, in the order in which they apply."""
    return [discounts.kept(account, each) for each in invoice.discounts]


def inherited(account: Account, customer: Customer, subscription: Subscription | None) -> Sequence[str]:
    """Return the ids of the discounts that a new draft takes over: its subscription's, or else its customer's."""
    raise NotImplementedError


def on_items(account: Account, ids: Sequence[str]) -> Sequence[str]:
    """Return which of the discounts of an item, by id, apply to what is charged now."""
    raise NotImplementedError


def use_up(account: Account, invoice: Invoice) -> None:
    """End the discounts for once that a paid invoice has, on it or on its lines."""
    raise NotImplementedError
