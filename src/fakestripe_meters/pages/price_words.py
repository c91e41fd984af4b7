"""What a price costs, in words that a customer understands."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.pricing import Tier
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.pages import words


class PriceWords(NamedTuple):
    """What a price costs."""

    text: str
    """In one line."""
    tiers: Sequence[str] = ()
    """What it costs up to which quantity, if it has tiers."""


def of(account: Account, price: Price) -> PriceWords:
    """Return what a price costs: `$20.00 per month`, or `$0.02 per call, billed by usage each month`."""
    unit = words.plain(products.kept(account, price.product).unit_label or "unit")
    ending = _ending(price)
    if price.tiers_mode is not None:
        how = "by usage" if price.metered else "by quantity"
        tiers = "in tiers" if price.tiers_mode == "graduated" else "by the tier that is reached"
        return PriceWords(f"Priced {tiers}, {how}{ending}", list(_tiers(price, unit)))
    cost = pricing.money(price.amounts.unit_amount or 0, price.currency)
    if price.package is not None:
        rounded = "rounded up" if price.package.round == "up" else "rounded down"
        cost = f"{cost} per {price.package.divide_by:,} × {unit}, {rounded}"
    elif price.metered:
        cost = f"{cost} per {unit}"
    return PriceWords(f"{cost}, billed by usage{ending}" if price.metered else f"{cost}{ending}")


def every(price: Price) -> str:
    """Return how often a price recurs: `per month`, `every 3 months`; empty for a one-time price."""
    recurring = price.recurring
    if recurring is None:
        return ""
    each = pricing.cadence(recurring.interval, recurring.interval_count)
    return f"per {each}" if recurring.interval_count == 1 else each


def _ending(price: Price) -> str:
    recurring = price.recurring
    if recurring is None:
        return ""
    if price.metered or price.tiers_mode is not None:
        return f" each {recurring.interval}" if recurring.interval_count == 1 else f" {every(price)}"
    return f" {every(price)}"


def _tiers(price: Price, unit: str) -> Iterator[str]:
    first = 1
    for tier in price.amounts.tiers:
        if price.tiers_mode == "volume":
            reach = "more" if tier.up_to is None else f"up to {tier.up_to:,}"
            yield f"{reach}: {_cost(tier, price.currency, unit)}"
        else:
            reach = f"from {first:,}" if tier.up_to is None else f"{first:,} to {tier.up_to:,}"
            yield f"{reach}: {_cost(tier, price.currency, unit)}"
        first = (tier.up_to or 0) + 1


def _cost(tier: Tier, currency: str, unit: str) -> str:
    flat = None if tier.flat_amount is None else pricing.money(tier.flat_amount, currency)
    if tier.unit_amount is None:
        return flat or ""
    each = f"{pricing.money(tier.unit_amount, currency)} per {unit}"
    return each if flat is None else f"{each}, plus {flat}"
