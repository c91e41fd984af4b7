"""What an invoice must come to, written from Stripe's documents alone: this shares nothing with the code.

It works with decimals and goes through the invoice as a clerk would: step by step, with a running rest for each line.
"""

from dataclasses import dataclass
from dataclasses import field
from decimal import ROUND_FLOOR
from decimal import ROUND_HALF_UP
from decimal import Decimal

CENT = Decimal(1)


@dataclass
class Coupon:
    """Takes off a percentage or an amount, of some products or of all, for once, some months or ever."""

    id: str
    percent: Decimal | None = None
    amount: int = 0
    products: frozenset[str] | None = None
    duration: str = "forever"
    months: int = 0


@dataclass
class Tax:
    """A percentage that amounts contain, or that is added."""

    id: str
    percent: Decimal
    inclusive: bool


@dataclass
class Row:
    """A line of an invoice, and what the clerk writes beside it."""

    name: str
    amount: int
    product: str | None
    discountable: bool
    creditable: bool
    own: list[tuple[str, Coupon]]
    taxes: list[Tax]
    rest: int = 0
    taken: list[tuple[str, int]] = field(default_factory=list)
    credited: int = 0
    taxed: list[tuple[str, int, int]] = field(default_factory=list)
    """The rate, the tax, and the amount that it is calculated on."""


@dataclass
class Bill:
    """An invoice: its rows, and what they come to."""

    rows: list[Row]
    general: list[tuple[str, Coupon]]
    credit: int
    """What billing credits can pay."""
    balance: int
    """What the customer owes, negative if in credit."""
    subtotal: int = 0
    total: int = 0
    contained: int = 0
    added: int = 0
    due: int = 0
    balance_after: int = 0

    def settle(self) -> None:
        """Go through the steps in Stripe's order."""
        for row in self.rows:
            row.rest = row.amount
        self._discount_items()
        self.subtotal = sum(row.rest for row in self.rows)
        for name, coupon in self.general:
            self._discount(name, coupon, self.rows)
        self._credit()
        for row in self.rows:
            self._tax(row)
        self.total = sum(row.rest for row in self.rows) + self.added
        self.due = max(0, self.total + self.balance)
        self.balance_after = self.total + self.balance - self.due
        if 0 < self.due < 50:  # too small for a card, in dollars
            self.due, self.balance_after = 0, self.balance_after + self.due

    def _discount_items(self) -> None:
        done = set()
        for row in self.rows:
            for name, coupon in row.own:
                if name not in done:
                    done.add(name)
                    holders = [each for each in self.rows if name in (own for own, _ in each.own)]
                    self._discount(name, coupon, holders)

    def _discount(self, name: str, coupon: Coupon, rows: list[Row]) -> None:
        """Take a discount off rows; each gets its share, and the last one what is left over."""
        base = {}
        for row in rows:
            fits = coupon.products is None or row.product in coupon.products
            base[row.name] = row.rest if row.discountable and fits else 0
        whole = sum(base.values())
        wanted = coupon.amount if coupon.percent is None else int(half_up(whole * coupon.percent / 100))
        left = max(0, min(wanted, whole))
        payers = [row for row in rows if base[row.name] > 0]
        gross = sum(base[row.name] for row in payers)
        parts = {row.name: 0 for row in rows}
        for row in payers:
            share = Decimal(left * base[row.name]) / gross
            parts[row.name] = int(share.quantize(CENT, ROUND_FLOOR)) if share != int(share) else int(share)
        over = left - sum(parts.values())
        for row in payers[::-1]:
            room = min(over, base[row.name] - parts[row.name])
            parts[row.name] += room
            over -= room
        for row in rows:
            row.rest -= parts[row.name]
            row.taken.append((name, parts[row.name]))

    def _credit(self) -> None:
        for row in self.rows:
            if row.creditable and row.rest > 0:
                row.credited = min(row.rest, self.credit)
                self.credit -= row.credited
                row.rest -= row.credited

    def _tax(self, row: Row) -> None:
        inside = sum((tax.percent for tax in row.taxes if tax.inclusive), Decimal(0))
        amounts = [half_up(row.rest * tax.percent / (100 + inside)) for tax in row.taxes]
        contained = sum(int(each) for each, tax in zip(amounts, row.taxes, strict=True) if tax.inclusive)
        for tax, amount in zip(row.taxes, amounts, strict=True):
            row.taxed.append((tax.id, int(amount), row.rest - contained))
            if not tax.inclusive:
                self.added += int(amount)
        self.contained += contained


def half_up(amount: Decimal) -> Decimal:
    """Return a whole number of cents; half a cent goes away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)
