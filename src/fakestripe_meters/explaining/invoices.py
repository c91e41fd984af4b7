"""Explain an invoice: the usage behind each of its lines, and what discounts, credits and taxes make of them."""

from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest

from fakestripe_meters.core import pricing
from fakestripe_meters.core import printing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import instant
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.explaining import lines
from fakestripe_meters.explaining import sums
from fakestripe_meters.explaining.outcomes import Known
from fakestripe_meters.explaining.outcomes import Outcome
from fakestripe_meters.explaining.outcomes import meter_of
from fakestripe_meters.explaining.outcomes import outcomes
from fakestripe_meters.explaining.sums import Steps
from fakestripe_meters.explaining.sums import TakenOff
from fakestripe_meters.explaining.sums import Taxed


@dataclass(frozen=True, slots=True)
class BilledEvent:
    """An event in the period of a line: `identifier`, `timestamp` (Unix seconds), `value`, and `outcome`."""

    identifier: str
    timestamp: int
    value: Decimal
    outcome: Outcome

    def __str__(self) -> str:
        """Return one line."""
        return printing.line(f"{instant(self.timestamp)}  {self.value:>8f}  {self.outcome}  [{self.identifier}]")


@dataclass(frozen=True, slots=True)
class Credit:
    """The `amount` that a credit `grant` pays of a line, in the smallest unit. A draft has no `transaction` yet."""

    amount: int
    grant: str
    transaction: str | None


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line, with its `id` and `description`, and where it comes from: `reason` says why it is there.

    `amount` is in the currency's smallest unit, and `credits` pay for a part of it. The lines of one item share `used`
    and `events`, of which each tier bills a part. Of the `used` units, earlier invoices in the same period billed
    `billed_before`.
    """

    id: str
    description: str
    amount: int
    quantity: Decimal
    """The quantity that the amount is for."""
    tier: int | None
    """The number of the tier, from 1; None if the price has no tiers."""
    credits: Sequence[Credit]
    item: str | None = None
    """The id of the subscription item; None if it has none."""
    used: Decimal | None = None
    billed_before: Decimal = Decimal(0)
    events: Sequence[BilledEvent] = ()
    reason: str = ""
    discounts: Sequence[TakenOff] = ()
    """What discounts take off, before credits pay: those of the line first."""
    taxes: Sequence[Taxed] = ()
    """The taxes on what discounts and credits leave."""

    @property
    def charged(self) -> int:
        """The amount that is left to pay after discounts and credits, without the taxes that are added."""
        taken = sum(discount.amount for discount in self.discounts)
        return self.amount - taken - sum(credit.amount for credit in self.credits)

    def of(self, outcome: Outcome) -> list[BilledEvent]:
        """Return the events with one outcome."""
        return [event for event in self.events if event.outcome == outcome]


@dataclass(frozen=True, slots=True, repr=False)
class InvoiceExplanation:
    """An invoice: its `id`, `status`, `currency`, and `lines`. It prints as a table.

    Amounts are in the currency's smallest unit. `steps` lead from the subtotal to the `total`. `amount_due` differs
    from that by what credit notes took off, and by what the customer's balance pays or keeps: `balance` says why.
    """

    id: str
    status: str
    currency: str
    total: int
    lines: Sequence[ExplainedLine]
    amount_due: int
    balance: str
    steps: Steps

    def __str__(self) -> str:
        return "\n".join([self._head, *(f"  {row}" for row in self._rows())])

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._head}, {printing.counted(len(self.lines), 'line')}>"

    @property
    def _head(self) -> str:
        return f"{self.id}, {self.status}: {self._money(self.total)}"

    def _rows(self) -> Iterator[str]:
        for line, following in zip_longest(self.lines, self.lines[1:]):
            yield printing.line(f"{self._money(line.amount):>12}  {line.description}")
            yield from (discount.row(self._money) for discount in line.discounts)
            for credit in line.credits:
                booked = credit.transaction or "not booked yet"
                yield f"{self._money(-credit.amount):>12}    credits of {credit.grant} ({booked})"
            yield from (tax.row(self._money) for tax in line.taxes)
            if line.used is not None and (following is None or following.events is not line.events):
                yield from self._usage(line)
            elif line.used is None:
                yield f"{'':>12}    {line.reason}"
        yield from self.steps.rows(self._money)
        notes = self.steps.credit_notes
        if self.amount_due + notes != self.total:
            yield f"{self._money(self.amount_due + notes - self.total):>12}  {self.balance}"
        if notes:
            yield f"{self._money(-notes):>12}  credit notes, before it was paid"
        if self.amount_due != self.total:
            yield f"{self._money(self.amount_due):>12}  due"
        if self.steps.given_back:
            yield f"{self._money(-self.steps.given_back):>12}  credit notes, which gave it back or credited it"

    def _usage(self, line: ExplainedLine) -> Iterator[str]:
        before = f", {line.billed_before:f} of it billed before" if line.billed_before else ""
        if not line.reason.startswith(lines.USUAL):
            yield f"{'':>12}    {line.reason}"
        yield f"{'':>12}    {line.used or Decimal(0):f} used{before}"
        yield from (f"{'':>12}      {event}" for event in line.events)

    def _money(self, amount: int) -> str:
        return pricing.money(amount, self.currency)


def explain_invoice(account: Account, invoice_id: str) -> InvoiceExplanation:
    """Explain an invoice as it is now; an error 404 if there is none. The account must be locked."""
    invoice = invoices.find(account, invoice_id)
    with test_clocks.time_of(account, invoice.test_clock):
        drafts.refresh(account, invoice)
    return InvoiceExplanation(
        invoice.id,
        invoice.status,
        invoice.currency,
        invoice.total,
        list(_explained(account, invoice)),
        invoice.amount_due,
        _balance_of(invoice),
        sums.steps(invoice),
    )


def _balance_of(invoice: Invoice) -> str:
    """Return why the amount due differs from the total, beside credit notes; nothing if it does not."""
    due, total = invoice.amount_due + invoice.credited_before, invoice.total
    if due == total:
        return ""
    if invoice.moved:
        return "too small to be charged: it is added to the customer's balance"
    if total < 0:
        return "a credit: it is added to the customer's balance"
    return "paid from the customer's balance" if due < total else "owed on the customer's balance"


def _explained(account: Account, invoice: Invoice) -> Iterator[ExplainedLine]:
    usage: dict[int, tuple[Decimal | None, Sequence[BilledEvent]]] = {}
    for line in invoice.lines:
        charge, known = _charge_of(account, invoice, line)
        if charge is not None and id(charge) not in usage:
            usage[id(charge)] = _usage_of(account, invoice, charge, known)
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
            discounts=sums.taken_off(account, line, invoice.currency),
            taxes=sums.taxed(account, line),
            reason=lines.reason_of(invoice, line, _period_charge(invoice, line)),
        )


def _charge_of(account: Account, invoice: Invoice, line: InvoiceLine) -> tuple[Charge | None, Known]:
    """Return the charge that a line is for, and what was known of its usage; no charge if it is not for usage."""
    # An item that a canceled subscription left names no subscription, and may be on the invoice of another.
    for subscription in account.part(Subscriptions).of(invoice.customer) if line.invoice_item else ():
        for settled in subscription.settled:
            if line.invoice_item in settled.items:
                return settled.charge, settled
    return _period_charge(invoice, line) if line.metered else None, invoice


def _period_charge(invoice: Invoice, line: InvoiceLine) -> Charge | None:
    """Return the charge that a line is of; None if it is of an invoice item."""
    return next((each for each in invoice.charges if _bills(invoice, each, line)), None)


def _bills(invoice: Invoice, charge: Charge, line: InvoiceLine) -> bool:
    keys = (f"{charge.key}/{line.tier}/{flat}" for flat in (False, True))
    return line.id in [invoice_lines.line_id(invoice.line_prefix, key) for key in keys]


def _usage_of(
    account: Account, invoice: Invoice, charge: Charge, known: Known
) -> tuple[Decimal | None, Sequence[BilledEvent]]:
    """Return how much was used, as known now, and the events; None for a charge that is not for usage."""
    meter = meter_of(account, charge)
    if meter is None:
        return None, ()
    used = account.part(Intake).ledger(meter).used(invoice.customer, charge.stretch)
    return used, [
        BilledEvent(event.identifier, event.timestamp, event.value, _of_trial(outcome) if charge.trial else outcome)
        for event, outcome in outcomes(account, charge, invoice.customer, known)
    ]


def _of_trial(outcome: Outcome) -> Outcome:
    return "free" if outcome == "billed" else outcome
