"""How an invoice of a subscription is made, and what becomes of it while collection is paused.

Documented in: https://docs.stripe.com/billing/subscriptions/pause-payment.
"""

from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import settling
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import prorations


@documented("an invoice that would be empty is not created")
def draft(
    account: Account,
    subscription: Subscription,
    reason: str,
    charges: list[Charge],
    began: int,
    *,
    items: Sequence[InvoiceItem] | None = None,
    closes_at_once: bool = False,
) -> Invoice | None:
    """Add a draft as the subscription's latest invoice and return it; None if it is paused, or for nothing.

    By default, all items go on it that wait.
    """
    items = drafts.waiting(account, subscription) if items is None else items
    if subscription.status == "paused" or not (charges or items):
        return None
    invoice = drafts.of_subscription(account, subscription, reason, charges, began, closes_at_once=closes_at_once)
    return add_draft(account, subscription, invoice, items)


def add_draft(account: Account, subscription: Subscription, invoice: Invoice, items: Sequence[InvoiceItem]) -> Invoice:
    """Add a draft, with the items that go on it, as the subscription's latest invoice, and return it."""
    drafts.add(account, invoice, items)
    prorations.record_charges(account, subscription, invoice)
    subscription.latest_invoice = invoice.id
    return invoice


@documented(
    "what is made meanwhile is void at once and takes nothing from the customer's balance, or is uncollectible unless "
    "that balance pays all of it, or stays a draft that does not advance"
)
@inferred("an invoice of zero is void, too; usage that is reported later is on no invoice, except on a draft")
def announce(account: Account, subscription: Subscription, invoice: Invoice) -> None:
    """Publish that a draft was created; if the collection of invoices is paused, do with it what was asked for."""
    drafts.announce(account, invoice)
    withholding = subscription.withholding(account.now)
    if withholding == "void":
        collecting.finalize_void(account, invoice)
    elif withholding == "mark_uncollectible":
        collecting.finalize(account, invoice)
        if invoice.status == "open":
            settling.mark_uncollectible(account, invoice, "subscription_paused")


def bill_now(
    account: Account,
    subscription: Subscription,
    charges: list[Charge],
    began: int,
    *,
    items: Sequence[InvoiceItem] | None = None,
    reason: str = "subscription_update",
) -> Invoice | None:
    """Draft an invoice of charges and items, by default all that wait, and return it; None if it would be empty."""
    invoice = draft(account, subscription, reason, charges, began, items=items)
    if invoice is not None:
        drafts.count(account, subscription)
        announce(account, subscription, invoice)
    return invoice
