"""Portal sessions: https://docs.stripe.com/api/customer_portal/sessions."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.portal import sessions
from fakestripe_meters.domain.portal.session_terms import CreateSession
from fakestripe_meters.domain.records.portal_sessions import PortalSession
from fakestripe_meters.domain.records.portal_sessions import render
from fakestripe_meters.framework.endpoint import Resource

resource = Resource("billing_portal.session", "/v1/billing_portal/sessions", render=render)


@resource.post()
def create(account: Account, params: CreateSession) -> PortalSession:
    """Make a link to the portal for a customer."""
    return sessions.begin(account, params)
