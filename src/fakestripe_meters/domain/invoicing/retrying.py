"""When a failed payment is tried again, and what happens after the last try.

Documented in: https://docs.stripe.com/billing/revenue-recovery/smart-retries.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import standing
from fakestripe_meters.domain.invoicing import waiting_updates
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoices import Invoice


@documented("any first try counts, later only automatic ones, in Stripe's OpenAPI")
def counts(invoice: Invoice, *, automatic: bool) -> bool:
    """Return whether a try to pay that is made now counts."""
    return automatic or invoice.attempt_count == 0


@documented("a custom schedule has the days between one try and the next")
@inferred("the first invoice of an incomplete subscription is not tried again, and neither is that of a pending update")
def plan(account: Account, invoice: Invoice) -> None:
    """Schedule the next try to pay an invoice, after one that counts has failed."""
    days, tries = account.settings.retries, invoice.attempt_count
    subscription = standing.of(account, invoice)
    incomplete = subscription is not None and subscription.status == "incomplete"
    waits = incomplete or waiting_updates.stops_retries(account, invoice)
    invoice.next_attempt = None
    if _is_automatic(invoice) and not waits and tries <= len(days):
        invoice.next_attempt = due = account.now + days[tries - 1] * DAY_S
        test_clocks.schedule(account, invoice.test_clock, due, Work.RETRY_PAYMENT, invoice.id)


def is_due(account: Account, invoice: Invoice) -> bool:
    """Return whether the payment of an invoice is to be tried again now."""
    due = invoice.next_attempt
    return invoice.status == "open" and _is_automatic(invoice) and due is not None and due <= account.now


def left(account: Account, invoice: Invoice) -> int:
    """Return how often a failed payment may still be tried again after the next try."""
    return max(0, len(account.settings.retries) - invoice.attempt_count)


@documented("the subscription is then canceled, unpaid, or left past due, by a setting of the account")
@inferred("an unpaid subscription's drafts and open invoices stop being collected, too")
def conclude(account: Account, invoice: Invoice) -> None:
    """Do what is to be done after the last try to pay a subscription's invoice has failed."""
    subscription = standing.of(account, invoice)
    if invoice.next_attempt is not None or not _is_automatic(invoice):
        return
    if subscription is None or subscription.status != "past_due" or waiting_updates.is_awaited(account, invoice):
        return
    if account.settings.after_retries == "unpaid":
        standing.change_status(account, subscription, "unpaid")
        standing.stop_collecting(account, subscription)
    elif account.settings.after_retries == "cancel":
        account.due_work[Work.GIVE_UP_SUBSCRIPTION](account, subscription.id)  # its end is on a floor above


def _is_automatic(invoice: Invoice) -> bool:
    return invoice.auto_advance and invoice.collection_method == "charge_automatically"
