"""What an invoice comes to: the order in which discounts, credits, taxes and the balance apply. Pure arithmetic.

Documented in: https://docs.stripe.com/billing/subscriptions/coupons, https://docs.stripe.com/billing/taxes/tax-rates.
All amounts are in the currency's smallest unit.
"""

import math
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Off:
    """A discount: it takes off a percentage, or else an amount, of some products or of all."""

    id: str
    percent: Decimal | None = None
    amount: int = 0
    products: Collection[str] | None = None

    def covers(self, product: str | None) -> bool:
        """Return whether it applies to a product."""
        return self.products is None or product in self.products

    @documented("each discount works on what the ones before it left, and takes off no more than that")
    @inferred("a percentage is of the sum of the lines, in one unrounded number, and is rounded half up")
    def of(self, left: int) -> int:
        """Return what it takes off what is left of the lines that it covers."""
        wanted = self.amount if self.percent is None else half_up(Fraction(self.percent) * left / 100)
        return max(0, min(wanted, left))


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate: a percentage that amounts contain, if it is `inclusive`, or that is added to them."""

    id: str
    percentage: Decimal
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line before discounts and taxes, with its `own` discounts and the tax `rates` that apply to it.

    What discounts have `taken` off a proration, by id, was decided when it was made.
    """

    amount: int
    product: str | None = None
    own: Sequence[Off] = ()
    discountable: bool = True
    rates: Sequence[Rate] = ()
    taken: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax of one rate on a line, calculated on the amount `taxable`, which never contains it."""

    rate: Rate
    amount: int
    taxable: int


class LineParts(NamedTuple):
    """A line in whole amounts: what its own discounts, those of the invoice and credits take off, and its taxes."""

    amount: int
    own: int = 0
    general: int = 0
    credited: int = 0
    inclusive: int = 0
    exclusive: int = 0


@dataclass(slots=True)
class LineSum:
    """What becomes of a line: its amount, what each of its own and of the invoice's discounts takes off, and so on."""

    amount: int
    own: list[tuple[Off, int]] = field(default_factory=list)
    general: list[tuple[Off, int]] = field(default_factory=list)
    credited: int = 0
    taxes: list[Tax] = field(default_factory=list)

    @property
    def left(self) -> int:
        """What is left of it after its discounts and credits: the tax base."""
        return self.amount - total_of(self.own) - total_of(self.general) - self.credited

    @property
    def parts(self) -> LineParts:
        """It in whole amounts."""
        inclusive = sum(tax.amount for tax in self.taxes if tax.rate.inclusive)
        exclusive = sum(tax.amount for tax in self.taxes) - inclusive
        return LineParts(self.amount, total_of(self.own), total_of(self.general), self.credited, inclusive, exclusive)


class Totals(NamedTuple):
    """What the lines of an invoice come to in all."""

    subtotal: int
    """The lines after their own discounts."""
    discounted: int = 0
    """What the discounts on the whole invoice take off."""
    credited: int = 0
    """What billing credits pay."""
    inclusive: int = 0
    """The taxes that the lines contain."""
    exclusive: int = 0
    """The taxes that are added."""

    @property
    def total(self) -> int:
        """What the invoice comes to."""
        return self.subtotal - self.discounted - self.credited + self.exclusive


@observed("the discounts of the lines are taken off the subtotal, those of the invoice are not (pay-rails/pay)")
def totals(lines: Iterable[LineParts]) -> Totals:
    """Return what lines come to in all."""
    sums = LineParts(*(sum(each) for each in zip(LineParts(0), *lines, strict=True)))
    return Totals(sums.amount - sums.own, sums.general, sums.credited, sums.inclusive, sums.exclusive)


def due(total: int, balance: int) -> int:
    """Return what is to be paid of a total with the customer's balance, which is negative if in credit; at least 0."""
    return max(0, total + balance)


def no_credits(left: Sequence[int]) -> Sequence[int]:
    """Return that nothing is paid by billing credits."""
    return [0] * len(left)


