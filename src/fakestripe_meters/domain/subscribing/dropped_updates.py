"""How a change that waits for a payment is given up: its invoice is voided."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.invoicing import settling
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscriptions import Subscription


@documented(
    "the end of a period, a threshold and another change end the wait: "
    "https://docs.stripe.com/billing/subscriptions/pending-updates"
)
def give_up(account: Account, subscription: Subscription) -> None:
    """Void the invoice that a change of the subscription waits for, if one does, so that the change is dropped."""
    update = subscription.pending_update
    invoice = account.part(Invoices).table.get(update.invoice) if update else None
    if invoice is not None and invoice.status in ("open", "uncollectible"):
        settling.void(account, invoice)


def expire(account: Account, subscription: Subscription) -> None:
    """Give up a change whose invoice was not paid in time, unless another one took its place meanwhile."""
    update = subscription.pending_update
    if update is not None and update.expires_at <= account.now:
        give_up(account, subscription)
