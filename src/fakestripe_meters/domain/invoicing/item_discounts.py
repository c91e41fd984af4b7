"""The discounts of an invoice item, as a request sets them."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing.redeeming import Given
from fakestripe_meters.domain.invoicing.redeeming import Owner
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.wire.schema import UNSET


def apply(account: Account, item: InvoiceItem, given: Given, path: str = "discounts") -> None:
    """Put the discounts that a request names on an invoice item, which has an id."""
    if given is UNSET:
        return
    customer = customers.kept(account, item.customer)
    subscription = account.part(Subscriptions).table.get(item.subscription or "")
    invoice = account.part(Invoices).table.get(item.invoice or "")
    owner = Owner(
        customer,
        item.currency,
        invoice_item=item.id,
        present=item.discounts,
        above=redeeming.above(customer, subscription, invoice),
        amount=max(0, item.amount),
    )
    item.discounts = redeeming.redeem(account, owner, given, path)
