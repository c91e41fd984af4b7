"""Lines of upcoming invoices: https://docs.stripe.com/api/invoices/upcoming_invoice_lines?api-version=2025-02-24.acacia."""

from typing import NamedTuple

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.table import Table
from fakestripe_meters.domain.subscribing.previewing import upcoming
from fakestripe_meters.domain.subscribing.previewing.upcoming import UpcomingInvoice
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.tree import Tree


class UpcomingLines(UpcomingInvoice, ListParams):
    """A page of the lines of the next invoice."""


class Line(NamedTuple):
    """A line as it is shown."""

    id: str
    tree: Tree


def render(_account: Account, line: Line) -> Tree:
    """Return a line as Stripe shows it."""
    return line.tree


resource = Resource("line_item", f"{upcoming.PATH}/lines", render=render)


@resource.get(dry=True)
def list_(account: Account, params: UpcomingLines) -> Listing:
    """List the lines of the next invoice, up to version 2025-02-24.acacia, in their order on it."""
    found = [Line(str(tree["id"]), tree) for tree in upcoming.lines(account, params)]
    newest_last = Table(reversed(found))  # a page of a table begins with the newest
    return page(newest_last, params, url=upcoming.url(params), noun="line_item")
