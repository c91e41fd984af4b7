"""How a draft becomes open, and how an open invoice is charged. `settling` has what follows."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.invoicing import allowed
from fakestripe_meters.domain.invoicing import balances
from fakestripe_meters.domain.invoicing import billed_usage
from fakestripe_meters.domain.invoicing import crediting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import due_dates
from fakestripe_meters.domain.invoicing import retrying
from fakestripe_meters.domain.invoicing import settling
from fakestripe_meters.domain.invoicing import standing
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscription

FAILING = ("chargeCustomerFail", "chargeDeclined")
"""Payment methods with one of these in their name, such as `pm_card_chargeCustomerFail`, always decline."""
LOST = ("LostCard", "StolenCard")
"""Those of them that are not charged again by themselves, such as `pm_card_visa_chargeDeclinedLostCard`."""


def finalize(account: Account, invoice: Invoice) -> None:
    """Finalize a draft. Usage that becomes visible later is not billed; an invoice of zero is paid at once."""
    drafts.refresh(account, invoice)
    crediting.book(account, invoice)
    invoice.status = "open"
    invoice.finalized_at = account.now
    invoice.effective_at = account.now if invoice.effective_at is None else invoice.effective_at
    billed_usage.note(account, invoice)
    invoice.automatically_finalizes_at = None
    due_dates.settle(invoice)
    _number(invoice, customers.kept(account, invoice.customer))
    balances.apply(account, invoice)
    publish(account, "invoice.finalized", invoices.render(account, invoice))
    if invoice.amount_due == 0:
        settling.mark_paid(account, invoice)
    else:
        due_dates.schedule(account, invoice)


def advance(account: Account, invoice: Invoice) -> None:
    """Finalize a draft and, if it advances automatically, charge it or send it."""
    finalize(account, invoice)
    if invoice.status != "open" or not invoice.auto_advance:
        return
    if invoice.collection_method == "send_invoice":
        publish(account, "invoice.sent", invoices.render(account, invoice))
    elif declines(account, invoice):
        settling.fail(account, invoice)
    else:
        settling.mark_paid(account, invoice)


def declines(account: Account, payer: Invoice | Subscription, payment_method: str | None = None) -> bool:
    """Return whether the payment method declines. Only Stripe's failing test methods do; any other, or none, pays."""
    method = payment_method or _method_of(account, payer)
    return any(name in method for name in FAILING)


@documented(
    "the order in which payment methods are looked for, https://docs.stripe.com/billing/revenue-recovery/smart-retries"
)
def _method_of(account: Account, payer: Invoice | Subscription) -> str:
    """Return the payment method that pays by default; an empty string if there is none."""
    subscription = standing.of(account, payer) if isinstance(payer, Invoice) else None
    return (
        payer.default_payment_method
        or (subscription.default_payment_method if subscription else None)
        or customers.kept(account, payer.customer).default_payment_method
        or ""
    )


@documented(
    "after the decline of a lost or stolen card, tries are counted as before, and nothing is charged until there is "
    "another payment method, https://docs.stripe.com/billing/revenue-recovery/smart-retries"
)
@inferred("a try without a charge has no `invoice.payment_failed`")
def retry(account: Account, invoice: Invoice) -> None:
    """Try to pay an invoice again, if that is due now."""
    if not retrying.is_due(account, invoice):
        return
    if declines(account, invoice):
        lost = any(name in _method_of(account, invoice) for name in LOST)
        settling.fail(account, invoice, automatic=True, charged=not lost)
    else:
        settling.mark_paid(account, invoice, automatic=True)


def pay(account: Account, invoice: Invoice, *, payment_method: str | None, out_of_band: bool) -> None:
    """Pay an invoice on request, and finalize it first if it is a draft.

    Raise StripeError 400 if the invoice is paid or void, 402 if the payment method declines.
    """
    allowed.check_payment(invoice)
    if invoice.status == "draft":
        finalize(account, invoice)
    if invoice.status == "paid":
        return
    if not out_of_band and declines(account, invoice, payment_method):
        settling.fail(account, invoice)
        raise errors.invoices.card_declined(keeps_changes=True)  # the attempt counts, and what it causes stays
    settling.mark_paid(account, invoice, out_of_band=out_of_band)


def _number(invoice: Invoice, customer: Customer) -> None:
    """Number an invoice if it has no number yet."""
    # inferred: an invoice that was given a number takes none of the customer's sequence.
    if invoice.number is None:
        invoice.number = f"{customer.invoice_prefix}-{customer.next_invoice_sequence:04d}"
        customer.next_invoice_sequence += 1
