"""What credit notes must do, written from Stripe's documents alone: this shares nothing with the code.

The clerk keeps an account for each line of an invoice: how much of it was credited, and what of its discounts and taxes
has gone with that. Void credit notes are struck out.
"""

from dataclasses import dataclass
from dataclasses import field
from decimal import ROUND_HALF_UP
from decimal import Decimal
from typing import Any

Tree = dict[str, Any]


@dataclass
class Part:
    """What one credit note has of a line: so much of its measure, and its share of everything that is on the line."""

    measure: int
    gross: int
    shares: dict[str, int]


@dataclass
class LineAccount:
    """A line of an invoice: its amount, its quantity, and what is on it: discounts, credits, taxes and their bases."""

    amount: int
    quantity: int
    whole: dict[str, int]
    contained: frozenset[str]
    """The taxes that the amount contains."""
    parts: list[Part] = field(default_factory=list)
    measured: str | None = None
    """How it was first credited: `amount` or `quantity`."""

    def left(self, measure: str) -> int:
        whole = self.amount if measure == "amount" else self.quantity
        return whole - sum(part.measure for part in self.parts)

    def part(self, measure: str, much: int) -> Part:
        """What a further part of the line has, if it is credited by amount or by quantity."""
        whole = self.amount if measure == "amount" else self.quantity
        so_far = sum(part.measure for part in self.parts) + much
        gross = much if measure == "amount" else self._new(self.amount, so_far, whole, [p.gross for p in self.parts])
        shares = {
            name: self._new(amount, so_far, whole, [part.shares[name] for part in self.parts])
            for name, amount in self.whole.items()
        }
        return Part(much, gross, shares)

    @staticmethod
    def _new(amount: int, so_far: int, whole: int, taken: list[int]) -> int:
        due = (Decimal(amount) * so_far / whole).quantize(Decimal(1), ROUND_HALF_UP)
        return max(0, int(due) - sum(taken))

    def net(self, part: Part) -> int:
        """What a part comes to: without discounts and billing credits, with taxes that the amount does not contain."""
        off = sum(share for name, share in part.shares.items() if name.startswith(("off ", "paid ")))
        tax = [(name, share) for name, share in part.shares.items() if name.startswith("tax ")]
        return part.gross - off + sum(share for name, share in tax if name not in self.contained)


@dataclass
class Note:
    """A credit note as the clerk has it."""

    total: int
    before: int
    parts: list[tuple[str, Part]]
    back: dict[str, int]
    void: bool = False

    @property
    def after(self) -> int:
        return self.total - self.before


@dataclass
class Account:
    """An invoice: what it comes to, what is paid, and its credit notes."""

    total: int
    asked: int
    """What it asked for when it was finalized: after the customer's balance."""
    lines: dict[str, LineAccount]
    paid: int = 0
    charged: int = 0
    refunded_apart: int = 0
    """What was refunded and is in no credit note."""
    open: bool = True
    notes: list[Note] = field(default_factory=list)

    @property
    def live(self) -> list[Note]:
        return [note for note in self.notes if not note.void]

    @property
    def before(self) -> int:
        return sum(note.before for note in self.live)

    @property
    def after(self) -> int:
        return sum(note.after for note in self.live)

    @property
    def due(self) -> int:
        return self.asked - self.before

    @property
    def remaining(self) -> int:
        return self.due - self.paid if self.open else 0

    @property
    def creditable(self) -> int:
        return self.total - self.before - self.after - self.refunded_apart

    @property
    def refundable(self) -> int:
        refunded = sum(note.back.get("refund", 0) + note.back.get("linked", 0) for note in self.live)
        return self.charged - refunded - self.refunded_apart

    def issue(self, note: Note) -> None:
        """Write a credit note down; if nothing is left to pay, the invoice is paid."""
        self.notes.append(note)
        self.refunded_apart -= note.back.get("linked", 0)
        for line, part in note.parts:
            self.lines[line].parts.append(part)
        self.open = self.open and self.remaining > 0

    def strike(self, note: Note) -> None:
        """Strike out a credit note, and forget how its lines were measured if no other has credited them."""
        note.void = True
        for line, part in note.parts:
            self.lines[line].parts.remove(part)
            if not self.lines[line].parts:
                self.lines[line].measured = None

    def pay(self) -> None:
        self.paid = self.charged = self.remaining
        self.open = False


def of_invoice(invoice: Tree) -> Account:
    """Open an account for an invoice as it was finalized."""
    lines = {line["id"]: _line(line) for line in invoice["lines"]["data"]}
    return Account(invoice["total"], invoice["amount_due"], lines, open=invoice["status"] == "open")


def told(line: Tree) -> dict[str, int]:
    """What a line of a credit note says of its shares."""
    return _line(line).whole


def _line(line: Tree) -> LineAccount:
    whole = {f"off {each['discount']}": each["amount"] for each in line["discount_amounts"]}
    for each in line["pretax_credit_amounts"]:
        if each["type"] == "credit_balance_transaction":
            whole[f"paid {each['credit_balance_transaction']}"] = each["amount"]
    contained = set()
    for tax in line["taxes"]:
        name = tax["tax_rate_details"]["tax_rate"]
        whole[f"tax {name}"], whole[f"base {name}"] = tax["amount"], tax["taxable_amount"]
        if tax["tax_behavior"] == "inclusive":
            contained.add(f"tax {name}")
    return LineAccount(line["amount"], line["quantity"], whole, frozenset(contained))
