"""How a Checkout session expires.

Documented in: https://docs.stripe.com/api/checkout/sessions/expire.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.paying import setups
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import setup_intents
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession

RECOVERABLE_S = 30 * DAY_S
UNDONE = ("requires_action", "requires_confirmation", "requires_payment_method")


def expire(account: Account, session: CheckoutSession) -> None:
    """End a session that is open, and publish that; raise StripeError 400 if it is not open."""
    if session.status != OPEN:
        raise errors.checkout.cannot_expire(session.status)
    session.status = "expired"
    _offer_recovery(account, session)
    _give_up(account, session)
    publish(account, "checkout.session.expired", checkout_faces.render(account, session))


def expire_if_due(account: Account, session_id: str) -> None:
    """End a session whose time is over, if it is still open."""
    session = checkout_sessions.lookup(account, session_id)
    if session is not None and session.status == OPEN:
        expire(account, session)


@documented("for 30 days, an address opens a copy: https://docs.stripe.com/payments/checkout/abandoned-carts")
@inferred("the form of the address, which leads nowhere here")
def _offer_recovery(account: Account, session: CheckoutSession) -> None:
    recovery = (session.after_expiration or {}).get("recovery")
    if recovery is not None and recovery["enabled"]:
        address = f"https://buy.stripe.com/r/test_{tail(f'{session.id}/recovery', 60)}"
        offered = {**recovery, "expires_at": account.now + RECOVERABLE_S, "url": address}
        session.after_expiration = {"recovery": offered}


@inferred("the setup intent of an expired session is canceled")
def _give_up(account: Account, session: CheckoutSession) -> None:
    if session.setup_intent is None:
        return
    intent = setup_intents.kept(account, session.setup_intent)
    if intent.status in UNDONE:
        setups.cancel(account, intent, "abandoned")
