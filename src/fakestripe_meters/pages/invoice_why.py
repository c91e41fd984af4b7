"""The page that says why an invoice comes to what it does, and what has happened to it."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import NamedTuple

from fakestripe_meters.control import Control
from fakestripe_meters.core import pricing
from fakestripe_meters.core import printing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.explaining import arithmetic
from fakestripe_meters.explaining import invoices as explaining
from fakestripe_meters.explaining.invoices import BilledEvent
from fakestripe_meters.explaining.invoices import ExplainedLine
from fakestripe_meters.pages import customer_rows
from fakestripe_meters.pages import invoice_rows
from fakestripe_meters.pages import invoice_story
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import paper
from fakestripe_meters.pages import telling
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import View

MOST_EVENTS = 100
"""How many events of a line are listed."""
OUTCOMES = {
    "billed": "billed",
    "cancelled": "cancelled, not billed",
    "free": "free, in a trial",
    "overwritten": "overwritten by a later event",
    "late": "late, after finalization: not billed",
    "waiting": "not visible yet",
}

REASONS = {
    "manual": "made by hand",
    "subscription_create": "a subscription began",
    "subscription_cycle": "a period ended",
    "subscription_threshold": "a threshold was reached",
    "subscription_update": "a subscription changed",
}
"""Why an invoice was made, by its `billing_reason`."""


class Part(NamedTuple):
    """What is taken off a line, or added to it: what, how much, and the grant that pays it, if it is a credit."""

    kind: str
    text: str
    amount: str
    grant: str = ""


class EventRow(NamedTuple):
    """An event in the period of a line, in one row."""

    identifier: str
    timestamp: int
    value: str
    outcome: str


class UsageFacts(NamedTuple):
    """The usage behind the lines of one item."""

    summary: str
    """How much was used, in how many events, and what became of them."""
    events: Sequence[EventRow]
    more: int
    """How many events are not listed."""
    meter: str
    start: int
    end: int


class LineFacts(NamedTuple):
    """A line, and why it is there."""

    id: str
    description: str
    amount: str
    because: str
    arithmetic: str
    parts: Sequence[Part]
    usage: UsageFacts | None


def show(control: Control, identifier: str, form: Form) -> Answer:
    """Show why an invoice comes to what it does."""
    frame = panel.facts(control, form, here="invoices")
    with control.reading(frame["account"]) as account:
        invoice = None if account is None else account.part(Invoices).table.get(identifier)
        if account is None or invoice is None:
            raise NotThere(f"There is no invoice {identifier}.")
        facts = _facts(account, invoice)
    events = {each.id for each in facts["happenings"]}
    webhooks = invoice_story.told(control.webhooks_about(events, frame["account"]), events)
    return View("invoice_why.html", frame | facts | {"webhooks": webhooks})


def _facts(account: Account, invoice: Invoice) -> dict[str, Any]:
    explained = explaining.explain_invoice(account, invoice.id)
    with test_clocks.time_of(account, invoice.test_clock):
        follows, when = invoice_rows.next_of(account, invoice)
        return {
            "invoice": paper.of(account, invoice),
            "id": invoice.id,
            "json": telling.shown(drafts.render(account, invoice)),
            "customer": invoice.customer,
            "customer_name": customer_rows.name_of(customers.kept(account, invoice.customer)),
            "because": REASONS.get(invoice.billing_reason, invoice.billing_reason.replace("_", " ")),
            "balance": explained.balance,
            "lines": list(_lines(account, invoice, explained.lines)),
            "tries": invoice_story.tries(account, invoice),
            "happenings": invoice_story.happenings(account, invoice),
            "follows": follows,
            "when": when,
        }


def _lines(account: Account, invoice: Invoice, explained: Sequence[ExplainedLine]) -> Iterator[LineFacts]:
    """Yield the lines. The lines of one item share their usage, which follows the last of them."""
    for place, (line, each) in enumerate(zip(invoice.lines, explained, strict=True)):
        shared = place + 1 < len(explained) and explained[place + 1].events is each.events
        yield LineFacts(
            id=each.id,
            description=words.plain(each.description or "Item"),
            amount=pricing.money(each.amount, invoice.currency),
            because=words.sentence(_because(line, each)),
            arithmetic=arithmetic.of(account, line, invoice.currency),
            parts=list(_parts(each, invoice.currency)),
            usage=None if each.used is None or shared else _usage(account, line, each),
        )


def _because(line: InvoiceLine, each: ExplainedLine) -> str:
    """Return why a line is there, with its period as days, or as instants if it does not begin and end with days."""
    start, end = line.start, line.end
    exact = f", from {words.iso(start)} to {words.iso(end)}"
    if start % DAY_S or end % DAY_S or not each.reason.endswith(exact):
        return words.plain(each.reason)
    return words.plain(f"{each.reason.removesuffix(exact)}, {words.days(start, end)}")


def _parts(line: ExplainedLine, currency: str) -> Iterator[Part]:
    for discount in line.discounts:
        whose = "on this line" if discount.own else "on the invoice"
        text = words.plain(f"{discount.terms}, coupon {discount.coupon}, {whose}")
        yield Part("discount", text, pricing.money(-discount.amount, currency))
    for credit in line.credits:
        booked = "" if credit.transaction else ", not booked yet"
        yield Part("credit", f"billing credits{booked}", pricing.money(-credit.amount, currency), credit.grant)
    for tax in line.taxes:
        contained = ", contained in the amount" if tax.inclusive else ""
        text = words.plain(f"{tax.terms} on {pricing.money(tax.taxable, currency)}{contained}")
        yield Part("contained" if tax.inclusive else "tax", text, pricing.money(tax.amount, currency))


def _usage(account: Account, line: InvoiceLine, each: ExplainedLine) -> UsageFacts:
    meter = None if line.price is None else prices.kept(account, line.price).meter
    return UsageFacts(
        summary=_summary(each),
        events=[_event(event) for event in each.events[:MOST_EVENTS]],
        more=max(0, len(each.events) - MOST_EVENTS),
        meter=meter or "",
        start=line.start,
        end=line.end,
    )


def _summary(each: ExplainedLine) -> str:
    counts: Counter[str] = Counter(event.outcome for event in each.events)
    became = [f"{counts[outcome]:,} {text}" for outcome, text in OUTCOMES.items() if counts[outcome]]
    before = f", {words.quantity(each.billed_before)} of it billed before" if each.billed_before else ""
    in_all = printing.counted(len(each.events), "event")
    used = f"{words.quantity(each.used or Decimal(0))} used{before}, in {in_all}"
    return used if not became else f"{used}: {'; '.join(became)}"


def _event(event: BilledEvent) -> EventRow:
    return EventRow(
        words.plain(event.identifier), event.timestamp, words.quantity(event.value), OUTCOMES[event.outcome]
    )
