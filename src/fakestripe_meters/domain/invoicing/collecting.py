"""How a draft becomes open, and how an open invoice is charged. `settling` has what follows.

Documented in: https://docs.stripe.com/billing/revenue-recovery/smart-retries.
"""

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
from fakestripe_meters.domain.invoicing import paying
from fakestripe_meters.domain.invoicing import retrying
from fakestripe_meters.domain.invoicing import settling
from fakestripe_meters.domain.paying.intents import Outcome
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.payment_methods import PaymentMethod

# documented: after these declines there is no charge until there is another payment method, on the page about retries.
HARD_DECLINES = frozenset(
    {
        "authentication_required",
        "highest_risk_level",
        "incorrect_number",
        "lost_card",
        "pickup_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "stolen_card",
        "transaction_not_allowed",
    }
)


def finalize(account: Account, invoice: Invoice) -> None:
    """Finalize a draft. Usage that becomes visible later is not billed; an invoice of zero is paid at once."""
    _close(account, invoice)
    balances.apply(account, invoice)
    publish(account, "invoice.finalized", invoices.render(account, invoice))
    if invoice.amount_due == 0:
        settling.mark_paid(account, invoice)
    else:
        paying.ask(account, invoice)
        due_dates.schedule(account, invoice)


def finalize_void(account: Account, invoice: Invoice) -> None:
    """Finalize a draft that nobody is to pay, and void it; the customer's balance stays as it is."""
    _close(account, invoice)
    invoice.ending_balance = invoice.starting_balance
    publish(account, "invoice.finalized", invoices.render(account, invoice))
    settling.void(account, invoice)


def finalize_paid_by(account: Account, invoice: Invoice, intent: PaymentIntent | None) -> None:
    """Finalize a draft for which a payment is made that pays it in full; the customer's balance stays as it is.

    There is none if it comes to nothing.
    """
    _close(account, invoice)
    invoice.starting_balance = invoice.ending_balance = 0
    publish(account, "invoice.finalized", invoices.render(account, invoice))
    if intent is None:
        settling.mark_paid(account, invoice)
    else:
        paying.ask(account, invoice, intent)


def _close(account: Account, invoice: Invoice) -> None:
    """Fix what a draft has: its lines, its number, and when it is due."""
    drafts.refresh(account, invoice)
    crediting.book(account, invoice)
    invoice.status = "open"
    invoice.finalized_at = account.now
    invoice.effective_at = account.now if invoice.effective_at is None else invoice.effective_at
    billed_usage.note(account, invoice)
    invoice.automatically_finalizes_at = None
    due_dates.settle(invoice)
    _number(invoice, customers.kept(account, invoice.customer))


def advance(account: Account, invoice: Invoice, *, off_session: bool = True, authenticates: bool = False) -> None:
    """Finalize a draft and, if it advances automatically, charge it or send it."""
    finalize(account, invoice)
    if invoice.status != "open" or not invoice.auto_advance:
        return
    if invoice.collection_method == "send_invoice":
        publish(account, "invoice.sent", invoices.render(account, invoice))
    else:
        method = paying.method_of(account, invoice)
        attempt(account, invoice, method, off_session=off_session, authenticates=authenticates)


@documented("without a payment method, there is no charge; any first try counts")
@inferred("the first try that finds no payment method has its `invoice.payment_failed`, later ones have none")
def attempt(
    account: Account,
    invoice: Invoice,
    method: PaymentMethod | None,
    *,
    off_session: bool,
    automatic: bool = False,
    authenticates: bool = False,
) -> Outcome | None:
    """Try to pay an open invoice, and record what comes of it. Without a payment method, nothing is charged."""
    if method is None:
        settling.fail(account, invoice, automatic=automatic, charged=not automatic)
        return None
    outcome = paying.charge(account, invoice, method, off_session=off_session, authenticates=authenticates)
    if outcome.status == "succeeded":
        settling.mark_paid(account, invoice, automatic=automatic)
        return outcome
    wants_action = outcome.status == "requires_action"
    code = outcome.decline.decline_code if outcome.decline else "authentication_required"
    invoice.refused_method = method.id if code in HARD_DECLINES else None
    settling.fail(
        account,
        invoice,
        automatic=automatic,
        charged=off_session or not wants_action,
        wants_action=wants_action,
    )
    return outcome


