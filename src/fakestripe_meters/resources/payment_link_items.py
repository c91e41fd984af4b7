"""The lines of a payment link: https://docs.stripe.com/api/payment-link/retrieve-line-items."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.table import Table
from fakestripe_meters.domain.records import checkout_lines
from fakestripe_meters.domain.records import payment_links
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page

resource = Resource(
    "item", payment_links.PATH, render=checkout_lines.render, left_out={"taxes": payment_links.taxes_of}
)


@resource.get("/<payment_link_id>/line_items")
def list_(account: Account, params: ListParams, payment_link_id: str) -> Listing:
    """List the lines of a link, in their order."""
    link = payment_links.find(account, payment_link_id)
    table = Table(reversed(link.lines))  # a page begins with the newest
    return page(table, params, url=payment_links.lines_url(payment_link_id), noun="item")
