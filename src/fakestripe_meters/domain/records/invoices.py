"""Invoices: how they are stored and shown. `domain/invoicing` creates and collects them."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.core import adding_up
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import invoice_details
from fakestripe_meters.domain.records import invoice_faces
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import invoice_sums
from fakestripe_meters.domain.records.invoice_details import Threshold
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.layouts import Layout
from fakestripe_meters.domain.records.layouts import Recipient
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import list_within

EMBEDDED = 10
"""How many lines an invoice contains; the rest is listed separately."""


@record
class Invoice:
    """An invoice as stored. The lines of a draft are made again from its charges and items whenever it is read."""

    id: str
    created: int
    customer: str
    currency: str
    billing_reason: str
    period_start: int
    period_end: int
    subscription: str | None = None
    subscription_metadata: Mapping[str, str] = field(default_factory=dict)
    charges: Sequence[Charge] = ()
    items: Sequence[str] = ()
    lines: Sequence[InvoiceLine] = ()
    status: str = "draft"
    attempt_count: int = 0
    attempted: bool = False
    auto_advance: bool = True
    automatically_finalizes_at: int | None = None
    time_chosen: bool = False
    """Whether a request has set when it is finalized."""
    closes_at_once: bool = False
    """Whether a cancellation at once has made it."""
    delayed_from: int | None = None
    """When it would be finalized if its `invoice.created` had been received at once."""
    announcement: str | None = None
    """The event that says that it was created."""
    collection_method: str = "charge_automatically"
    days_until_due: int | None = None
    default_payment_method: str | None = None
    default_tax_rates: Sequence[str] = ()
    description: str | None = None
    discounts: Sequence[str] = ()
    due_date: int | None = None
    effective_at: int | None = None
    footer: str | None = None
    layout: Layout = field(default_factory=Layout)
    metadata: Mapping[str, str] = field(default_factory=dict)
    next_attempt: int | None = None
    """When its payment is tried again, if it is open by then and advances automatically."""
    refused_method: str | None = None
    """The payment method that is not charged again by itself, for its decline was final."""
    number: str | None = None
    amount_overpaid: int = 0
    amount_paid: int = 0
    amount_paid_off_stripe: int | None = None
    recipient: Recipient = field(default_factory=Recipient)
    starting_balance: int = 0
    ending_balance: int | None = None
    moved: int = 0
    """What was too small to be charged: it is on the customer's balance."""
    credited_before: int = 0
    """What credit notes took off while it had to be paid."""
    credited_after: int = 0
    """What credit notes gave back of what was paid, or credited otherwise."""
    finalized_at: int | None = None
    marked_uncollectible_at: int | None = None
    uncollectible_because: str | None = None
    """Why it is uncollectible, in Stripe's words."""
    paid_at: int | None = None
    payment_settings: Mapping[str, Any] = field(default_factory=dict)
    shipping_details: Mapping[str, Any] | None = None
    statement_descriptor: str | None = None
    voided_at: int | None = None
    test_clock: str | None = None
    threshold: Threshold | None = None
    newest_usage: int | None = None
    """The arrival number of the last event before finalization."""
    unseen_usage: Sequence[int] = ()
    """The arrival numbers of earlier events that were not visible yet because of the ingestion lag."""
    cancelled_usage: Sequence[int] | None = None
    """The arrival numbers of its events that were cancelled before finalization; None in older snapshots."""
    preview: bool = False
    prorated_at: int | None = None
    """The second as of which a preview prorates a change; None if it prorates none, or is no preview."""

    @property
    def subtotal(self) -> int:
        """The sum of all lines after their own discounts, in the currency's smallest unit."""
        return invoice_sums.totals(self.lines).subtotal

    @property
    def credited(self) -> int:
        """The amount that billing credits pay."""
        return invoice_sums.totals(self.lines).credited

    @property
    def total(self) -> int:
        """The sum of all lines after discounts and billing credits, with exclusive taxes."""
        return invoice_sums.totals(self.lines).total

    @property
    def amount_due(self) -> int:
        """The amount to be paid."""
        return self.due_of(self.total)

    def due_of(self, total: int) -> int:
        """Return what is to be paid of a total: with the customer's balance (negative if in credit), at least zero."""
        return adding_up.due(total, self.starting_balance) - self.moved - self.credited_before

    @property
    def line_prefix(self) -> str:
        """The prefix that the ids of its lines are made from."""
        return f"{'il_tmp_' if self.preview else 'il_'}/{self.id}"


@dataclass(eq=False)
class Invoices(Part, name="invoices"):
    """All invoices of an account, and by subscription."""

    table: Table[Invoice] = field(default_factory=Table)
    by_subscription: Index[GrowingList[str]] = field(default_factory=Index)

    def __post_init__(self) -> None:
        """Make the index if it is missing, as in older snapshots."""
        if not self.by_subscription:
            for invoice in self.table:
                self._index(invoice)

    def add(self, invoice: Invoice) -> None:
        """Add a new invoice."""
        self.table.add(invoice)
        self._index(invoice)

    def of(self, subscription_id: str) -> Iterator[Invoice]:
        """Yield the invoices of a subscription, newest first."""
        for invoice_id in reversed(self.by_subscription.get(subscription_id, ())):
            invoice = self.table.get(invoice_id)
            if invoice is not None:  # a draft that was made by hand may have been deleted
                yield invoice

    def _index(self, invoice: Invoice) -> None:
        of = invoice.subscription
        if of is not None:
            self.by_subscription.setdefault(of, GrowingList()).append(invoice.id)


def find(account: Account, invoice_id: str, *, param: str = "id", status: int = 404) -> Invoice:
    """Return the invoice with that id, or raise `No such invoice`."""
    return required(account.part(Invoices).table.get(invoice_id), "invoice", invoice_id, param=param, status=status)


def render(account: Account, invoice: Invoice) -> Tree:
    """Return an invoice as Stripe shows it, with its lines as they are."""
    sums = invoice_sums.totals(invoice.lines)
    return {
        "id": invoice.id,
        "object": "invoice",
        **invoice_faces.seller(),
        **invoice_faces.amounts(invoice, invoice.due_of(sums.total)),
        **invoice_faces.progress(invoice),
        **invoice_faces.payer(invoice),
        **invoice_faces.terms(account, invoice),
        "lines": render_lines(invoice),
        **invoice_faces.origin(invoice),
        **invoice_faces.standing(invoice),
        **invoice_sums.render_subtotal(sums),
        "test_clock": invoice.test_clock,
        **invoice_details.render_threshold(invoice.threshold, invoice.lines),
        **invoice_sums.render_total(sums, invoice.lines, invoice.discounts),
        "webhooks_delivered_at": (
            None if invoice.preview else invoice_details.delivered_at(account, invoice.announcement, invoice.created)
        ),
    }


def render_course(invoice: Invoice) -> Tree:
    """Return what may change of a finalized invoice by being paid."""
    return {
        **invoice_faces.amounts(invoice, invoice.amount_due),
        **invoice_faces.progress(invoice),
        **invoice_faces.origin(invoice),
        **invoice_faces.standing(invoice),
    }


def render_line(invoice: Invoice, line: InvoiceLine) -> Tree:
    """Return a line of an invoice as Stripe shows it."""
    return invoice_lines.render(line, invoice=invoice.id, currency=invoice.currency)


def render_lines(invoice: Invoice) -> Tree:
    """Return the first lines as a list within their invoice."""
    first = [render_line(invoice, line) for line in invoice.lines[:EMBEDDED]]
    return list_within(first, f"/v1/invoices/{invoice.id}/lines", count=len(invoice.lines))
