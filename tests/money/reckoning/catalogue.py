"""The price list of the stories, and how it is made."""

from fractions import Fraction
from typing import Any

from tests.conftest import Call
from tests.money.reckoning.prices import Price
from tests.money.reckoning.prices import Tier
from tests.resources import shop

Tree = dict[str, Any]
SET_UP = "set-up"
GRADUATED = (Tier(100, Fraction(0)), Tier(1000, Fraction("2.5"), Fraction(200)), Tier(None, Fraction("1.2")))
VOLUME = (Tier(500, Fraction("1.5")), Tier(None, Fraction("0.75"), Fraction(99)))
PRICES = {
    each.name: each
    for each in (
        Price("seat", Fraction(3100)),
        Price("desk", Fraction(1999)),
        Price("room", Fraction("750.5")),
        Price("stool", Fraction(17)),
        Price("seat a year", Fraction(31_000), "year"),
        Price("desk a year", Fraction("19900.25"), "year"),
        Price("desk a quarter", Fraction(5500), "quarter"),
        Price("calls", meter="calls", tiers=GRADUATED),
        Price("cheap calls", Fraction("0.35"), meter="calls"),
        Price("calls a year", Fraction("0.5"), "year", meter="calls"),
        Price("bytes", meter="bytes", tiers=VOLUME, volume=True),
        Price("packed bytes", Fraction(700), meter="bytes", package=100),
    )
}
ONCE = Price(SET_UP, Fraction(777))


def made(call: Call) -> dict[str, str]:
    """Make all prices, and return their ids by name."""
    meters = {name: shop.meter(call, name) for name in ("calls", "bytes")}
    ids = {each.name: _made(call, each, meters) for each in PRICES.values()}
    return ids | {SET_UP: shop.one_time(call, int(ONCE.unit))}


def _made(call: Call, price: Price, meters: dict[str, str]) -> str:
    interval, count = ("month", 3) if price.interval == "quarter" else (price.interval, 1)
    recurring: Tree = {"interval": interval, "interval_count": count}
    if price.meter:
        recurring |= {"usage_type": "metered", "meter": meters[price.meter]}
    terms: Tree = {"currency": "usd", "product_data": {"name": price.name.title()}, "recurring": recurring}
    if price.tiers:
        mode = "volume" if price.volume else "graduated"
        terms |= {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": [_tier(each) for each in price.tiers]}
    else:
        terms["unit_amount_decimal"] = _decimal(price.unit)
    if price.package > 1:
        terms["transform_quantity"] = {"divide_by": price.package, "round": "up"}
    created: str = call.create("/v1/prices", terms)["id"]
    return created


def _tier(tier: Tier) -> Tree:
    flat = {"flat_amount_decimal": _decimal(tier.flat)} if tier.flat else {}
    return {"up_to": tier.up_to or "inf", "unit_amount_decimal": _decimal(tier.unit), **flat}


def _decimal(amount: Fraction) -> str:
    """Write it out: all denominators are powers of ten."""
    return str(amount.numerator * 100 // amount.denominator / 100)
