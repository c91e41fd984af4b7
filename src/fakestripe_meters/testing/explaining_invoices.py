"""Explain an invoice: the tier, the quantity, the credits, and the usage behind each of its lines."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from fakestripe_meters.core import pricing
from fakestripe_meters.core import printing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.usage import Fate
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.testing.explaining import instant

Outcome = Literal["billed", "cancelled", "overwritten", "late", "waiting"]
"""An event is late if it arrived after finalization, waiting if it is not visible yet: neither is billed."""


@dataclass(frozen=True, slots=True)
class BilledEvent:
    """An event in the period of a line, and its outcome. `timestamp` is in Unix seconds."""

    identifier: str
    timestamp: int
    value: Decimal
    outcome: Outcome

    def __str__(self) -> str:
        """Return one line."""
        return printing.line(f"{instant(self.timestamp)}  {self.value:>8f}  {self.outcome}  [{self.identifier}]")


@dataclass(frozen=True, slots=True)
class Credit:
    """What a credit grant pays of a line, in the currency's smallest unit. A draft has no `transaction` yet."""

    amount: int
    grant: str
    transaction: str | None


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line and where it comes from. `amount` is in the currency's smallest unit.

    The lines of one item share `used` and `events`, of which each tier bills a part. Of the `used` units, earlier
    invoices in the same period billed `billed_before`.
    """

    id: str
    description: str
    amount: int
    quantity: Decimal
    tier: int | None
    credits: Sequence[Credit]
    item: str | None = None
    used: Decimal | None = None
    billed_before: Decimal = Decimal(0)
    events: Sequence[BilledEvent] = ()

    @property
    def charged(self) -> int:
        """The amount that is left to pay after credits, in the currency's smallest unit."""
        return self.amount - sum(credit.amount for credit in self.credits)

    def of(self, outcome: Outcome) -> list[BilledEvent]:
        """Return the events with one outcome."""
        return [event for event in self.events if event.outcome == outcome]


@dataclass(frozen=True, slots=True)
class InvoiceExplanation:
    """An invoice with its lines. `total` is in the currency's smallest unit. It prints as a table."""

    id: str
    status: str
    currency: str
    total: int
    lines: Sequence[ExplainedLine]

    def __str__(self) -> str:
        head = f"{self.id}, {self.status}: {self._money(self.total)}"
        return "\n".join([head, *(f"  {row}" for row in self._rows())])

    def _rows(self) -> Iterator[str]:
        for line, following in zip(self.lines, (*self.lines[1:], None), strict=True):
            yield printing.line(f"{self._money(line.amount):>12}  {line.description}")
            for credit in line.credits:
                booked = credit.transaction or "not booked yet"
                yield f"{self._money(-credit.amount):>12}    credits of {credit.grant} ({booked})"
            if line.used is not None and (following is None or following.events is not line.events):
                yield from self._usage(line)

    def _usage(self, line: ExplainedLine) -> Iterator[str]:
        before = f", {line.billed_before:f} of it billed before" if line.billed_before else ""
        yield f"{'':>12}    {line.used or Decimal(0):f} used{before}"
        yield from (f"{'':>12}      {event}" for event in line.events)

    def _money(self, amount: int) -> str:
        return pricing.money(Decimal(amount), self.currency)


def explain_invoice(account: Account, invoice_id: str) -> InvoiceExplanation:
    """Explain an invoice as it is now; an error 404 if there is none. The account must be locked."""
    invoice = invoices.find(account, invoice_id)
    with test_clocks.time_of(account, invoice.test_clock):
        drafts.refresh(account, invoice)
    return InvoiceExplanation(
        invoice.id, invoice.status, invoice.currency, invoice.total, list(_explained(account, invoice))
    )


def _explained(account: Account, invoice: Invoice) -> Iterator[ExplainedLine]:
    usage = {id(charge): _usage_of(account, invoice, charge) for charge in invoice.charges}
    for line in invoice.lines:
        charge = next((each for each in invoice.charges if line.metered and _bills(each, line)), None)
        used, events = usage[id(charge)] if charge else (None, ())
        yield ExplainedLine(
            id=line.id,
            description=line.description or "",
            amount=line.amount,
            quantity=line.quantity,
            tier=line.tier,
            credits=[Credit(credit.amount, credit.grant, credit.transaction) for credit in line.credits],
            item=line.item,
            used=used,
            billed_before=charge.billed if charge else Decimal(0),
            events=events,
        )


def _bills(charge: Charge, line: InvoiceLine) -> bool:
    return (charge.item, charge.price, charge.start, charge.end) == (line.item, line.price, line.start, line.end)


def _usage_of(account: Account, invoice: Invoice, charge: Charge) -> tuple[Decimal | None, Sequence[BilledEvent]]:
    """Return how much was used, as known now, and the events; None for a charge that is not for usage."""
    meter = prices.kept(account, charge.price).meter
    if meter is None or charge.quantity is not None or charge.free:
        return None, ()
    intake = account.part(Intake)
    ledger = intake.ledger(meter)
    used = ledger.total(invoice.customer, charge.start, charge.end) or Decimal(0)
    visible = [_judged(fate, invoice) for fate in ledger.events(invoice.customer, charge.start, charge.end)]
    waiting = [
        _of(each.event, "waiting")
        for each in intake.waiting()
        if each.event.meter == meter
        and each.event.customer == invoice.customer
        and charge.start <= each.event.timestamp < charge.end
        and not each.cancel
    ]
    return used, [*visible, *waiting]


def _judged(fate: Fate, invoice: Invoice) -> BilledEvent:
    number = fate.event.number
    if invoice.newest_usage is not None and (number > invoice.newest_usage or number in invoice.unseen_usage):
        return _of(fate.event, "late")
    if fate.event.cancelled:
        return _of(fate.event, "cancelled")
    return _of(fate.event, "billed" if fate.counted else "overwritten")


def _of(event: UsageEvent, outcome: Outcome) -> BilledEvent:
    return BilledEvent(event.identifier, event.timestamp, event.value, outcome)
