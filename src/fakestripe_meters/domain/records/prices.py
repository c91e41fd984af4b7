"""Prices: how they are stored, how they become arithmetic, and how they are shown as a price and as a plan."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.pricing import Package
from fakestripe_meters.core.pricing import PerUnit
from fakestripe_meters.core.pricing import Tariff
from fakestripe_meters.core.pricing import Tier
from fakestripe_meters.core.pricing import Tiered
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import number

TaxBehavior = Literal["exclusive", "inclusive", "unspecified"]
UsageType = Literal["licensed", "metered"]
# observed: the order in which a refusal names them (crvouga/mockingbird).
TAX_BEHAVIORS = ("inclusive", "exclusive", "unspecified")
USAGE_TYPES = ("metered", "licensed")


@record
class Recurring:
    """How often a price is billed, and for which usage."""

    interval: Interval
    interval_count: int = 1
    usage_type: UsageType = "licensed"
    meter: str | None = None
    trial_period_days: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for an interval without length."""
        Cycle(0, self.interval, self.interval_count)

    @property
    def cadence(self) -> tuple[Interval, int]:
        """The interval that all prices of a subscription share."""
        return self.interval, self.interval_count


@record
class Amounts:
    """What a price costs in one currency, in its smallest unit."""

    unit_amount: Decimal | None = None
    tiers: Sequence[Tier] = field(default_factory=list)
    custom_unit_amount: Mapping[str, int | None] | None = None
    tax_behavior: str = "unspecified"


@record
class Price:
    """A price as stored; a deleted plan stays, because subscriptions may still refer to it."""

    id: str
    created: int
    currency: str
    product: str
    amounts: Amounts
    recurring: Recurring | None = None
    tiers_mode: Literal["graduated", "volume"] | None = None
    package: Package | None = None
    currency_options: Mapping[str, Amounts] = field(default_factory=dict)
    active: bool = True
    lookup_key: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    nickname: str | None = None
    deleted: bool = False

    @property
    def rhythm(self) -> Recurring:
        """How often it is billed. Raise ValueError for a one-time price."""
        if self.recurring is None:
            message = f"{self.id} is a one-time price: it has no interval"
            raise ValueError(message)
        return self.recurring

    @property
    def metered(self) -> bool:
        """Whether usage is billed rather than a quantity."""
        return self.recurring is not None and self.recurring.usage_type == "metered"

    @property
    def meter(self) -> str | None:
        """The meter whose usage is billed, if there is one."""
        return self.recurring.meter if self.recurring else None

    @property
    def type(self) -> str:
        """`recurring` or `one_time`."""
        return "recurring" if self.recurring else "one_time"

    @property
    def tariff(self) -> Tariff:
        """The price as arithmetic. If the customer chooses the amount, it is zero."""
        if self.tiers_mode is not None:
            return Tiered(tiers_mode=self.tiers_mode, tiers=tuple(self.amounts.tiers))
        return PerUnit(unit_amount=self.amounts.unit_amount or Decimal(0), package=self.package)


@dataclass(eq=False)
class Prices(Part, name="prices", named_by=("price", "prices", "default_price")):
    """All prices of an account, plans included, and the id of the price that holds each lookup key."""

    table: Table[Price] = field(default_factory=Table)
    lookup_keys: Index[str] = field(default_factory=Index)


def lookup(account: Account, price_id: str) -> Price | None:
    """Return the price with that id; None if there is none or it was deleted as a plan."""
    price = account.part(Prices).table.get(price_id)
    return None if price is None or price.deleted else price


def kept(account: Account, price_id: str) -> Price:
    """Return the price that another object refers to, even one that was deleted as a plan."""
    return account.part(Prices).table.kept(price_id)


def find_plan(account: Account, plan_id: str, *, param: str = "id", status: int = 404) -> Price:
    """Return the recurring price with that id, or raise `No such plan`."""
    price = lookup(account, plan_id)
    if price is None or price.recurring is None:
        raise errors.objects.no_such("plan", plan_id, param=param, status=status)
    return price


def find(account: Account, price_id: str, *, param: str = "id", status: int = 404) -> Price:
    """Return the price with that id, or raise `No such price`."""
    return required(lookup(account, price_id), "price", price_id, param=param, status=status)


def faces(account: Account, price: Price) -> tuple[Tree | None, Tree]:
    """Return a price as Stripe shows it as a plan (None if it is one-time) and as a price."""
    return render_plan(account, price) if price.recurring else None, render(account, price)


