"""Canceling a subscription at once: what is given back, what is dropped, and what is billed.

Documented in: https://docs.stripe.com/api/subscriptions/cancel.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import changing
from fakestripe_meters.domain.subscribing import cycles


@observed(
    "one that was to end later has no such end any more (pay-rails/pay). The closing invoice is a draft that is "
    "finalized by itself about an hour later, with usage that became visible meanwhile (runs in a sandbox, 2026)"
)
@documented("the grace period that can be set is for the invoices of cycles only")
@inferred("the closing invoice's reason is `subscription_update`; deleting a customer requests the cancellation")
def cancel(account: Account, subscription: Subscription, *, prorate: bool = False, invoice_now: bool = False) -> None:
    """Cancel a subscription now.

    With `prorate`, credit its unused time. With `invoice_now`, invoice its usage so far and the waiting items.
    """
    subscription.cancellation.reason = "cancellation_requested"
    if prorate:
        changing.credit_unused(account, subscription)
    elif not invoice_now:
        _drop_prorations(account, subscription)
    subscription.cancel_at, subscription.cancel_at_period_end = None, False
    cycles.end(account, subscription, "subscription_update", bill=invoice_now)


@documented("they are removed if a cancellation neither prorates nor invoices; other pending items stay")
def _drop_prorations(account: Account, subscription: Subscription) -> None:
    """Remove the subscription's prorations that are on no invoice yet."""
    waiting = account.part(invoice_items.InvoiceItems).waiting(subscription.customer, subscription.currency)
    for item in waiting:
        if item.proration and item.subscription == subscription.id:
            invoice_items.remove(account, item)
