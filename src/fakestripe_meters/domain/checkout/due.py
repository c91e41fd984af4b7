"""What is due of a Checkout session, and whether its page asks for a payment method."""

from fakestripe_meters.core import currencies
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession


@documented("the customer's balance is applied to the next invoice, https://docs.stripe.com/billing/customer/balance")
@inferred("the session's total is that before; what is too small to be charged goes onto the balance")
def due_of(account: Account, session: CheckoutSession) -> int:
    """Return what the customer pays now: in subscription mode, after the customer's balance is applied."""
    total, currency = amounts.total(session), session.currency or ""
    if session.mode != "subscription":
        return total
    if session.customer is not None:
        total += customers.balance_in(customers.kept(account, session.customer), currency)
    return total if total >= currencies.LEAST_CHARGED.get(currency, 1) else 0


@documented("a session for which nothing is due may do without, https://docs.stripe.com/payments/checkout/free-trials")
def collects_card(account: Account, session: CheckoutSession) -> bool:
    """Return whether the page asks for a payment method."""
    if session.mode == "setup" or due_of(account, session) > 0:
        return True
    return session.mode == "subscription" and session.payment_method_collection == "always"