@inferred("the plan is announced before its price")
def announce(account: Account, price: Price, before: tuple[Tree | None, Tree]) -> None:
    """Publish that a price changed; `before` is what `faces` returned before."""
    plan, face = faces(account, price)
    if before[0] is not None and plan is not None:
        publish_update(account, "plan.updated", before[0], plan)
    publish_update(account, "price.updated", before[1], face)


def add(account: Account, price: Price) -> Price:
    """Add a new price, with an id if it has none, and publish the events."""
    price.id = price.id or account.ids.new("price_", 24)
    account.part(Prices).table.add(price)
    if price.recurring:
        publish(account, "plan.created", render_plan(account, price))
    publish(account, "price.created", render(account, price))
    return price


def amount(exact: Decimal | None) -> int | None:
    """Return an amount as an integer, or None if it is not whole."""
    return int(exact) if exact is not None and exact == exact.to_integral_value() else None


def amount_decimal(exact: Decimal | None) -> str | None:
    """Return an amount as Stripe writes decimals."""
    return None if exact is None else number(exact)


def render(_account: Account, price: Price) -> Tree:
    """Return a price as Stripe shows it; `tiers` and `currency_options` are included only when expanded."""
    return {
        "id": price.id,
        "object": "price",
        "active": price.active,
        "billing_scheme": _billing_scheme(price),
        "created": price.created,
        "currency": price.currency,
        "custom_unit_amount": price.amounts.custom_unit_amount,
        "livemode": False,
        "lookup_key": price.lookup_key,
        "metadata": dict(price.metadata),
        "nickname": price.nickname,
        "product": price.product,
        "recurring": _render_recurring(price.recurring),
        "tax_behavior": price.amounts.tax_behavior,
        "tiers_mode": price.tiers_mode,
        "transform_quantity": _render_package(price.package),
        "type": price.type,
        "unit_amount": amount(price.amounts.unit_amount),
        "unit_amount_decimal": amount_decimal(price.amounts.unit_amount),
    }


def render_plan(_account: Account, price: Price) -> Tree:
    """Return a price in the older shape of a plan; raise ValueError for a one-time price."""
    recurring = price.rhythm
    return {
        "id": price.id,
        "object": "plan",
        "active": price.active,
        "amount": amount(price.amounts.unit_amount),
        "amount_decimal": amount_decimal(price.amounts.unit_amount),
        "billing_scheme": _billing_scheme(price),
        "created": price.created,
        "currency": price.currency,
        "interval": recurring.interval,
        "interval_count": recurring.interval_count,
        "livemode": False,
        "metadata": dict(price.metadata),
        "meter": recurring.meter,
        "nickname": price.nickname,
        "product": price.product,
        "tiers_mode": price.tiers_mode,
        "transform_usage": _render_package(price.package),
        "trial_period_days": recurring.trial_period_days,
        "usage_type": recurring.usage_type,
    }


def render_tiers(account: Account, price_id: str) -> list[Tree] | None:
    """Return the tiers of a price; None if it has none."""
    tiers = kept(account, price_id).amounts.tiers
    return [_render_tier(tier) for tier in tiers] or None


def render_currency_options(account: Account, price_id: str) -> Tree:
    """Return what a price costs in each of its currencies, its main one included."""
    price = kept(account, price_id)
    options: Mapping[str, Amounts] = {price.currency: price.amounts, **price.currency_options}
    return {currency: _render_amounts(options[currency]) for currency in sorted(options)}


def _render_amounts(amounts: Amounts) -> Tree:
    shown: Tree = {
        "custom_unit_amount": amounts.custom_unit_amount,
        "tax_behavior": amounts.tax_behavior,
        "unit_amount": amount(amounts.unit_amount),
        "unit_amount_decimal": amount_decimal(amounts.unit_amount),
    }
    if amounts.tiers:
        shown["tiers"] = [_render_tier(tier) for tier in amounts.tiers]
    return shown


def _render_tier(tier: Tier) -> Tree:
    return {
        "flat_amount": amount(tier.flat_amount),
        "flat_amount_decimal": amount_decimal(tier.flat_amount),
        "unit_amount": amount(tier.unit_amount),
        "unit_amount_decimal": amount_decimal(tier.unit_amount),
        "up_to": tier.up_to,
    }


def _render_recurring(recurring: Recurring | None) -> Tree | None:
    if recurring is None:
        return None
    return {
        "interval": recurring.interval,
        "interval_count": recurring.interval_count,
        "meter": recurring.meter,
        "trial_period_days": recurring.trial_period_days,
        "usage_type": recurring.usage_type,
    }


def _render_package(package: Package | None) -> Tree | None:
    return None if package is None else {"divide_by": package.divide_by, "round": package.round}


def _billing_scheme(price: Price) -> str:
    return "tiered" if price.tiers_mode else "per_unit"
