"""The page of all customers: to find one."""

from fakestripe_meters.control import Control
from fakestripe_meters.pages import customer_rows
from fakestripe_meters.pages import paging
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import View


def show(control: Control, _identifier: str, form: Form) -> Answer:
    """List the customers whose id, name or email contains what was typed in."""
    frame = panel.facts(control, form, here="customers")
    text = form.get("q", "")
    with control.reading(frame["account"]) as account:
        sheet = paging.sheet([] if account is None else customer_rows.found(account, text), form)
        rows = [] if account is None else [customer_rows.row(account, each) for each in sheet.rows]
    return View("customers.html", frame | {"q": text, "rows": rows, "sheet": sheet})
