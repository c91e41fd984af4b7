"""Prices as arithmetic: a quantity becomes lines of exact amounts, and each line a sentence.

Amounts are in the currency's smallest unit, exact until `Line.rounded`; quantities are exact decimals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO

# Decimal's ordinary context silently rounds sums and products to 28 digits; this one keeps them all.


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Stripe's `transform_quantity`: whole packages of `divide_by` units are charged."""

    divide_by: int
    round: Literal["up", "down"]

    def count(self, quantity: Decimal) -> Decimal:
        """How many packages the exact quantity makes: divided first, rounded after."""
        full, rest = divmod(Fraction(quantity), self.divide_by)
        return Decimal(full + 1 if rest and self.round == "up" else full)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit:
    """`billing_scheme=per_unit`: every unit, or every package of units, costs `unit_amount`."""

    unit_amount: Decimal
    package: Package | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of a tier table; `up_to` itself is still in it, None is Stripe's `inf`."""

    up_to: int | None
    unit_amount: Decimal | None = None
    flat_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiered:
    """`billing_scheme=tiered`; the table is one in which `tier_fault` finds nothing."""

    tiers_mode: Literal["graduated", "volume"]
    tiers: tuple[Tier, ...]


Tariff = PerUnit | Tiered


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One invoice line: units at their price, or a tier's flat fee.

    `tier` counts from 1, None without tiers. `unit_amount` buys `per` units (more than 1 for packages).
    A flat fee is a line of quantity 0, as recorded, whose `unit_amount` and `amount` are the fee.
    """

    quantity: Decimal
    unit_amount: Decimal
    amount: Decimal
    tier: int | None = None
    flat: bool = False
    per: int = 1
    takes_back: bool = False
    """Whether it takes back what was billed before at another tier's price; its quantity is then 0."""

    @property
    def rounded(self) -> int:
        """The amount that is charged, in whole smallest units."""
        return half_up(self.amount)


def half_up(amount: Decimal) -> int:
    """Round to whole smallest units, halves away from zero, so that -x takes back exactly what x charged."""
    return int(EXACT.to_integral_value(amount))


def bill(tariff: Tariff, quantity: Decimal) -> tuple[Line, ...]:
    """Price a period's quantity; at least one line, and a negative total counts as 0.

    Source: recorded graduated invoices of 2020 and 2022. One line for the units of each tier reached, then
    one for its flat fee if it has one; the first tier is reached even by 0 units.
    """
    quantity = max(ZERO, quantity)
    if isinstance(tariff, PerUnit):
        return (_per_unit(tariff, quantity),)
    by_mode = _graduated if tariff.tiers_mode == "graduated" else _volume
    return tuple(by_mode(tariff.tiers, quantity))


def bill_rest(tariff: Tariff, quantity: Decimal, billed: Decimal) -> tuple[Line, ...]:
    """Price a period's quantity of which a part was billed before: what both come to differs by these lines.

    Source: https://docs.stripe.com/billing/subscriptions/usage-based/thresholds. A graduated price goes on in the
    tier it had reached. A volume price is billed anew, and a line takes back what was billed before.
    inferred: tiers without a change are left out, as long as one line remains.
    """
    before, after = bill(tariff, billed), bill(tariff, quantity)
    if isinstance(tariff, Tiered) and tariff.tiers_mode == "volume":
        sum_before = Decimal(-sum(line.rounded for line in before))
        return (*after, Line(quantity=ZERO, unit_amount=sum_before, amount=sum_before, takes_back=True))
    known = {(line.tier, line.flat): line for line in before}
    rest = [_rest(line, known.pop((line.tier, line.flat), None)) for line in after]
    rest += [_rest(replace(line, quantity=ZERO, amount=ZERO), line) for line in known.values()]
    return tuple(line for line in rest if line.quantity or line.amount) or (rest[-1],)


def _rest(line: Line, before: Line | None) -> Line:
    """What a line differs by. Amounts are rounded first: then all invoices of a period add up to one for it all."""
    if before is None:
        return line
    amount = Decimal(line.rounded - before.rounded)
    return replace(line, quantity=EXACT.subtract(line.quantity, before.quantity), amount=amount)


