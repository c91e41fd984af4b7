"""Plans: https://docs.stripe.com/api/plans, which are recurring prices in an older shape."""

from decimal import Decimal
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.periods import INTERVALS
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.prices import USAGE_TYPES
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Prices
from fakestripe_meters.domain.records.prices import UsageType
from fakestripe_meters.domain.records.products import ProductData
from fakestripe_meters.domain.records.products import Products
from fakestripe_meters.domain.subscribing import price_terms
from fakestripe_meters.domain.subscribing.price_terms import MOST_DAYS_BETWEEN
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/plans"
CALLED = {"unit_amount": "amount", "unit_amount_decimal": "amount_decimal", "transform_quantity": "transform_usage"}


class CreatePlan(Operation):
    """A new plan."""

    currency: str = param(check=check_currency)
    interval: Interval = param(order=INTERVALS)
    active: bool = param(default=True)
    amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)
    billing_scheme: Literal["per_unit", "tiered"] = param(default="per_unit")
    id: str | None = param(default=None)
    interval_count: int = param(default=1, least=1, most=MOST_DAYS_BETWEEN)
    metadata: Metadata = metadata()
    meter: str | None = param(default=None)
    nickname: str | None = param(default=None)
    product: str | ProductData | None = param(default=None)
    tiers: tuple[price_terms.TierTerms, ...] = param(default=())
    tiers_mode: Literal["graduated", "volume"] | None = param(default=None)
    transform_usage: price_terms.PackageTerms | None = param(default=None)
    trial_period_days: int | None = param(default=None, least=0, most=730)
    usage_type: UsageType = param(default="licensed", order=USAGE_TYPES)


class UpdatePlan(Operation):
    """A change to a plan."""

    active: bool | Unset = param(default=UNSET)
    metadata: Metadata = metadata()
    nickname: str | Unset | None = param(default=UNSET, clearable=True)
    product: str | Unset = param(default=UNSET)
    trial_period_days: int | Unset = param(default=UNSET, least=0, most=730)


class ListPlans(ListParams):
    """Which plans to list."""

    active: bool | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    product: str | None = param(default=None)


resource = Resource(
    "plan",
    PATH,
    render=prices.render_plan,
    left_out={"tiers": prices.render_tiers},
)


@resource.post()
def create(account: Account, params: CreatePlan) -> Price:
    """Create a plan, and its product if that is given in full."""
    prices_table = account.part(Prices).table
    if params.id is not None and prices_table.knows(params.id):
        raise errors.objects.already_exists("id", "Plan")
    sketch = price_terms.Sketch(
        currency=params.currency,
        product=_product_of(account, params.product),
        active=params.active,
        billing_scheme=params.billing_scheme,
        unit_amount=params.amount,
        unit_amount_decimal=params.amount_decimal,
        recurring=_recurring(params),
        tiers=params.tiers,
        tiers_mode=params.tiers_mode,
        transform_quantity=params.transform_usage,
        nickname=params.nickname,
        metadata=merged({}, params.metadata),
        no_amount=errors.prices.no_plan_amount,
    )
    plan = price_terms.build(account, sketch, _called)
    if isinstance(params.product, ProductData):
        plan.product = products.add(account, products.sketched(account, params.product)).id
    plan.id = params.id or account.ids.new("plan_")
    return prices.add(account, plan)


@resource.get("/<path:plan_id>")
def retrieve(account: Account, params: Operation, plan_id: str) -> Price:
    """Return a plan."""
    return prices.find_plan(account, plan_id)


@resource.post("/<path:plan_id>")
def update(account: Account, params: UpdatePlan, plan_id: str) -> Price:
    """Change the given fields; an empty string clears a field."""
    plan = prices.find_plan(account, plan_id)
    before = prices.faces(account, plan)
    changed = merged(plan.metadata, params.metadata)
    if params.product is not UNSET:
        plan.product = products.find(account, params.product, param="product", status=400).id
    plan.metadata = changed
    if params.active is not UNSET:
        plan.active = params.active
    if params.nickname is not UNSET:
        plan.nickname = params.nickname
    if params.trial_period_days is not UNSET and plan.recurring is not None:
        plan.recurring.trial_period_days = params.trial_period_days
    prices.announce(account, plan, before)
    return plan


@resource.get()
def list_(account: Account, params: ListPlans) -> Listing:
    """List plans, newest first. Inactive ones are included unless `active` is given."""
    check_filter(account.part(Products).table, params.product, "product", "product")

    def wanted(plan: Price) -> bool:
        return (
            plan.recurring is not None
            and not plan.deleted
            and params.active in (None, plan.active)
            and params.product in (None, plan.product)
            and within(params.created, plan.created)
        )

    return page(account.part(Prices).table, params, url=PATH, noun="plan", where=wanted)


@resource.delete("/<path:plan_id>")
def delete(account: Account, params: Operation, plan_id: str) -> Tree:
    """Delete a plan: new subscriptions cannot use it, existing ones are billed as before."""
    plan = prices.find_plan(account, plan_id)
    publish(account, "plan.deleted", prices.render_plan(account, plan))
    publish(account, "price.deleted", prices.render(account, plan))
    plan.deleted, plan.active = True, False
    if plan.lookup_key is not None:
        del account.part(Prices).lookup_keys[plan.lookup_key]
        plan.lookup_key = None
    return {"id": plan.id, "object": "plan", "deleted": True}


def _called(name: str) -> str:
    """Return the name that a parameter of a price has here: `recurring[meter]` is `meter`."""
    if name.startswith("recurring["):
        return name.removeprefix("recurring[").removesuffix("]")
    return CALLED.get(name, name)


def _recurring(params: CreatePlan) -> price_terms.RecurringTerms:
    return price_terms.RecurringTerms(
        interval=params.interval,
        interval_count=params.interval_count,
        meter=params.meter,
        trial_period_days=params.trial_period_days,
        usage_type=params.usage_type,
    )


def _product_of(account: Account, product: str | ProductData | None) -> str:
    """Return the id of the product that is named; an empty string if it is created with the plan."""
    if product is None:
        raise errors.params.missing_param("product")
    if isinstance(product, ProductData):
        products.check_id(account, product.id, "product[id]")
        merged({}, product.metadata, "product[metadata]")
        return ""
    return products.find(account, product, param="product", status=400).id
