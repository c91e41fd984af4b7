"""The states of a finalized invoice: it is open, paid, void or uncollectible, and this is how it gets there.

Nothing else changes the status of a finalized invoice. `paying` has its payments, `retrying` when a failed one is tried
again, and `standing` what all this means for its subscription and its customer. docs/money.md has it as a table.

Documented in: https://docs.stripe.com/billing/subscriptions/overview,
https://docs.stripe.com/invoicing/partial-payments.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import balances
from fakestripe_meters.domain.invoicing import crediting
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.invoicing import paying
from fakestripe_meters.domain.invoicing import retrying
from fakestripe_meters.domain.invoicing import standing
from fakestripe_meters.domain.invoicing import waiting_updates
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records.invoice_payments import InvoicePayment
from fakestripe_meters.domain.records.invoices import Invoice


@observed("paying out of band is no attempt (Kiln-AI/stripe_world)")
@inferred("the payment intent of an invoice that is paid in another way is canceled, with the reason `automatic`")
def mark_paid(
    account: Account, invoice: Invoice, *, out_of_band: bool = False, automatic: bool = False, attempted: bool = True
) -> None:
    """Mark an invoice as paid and publish the events. What is still open of its payments was charged, or is canceled.

    `attempted` says whether it counts as tried to be paid; out of band, it does not.
    """
    before = invoices.render_course(invoice)
    paid = paying.close(account, invoice, "automatic")
    charged = next((each for each in paid if each.is_default), None)
    invoice.status, invoice.paid_at, invoice.auto_advance = "paid", account.now, False
    invoice.attempted = invoice.attempted or (attempted and not out_of_band)
    invoice.attempt_count += 1 if charged and retrying.counts(invoice, automatic=automatic) else 0
    invoice.amount_paid_off_stripe = invoice.amount_due - invoice.amount_paid if out_of_band else None
    invoice.amount_paid = invoice.amount_due
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after, "invoice.paid", "invoice.payment_succeeded")
    paying.announce(account, paid)
    discounting.use_up(account, invoice)
    waiting_updates.settle(account, invoice)
    standing.follow(account, invoice, "paid", _method_of(account, charged))


@documented("an invoice whose payment wants authentication has an event of its own, and is not paid")
@observed("while the customer is present, it is not counted, but the invoice is attempted (pay-rails/pay)")
@inferred("the payment has failed only if a charge has failed, which needs authentication off-session")
def fail(
    account: Account, invoice: Invoice, *, automatic: bool = False, charged: bool = True, wants_action: bool = False
) -> None:
    """Record that a payment failed, was due and could not be charged, or wants to be authenticated.

    `charged` says whether a charge has failed.
    """
    before = invoices.render(account, invoice)
    counted = (charged or automatic) and retrying.counts(invoice, automatic=automatic)
    invoice.attempted = True
    if counted:
        invoice.attempt_count += 1
        retrying.plan(account, invoice)
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after)
    if wants_action:
        publish(account, "invoice.payment_action_required", after)
    if charged:
        publish(account, "invoice.payment_failed", after)
        waiting_updates.settle(account, invoice)
    standing.follow(account, invoice, "failed")
    if counted:
        retrying.conclude(account, invoice)


@documented("what was attached pays its part, and too much of it goes onto the customer's balance")
@inferred("an invoice that is not paid in full by it goes on as it was, and asks for the rest")
def receive(account: Account, invoice: Invoice, payment: InvoicePayment, received: int) -> None:
    """Record that a payment that was attached to an open invoice has succeeded."""
    before = invoices.render(account, invoice)
    left = invoice.amount_due - invoice.amount_paid
    payment.amount_requested, invoice.amount_overpaid = min(left, received), max(0, received - left)
    balances.add_overpaid(account, invoice)
    if received >= left:
        mark_paid(account, invoice)
        return
    invoice.amount_paid += received
    payment.status, payment.paid_at, payment.amount_paid = "paid", account.now, received
    paying.adjust(account, invoice)
    publish_update(account, "invoice.updated", before, invoices.render(account, invoice))
    paying.announce(account, [payment])


def settle_remainder(account: Account, invoice: Invoice) -> None:
    """Ask for what is to be paid of an open invoice after that has changed; if that is nothing, the invoice is paid."""
    if invoice.amount_due == invoice.amount_paid:
        mark_paid(account, invoice, attempted=False)
    else:
        paying.adjust(account, invoice)


@documented("the payment intent is then canceled, https://docs.stripe.com/invoicing/integration/workflow-transitions")
def void(account: Account, invoice: Invoice) -> None:
    """Void an invoice, and give back the credits that paid for it and what it took from the customer's balance."""
    before = invoices.render(account, invoice)
    invoice.status, invoice.voided_at, invoice.auto_advance = "void", account.now, False
    paying.close(account, invoice, "void_invoice")
    crediting.give_back(account, invoice)
    balances.give_back(account, invoice)
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after)
    waiting_updates.settle(account, invoice)
    publish(account, "invoice.voided", after)
    standing.follow(account, invoice, "void")


def mark_uncollectible(account: Account, invoice: Invoice, reason: str = "user_forgiven") -> None:
    """Mark an invoice as uncollectible, by default on request; it can still be paid."""
    before = invoices.render(account, invoice)
    invoice.uncollectible_because = reason
    invoice.status, invoice.marked_uncollectible_at, invoice.auto_advance = "uncollectible", account.now, False
    after = invoices.render(account, invoice)
    publish_update(account, "invoice.updated", before, after)
    publish(account, "invoice.marked_uncollectible", after)
    waiting_updates.settle(account, invoice)
    standing.follow(account, invoice, "uncollectible")


def _method_of(account: Account, payment: InvoicePayment | None) -> str | None:
    return None if payment is None else payment_intents.kept(account, payment.payment_intent).payment_method
