"""Credit note line items: https://docs.stripe.com/api/credit_note_line_item, listed by their credit note."""

from urllib.parse import urlencode

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.domain.invoicing import credit_notes as issuing
from fakestripe_meters.domain.invoicing.credit_note_terms import NoteTerms
from fakestripe_meters.domain.records import credit_notes
from fakestripe_meters.domain.records.credit_notes import CreditNote
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page

PATH = "/v1/credit_notes"
NOUN = "credit_note_line_item"


class ListNoteLines(ListParams):
    """A page of a credit note's lines."""


class PreviewNoteLines(NoteTerms, ListParams):
    """A page of the lines that a credit note would have."""


resource = Resource(NOUN, PATH, render=credit_notes.render_line)


@resource.get("/preview/lines", dry=True)
@inferred("the URL of the list")
def preview(account: Account, params: PreviewNoteLines) -> Listing:
    """List the lines that a credit note would have. Nothing changes."""
    note = issuing.preview(account, params)
    return _page(note, params, f"{PATH}/preview/lines?{urlencode({'invoice': note.invoice})}")


@resource.get("/<credit_note_id>/lines")
def list_(account: Account, params: ListNoteLines, credit_note_id: str) -> Listing:
    """List the lines of a credit note, in their order on it."""
    note = credit_notes.find(account, credit_note_id)
    return _page(note, params, f"{PATH}/{note.id}/lines")


def _page(note: CreditNote, params: ListParams, url: str) -> Listing:
    newest_last = Table(reversed(note.lines))  # a page of a table begins with the newest
    return page(newest_last, params, url=url, noun=NOUN)
