"""What a Checkout session does in subscription mode: it starts the subscription, and has its first invoice paid.

Documented in: https://docs.stripe.com/payments/checkout/build-subscriptions.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import asked
from fakestripe_meters.domain.checkout import due
from fakestripe_meters.domain.checkout import saving
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.wire.schema import UNSET


@documented("the card becomes the subscription's default, and the first invoice is paid by it")
def sign_up(
    account: Account, session: CheckoutSession, customer: Customer | None, method: PaymentMethod | None, _form: Form
) -> None:
    """Start the subscription and charge what is due first; raise StripeError 402 if the card declines."""
    payer = customers.kept(account, "" if customer is None else customer.id)
    if method is not None and due.due_of(account, session) == 0:
        saving.set_up(account, session, payer, method)
    if method is not None and method.customer is None:
        methods.join(account, method, payer)
    default = UNSET if method is None else method.id
    terms = asked.subscription(account, session, payer.id, default_payment_method=default)
    subscription = starting.begin(account, payer, terms, in_checkout=True)
    session.subscription, session.invoice = subscription.id, subscription.latest_invoice
    session.payment_status = "paid" if amounts.total(session) > 0 else "no_payment_required"
