"""What may happen to an invoice that is open: it is paid, its payment fails, it is void, or it is uncollectible.

`standing` has what that means for its subscription and its customer.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import balances
from fakestripe_meters.domain.invoicing import crediting
from fakestripe_meters.domain.invoicing import retrying
from fakestripe_meters.domain.invoicing import standing
from fakestripe_meters.domain.invoicing import waiting_updates
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records.invoices import Invoice


def mark_paid(account: Account, invoice: Invoice, *, out_of_band: bool = False, automatic: bool = False) -> None:
    """Mark an invoice as paid and publish the events."""
    before = invoices.render(account, invoice)
    due = invoice.amount_due
    charged = due > 0 and not out_of_band
    invoice.status, invoice.paid_at = "paid", account.now
    # observed: paying out of band is no attempt (Kiln-AI/stripe_world).
    invoice.attempted, invoice.auto_advance = invoice.attempted or not out_of_band, False
    invoice.attempt_count += 1 if charged and retrying.counts(invoice, automatic=automatic) else 0
    invoice.amount_paid = due
    invoice.amount_paid_off_stripe = due if out_of_band else None
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after)
    publish(account, "invoice.paid", after)
    publish(account, "invoice.payment_succeeded", after)
    waiting_updates.settle(account, invoice)
    standing.follow(account, invoice, "paid")


def fail(account: Account, invoice: Invoice, *, automatic: bool = False, charged: bool = True) -> None:
    """Record that a payment failed, or was due and could not be charged, and publish the events."""
    before = invoices.render(account, invoice)
    counted = retrying.counts(invoice, automatic=automatic)
    invoice.attempted = True
    if counted:
        invoice.attempt_count += 1
        retrying.plan(account, invoice)
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after)
    if charged:
        publish(account, "invoice.payment_failed", after)
    standing.follow(account, invoice, "failed")
    if counted:
        retrying.conclude(account, invoice)


def void(account: Account, invoice: Invoice) -> None:
    """Void an invoice, and give back the credits that paid for it and what it took from the customer's balance."""
    before = invoices.render(account, invoice)
    invoice.status, invoice.voided_at, invoice.auto_advance = "void", account.now, False
    crediting.give_back(account, invoice)
    balances.give_back(account, invoice)
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after)
    waiting_updates.settle(account, invoice)
    publish(account, "invoice.voided", after)
    standing.follow(account, invoice, "void")


def mark_uncollectible(account: Account, invoice: Invoice) -> None:
    """Mark an invoice as uncollectible; it can still be paid."""
    before = invoices.render(account, invoice)
    invoice.status, invoice.marked_uncollectible_at, invoice.auto_advance = "uncollectible", account.now, False
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after)
    publish(account, "invoice.marked_uncollectible", after)
    standing.follow(account, invoice, "uncollectible")
