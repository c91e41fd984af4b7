"""Checkout sessions: https://docs.stripe.com/api/checkout/sessions."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.domain.checkout import expiring
from fakestripe_meters.domain.checkout import opening
from fakestripe_meters.domain.checkout.terms import CreateSession
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSessions
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource

PATH = "/v1/checkout/sessions"

resource = Resource(
    checkout_sessions.NOUN,
    PATH,
    render=checkout_sessions.render,
    by_id=checkout_sessions.lookup,
    time=test_clocks.time_in(lambda account: account.part(CheckoutSessions).table),
)


@resource.post()
def create(account: Account, params: CreateSession) -> CheckoutSession:
    """Open a session, in which a customer subscribes, pays, or saves a payment method."""
    return opening.open_session(account, params)


@resource.get("/<session_id>")
def retrieve(account: Account, params: Operation, session_id: str) -> CheckoutSession:
    """Return a session."""
    return checkout_sessions.find(account, session_id)


resource.due(Work.EXPIRE_CHECKOUT)(expiring.expire_if_due)
