"""The page of an invoice: to read it, to print it, and to pay it with a test card."""

from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.domain.invoicing import hosted
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.pages import cards
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import paper
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View


def show(control: Control, identifier: str, _query: Form) -> Answer:
    """Show an invoice, with a form if it can be paid."""
    return _view(control, identifier)


def act(control: Control, identifier: str, form: Form) -> Answer:
    """Pay an invoice, or authenticate its payment, and show what has come of it."""
    try:
        if "authenticate" in form:
            refused = _authenticate(control, identifier, succeeds=form["authenticate"] == "succeeds")
        else:
            refused = _pay(control, identifier, form.get("payment_method", cards.DEFAULT))
    except (Misuse, StripeError) as refusal:
        refused = str(refusal)
    if refused:
        return _view(control, identifier, refusal=refused, chosen=form.get("payment_method"))
    return Redirect(identifier)


def _pay(control: Control, identifier: str, method: str) -> str:
    with (
        control.holding("invoices", identifier) as (account, invoice),
        test_clocks.changing(account, invoice.test_clock),
    ):
        if hosted.waiting(account, invoice) is None:
            hosted.pay(account, invoice, method)
    return ""


def _authenticate(control: Control, identifier: str, *, succeeds: bool) -> str:
    """Let the customer authenticate the payment, if it still waits for that; return why it failed."""
    with control.holding("invoices", identifier) as (account, invoice):
        intent, key = hosted.waiting(account, invoice), account.name.key
    if intent is None:
        return ""
    control.authenticate(intent.id, succeeds, key)
    return str(intent.last_error["message"]) if intent.last_error else ""


def _view(control: Control, identifier: str, *, refusal: str = "", chosen: str | None = None) -> View:
    try:
        with control.holding("invoices", identifier, noun="invoice") as (account, invoice):
            facts = _facts(account, invoice)
    except Misuse as missing:
        raise NotThere(f"There is no invoice {identifier}.") from missing
    shown = {"refusal": refusal, "chosen": chosen or cards.DEFAULT, "identifier": identifier}
    return View("invoice.html", facts | shown)


def _facts(account: Account, invoice: Invoice) -> dict[str, Any]:
    with test_clocks.time_of(account, invoice.test_clock):
        return {
            "invoice": paper.of(account, invoice),
            "payable": invoice.status in hosted.PAYABLE,
            "waiting": hosted.waiting(account, invoice) is not None,
            "cards": cards.offered(account, invoice.customer),
            "has_pdf": invoice.finalized_at is not None,
            "why": panel.linking(account.id)(f"invoices/{invoice.id}/why"),
        }
