"""The lines of a Checkout session: https://docs.stripe.com/api/checkout/sessions/line_items."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.table import Table
from fakestripe_meters.domain.records import checkout_lines
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import payment_links
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page

resource = Resource(
    "item", checkout_sessions.PATH, render=checkout_lines.render, left_out={"taxes": payment_links.taxes_of}
)


@resource.get("/<session_id>/line_items")
def list_(account: Account, params: ListParams, session_id: str) -> Listing:
    """List the lines of a session, in their order."""
    session = checkout_sessions.find(account, session_id)
    table = Table(reversed(session.lines))  # a page begins with the newest
    return page(table, params, url=checkout_sessions.lines_url(session_id), noun="item")
