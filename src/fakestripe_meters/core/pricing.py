"""The arithmetic of prices: from a quantity to invoice lines of exact amounts, and from a line to its description.

Amounts are in the currency's smallest unit, exact until `PricedLine.rounded`; quantities are exact decimals.

Observed in: recordings of invoices of 2020 and 2022 that users have published, and pay-rails/pay.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Stripe's `transform_quantity`: customers pay for whole packages of `divide_by` units."""

    divide_by: int
    round: Literal["up", "down"]

    def __post_init__(self) -> None:
        """Raise ValueError for packages of nothing."""
        if self.divide_by < 1:
            msg = f"divide_by must be at least 1, not {self.divide_by}"
            raise ValueError(msg)

    def count(self, quantity: Decimal) -> Decimal:
        """Return how many packages an exact quantity makes: divide first, then round."""
        full, rest = divmod(Fraction(quantity), self.divide_by)
        return Decimal(full + 1 if rest and self.round == "up" else full)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit:
    """`billing_scheme=per_unit`: every unit, or every package of units, costs `unit_amount`."""

    unit_amount: Decimal
    package: Package | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One row of a tier table. The tier includes `up_to`; None is Stripe's `inf`."""

    up_to: int | None
    unit_amount: Decimal | None = None
    flat_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiered:
    """`billing_scheme=tiered`, with a tier table in which `tier_fault` finds no fault."""

    tiers_mode: Literal["graduated", "volume"]
    tiers: tuple[Tier, ...]


Tariff = PerUnit | Tiered


@observed("the flat fee as a line of quantity 0")
@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """One invoice line: units at their price, or a tier's flat fee.

    `tier` counts from 1; it is None without tiers. `unit_amount` is the price of `per` units (above 1 for packages).
    A flat fee is a line of quantity 0, whose `unit_amount` and `amount` are the fee.
    """

    quantity: Decimal
    unit_amount: Decimal
    amount: Decimal
    tier: int | None = None
    flat: bool = False
    per: int = 1
    takes_back: bool = False
    """Whether it credits what was billed earlier in the period at another tier's price; its quantity is then 0."""

    @property
    def rounded(self) -> int:
        """The amount charged, in whole smallest units of the currency."""
        return half_up(self.amount)


def half_up(amount: Decimal) -> int:
    """Round to whole smallest units, halves away from zero: so -x credits exactly what x charged."""
    return int(EXACT.to_integral_value(amount))


@observed("the lines of graduated prices, on invoices of 2020 and 2022")
def bill(tariff: Tariff, quantity: Decimal) -> tuple[PricedLine, ...]:
    """Price a period's quantity. Return at least one line; a negative quantity counts as 0.

    Each tier that the quantity reaches gives a line for its units, then a line for its flat fee if it has one.
    A quantity of 0 reaches the first tier.
    """
    quantity = max(ZERO, quantity)
    if isinstance(tariff, PerUnit):
        return (_per_unit(tariff, quantity),)
    by_mode = _graduated if tariff.tiers_mode == "graduated" else _volume
    return tuple(by_mode(tariff.tiers, quantity))


def cost(tariff: Tariff, quantity: Decimal | int) -> int:
    """Return what a quantity comes to on an invoice, where each line is rounded."""
    return sum(line.rounded for line in bill(tariff, Decimal(quantity)))


def exact_cost(tariff: Tariff, quantity: Decimal | int) -> Fraction:
    """Return what a quantity comes to before anything is rounded."""
    return sum((Fraction(line.amount) for line in bill(tariff, Decimal(quantity))), Fraction(0))


@documented("both schemes, https://docs.stripe.com/billing/subscriptions/usage-based/thresholds")
@inferred("tiers without a change are left out, as long as one line remains")
def bill_rest(tariff: Tariff, quantity: Decimal, billed: Decimal) -> tuple[PricedLine, ...]:
    """Price a period's quantity of which `billed` units are billed already: return lines for the difference.

    A graduated price continues in the tier that it has reached. A volume price is billed in full, and a line credits
    what was billed before.
    """
    before, after = bill(tariff, billed), bill(tariff, quantity)
    if isinstance(tariff, Tiered) and tariff.tiers_mode == "volume":
        sum_before = Decimal(-sum(line.rounded for line in before))
        return (*after, PricedLine(quantity=ZERO, unit_amount=sum_before, amount=sum_before, takes_back=True))
    known = {(line.tier, line.flat): line for line in before}
    rest = [_rest(line, known.pop((line.tier, line.flat), None)) for line in after]
    rest += [_rest(replace(line, quantity=ZERO, amount=ZERO), line) for line in known.values()]
    return tuple(line for line in rest if line.quantity or line.amount) or (rest[-1],)


def _rest(line: PricedLine, before: PricedLine | None) -> PricedLine:
    """Return what a line adds to the one before. Amounts are rounded first, so that a period's invoices add up."""
    if before is None:
        return line
    amount = Decimal(line.rounded - before.rounded)
    return replace(line, quantity=EXACT.subtract(line.quantity, before.quantity), amount=amount)


