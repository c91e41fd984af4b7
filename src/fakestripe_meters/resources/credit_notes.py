"""Credit notes: https://docs.stripe.com/api/credit_notes."""

from urllib.parse import urlencode

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import credit_notes as issuing
from fakestripe_meters.domain.invoicing.credit_note_terms import NoteTerms
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.credit_notes import NOUN
from fakestripe_meters.domain.records.credit_notes import CreditNote
from fakestripe_meters.domain.records.credit_notes import CreditNotes
from fakestripe_meters.domain.records.credit_notes import find
from fakestripe_meters.domain.records.credit_notes import render
from fakestripe_meters.domain.records.credit_notes import render_lines
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/credit_notes"


class CreateCreditNote(NoteTerms):
    """A new credit note."""


class PreviewCreditNote(NoteTerms):
    """A credit note that is not issued."""


class UpdateCreditNote(Operation):
    """A change of a credit note."""

    memo: str | None = param(default=None)
    metadata: Metadata = metadata()


class ListCreditNotes(ListParams):
    """Which credit notes to list."""

    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    invoice: str | None = param(default=None)


resource = Resource(
    NOUN,
    PATH,
    render=render,
    by_id=lambda account, note_id: account.part(CreditNotes).table.get(note_id),
    time=test_clocks.time_in(lambda account: account.part(CreditNotes).table),
)


@resource.post()
def create(account: Account, params: CreateCreditNote) -> CreditNote:
    """Credit an invoice that is finalized: by an amount, by parts of its lines, or by lines of its own."""
    invoice = invoices.find(account, params.invoice, param="invoice", status=400)
    with test_clocks.changing(account, invoice.test_clock):
        return issuing.issue(account, invoice, params)


@resource.get("/preview", dry=True)
@inferred("a preview has an id, and shows neither the refund nor the transaction that the credit note would make")
def preview(account: Account, params: PreviewCreditNote) -> Tree:
    """Return what a credit note would be. Nothing changes."""
    note = issuing.preview(account, params)
    url = f"{PATH}/preview/lines?{urlencode({'invoice': note.invoice})}"
    return render(account, note) | {"lines": render_lines(account, note) | {"url": url}}


@resource.get("/<credit_note_id>")
def retrieve(account: Account, params: Operation, credit_note_id: str) -> CreditNote:
    """Return a credit note."""
    return find(account, credit_note_id)


@resource.post("/<credit_note_id>")
def update(account: Account, params: UpdateCreditNote, credit_note_id: str) -> CreditNote:
    """Change the memo and the metadata."""
    note = find(account, credit_note_id)
    before = render(account, note)
    note.memo = note.memo if params.memo is None else params.memo
    note.metadata = merged(note.metadata, params.metadata)
    publish_update(account, "credit_note.updated", before, render(account, note))
    return note


@resource.post("/<credit_note_id>/void")
def void(account: Account, params: Operation, credit_note_id: str) -> CreditNote:
    """Void a credit note of an open invoice, which then asks for the amount again."""
    note = find(account, credit_note_id)
    issuing.void(account, note)
    return note


@resource.get()
def list_(account: Account, params: ListCreditNotes) -> Listing:
    """List credit notes, newest first."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    check_filter(account.part(Invoices).table, params.invoice, "invoice", "invoice")

    def wanted(note: CreditNote) -> bool:
        return (
            params.customer in (None, note.customer)
            and params.invoice in (None, note.invoice)
            and within(params.created, note.created)
        )

    return page(account.part(CreditNotes).table, params, url=PATH, noun=NOUN, where=wanted)
