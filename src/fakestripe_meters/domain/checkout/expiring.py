"""How a Checkout session expires."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession


def expire(account: Account, session: CheckoutSession) -> None:
    """End a session that is open, and publish it."""
    session.status = "expired"
    publish(account, "checkout.session.expired", checkout_sessions.render(account, session))


def expire_if_due(account: Account, session_id: str) -> None:
    """End a session whose time is over, if it is still open."""
    session = checkout_sessions.lookup(account, session_id)
    if session is not None and session.status == OPEN:
        expire(account, session)
