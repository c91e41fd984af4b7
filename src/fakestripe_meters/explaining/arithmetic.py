"""How the amount of an invoice line comes from its quantity and its price: in one line, and exactly."""

from decimal import Decimal

from fakestripe_meters.core import pricing
from fakestripe_meters.core import printing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.prices import Price


def of(account: Account, line: InvoiceLine, currency: str) -> str:
    """Return how a line comes to its amount: `900 × $0.025 = $22.50`; empty if its amount was given as it is."""
    price = _price(account, line)
    if price is None:
        return ""
    if _is_without_units(price, line):
        return _without_units(line, currency)
    return f"{_tier(price, line.tier)}{_product(account, price, line, currency)}"


def exact(account: Account, line: InvoiceLine) -> Decimal | None:
    """Return the amount of a line before it was rounded; None if it is no product of a quantity and a price.

    It is none, too, if the line charges only a part of that.
    """
    price = _price(account, line)
    if price is None or _is_without_units(price, line):
        return None
    amount = EXACT.multiply(_charged(price, line.quantity), line.unit_amount or Decimal(0))
    return amount if pricing.half_up(amount) == line.amount else None


def _price(account: Account, line: InvoiceLine) -> Price | None:
    if line.price is None or line.unit_amount is None or line.proration:
        return None
    return prices.kept(account, line.price)


def _is_without_units(price: Price, line: InvoiceLine) -> bool:
    return price.tiers_mode is not None and not line.quantity and bool(line.amount)


def _without_units(line: InvoiceLine, currency: str) -> str:
    if line.amount < 0:
        return f"{pricing.money(-line.amount, currency)} was billed before in this period, at the price of another tier"
    return f"The flat fee of tier {line.tier}"


def _tier(price: Price, number: int | None) -> str:
    """Return which units a tier is for: `Tier 2, from 1,001 to 5,000: `."""
    tiers = price.amounts.tiers
    if number is None or number > len(tiers):
        return ""
    last = tiers[number - 1].up_to
    first = 1 if number == 1 or price.tiers_mode == "volume" else (tiers[number - 2].up_to or 0) + 1
    reach = f"from {first:,} on" if last is None else f"from {first:,} to {last:,}"
    return f"Tier {number}, {reach}: "


def _charged(price: Price, quantity: Decimal) -> Decimal:
    return quantity if price.package is None else price.package.count(quantity)


def _product(account: Account, price: Price, line: InvoiceLine, currency: str) -> str:
    unit_amount = line.unit_amount or Decimal(0)
    charged, counted = _charged(price, line.quantity), _counted(account, price, line.quantity)
    if price.package is not None:
        counted = f"{counted} in packages of {price.package.divide_by:,}, rounded {price.package.round}: {charged:,f}"
    amount = EXACT.multiply(charged, unit_amount)
    told = f"{counted} × {pricing.money(unit_amount, currency)} = {pricing.money(amount, currency)}"
    if pricing.half_up(amount) != line.amount:
        return f"{told}, of which {pricing.money(line.amount, currency)} is charged here"
    return told if amount == line.amount else f"{told}, rounded to {pricing.money(line.amount, currency)}"


def _counted(account: Account, price: Price, quantity: Decimal) -> str:
    label = products.kept(account, price.product).unit_label
    number = f"{int(quantity):,}" if quantity == quantity.to_integral_value() else f"{quantity.normalize():,f}"
    return printing.line(f"{number} {label}" if label else number)
