"""Changes of several lines of a draft at once: https://docs.stripe.com/api/invoices/add-lines."""

from collections.abc import Iterator
from contextlib import contextmanager

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import allowed
from fakestripe_meters.domain.invoicing import line_edits
from fakestripe_meters.domain.invoicing.drafts import render
from fakestripe_meters.domain.invoicing.line_edits import AddedLine
from fakestripe_meters.domain.invoicing.line_edits import ChangedLine
from fakestripe_meters.domain.invoicing.line_edits import RemovedLine
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import param

PATH = "/v1/invoices"


class ChangeLines(Operation):
    """The parameters that each change of several lines takes."""

    invoice_metadata: Metadata = metadata()


class AddLines(ChangeLines):
    """The lines to add."""

    lines: tuple[AddedLine, ...] = param()


class UpdateLines(ChangeLines):
    """The lines to change."""

    lines: tuple[ChangedLine, ...] = param()


class RemoveLines(ChangeLines):
    """The lines to remove."""

    lines: tuple[RemovedLine, ...] = param()


resource = Resource(
    "invoice",
    PATH,
    render=render,
    time=test_clocks.time_in(lambda account: account.part(Invoices).table),
)


@resource.post("/<invoice_id>/add_lines")
def add_lines(account: Account, params: AddLines, invoice_id: str) -> Invoice:
    """Add lines to a draft."""
    with _changing(account, invoice_id, params) as invoice:
        for number, line in enumerate(params.lines):
            line_edits.add(account, invoice, line, f"lines[{number}]")
    return invoice


@resource.post("/<invoice_id>/update_lines")
def update_lines(account: Account, params: UpdateLines, invoice_id: str) -> Invoice:
    """Change lines of a draft that come from invoice items, and with them the items."""
    with _changing(account, invoice_id, params) as invoice:
        for number, each in enumerate(params.lines):
            within = line_edits.inside(f"lines[{number}]")
            line = line_edits.find(account, invoice, each.id, path=within("id"), status=400)
            line_edits.change(account, line, each, within)
    return invoice


@resource.post("/<invoice_id>/remove_lines")
def remove_lines(account: Account, params: RemoveLines, invoice_id: str) -> Invoice:
    """Remove lines of a draft that come from invoice items."""
    with _changing(account, invoice_id, params) as invoice:
        for number, line in enumerate(params.lines):
            line_edits.remove(account, invoice, line, f"lines[{number}]")
    return invoice


@contextmanager
@observed("a missing invoice is a 404 with `invoice` as param (Kiln-AI/stripe_world)")
def _changing(account: Account, invoice_id: str, params: ChangeLines) -> Iterator[Invoice]:
    """Let a block change a draft, and publish that it changed; raise StripeError if it is none."""
    invoice = invoices.find(account, invoice_id, param="invoice")
    allowed.check_lines(invoice)
    before = render(account, invoice)
    invoice.metadata = merged(invoice.metadata, params.invoice_metadata, "invoice_metadata")
    yield invoice
    publish_update(account, "invoice.updated", before, render(account, invoice))
