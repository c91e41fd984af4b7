"""How a Checkout session is opened."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout import lines
from fakestripe_meters.domain.checkout.terms import CreateSession
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSessions
from fakestripe_meters.framework.metadata import merged

PREFIX = "cs_test_"


@observed("what an id begins with (pay-rails/pay)")
def open_session(account: Account, params: CreateSession) -> CheckoutSession:
    """Return a new session, or raise StripeError 400."""
    customer = None
    if params.customer is not None:
        customer = customers.find(account, params.customer, param="customer", status=400)
    bought = lines.read(account, params.line_items)
    session = CheckoutSession(
        id=account.ids.new(f"{PREFIX}a1", 56),
        created=account.now,
        mode=params.mode,
        expires_at=account.now + DAY_S,
        currency=prices.kept(account, bought[0].price).currency if bought else None,
        lines=bought,
        customer=None if customer is None else customer.id,
        customer_email=params.customer_email,
        customer_creation=None if customer else "always",
        customer_details=checkout_sessions.known_details(params.mode, customer, params.customer_email),
        success_url=params.success_url,
        cancel_url=params.cancel_url,
        client_reference_id=params.client_reference_id,
        metadata=merged({}, params.metadata),
        test_clock=None if customer is None else customer.test_clock,
    )
    account.part(CheckoutSessions).table.add(session)
    test_clocks.schedule(account, session.test_clock, session.expires_at, Work.EXPIRE_CHECKOUT, session.id)
    return session
