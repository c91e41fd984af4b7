"""How a Checkout session is completed: what is made, what is charged, and which events tell of it.

Documented in: https://docs.stripe.com/payments/checkout/how-checkout-works.
"""

from collections.abc import Callable

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout import buying
from fakestripe_meters.domain.checkout import payers
from fakestripe_meters.domain.checkout import saving
from fakestripe_meters.domain.checkout import signing_up
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.events.snapshots import arranged
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.payment_methods import PaymentMethod

# observed: the order in which the events of a customer of before were received (logs of 2025).
# inferred: that of a new customer comes first, and what the log does not have is where it belongs.
SUBSCRIBED = (
    "customer.created",
    "charge.succeeded",
    "payment_method.attached",
    "setup_intent.succeeded",
    "setup_intent.created",
    "checkout.session.completed",
    "customer.updated",
    "customer.discount.created",
    "customer.subscription.created",
    "payment_intent.succeeded",
    "payment_intent.created",
    "invoiceitem.created",
    "invoice.created",
    "invoice.finalized",
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
)
# observed: the first three and the session's (logs of 2025); inferred: the rest.
PAID = (
    "customer.created",
    "charge.succeeded",
    "payment_method.attached",
    "payment_intent.succeeded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.created",
    "setup_intent.succeeded",
    "setup_intent.created",
    "checkout.session.completed",
    "customer.updated",
    "customer.discount.created",
    "invoiceitem.created",
    "invoice.created",
    "invoice.finalized",
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
)
# observed: the two of the setup come in this order (logs of 2025).
SAVED = ("customer.created", "payment_method.attached", "setup_intent.succeeded", "checkout.session.completed")
ORDERS = {"payment": PAID, "setup": SAVED, "subscription": SUBSCRIBED}
Maker = Callable[[Account, CheckoutSession, Customer | None, PaymentMethod | None, Form], None]
MAKERS: dict[str, Maker] = {"payment": buying.buy, "setup": saving.save, "subscription": signing_up.sign_up}


@documented("a payment that fails leaves neither subscription nor invoice, in Stripe's changelog of 2025-03-31.basil")
@inferred("so it is at every version, and it leaves no payment intent either; a card that wants it is authenticated")
def complete(account: Account, session: CheckoutSession, form: Form) -> None:
    """Complete an open session: make and charge what it is for, and publish that.

    Raise StripeError 402 if the card declines, 400 if the session is not open or the form is wrong.
    """
    check_open(session)
    with arranged(account, ORDERS[session.mode]):
        method = payers.method_of(account, session, form)
        if method is None and collects_card(session):
            raise errors.checkout.no_payment_method()
        details = payers.details_of(account, session, form, method)
        if method is not None:
            payers.sign(method, form, details)
        customer = payers.customer_of(account, session, details, form.shipping)
        MAKERS[session.mode](account, session, customer, method, form)
        session.status, session.customer_details = "complete", details
        session.customer = None if customer is None else customer.id
        publish(account, "checkout.session.completed", checkout_sessions.render(account, session))


@observed("the codes, and the sentence of a session that is over (stripe/stripe-android)")
def check_open(session: CheckoutSession) -> None:
    """Raise StripeError 400 unless a session is open."""
    if session.status == "complete":
        raise errors.checkout.succeeded()
    if session.status != OPEN:
        raise errors.checkout.not_active()


@documented("a session for which nothing is due may do without, https://docs.stripe.com/payments/checkout/free-trials")
def collects_card(session: CheckoutSession) -> bool:
    """Return whether the page asks for a payment method."""
    if session.mode == "setup" or amount_of(session) > 0:
        return True
    return session.mode == "subscription" and session.payment_method_collection == "always"


def amount_of(session: CheckoutSession) -> int:
    """Return the total of a session, in the smallest unit of its currency."""
    return sum(line.amounts.total for line in session.lines)
