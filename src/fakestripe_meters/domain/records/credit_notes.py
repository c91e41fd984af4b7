"""Credit notes: how they are stored and shown. `domain/invoicing/credit_notes.py` issues and voids them.

Observed in: pay-rails/pay.
"""

from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import line_sums
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.line_sums import LineCredit
from fakestripe_meters.domain.records.line_sums import LineDiscount
from fakestripe_meters.domain.records.line_sums import LineTax
from fakestripe_meters.wire.tree import Tree

NOUN = "credit_note"
EMBEDDED = 10
"""How many lines a credit note contains; the rest is listed separately."""
Kind = Literal["custom_line_item", "invoice_line_item"]


@record
class NoteLine:
    """A line of a credit note as stored: a part of an invoice's line, or one of its own."""

    id: str
    kind: Kind
    amount: int
    """What is credited before discounts, billing credits and exclusive taxes."""
    description: str | None = None
    quantity: int | None = None
    unit_amount: Decimal | None = None
    """What a unit costs; None for a part of a line that is given by an amount."""
    invoice_line: str | None = None
    by_quantity: bool = False
    """Whether it is a part of a line that is given by a quantity."""
    discounts: Sequence[LineDiscount] = field(default_factory=list)
    own_discounts: Sequence[str] = field(default_factory=list)
    """The ids of those discounts that are of the line, not of the invoice."""
    credits: Sequence[LineCredit] = field(default_factory=list)
    taxes: Sequence[LineTax] = field(default_factory=list)
    tax_rates: Sequence[str] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def discounted(self) -> int:
        """What discounts take off it."""
        return sum(each.amount for each in self.discounts)

    def discounted_by(self, discounts: Container[str]) -> int:
        """Return what some of the discounts take off it."""
        return sum(each.amount for each in self.discounts if each.discount in discounts)

    @property
    def net(self) -> int:
        """What it comes to: after discounts and billing credits, with exclusive taxes."""
        credited = sum(each.amount for each in self.credits)
        return self.amount - self.discounted - credited + sum(each.amount for each in self.taxes if not each.inclusive)


@record
class NoteRefund:
    """A refund that pays an amount of a credit note."""

    refund: str
    amount: int


@record
class CreditNote:
    """A credit note as stored."""

    id: str
    created: int
    customer: str
    currency: str
    invoice: str
    number: str
    lines: Sequence[NoteLine] = field(default_factory=list)
    before: int = 0
    """What it took off an invoice that had to be paid."""
    effective_at: int | None = None
    memo: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    out_of_band: int | None = None
    reason: str | None = None
    refunds: Sequence[NoteRefund] = field(default_factory=list)
    customer_balance_transaction: str | None = None
    voided_at: int | None = None
    test_clock: str | None = None

    @property
    def total(self) -> int:
        """What it comes to in all, with taxes."""
        return sum(line.net for line in self.lines)

    @property
    def after(self) -> int:
        """What it gives back of a payment, or credits otherwise."""
        return self.total - self.before

    @property
    def is_void(self) -> bool:
        """Whether it was voided."""
        return self.voided_at is not None

    @property
    def kind(self) -> str:
        """Whether the invoice had to be paid when it was issued, had been paid, or partly both."""
        if self.before and self.after:
            return "mixed"
        return "pre_payment" if self.before else "post_payment"


@dataclass(eq=False)
class CreditNotes(Part, name="credit_notes"):
    """All credit notes of an account, and their ids by invoice."""

    table: Table[CreditNote] = field(default_factory=Table)
    by_invoice: Index[tuple[str, ...]] = field(default_factory=Index)

    def add(self, note: CreditNote) -> None:
        """Add a new credit note."""
        self.table.add(note)
        self.by_invoice[note.invoice] = (*self.by_invoice.get(note.invoice, ()), note.id)

    def of(self, invoice_id: str) -> list[CreditNote]:
        """Return the credit notes of an invoice, oldest first, also those that are void."""
        return [self.table.kept(each) for each in self.by_invoice.get(invoice_id, ())]

    def issued(self, invoice_id: str) -> list[CreditNote]:
        """Return the credit notes of an invoice that are not void, oldest first."""
        return [note for note in self.of(invoice_id) if not note.is_void]


