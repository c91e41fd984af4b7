"""The parameters of a price, given as a price or as a plan, and Stripe's checks of them."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.periods import INTERVALS
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.pricing import Package
from fakestripe_meters.core.pricing import Tier
from fakestripe_meters.core.pricing import tier_fault
from fakestripe_meters.domain.records import meters
from fakestripe_meters.domain.records.prices import TAX_BEHAVIORS
from fakestripe_meters.domain.records.prices import USAGE_TYPES
from fakestripe_meters.domain.records.prices import Amounts
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Recurring
from fakestripe_meters.domain.records.prices import TaxBehavior
from fakestripe_meters.domain.records.prices import UsageType
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_currency_key
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

LONGEST: Mapping[str, int] = {"day": 1095, "week": 156, "month": 36, "year": 3}
MOST_DAYS_BETWEEN = LONGEST["day"]
Path = Callable[[str], str]
"""Turns the name of a price's parameter into its path in the request: a plan's `recurring[meter]` is `meter`."""


class TierTerms(Params):
    """One tier, up to and including a quantity."""

    up_to: int | Literal["inf"] = param(least=1, most=MOST_UNITS)
    flat_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    flat_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)
    unit_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


class PackageTerms(Params):
    """Charge whole packages of units."""

    divide_by: int = param(least=1, most=MOST_UNITS)
    round: Literal["up", "down"] = param()


class RecurringTerms(Params):
    """How often the price is billed, and for which usage."""

    interval: Interval = param(order=INTERVALS)
    interval_count: int = param(default=1, least=1, most=MOST_DAYS_BETWEEN)
    meter: str | None = param(default=None)
    trial_period_days: int | None = param(default=None, least=0, most=730)
    usage_type: UsageType = param(default="licensed", order=USAGE_TYPES)


class CustomTerms(Params):
    """An amount that the customer chooses."""

    enabled: bool = param()
    maximum: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    minimum: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    preset: int | None = param(default=None, least=0, most=MOST_OF_PRICE)


class CurrencyTerms(Params):
    """The price in another currency."""

    custom_unit_amount: CustomTerms | None = param(default=None)
    tax_behavior: TaxBehavior = param(default="unspecified", order=TAX_BEHAVIORS)
    tiers: tuple[TierTerms, ...] = param(default=())
    unit_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A price before it is checked, with its parameters named as a price names them."""

    currency: str
    product: str = ""
    active: bool = True
    billing_scheme: Literal["per_unit", "tiered"] = "per_unit"
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None
    custom_unit_amount: CustomTerms | None = None
    recurring: RecurringTerms | None = None
    tiers: tuple[TierTerms, ...] = ()
    tiers_mode: Literal["graduated", "volume"] | None = None
    transform_quantity: PackageTerms | None = None
    tax_behavior: str = "unspecified"
    currency_options: Mapping[str, CurrencyTerms] = field(default_factory=dict)
    nickname: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    no_amount: Callable[[], StripeError] = errors.prices.no_amount


def build(account: Account, sketch: Sketch, path: Path = str) -> Price:
    """Return the price of a sketch, without an id and in no table yet, or raise StripeError 400."""
    recurring = _recurring(account, sketch.recurring, path) if sketch.recurring else None
    amounts = _tiered(sketch, path) if sketch.billing_scheme == "tiered" else _per_unit(sketch, path)
    package = sketch.transform_quantity
    return Price(
        id="",
        created=account.now,
        currency=sketch.currency.lower(),
        product=sketch.product,
        amounts=amounts,
        recurring=recurring,
        tiers_mode=sketch.tiers_mode,
        package=Package(divide_by=package.divide_by, round=package.round) if package else None,
        currency_options=currency_options(sketch.currency_options, path),
        active=sketch.active,
        metadata=dict(sketch.metadata),
        nickname=sketch.nickname,
    )


