"""Invoices in lists: a row for each, and what happens to it next."""

from collections.abc import Container
from typing import NamedTuple

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import finalization
from fakestripe_meters.domain.invoicing import hosted
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.pages import customer_rows

STATUSES = ("draft", "open", "paid", "uncollectible", "void")


class InvoiceRow(NamedTuple):
    """An invoice in one row of a list."""

    id: str
    title: str
    """Its number, or that it is a draft."""
    status: str
    customer: str
    customer_name: str
    created: int
    total: str
    left: str
    """What is still to be paid."""
    paid: str
    """What was paid; empty if nothing was."""
    follows: str
    """What happens to it next, or has happened last."""
    when: int | None
    """When that is, in Unix seconds; None if it depends on somebody."""


def latest(account: Account, customer: str, most: int) -> list[InvoiceRow]:
    """Return the newest invoices of a customer, newest first."""
    page = account.part(Invoices).table.page(most, where=lambda each: each.customer == customer)
    return [row(account, each) for each in page.records]


def found(account: Account, status: str, of: Container[str] | None) -> list[Invoice]:
    """Return the invoices of a status (or of any, if it is empty) and of some customers (or of all), newest first."""
    table = account.part(Invoices).table
    wanted = [each for each in table if (not status or each.status == status) and (of is None or each.customer in of)]
    return wanted[::-1]


def row(account: Account, invoice: Invoice) -> InvoiceRow:
    """Return an invoice in one row, as it is now."""
    with test_clocks.time_of(account, invoice.test_clock):
        drafts.refresh(account, invoice)
        follows, when = next_of(account, invoice)
    return InvoiceRow(
        id=invoice.id,
        title=invoice.number or "Draft",
        status=invoice.status,
        customer=invoice.customer,
        customer_name=customer_rows.name_of(customers.kept(account, invoice.customer)),
        created=invoice.created,
        total=pricing.money(invoice.total, invoice.currency),
        left=pricing.money(left(invoice), invoice.currency),
        paid=pricing.money(invoice.amount_paid, invoice.currency) if invoice.amount_paid else "",
        follows=follows,
        when=when,
    )


def left(invoice: Invoice) -> int:
    """Return what is still to be paid of an invoice; nothing of one that is void."""
    return 0 if invoice.status == "void" else invoice.amount_due - invoice.amount_paid


def next_of(account: Account, invoice: Invoice) -> tuple[str, int | None]:
    """Return what happens to an invoice next, or has happened last, and when."""
    steps = {"draft": _of_draft, "open": _of_open, "paid": _of_paid, "void": _of_void}
    return steps.get(invoice.status, _of_uncollectible)(account, invoice)


def _of_draft(account: Account, invoice: Invoice) -> tuple[str, int | None]:
    planned = finalization.planned(account, invoice)
    if planned is None:
        return "is not finalized by itself", None
    delayed = planned != invoice.automatically_finalizes_at
    return ("is finalized late, because a receiver of webhooks fails" if delayed else "is finalized"), planned


def _of_open(account: Account, invoice: Invoice) -> tuple[str, int | None]:
    if hosted.waiting(account, invoice) is not None:
        return "waits for its customer to authenticate the payment", None
    if invoice.next_attempt is not None:
        return "is charged again", invoice.next_attempt
    if invoice.due_date is not None:
        return ("was due" if invoice.due_date <= account.now else "is due"), invoice.due_date
    return ("is not charged again by itself" if invoice.attempted else "waits to be paid"), None


def _of_paid(_account: Account, invoice: Invoice) -> tuple[str, int | None]:
    return "was paid", invoice.paid_at


def _of_void(_account: Account, invoice: Invoice) -> tuple[str, int | None]:
    return "was voided", invoice.voided_at


def _of_uncollectible(_account: Account, invoice: Invoice) -> tuple[str, int | None]:
    return "was given up", invoice.marked_uncollectible_at


def of_customers(account: Account, text: str) -> set[str] | None:
    """Return the ids of the customers that a text finds; None if it is empty, which stands for all."""
    return {each.id for each in customer_rows.found(account, text)} if text.strip() else None
