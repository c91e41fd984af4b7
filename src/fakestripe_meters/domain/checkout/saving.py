"""What a Checkout session does in setup mode, and where nothing is due: it saves a card for later payments."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.paying import setups
from fakestripe_meters.domain.records import setup_intents
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.setup_intents import SetupIntent


def save(
    account: Account, session: CheckoutSession, customer: Customer | None, method: PaymentMethod | None, _form: Form
) -> None:
    """Save the card by the session's setup intent, or raise StripeError 402."""
    if method is None:
        return
    intent = setup_intents.kept(account, session.setup_intent or "")
    intent.customer = None if customer is None else customer.id
    session.payment_status = "no_payment_required"
    confirm(account, intent, method)


@documented("what is not paid for is set up, https://docs.stripe.com/payments/checkout/free-trials")
def set_up(account: Account, session: CheckoutSession, customer: Customer | None, method: PaymentMethod) -> None:
    """Save the card by a new setup intent, which the session does not show; raise StripeError 402 if it declines."""
    intent = SetupIntent(
        id=account.ids.new(setups.PREFIX, 23),
        created=account.now,
        customer=None if customer is None else customer.id,
        payment_method=method.id,
        card_options=session.payment_method_options.get("card", {}),
        status="requires_confirmation",
        test_clock=session.test_clock,
    )
    setups.add(account, intent)
    confirm(account, intent, method)


def confirm(account: Account, intent: SetupIntent, method: PaymentMethod) -> None:
    """Confirm a setup intent, for a customer who authenticates if the card wants that; StripeError 402 if declined."""
    decline = setups.confirm(account, intent, method, authenticates=True)
    if decline is not None:
        raise methods.declined(decline)