def _per_unit(tariff: PerUnit, quantity: Decimal) -> PricedLine:
    price, package = tariff.unit_amount, tariff.package
    charged, per = (package.count(quantity), package.divide_by) if package else (quantity, 1)
    return PricedLine(quantity=quantity, unit_amount=price, amount=EXACT.multiply(charged, price), per=per)


def _graduated(tiers: tuple[Tier, ...], quantity: Decimal) -> Iterator[PricedLine]:
    below = ZERO
    for number, tier in enumerate(tiers[: _tiers_reached(tiers, quantity)], start=1):
        top = quantity if tier.up_to is None else min(quantity, Decimal(tier.up_to))
        yield from _tier_lines(number, tier, EXACT.subtract(top, below))
        below = top


def _volume(tiers: tuple[Tier, ...], quantity: Decimal) -> Iterator[PricedLine]:
    number = _tiers_reached(tiers, quantity)
    return _tier_lines(number, tiers[number - 1], quantity)


def _tiers_reached(tiers: tuple[Tier, ...], quantity: Decimal) -> int:
    numbered = enumerate(tiers, start=1)
    return next(number for number, tier in numbered if tier.up_to is None or quantity <= tier.up_to)


def _tier_lines(number: int, tier: Tier, units: Decimal) -> Iterator[PricedLine]:
    # inferred: a tier that has only a flat fee still has a line for its units, at zero.
    price = tier.unit_amount if tier.unit_amount is not None else ZERO
    yield PricedLine(tier=number, quantity=units, unit_amount=price, amount=EXACT.multiply(units, price))
    if (fee := tier.flat_amount) is not None:
        yield PricedLine(tier=number, quantity=ZERO, unit_amount=fee, amount=fee, flat=True)


@dataclass(frozen=True, slots=True)
class TierFault:
    """The first fault of a tier table: in `tiers[index][field]`, counting from 0."""

    index: int
    field: Literal["up_to", "unit_amount"]
    reason: Literal["not_ascending", "inf_before_last", "last_not_inf", "no_amount"]


def tier_fault(tiers: tuple[Tier, ...]) -> TierFault | None:
    """Return the first fault, or None: bounds ascend from 1, only the last tier is endless, each tier has an amount."""
    below = 0
    for index, tier in enumerate(tiers):
        if tier.unit_amount is None and tier.flat_amount is None:
            return TierFault(index, "unit_amount", "no_amount")
        if tier.up_to is None:
            return TierFault(index, "up_to", "inf_before_last") if tiers[index + 1 :] else None
        if tier.up_to <= below:
            return TierFault(index, "up_to", "not_ascending")
        below = tier.up_to
    return TierFault(max(len(tiers) - 1, 0), "up_to", "last_not_inf")


# observed: $, €, and bare codes (`CHF 25.00`).
# inferred: symbols of currencies other than the US dollar, from English CLDR. Stripe does otherwise: an account in
# Canada gets `$` for Canadian dollars (pay-rails/pay).
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "aud": "A$", "cad": "CA$", "inr": "₹"}
# documented: https://docs.stripe.com/currencies. UGX and ISK have no cents, yet Stripe's API counts them in hundredths.
_NO_DECIMALS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
_THREE_DECIMALS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))


def money(amount: Decimal | int, currency: str) -> str:
    """Return an amount of smallest units as Stripe writes it: 3.6 US cents are `$0.036`, 120000 are `$1,200.00`."""
    places = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    symbol = _SYMBOLS.get(currency, f"{currency.upper()} ")
    sign = "-" if amount < 0 else ""
    digits = f"{EXACT.scaleb(Decimal(amount).copy_abs(), -places):,f}"
    return f"{sign}{symbol}{_trimmed(digits, places)}"


def cadence(interval: str, interval_count: int = 1) -> str:
    """Return how often a price recurs: `month`, `every 3 months`."""
    return interval if interval_count == 1 else f"every {interval_count} {interval}s"


@observed("graduated and licensed prices")
@inferred("volume tiers read like graduated ones; a package's size follows its price; the credit for an earlier bill")
def describe(line: PricedLine, *, product: str, currency: str, every: str, unit_label: str | None = None) -> str:
    """Return a line's `description`; `currency` is a lowercase code, `every` a `cadence`.

    `31 credit × Gitpod Usage (Tier 2 at $0.036 / month)` for units, `Gitpod Usage (Tier 1 at $9.00 / month)` for a flat
    fee, `1 × Select (at $0.00 / month)` without tiers.
    """
    tier = f"Tier {line.tier} " if line.tier else ""
    per = f" per {line.per}" if line.per > 1 else ""
    priced = f"{product} ({tier}at {money(line.unit_amount, currency)}{per} / {every})"
    if line.takes_back:
        return f"{product} (amount previously billed)"
    if line.flat:
        return priced
    return f"{units(line.quantity, unit_label)} × {priced}"


def units(quantity: Decimal, unit_label: str | None = None) -> str:
    """Return how many there are, with their name: `31 credit`."""
    number = _trimmed(f"{quantity:f}", 0)
    return f"{number} {unit_label}" if unit_label else number


def _trimmed(number: str, places: int) -> str:
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    return f"{whole}.{fraction}" if fraction else whole