@inferred("the noun in the sentence")
def find(account: Account, note_id: str) -> CreditNote:
    """Return the credit note with that id, or raise `No such credit_note`."""
    return required(account.part(CreditNotes).table.get(note_id), NOUN, note_id)


@observed("the fields and their order")
@documented("what the amounts are, in Stripe's OpenAPI")
def render(account: Account, note: CreditNote) -> Tree:
    """Return a credit note as Stripe shows it."""
    lines = note.lines
    total = note.total
    taxes = line_sums.add_taxes(tax for line in lines for tax in line.taxes)
    discounts = line_sums.add_discounts((each for line in lines for each in line.discounts), _general(lines))
    subtotal = sum(line.amount - line.discounted_by(line.own_discounts) for line in lines)
    return {
        "id": note.id,
        "object": "credit_note",
        "amount": total,
        "amount_shipping": 0,
        "created": note.created,
        "currency": note.currency,
        "customer": note.customer,
        "customer_account": None,
        "customer_balance_transaction": note.customer_balance_transaction,
        "discount_amount": sum(line.discounted for line in lines),
        "discount_amounts": line_sums.render_discounts(discounts),
        "effective_at": note.effective_at,
        "invoice": note.invoice,
        "lines": render_lines(account, note),
        "livemode": False,
        "memo": note.memo,
        "metadata": dict(note.metadata),
        "number": note.number,
        "out_of_band_amount": note.out_of_band,
        "pdf": f"https://pay.stripe.com/credit_notes/{account.id}/test_{tail(note.id, 48)}/pdf?s=ap",
        "post_payment_amount": note.after,
        "pre_payment_amount": note.before,
        "pretax_credit_amounts": [
            *(line_sums.render_discount(each.amount, each.discount) for each in discounts),
            *line_sums.render_credits(credit for line in lines for credit in line.credits),
        ],
        "reason": note.reason,
        "refunds": [
            {"amount_refunded": each.amount, "payment_record_refund": None, "refund": each.refund, "type": "refund"}
            for each in note.refunds
        ],
        "shipping_cost": None,
        "status": "void" if note.is_void else "issued",
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - sum(each.amount for each in taxes if each.inclusive),
        "total": total,
        "total_excluding_tax": total - sum(each.amount for each in taxes),
        "total_taxes": line_sums.render_taxes(taxes),
        "type": note.kind,
        "voided_at": note.voided_at,
    }


@observed("a list within a credit note has no `total_count`")
def render_lines(account: Account, note: CreditNote) -> Tree:
    """Return the first lines as a list within their credit note."""
    first = [render_line(account, line) for line in note.lines[:EMBEDDED]]
    url = f"/v1/credit_notes/{note.id}/lines"
    return {"object": "list", "data": first, "has_more": len(note.lines) > len(first), "url": url}


@documented("only a line of an invoice has `invoice_line_item`, as Stripe's OpenAPI says")
@documented("a line that is credited by an amount has no price of a unit, as the example in Stripe's reference")
def render_line(account: Account, line: NoteLine) -> Tree:
    """Return a line of a credit note as Stripe shows it."""
    whole = line.unit_amount is not None and line.unit_amount == line.unit_amount.to_integral_value()
    return {
        "id": line.id,
        "object": "credit_note_line_item",
        "amount": line.amount,
        "description": line.description,
        "discount_amount": line.discounted,
        "discount_amounts": line_sums.render_discounts(line.discounts),
        **({} if line.invoice_line is None else {"invoice_line_item": line.invoice_line}),
        "livemode": False,
        **({"metadata": dict(line.metadata)} if line.metadata else {}),
        "pretax_credit_amounts": line_sums.render_pretax(line.discounts, line.credits),
        "quantity": line.quantity,
        "tax_rates": tax_rates.render_all(account, line.tax_rates),
        "taxes": line_sums.render_taxes(line.taxes),
        "type": line.kind,
        "unit_amount": int(line.unit_amount) if whole and line.unit_amount is not None else None,
        "unit_amount_decimal": prices.amount_decimal(line.unit_amount),
    }


def _general(lines: Iterable[NoteLine]) -> list[str]:
    """Return the ids of the discounts of the invoice."""
    return [each.discount for line in lines for each in line.discounts if each.discount not in line.own_discounts]
