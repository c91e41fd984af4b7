"""Invoice line items: https://docs.stripe.com/api/invoice-line-item, listed and changed by their invoice."""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import allowed
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import line_edits
from fakestripe_meters.domain.invoicing.invoice_item_terms import LineTerms
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/invoices/<invoice_id>/lines"


class ListLines(ListParams):
    """A page of an invoice's lines."""


def render(_account: Account, line: tuple[Invoice, InvoiceLine]) -> Tree:
    """Return a line as Stripe shows it."""
    return invoices.render_line(*line)


class UpdateLine(LineTerms, Operation):
    """A change of a line."""


resource = Resource(
    "line_item",
    PATH,
    render=render,
    time=test_clocks.time_in(lambda account: account.part(Invoices).table),
)


@resource.get()
def list_(account: Account, params: ListLines, invoice_id: str) -> Listing:
    """List the lines of an invoice, in their order on it."""
    invoice = invoices.find(account, invoice_id, param="invoice")
    drafts.refresh(account, invoice)
    start, end = _stretch(invoice.lines, params)
    has_more = start > 0 if params.ending_before is not None else end < len(invoice.lines)
    lines = [(invoice, line) for line in invoice.lines[start:end]]
    return Listing(lines, has_more, f"/v1/invoices/{invoice.id}/lines")


@resource.post("/<line_item_id>")
@inferred("the param of a line that is not there")
def update(account: Account, params: UpdateLine, invoice_id: str, line_item_id: str) -> tuple[Invoice, InvoiceLine]:
    """Change a line of a draft that comes from an invoice item, and with it the item."""
    invoice = invoices.find(account, invoice_id, param="invoice")
    allowed.check_lines(invoice)
    before = drafts.render(account, invoice)
    line = line_edits.find(account, invoice, line_item_id, path="id", status=404)
    line_edits.change(account, line, params, str)
    publish_update(account, "invoice.updated", before, drafts.render(account, invoice))
    return invoice, line_edits.find(account, invoice, line_item_id, path="id", status=404)


def _stretch(lines: Sequence[InvoiceLine], params: ListParams) -> tuple[int, int]:
    """Return where a page begins and ends; raise StripeError 400 if a cursor names no line."""
    cursors = {"starting_after": params.starting_after, "ending_before": params.ending_before}
    places = {name: _place(lines, cursor, name) for name, cursor in cursors.items() if cursor is not None}
    if len(places) == len(cursors):
        raise errors.params.both_cursors()
    if "ending_before" in places:
        end = places["ending_before"]
        return max(0, end - params.limit), end
    start = places.get("starting_after", -1) + 1
    return start, min(start + params.limit, len(lines))


def _place(lines: Sequence[InvoiceLine], line_id: str, path: str) -> int:
    for index, line in enumerate(lines):
        if line.id == line_id:
            return index
    raise errors.objects.no_such("line_item", line_id, param=path, status=400)