@documented(
    "after the decline of a lost or stolen card, tries are counted as before, and nothing is charged until there is "
    "another payment method, https://docs.stripe.com/billing/revenue-recovery/smart-retries"
)
@inferred("so it is once the payment intent was canceled; a try without a charge has no `invoice.payment_failed`")
def retry(account: Account, invoice: Invoice) -> None:
    """Try to pay an invoice again, if that is due now."""
    if not retrying.is_due(account, invoice):
        return
    method = paying.method_of(account, invoice)
    refused = method is not None and method.id == invoice.refused_method
    nothing = refused or paying.is_withdrawn(account, invoice)
    attempt(account, invoice, None if nothing else method, off_session=True, automatic=True)


def pay(
    account: Account, invoice: Invoice, *, payment_method: str | None, out_of_band: bool, off_session: bool
) -> None:
    """Pay an invoice on request, and finalize it first if it is a draft.

    Raise StripeError 400 if the invoice is paid or void, or if no payment method can pay, 402 if that declines.
    """
    allowed.check_payment(invoice)
    if invoice.status == "draft":
        finalize(account, invoice)
    if invoice.status == "paid":
        return
    if out_of_band:
        settling.mark_paid(account, invoice, out_of_band=True)
        return
    if paying.is_withdrawn(account, invoice):
        raise errors.invoices.no_longer_payable()
    method = paying.named(account, invoice, payment_method)
    if method is None:
        raise errors.invoices.no_payment_method()
    outcome = attempt(account, invoice, method, off_session=off_session)
    if outcome is not None and outcome.decline is not None:
        raise paying.refusal(account, invoice, outcome.decline)
    if invoice.status != "paid":
        raise errors.invoices.requires_action()


def follow(account: Account, intent: PaymentIntent) -> None:
    """Record what has become of an invoice's payment, after a request has confirmed or canceled its payment intent."""
    invoice = account.part(Invoices).table.get(intent.invoice or "")
    payment = invoice_payments.of_intent(account, intent)
    if invoice is None or payment is None or payment.status != "open":
        return
    if intent.status == "canceled":
        payment.status, payment.canceled_at = "canceled", account.now
    elif intent.status == "succeeded" and payment.is_default:
        settling.mark_paid(account, invoice)
    elif intent.status == "succeeded":
        settling.receive(account, invoice, payment, intent.amount_received)
    elif payment.is_default and intent.status == "requires_action":
        settling.fail(account, invoice, charged=intent.off_session, wants_action=True)
    elif payment.is_default and intent.last_error is not None:
        settling.fail(account, invoice)


@inferred("a payment intent for another customer or in another currency is refused, and one that pays already")
def attach(account: Account, invoice: Invoice, intent: PaymentIntent) -> None:
    """Let a payment intent pay an open invoice, at once or when it succeeds; raise StripeError 400 if it cannot."""
    if invoice.status != "open":
        raise errors.invoices.not_open()
    if intent.customer != invoice.customer:
        raise errors.invoices.other_customers_payment("payment_intent")
    if intent.currency != invoice.currency:
        raise errors.invoices.other_currency("payment_intent", invoice.currency)
    if intent.invoice is not None or intent.status == "canceled":
        raise errors.invoices.payment_attached("payment_intent")
    paying.attach(account, invoice, intent, min(intent.amount, invoice.amount_due - invoice.amount_paid))
    follow(account, intent)


def _number(invoice: Invoice, customer: Customer) -> None:
    """Number an invoice if it has no number yet."""
    # inferred: an invoice that was given a number takes none of the customer's sequence.
    if invoice.number is None:
        invoice.number = f"{customer.invoice_prefix}-{customer.next_invoice_sequence:04d}"
        customer.next_invoice_sequence += 1
