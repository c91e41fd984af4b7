"""How a customer pays an invoice on its page."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import allowed
from fakestripe_meters.domain.invoicing import paying
from fakestripe_meters.domain.paying import confirming
from fakestripe_meters.domain.paying import intents
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.payment_intents import PaymentIntent

PAYABLE = ("open", "uncollectible")
"""The states of an invoice that can be paid."""


@documented("the page confirms the invoice's payment intent, https://docs.stripe.com/invoicing/hosted-invoice-page")
@inferred("a draft has no page to pay it on")
def pay(account: Account, invoice: Invoice, name_or_id: str) -> None:
    """Charge the card that a customer has entered, or one that it has saved.

    Raise StripeError 400 if the invoice cannot be paid, 402 if the card is declined. If the card wants it, the payment
    waits to be authenticated.
    """
    allowed.check_payment(invoice)
    if invoice.status not in PAYABLE:
        raise errors.invoices.not_open()
    if paying.is_withdrawn(account, invoice):
        raise errors.invoices.no_longer_payable()
    if invoice_payments.default_of(account, invoice.id) is None:  # it was finalized by an older release
        paying.ask(account, invoice)
    intent = paying.intent_of(account, invoice)
    method = confirming.chosen(account, name_or_id, intent.customer)
    outcome = intents.attempt(account, intent, method, off_session=False)
    confirming.settle(account, intent, outcome)
    if outcome.decline is not None:
        raise intents.decline_error(account, intent, outcome.decline)


def waiting(account: Account, invoice: Invoice) -> PaymentIntent | None:
    """Return the payment of an invoice that waits for its customer to authenticate it; None if there is none."""
    payment = invoice_payments.default_of(account, invoice.id)
    if invoice.status not in PAYABLE or payment is None or payment.payment_intent is None:
        return None
    intent = payment_intents.kept(account, payment.payment_intent)
    return intent if intent.status == "requires_action" else None