def currency_options(given: Mapping[str, CurrencyTerms], path: Path = str) -> dict[str, Amounts]:
    """Return the amounts of a price in other currencies."""
    found = {}
    for currency, terms in given.items():
        check_currency_key(currency, path("currency_options"))
        where = f"{path('currency_options')}[{currency}]"
        found[currency] = Amounts(
            unit_amount=_either(terms, "unit_amount", _inside(where)),
            tiers=_tiers(terms.tiers, f"{where}[tiers]"),
            custom_unit_amount=_custom(terms.custom_unit_amount),
            tax_behavior=terms.tax_behavior,
        )
    return found


def _recurring(account: Account, terms: RecurringTerms, path: Path) -> Recurring:
    if terms.usage_type == "metered" and terms.meter is None:
        raise errors.prices.metered_without_meter()
    if terms.interval_count > LONGEST[terms.interval]:
        most = LONGEST[terms.interval]
        raise errors.prices.interval_too_long(path("recurring[interval_count]"), terms.interval, most)
    if terms.meter is not None:
        where = path("recurring[meter]")
        meter = meters.find(account, terms.meter, param=where, status=400)
        if not meter.active:
            raise errors.objects.inactive(where, "meter")
        if terms.usage_type != "metered":
            raise errors.prices.only_metered(where)
    return Recurring(
        interval=terms.interval,
        interval_count=terms.interval_count,
        usage_type=terms.usage_type,
        meter=terms.meter,
        trial_period_days=terms.trial_period_days,
    )


def _per_unit(sketch: Sketch, path: Path) -> Amounts:
    for name in ("tiers", "tiers_mode"):
        if getattr(sketch, name):
            raise errors.prices.needs_tiered(path(name), name)
    unit_amount = _either(sketch, "unit_amount", path)
    custom = _custom(sketch.custom_unit_amount)
    if unit_amount is None and custom is None:
        raise sketch.no_amount()
    if unit_amount is not None and custom is not None:
        raise errors.params.exclusive_params((path("unit_amount"), path("custom_unit_amount")))
    return Amounts(unit_amount=unit_amount, custom_unit_amount=custom, tax_behavior=sketch.tax_behavior)


def _tiered(sketch: Sketch, path: Path) -> Amounts:
    if sketch.recurring is None:
        raise errors.prices.tiered_one_time()
    for name in ("unit_amount", "unit_amount_decimal", "custom_unit_amount", "transform_quantity"):
        if getattr(sketch, name) is not None:
            raise errors.prices.not_with_tiers(path(name), name)
    for name in ("tiers", "tiers_mode"):
        if not getattr(sketch, name):
            raise errors.params.missing_param(path(name))
    return Amounts(tiers=_tiers(sketch.tiers, path("tiers")), tax_behavior=sketch.tax_behavior)


def _tiers(given: tuple[TierTerms, ...], where: str) -> list[Tier]:
    tiers = [
        Tier(
            up_to=None if terms.up_to == "inf" else int(terms.up_to),
            unit_amount=_either(terms, "unit_amount", _inside(f"{where}[{index}]")),
            flat_amount=_either(terms, "flat_amount", _inside(f"{where}[{index}]")),
        )
        for index, terms in enumerate(given)
    ]
    fault = tier_fault(tuple(tiers)) if tiers else None
    if fault is not None:
        raise _FAULTS[fault.reason](f"{where}[{fault.index}][{fault.field}]")
    return tiers


_FAULTS = {
    "not_ascending": errors.prices.tier_not_ascending,
    "inf_before_last": errors.prices.tier_not_last,
    "last_not_inf": errors.prices.tier_not_last,
    "no_amount": errors.prices.tier_without_amount,
}


def _either(terms: object, name: str, path: Path) -> Decimal | None:
    """Return an amount that can be given as an integer or as a decimal, but not as both."""
    whole: int | None = getattr(terms, name)
    exact: Decimal | None = getattr(terms, f"{name}_decimal")
    if whole is not None and exact is not None:
        raise errors.params.exclusive_params((path(name), path(f"{name}_decimal")))
    return exact if whole is None else Decimal(whole)


def _inside(where: str) -> Path:
    return lambda name: f"{where}[{name}]"


def _custom(terms: CustomTerms | None) -> dict[str, int | None] | None:
    if terms is None or not terms.enabled:
        return None
    return {"maximum": terms.maximum, "minimum": terms.minimum, "preset": terms.preset}
