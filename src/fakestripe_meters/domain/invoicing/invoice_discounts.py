"""The discounts of an invoice, as a request sets them."""

from collections.abc import Sequence
from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing.redeeming import Given
from fakestripe_meters.domain.invoicing.redeeming import Owner
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.wire.schema import UNSET


@documented("they replace those of the subscription or the customer, https://docs.stripe.com/api/invoices/create")
def apply(account: Account, invoice: Invoice, given: Given, path: str = "discounts") -> None:
    """Put the discounts that a request names on a draft, which has an id."""
    if given is UNSET:
        return
    drafts.refresh(account, invoice)
    owner = _owner(account, invoice)
    before, invoice.discounts = invoice.discounts, redeeming.redeem(account, owner, given, path)
    for discount in (discounts.kept(account, each) for each in before if each not in invoice.discounts):
        if discount.taken_by == invoice.id:
            discount.taken_by = None
    discounting.take(account, invoice)


@documented("they are redeemed for the preview only, https://docs.stripe.com/api/invoices/create_preview")
def preview(account: Account, invoice: Invoice, items: Sequence[InvoiceItem], given: Given) -> None:
    """Put the discounts that a request names on a preview, as if on what it is of."""
    if given is UNSET:
        return
    drafts.refresh(account, invoice, items)
    owner = replace(_owner(account, invoice), invoice=None, subscription=invoice.subscription)
    invoice.discounts = redeeming.redeem(account, owner, given)


def _owner(account: Account, invoice: Invoice) -> Owner:
    customer = customers.kept(account, invoice.customer)
    subscription = account.part(Subscriptions).table.get(invoice.subscription or "")
    return Owner(
        customer,
        invoice.currency,
        invoice=invoice.id,
        present=invoice.discounts,
        above=redeeming.above(customer, subscription),
        amount=invoice.subtotal,
    )