@documented("lines, their discounts, the invoice's discounts, billing credits, taxes, the customer's balance")
def add_up(
    lines: Sequence[Line],
    discounts: Iterable[Off] = (),
    *,
    credit: Callable[[Sequence[int]], Sequence[int]] = no_credits,
) -> list[LineSum]:
    """Return what an invoice comes to. `credit` says what billing credits pay of what the discounts left of each line.

    A discount that several lines have as their own, those of one subscription item, applies to all of them together.
    """
    sums = [LineSum(line.amount) for line in lines]
    for off in {off.id: off for line in lines for off in line.own}.values():
        holders = [index for index, line in enumerate(lines) if any(each.id == off.id for each in line.own)]
        for index, amount in zip(
            holders, _spread(off, [(lines[index], sums[index]) for index in holders]), strict=True
        ):
            sums[index].own.append((off, amount))
    general = list(discounts)
    for off in general:
        for each, amount in zip(sums, _spread(off, list(zip(lines, sums, strict=True))), strict=True):
            each.general.append((off, amount))
    for line, each in zip(lines, sums, strict=True):
        if line.taken:
            _take(line, each)
    for each, amount in zip(sums, credit([each.left for each in sums]), strict=True):
        each.credited = amount
    for line, each in zip(lines, sums, strict=True):
        each.taxes = taxes_of(each.left, line.rates)
    return sums


def _take(line: Line, summed: LineSum) -> None:
    """Let the discounts of a proration take off what was decided, also those that the invoice does not have."""
    left = dict(line.taken)
    summed.own = [(off, left.pop(off.id, amount)) for off, amount in summed.own]
    summed.general = [(off, left.pop(off.id, amount)) for off, amount in summed.general]
    summed.general += [(Off(discount), amount) for discount, amount in left.items()]


def _spread(off: Off, lines: Sequence[tuple[Line, LineSum]]) -> list[int]:
    """Return what a discount takes off each line: 0 where it doesn't apply."""
    left = [each.left if line.discountable and off.covers(line.product) else 0 for line, each in lines]
    return split(off.of(sum(left)), left)


@documented("each line gets the floor of its share, and the last one the rest: 500 off 1000 and 2000 is 166 and 334")
@inferred("negative lines and lines of 0 get nothing, and what is more than the last line goes to the one before it")
def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Return an amount in parts that are proportional to the positive weights, none of which is exceeded."""
    positive = [max(0, weight) for weight in weights]
    whole = sum(positive)
    amount = min(amount, whole)
    parts = [amount * weight // whole for weight in positive] if whole else positive
    rest = amount - sum(parts)
    for index in reversed(range(len(parts))):
        more = min(rest, positive[index] - parts[index])
        parts[index] += more
        rest -= more
    return parts


@documented("an inclusive tax is p / (100 + p) of an amount, an exclusive one p / 100; none is on another")
@inferred("each is rounded to a whole number by itself, halves away from zero")
@inferred(
    "with inclusive rates, all rates are of the amount without the taxes that it contains, as `taxable_amount` is"
)
def taxes_of(amount: int, rates: Sequence[Rate]) -> list[Tax]:
    """Return the taxes of a line on what discounts and credits have left of it, in the order of the rates."""
    contained = sum((Fraction(rate.percentage) for rate in rates if rate.inclusive), Fraction(0))
    net = Fraction(amount) * 100 / (100 + contained)
    amounts = [half_up(net * Fraction(rate.percentage) / 100) for rate in rates]
    taxable = amount - sum(tax for tax, rate in zip(amounts, rates, strict=True) if rate.inclusive)
    return [Tax(rate, tax, taxable) for tax, rate in zip(amounts, rates, strict=True)]


def half_up(amount: Fraction) -> int:
    """Return the nearest whole number, halves away from zero."""
    return math.floor(amount + HALF) if amount >= 0 else -math.floor(HALF - amount)


def total_of(off: Iterable[tuple[Off, int]]) -> int:
    """Return what discounts take off in all."""
    return sum(amount for _, amount in off)
