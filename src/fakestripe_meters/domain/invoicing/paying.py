"""How an invoice asks for its money: by one payment, whose payment intent charges the card.

Observed in: pay-rails/pay.
Documented in: https://docs.stripe.com/invoicing/overview, https://docs.stripe.com/api/invoice-payment.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core import cards
from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.cards import Answer
from fakestripe_meters.core.cards import Decline
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.invoicing import standing
from fakestripe_meters.domain.paying import intents
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.paying.intents import Outcome
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.invoice_payments import InvoicePayment
from fakestripe_meters.domain.records.invoice_payments import InvoicePayments
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.subscriptions import Subscription

# observed: what is said at a subscription's creation, and for an invoice without a subscription.
# observed: every other invoice of a subscription is an update, a cycle's too (logs of 2025).
DESCRIPTIONS = {"subscription_create": "Subscription creation"}


@documented("an invoice with an amount gets its payment intent when it is finalized, and shows it as its default")
def ask(account: Account, invoice: Invoice, intent: PaymentIntent | None = None) -> None:
    """Make the default payment of an invoice that is being finalized, and its payment intent if there is none."""
    if intent is None:
        method = _chosen(account, invoice) if invoice.collection_method == "charge_automatically" else None
        intent = _intent_for(account, invoice, None if method is None else method.id)
    _add(account, invoice, intent, invoice.amount_due, is_default=True)


@documented("the order in which payment methods are looked for")
def method_of(account: Account, payer: Invoice | Subscription) -> PaymentMethod | None:
    """Return the payment method that pays, a stand-in if none is needed; None if there is none and one is required."""
    method = _chosen(account, payer)
    return method if method is not None or methods.is_required(account) else methods.stand_in(account)


def named(account: Account, invoice: Invoice, name_or_id: str | None) -> PaymentMethod | None:
    """Return the payment method that a request names, or else that which pays; None if there is none.

    Raise StripeError 400 if the customer does not have the method, 402 if its card cannot be attached.
    """
    if name_or_id is None:
        return method_of(account, invoice)
    customer = customers.kept(account, invoice.customer)
    method = methods.default_for(account, customer, name_or_id, param="payment_method")
    return None if method is None else payment_methods.kept(account, method)


def refusal(account: Account, invoice: Invoice, decline: Decline) -> StripeError:
    """402 for who pays an invoice on request and is declined: the attempt counts, and what it causes stays."""
    error = intents.decline_error(account, intent_of(account, invoice), decline)
    error.keeps_changes = True
    return error


def foreseen(
    account: Account, payer: Invoice | Subscription, *, off_session: bool, authenticates: bool = False
) -> Answer | None:
    """Return what the card will answer that pays; None if there is no payment method and one is required.

    `authenticates`: the customer has authenticated the payment, if the card wants that.
    """
    method = _chosen(account, payer)
    if method is None:
        return None if methods.is_required(account) else "passes"
    asked = _card_options(payer).get("request_three_d_secure") in cards.ASKS
    answer = cards.answer(method.does, off_session=off_session, set_up=method.set_up, asked=asked)
    return method.does.authenticated if authenticates and answer == "authenticate" else answer


@observed("a payment that wants to be authenticated has an error of its own (Kiln-AI/stripe_world)")
@inferred("where nothing can pay, an update is refused as a creation is")
def check_passes(answer: Answer | None) -> None:
    """Raise StripeError unless a card passes: 402, or 400 if there is no payment method. Nothing was charged yet."""
    if answer is None:
        raise errors.subscriptions.no_payment_method()
    if answer == "authenticate":
        raise errors.subscriptions.requires_action()
    if isinstance(answer, Decline):
        raise methods.declined(answer)


def charge(
    account: Account, invoice: Invoice, method: PaymentMethod, *, off_session: bool, authenticates: bool = False
) -> Outcome:
    """Try to charge the default payment of an open invoice."""
    payment = invoice_payments.default_of(account, invoice.id)
    if payment is None:  # it was finalized by an older release
        ask(account, invoice)
    intent = intent_of(account, invoice)
    return intents.attempt(account, intent, method, off_session=off_session, authenticates=authenticates)


def intent_of(account: Account, invoice: Invoice) -> PaymentIntent:
    """Return the payment intent of a finalized invoice that has an amount."""
    payment = invoice_payments.default_of(account, invoice.id)
    return payment_intents.kept(account, payment.payment_intent if payment else "")


def is_withdrawn(account: Account, invoice: Invoice) -> bool:
    """Return whether the payment of an open invoice was canceled, so that it cannot be charged any more."""
    payment = invoice_payments.default_of(account, invoice.id)
    return payment is not None and payment.status == "canceled"


@documented("what is requested follows what remains to be paid, in Stripe's OpenAPI")
@inferred("so does the amount of the payment intent")
def adjust(account: Account, invoice: Invoice) -> None:
    """Ask for what remains to be paid of an open invoice, after that has changed."""
    for payment, intent in _open(account, invoice):
        if payment.is_default:
            payment.amount_requested = intent.amount = invoice.amount_due - invoice.amount_paid


@observed("the event comes last of all (logs of 2025)")
@inferred("a payment that is canceled has no event of its own, and an intent that was attached may pay another invoice")
def close(account: Account, invoice: Invoice, reason: str) -> list[InvoicePayment]:
    """Note which open payments of an invoice have succeeded, and return them. Cancel the others, with a reason."""
    paid = []
    for payment, intent in _open(account, invoice):
        if intent.status == "succeeded":
            payment.status, payment.paid_at, payment.amount_paid = "paid", account.now, payment.amount_requested
            paid.append(payment)
        else:
            payment.status, payment.canceled_at = "canceled", account.now
            if not payment.is_default:
                intent.invoice = None
            elif intent.status != "canceled":
                intents.cancel(account, intent, reason)
    return paid


def announce(account: Account, paid: list[InvoicePayment]) -> None:
    """Publish that payments were made."""
    for payment in paid:
        publish(account, "invoice_payment.paid", invoice_payments.render(account, payment))


def attach(account: Account, invoice: Invoice, intent: PaymentIntent, amount: int) -> InvoicePayment:
    """Make a payment intent a payment of an open invoice, besides its default one."""
    intent.invoice = invoice.id
    return _add(account, invoice, intent, amount, is_default=False)


def _chosen(account: Account, payer: Invoice | Subscription) -> PaymentMethod | None:
    subscription = standing.of(account, payer) if isinstance(payer, Invoice) else None
    customer = customers.kept(account, payer.customer)
    chosen = (payer.default_payment_method, subscription.default_payment_method if subscription else None)
    return methods.that_pays(account, customer, *chosen)


@observed("the description, the use in future and the details, by what the invoice is for")
def _intent_for(account: Account, invoice: Invoice, method: str | None) -> PaymentIntent:
    recurs = invoice.subscription is not None
    description = DESCRIPTIONS.get(invoice.billing_reason, "Subscription update") if recurs else "Payment for Invoice"
    details = {"customer_reference": None, "order_reference": invoice.id}
    return intents.create(
        account,
        amount=invoice.amount_due,
        currency=invoice.currency,
        customer=invoice.customer,
        payment_method=method,
        invoice=invoice.id,
        of_subscription=recurs,
        description=description,
        setup_future_usage="off_session" if recurs else None,
        test_clock=invoice.test_clock,
        payment_details=details if recurs else None,
        card_options=_card_options(invoice),
    )


@documented("whether authentication is asked for, as Stripe's OpenAPI says of `payment_settings`")
def _card_options(payer: Invoice | Subscription) -> Mapping[str, Any]:
    """Return what an invoice, or the next one of a subscription, says of how a card is charged."""
    if isinstance(payer, Invoice):
        options = payer.payment_settings.get("payment_method_options")
    else:
        options = payer.payment_method_options
    asked = ((options or {}).get("card") or {}).get("request_three_d_secure")
    return {"request_three_d_secure": asked} if asked else {}


def _add(account: Account, invoice: Invoice, intent: PaymentIntent, amount: int, *, is_default: bool) -> InvoicePayment:
    payment = InvoicePayment(
        id=account.ids.new("inpay_", 24),
        created=account.now,
        currency=invoice.currency,
        invoice=invoice.id,
        payment_intent=intent.id,
        amount_requested=amount,
        is_default=is_default,
    )
    account.part(InvoicePayments).add(payment)
    return payment


def _open(account: Account, invoice: Invoice) -> Iterator[tuple[InvoicePayment, PaymentIntent]]:
    for payment in invoice_payments.of_invoice(account, invoice.id):
        if payment.status == "open":
            yield payment, payment_intents.kept(account, payment.payment_intent)