def _per_unit(tariff: PerUnit, quantity: Decimal) -> Line:
    price, package = tariff.unit_amount, tariff.package
    charged, per = (package.count(quantity), package.divide_by) if package else (quantity, 1)
    return Line(quantity=quantity, unit_amount=price, amount=EXACT.multiply(charged, price), per=per)


def _graduated(tiers: tuple[Tier, ...], quantity: Decimal) -> Iterator[Line]:
    below = ZERO
    for number, tier in enumerate(tiers[: _tiers_reached(tiers, quantity)], start=1):
        top = quantity if tier.up_to is None else min(quantity, Decimal(tier.up_to))
        yield from _tier_lines(number, tier, EXACT.subtract(top, below))
        below = top


def _volume(tiers: tuple[Tier, ...], quantity: Decimal) -> Iterator[Line]:
    number = _tiers_reached(tiers, quantity)
    return _tier_lines(number, tiers[number - 1], quantity)


def _tiers_reached(tiers: tuple[Tier, ...], quantity: Decimal) -> int:
    numbered = enumerate(tiers, start=1)
    return next(number for number, tier in numbered if tier.up_to is None or quantity <= tier.up_to)


def _tier_lines(number: int, tier: Tier, units: Decimal) -> Iterator[Line]:
    # inferred: a tier that has a flat fee only still prints its units, at zero.
    price = tier.unit_amount if tier.unit_amount is not None else ZERO
    yield Line(tier=number, quantity=units, unit_amount=price, amount=EXACT.multiply(units, price))
    if (fee := tier.flat_amount) is not None:
        yield Line(tier=number, quantity=ZERO, unit_amount=fee, amount=fee, flat=True)


@dataclass(frozen=True, slots=True)
class TierFault:
    """The first thing wrong with a tier table: `tiers[index][field]`, counting from 0."""

    index: int
    field: Literal["up_to", "unit_amount"]
    reason: Literal["not_ascending", "inf_before_last", "last_not_inf", "no_amount"]


def tier_fault(tiers: tuple[Tier, ...]) -> TierFault | None:
    """Check that bounds ascend from 1, that the last tier alone is endless and that each has an amount."""
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


# Recorded are $, € and bare codes (`CHF 25.00`); inferred: the other symbols, from English CLDR.
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "aud": "A$", "cad": "CA$", "inr": "₹"}
# https://docs.stripe.com/currencies; UGX and ISK have no cents, yet Stripe's API counts them in hundredths.
_NO_DECIMALS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
_THREE_DECIMALS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))


def money(amount: Decimal, currency: str) -> str:
    """Write an amount of smallest units as Stripe does: 3.6 US cents are `$0.036`, 120000 are `$1,200.00`."""
    places = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    symbol = _SYMBOLS.get(currency, f"{currency.upper()} ")
    sign = "-" if amount < 0 else ""
    digits = f"{EXACT.scaleb(amount.copy_abs(), -places):,f}"
    return f"{sign}{symbol}{_trimmed(digits, places)}"


def cadence(interval: str, interval_count: int = 1) -> str:
    """How often a price recurs: `month`, `every 3 months`."""
    return interval if interval_count == 1 else f"every {interval_count} {interval}s"


def describe(line: Line, *, product: str, currency: str, every: str, unit_label: str | None = None) -> str:
    """Write a line's `description`; `currency` is a lowercase code, `every` a `cadence`.

    `31 credit × Gitpod Usage (Tier 2 at $0.036 / month)`, `Gitpod Usage (Tier 1 at $9.00 / month)` for a flat
    fee, `1 × Select (at $0.00 / month)` without tiers: recorded for graduated and licensed prices.
    """
    # inferred: volume tiers read like graduated ones, a package's size follows its price, and what is taken back.
    tier = f"Tier {line.tier} " if line.tier else ""
    per = f" per {line.per}" if line.per > 1 else ""
    priced = f"{product} ({tier}at {money(line.unit_amount, currency)}{per} / {every})"
    if line.takes_back:
        return f"{product} (amount previously billed)"
    if line.flat:
        return priced
    units = _trimmed(f"{line.quantity:f}", 0)
    return f"{units} {unit_label} × {priced}" if unit_label else f"{units} × {priced}"


def _trimmed(number: str, places: int) -> str:
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    return f"{whole}.{fraction}" if fraction else whole
