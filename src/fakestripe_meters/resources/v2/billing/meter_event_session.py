"""Meter event sessions: https://docs.stripe.com/api/v2/billing/meter-event-stream."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.instants import rfc3339
from fakestripe_meters.core.sessions import GOOD_FOR_S
from fakestripe_meters.core.sessions import Session
from fakestripe_meters.core.sessions import Sessions
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.tree import Tree


class CreateSession(Simple):
    """Takes no parameters."""


def render(_account: Account, session: Session) -> Tree:
    """Return a session as API v2 shows it, the token included."""
    return {
        "id": session.id,
        "object": "v2.billing.meter_event_session",
        "authentication_token": session.token,
        "created": rfc3339(session.created_ns),
        "expires_at": rfc3339(session.expires_ns),
        "livemode": False,
    }


resource = Resource("v2.billing.meter_event_session", "/v2/billing/meter_event_session", render=render, style=v2)


@resource.post()
@inferred("the prefix of the id, and the look of the token")
def create(account: Account, params: CreateSession) -> Session:
    """Open the meter event stream for 15 minutes."""
    session = Session(
        id=account.ids.new("bmes_test_", 24),
        token=account.ids.new("token_", 48),
        created_ns=account.now_ns,
        expires_ns=account.now_ns + GOOD_FOR_S * SECOND_NS,
    )
    account.part(Sessions).add(account, session)
    return session
