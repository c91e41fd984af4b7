"""The page of all invoices: what each comes to, and what happens to it next."""

from fakestripe_meters.control import Control
from fakestripe_meters.pages import invoice_rows
from fakestripe_meters.pages import paging
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import View


def show(control: Control, _identifier: str, form: Form) -> Answer:
    """List the invoices of a status and of the customers that a text finds."""
    frame = panel.facts(control, form, here="invoices")
    text, status = form.get("customer", ""), form.get("status", "")
    known = status if status in invoice_rows.STATUSES else ""
    with control.reading(frame["account"]) as account:
        of = None if account is None else invoice_rows.of_customers(account, text)
        sheet = paging.sheet([] if account is None else invoice_rows.found(account, known, of), form)
        rows = [] if account is None else [invoice_rows.row(account, each) for each in sheet.rows]
    shown = {"customer": text, "status": known, "statuses": invoice_rows.STATUSES, "rows": rows, "sheet": sheet}
    return View("invoices.html", frame | shown)
