"""The changes of subscriptions that wait for an invoice."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.pauses import ON_SUCCESS
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions


def is_awaited(account: Account, invoice: Invoice) -> bool:
    """Return whether a change of a subscription waits for an invoice."""
    return _of(account, invoice) is not None


def stops_retries(account: Account, invoice: Invoice) -> bool:
    """Return whether a change waits for an invoice that is not to be charged again by itself."""
    subscription = _of(account, invoice)
    update = subscription.pending_update if subscription else None
    return update is not None and update.resumes != ON_SUCCESS


def settle(account: Account, invoice: Invoice) -> None:
    """Make the change that waits for an invoice if that is paid, drop it if it is void; do nothing if none waits.

    What a change does is decided by code that works with invoices, so it is called as scheduled work is.
    """
    subscription = _of(account, invoice)
    if subscription is not None:
        account.due_work[Work.SETTLE_PENDING_UPDATE](account, subscription.id)


def _of(account: Account, invoice: Invoice) -> Subscription | None:
    subscription = account.part(Subscriptions).table.get(invoice.subscription or "")
    update = subscription.pending_update if subscription else None
    return subscription if update is not None and update.invoice == invoice.id else None
