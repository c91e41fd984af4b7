"""An invoice as a PDF, made by reportlab, which the extra `pdf` installs."""

from importlib.util import find_spec

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.pages import paper
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Document
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import View

NOT_INSTALLED = "PDFs need reportlab: pip install 'fakestripe-meters[pdf]'. The page of the invoice can be printed."


def show(control: Control, identifier: str, _query: Form) -> Answer:
    """Return an invoice as a PDF, or say what must be installed for that."""
    try:
        with (
            control.holding("invoices", identifier) as (account, invoice),
            test_clocks.time_of(account, invoice.test_clock),
        ):
            written, size = paper.of(account, invoice), invoice.layout.page_size
    except Misuse as missing:
        raise NotThere(f"There is no invoice {identifier}.") from missing
    if written.status == "draft":
        raise NotThere(f"{identifier} is a draft: it has a PDF once it is finalized.")
    if find_spec("reportlab") is None:
        return View("wrong.html", {"title": "No PDF", "message": NOT_INSTALLED}, status=501)
    from fakestripe_meters.pages import typesetting  # imported late: it needs reportlab

    return Document(typesetting.pdf(written, size), "application/pdf", f"{identifier}.pdf")
