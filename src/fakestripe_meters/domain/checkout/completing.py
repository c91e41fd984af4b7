"""How a Checkout session is completed: what is made, what is charged, and which events tell of it.

Documented in: https://docs.stripe.com/payments/checkout/how-checkout-works.

Observed in: logs of the webhooks that applications received in 2025.
"""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import buying
from fakestripe_meters.domain.checkout import due
from fakestripe_meters.domain.checkout import links
from fakestripe_meters.domain.checkout import payers
from fakestripe_meters.domain.checkout import saving
from fakestripe_meters.domain.checkout import signing_up
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.events.snapshots import arranged
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.payment_methods import PaymentMethod

INVOICED = (
    "invoiceitem.created",
    "invoice.created",
    "invoice.finalized",
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
)
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
    *INVOICED,
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
    *INVOICED,
)
# observed: the two of the setup come in this order (logs of 2025).
SAVED = ("customer.created", "payment_method.attached", "setup_intent.succeeded", "checkout.session.completed")
BAD_REQUEST = 400
ORDERS = {"payment": PAID, "setup": SAVED, "subscription": SUBSCRIBED}
Maker = Callable[[Account, CheckoutSession, Customer | None, PaymentMethod | None, Form], None]
MAKERS: dict[str, Maker] = {"payment": buying.buy, "setup": saving.save, "subscription": signing_up.sign_up}


@documented("a payment that fails leaves neither subscription nor invoice, in Stripe's changelog of 2025-03-31.basil")
@inferred("so it is at every version, and it leaves no payment intent either; a card that wants it is authenticated")
def complete(account: Account, session: CheckoutSession, form: Form, *, expected: int | None = None) -> None:
    """Complete an open session: make and charge what it is for, and publish that.

    Raise StripeError 402 if the card declines, 400 if the session is not open, the form is wrong, or another amount is
    `expected` than what is due.
    """
    check_open(session)
    if links.is_full(account, session):
        raise errors.payment_pages.not_active()
    with _unnamed():
        amounts.settle(account, session)  # what is due depends on the time, and on the customer's own discount
    if expected not in (None, due.due_of(account, session)):
        raise errors.payment_pages.amount_mismatch(due.due_of(account, session))
    with arranged(account, ORDERS[session.mode]):
        method = payers.method_of(account, session, form)
        if method is None and due.collects_card(account, session):
            raise errors.payment_pages.no_payment_method()
        details = payers.details_of(account, session, form, method)
        if method is not None:
            payers.sign(method, form, details)
        with _unnamed():
            customer = payers.customer_of(account, session, details, form.shipping)
            MAKERS[session.mode](account, session, customer, method, form)
        session.status, session.customer_details = "complete", details
        session.customer = None if customer is None else customer.id
        if form.shipping is not None:
            shipped = {name: form.shipping[name] for name in ("address", "name")}
            collected = {**checkout_faces.NOT_COLLECTED, "shipping_details": shipped}
            session.echoed = {**session.echoed, "collected_information": collected}
        publish(account, "checkout.session.completed", checkout_faces.render(account, session))
    links.count(account, session)


@inferred("who completes a session is refused without a param if the session's own terms do not hold any more")
@contextmanager
def _unnamed() -> Iterator[None]:
    """Take the parameter from a refusal: the request that creates the session had it, not the one that completes it."""
    try:
        yield
    except StripeError as error:
        if error.status == BAD_REQUEST:
            error.param = None
        raise


@observed("the codes, and the sentence of a session that is over (stripe/stripe-android)")
def check_open(session: CheckoutSession) -> None:
    """Raise StripeError 400 unless a session is open."""
    if session.status == "complete":
        raise errors.payment_pages.succeeded()
    if session.status != OPEN:
        raise errors.payment_pages.not_active()
