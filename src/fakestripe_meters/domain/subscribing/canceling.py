"""Canceling a subscription at once: what is given back, what is dropped, and what is billed.

Documented in: https://docs.stripe.com/api/subscriptions/cancel.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import prorations


@observed(
    "one that was to end later has no such end any more (pay-rails/pay). The closing invoice is a draft that is "
    "finalized by itself about an hour later, with usage that became visible meanwhile (runs in a sandbox, 2026)"
)
@observed("the closing invoice's reason is `subscription_cycle`, also if it only credits (Kiln-AI/stripe_world)")
@documented("the grace period that can be set is not for it, so usage that is reported after the cancellation is not")
@inferred(
    "a negative total goes to the customer's balance, as on any invoice; deleting a customer requests the cancellation"
)
def cancel(account: Account, subscription: Subscription, *, prorate: bool = False, invoice_now: bool = False) -> None:
    """Cancel a subscription now.

    With `prorate`, credit its unused time. With `invoice_now`, invoice its usage so far and the waiting items.
    """
    subscription.cancellation.reason = "cancellation_requested"
    if prorate:
        for credit in unused(account, subscription):
            invoice_items.add(account, credit)
    elif not invoice_now:
        _drop_prorations(account, subscription)
    subscription.cancel_at, subscription.cancel_at_period_end = None, False
    if not invoice_now:
        _release(account, subscription)
    cycles.end(account, subscription, on_time=False, bill=invoice_now)


def unused(account: Account, subscription: Subscription, at: int | None = None) -> list[InvoiceItem]:
    """Return the credits for what was paid for the time after `at`, by default now: none for a paused subscription.

    They are in no table.
    """
    items = subscription.items if subscription.status != "paused" else ()
    return prorations.unused(account, subscription, items, account.now if at is None else at)


@documented("they are removed if a cancellation neither prorates nor invoices; other pending items stay")
def _drop_prorations(account: Account, subscription: Subscription) -> None:
    """Remove the subscription's prorations that are on no invoice yet."""
    waiting = account.part(invoice_items.InvoiceItems).waiting(subscription.customer, subscription.currency)
    for item in waiting:
        if item.proration and item.subscription == subscription.id:
            invoice_items.remove(account, item)


@observed("the credit of a cancellation without an invoice belongs to no subscription (Kiln-AI/stripe_world)")
@inferred("neither does whatever else waits then: the customer's next invoice takes it, also that of a subscription")
def _release(account: Account, subscription: Subscription) -> None:
    """Let what waits for the subscription's next invoice wait for any invoice of the customer."""
    waiting = account.part(invoice_items.InvoiceItems).waiting(subscription.customer, subscription.currency)
    for item in waiting:
        if item.subscription == subscription.id:
            item.subscription = item.subscription_item = None
