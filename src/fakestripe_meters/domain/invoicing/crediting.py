"""Billing credits on invoices: planned while they are drafts, booked at finalization, given back when they are void."""

from collections.abc import Iterator
from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import credit_bookings
from fakestripe_meters.domain.invoicing.credit_bookings import CreditableLine
from fakestripe_meters.domain.invoicing.credit_bookings import Draw
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.line_sums import LineCredit


@documented("after discounts, before taxes: https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits")
def plan(account: Account, invoice: Invoice, left: Sequence[int] | None = None) -> list[Draw]:
    """Show on an invoice's lines what credits would pay for, and return it; nothing is booked.

    `left` is what discounts have left of each line; by default, what the lines themselves say.
    """
    lines = list(_creditable(invoice.lines, [line.discounted for line in invoice.lines] if left is None else left))
    draws = (
        credit_bookings.plan(account, invoice.customer, invoice.currency, invoice.period_end, lines) if lines else []
    )
    _show(invoice, draws)
    return draws


def book(account: Account, invoice: Invoice) -> None:
    """Book the credits that pay for an invoice that is being finalized."""
    draws = plan(account, invoice)
    _show(invoice, credit_bookings.draw(account, draws, invoice.id))


def give_back(account: Account, invoice: Invoice) -> None:
    """Reinstate the credits that paid for an invoice that is now void; its lines keep showing them."""
    credit_bookings.reinstate(account, invoice.id)


@inferred("credits pay for usage whose price was replaced or removed as well, although an invoice item bills it")
@inferred("where a line of the same item is negative (what was billed before of a volume price), the rest counts")
def _creditable(lines: Sequence[InvoiceLine], left: Sequence[int]) -> Iterator[CreditableLine]:
    """Yield the lines that credits may pay for: metered usage of subscription items."""
    payable = [(line, amount) for line, amount in zip(lines, left, strict=True) if line.metered and line.item]
    unpaid: dict[str, int] = {}
    for line, amount in payable:
        key = f"{line.item}/{line.price}"
        unpaid[key] = unpaid.get(key, 0) + amount
    for line, amount in payable:
        key = f"{line.item}/{line.price}"
        due = min(amount, unpaid[key])
        if due > 0:
            unpaid[key] -= due
            yield CreditableLine(line.id, line.price or "", due)


def _show(invoice: Invoice, draws: Sequence[Draw]) -> None:
    for line in invoice.lines:
        line.credits = [LineCredit(draw.amount, draw.grant, draw.transaction) for draw in draws if draw.line == line.id]
