"""Coupons: https://docs.stripe.com/api/coupons."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.coupons import Coupon
from fakestripe_meters.domain.records.coupons import Coupons
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_currency_key
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/coupons"
LEAST_PERCENT = Decimal("0.01")
MOST_PERCENT = 100
# inferred: how often, and for how many months, a coupon may be redeemed.
MOST_REDEMPTIONS = 2_147_483_647
MOST_MONTHS = 1_200
LONGEST_NAME = 40


def _check_percent(value: Decimal, path: str) -> None:
    if value < LEAST_PERCENT:
        raise errors.discounts.percent_too_small(path, LEAST_PERCENT, value)
    check_decimals(value, path)


class CurrencyOption(Params):
    """What a coupon takes off in another currency."""

    amount_off: int = param(least=1, most=MOST_CHARGED)


def _check_currencies(given: Mapping[str, CurrencyOption], path: str) -> None:
    for currency in given:
        check_currency_key(currency, path)


class AppliesTo(Params):
    """What a coupon applies to."""

    products: tuple[str, ...] = param(default=())


class CouponTerms(Operation):
    """The parameters of a new coupon and of an update."""

    currency_options: dict[str, CurrencyOption] | None = param(default=None, check=_check_currencies)
    metadata: Metadata = metadata()
    name: str | Unset | None = param(default=UNSET, clearable=True, max_length=LONGEST_NAME)


class CreateCoupon(CouponTerms):
    """A new coupon: either a percentage or an amount."""

    amount_off: int | None = param(default=None, least=1, most=MOST_CHARGED)
    applies_to: AppliesTo | None = param(default=None)
    currency: str | None = param(default=None, check=check_currency)
    duration: Literal["forever", "once", "repeating"] = param(default="once")
    duration_in_months: int | None = param(default=None, least=1, most=MOST_MONTHS)
    id: str | None = param(default=None)
    max_redemptions: int | None = param(default=None, least=1, most=MOST_REDEMPTIONS)
    percent_off: Decimal | None = param(default=None, least=-MOST_CHARGED, most=MOST_PERCENT, check=_check_percent)
    redeem_by: int | None = any_integer(default=None, doc="Within five years.")


class UpdateCoupon(CouponTerms):
    """A change to a coupon: what it takes off cannot be changed, except in other currencies."""


class ListCoupons(ListParams):
    """Which coupons to list."""

    created: int | Range | None = any_integer(default=None)


def _applies_to(account: Account, coupon_id: str) -> Tree | None:
    return coupons.render_products(coupons.kept(account, coupon_id))


def _currency_options(account: Account, coupon_id: str) -> Tree:
    return coupons.render_currencies(coupons.kept(account, coupon_id))


resource = Resource(
    "coupon",
    PATH,
    render=coupons.render,
    by_id=lambda account, coupon_id: account.part(Coupons).table.get(coupon_id),
    left_out={"applies_to": _applies_to, "currency_options": _currency_options},
)


@resource.post()
def create(account: Account, params: CreateCoupon) -> Coupon:
    """Create a coupon."""
    _check(account, params)
    coupon = Coupon(
        id=params.id or account.ids.new("", 8),
        created=account.now,
        amount_off=params.amount_off,
        percent_off=params.percent_off,
        currency=params.currency.lower() if params.currency and params.amount_off is not None else None,
        duration=params.duration,
        duration_in_months=params.duration_in_months,
        max_redemptions=params.max_redemptions,
        products=_products(account, params.applies_to),
        redeem_by=params.redeem_by,
    )
    _apply(coupon, params)
    coupon = _add(account, coupon)
    publish(account, "coupon.created", coupons.render(account, coupon))
    return coupon


@resource.get("/<coupon_id>")
def retrieve(account: Account, params: Operation, coupon_id: str) -> Coupon:
    """Return a coupon."""
    return coupons.find(account, coupon_id)


@resource.post("/<coupon_id>")
def update(account: Account, params: UpdateCoupon, coupon_id: str) -> Coupon:
    """Change the given fields; an empty string clears a field."""
    coupon = coupons.find(account, coupon_id)
    before = coupons.render(account, coupon)
    if params.currency_options and coupon.percent_off is not None:
        raise errors.discounts.currencies_of_percentage()
    _apply(coupon, params)
    publish_update(account, "coupon.updated", before, coupons.render(account, coupon))
    return coupon


@resource.get()
def list_(account: Account, params: ListCoupons) -> Listing:
    """List coupons, newest first; deleted ones are left out."""

    def wanted(coupon: Coupon) -> bool:
        return not coupon.deleted and within(params.created, coupon.created)

    return page(account.part(Coupons).table, params, url=PATH, noun="coupon", where=wanted)


@resource.delete("/<coupon_id>")
@observed("the event shows that it is not valid any more (Kiln-AI/stripe_world)")
def delete(account: Account, params: Operation, coupon_id: str) -> Tree:
    """Delete a coupon. The discounts that were made with it stay."""
    coupon = coupons.find(account, coupon_id)
    coupon.deleted = True
    publish(account, "coupon.deleted", coupons.render(account, coupon))
    return {"id": coupon.id, "object": "coupon", "deleted": True}


@inferred("the order of the checks; an id of a deleted coupon is free again")
def _check(account: Account, params: CreateCoupon) -> None:
    """Raise StripeError 400 if the parameters do not go together."""
    if params.percent_off is None and params.amount_off is None:
        raise errors.discounts.no_amount_off()
    if params.percent_off is not None and params.amount_off is not None:
        raise errors.params.both("percent_off", "amount_off")
    if params.percent_off is not None and params.currency_options is not None:
        raise errors.discounts.currencies_of_percentage()
    if params.amount_off is not None and params.currency is None:
        raise errors.discounts.no_currency()
    if params.duration == "repeating" and params.duration_in_months is None:
        raise errors.discounts.repeating_without_months()
    if params.duration != "repeating" and params.duration_in_months is not None:
        raise errors.params.not_with("duration_in_months", "`duration=repeating`")
    if params.redeem_by is not None:
        if params.redeem_by <= account.now:
            raise errors.params.in_the_past("redeem_by", params.redeem_by)
        check_ahead(account, params.redeem_by, "redeem_by")
    if params.id is not None and account.part(Coupons).lookup(params.id) is not None:
        raise errors.objects.already_exists("id", "Coupon")


def _add(account: Account, coupon: Coupon) -> Coupon:
    """Add a new coupon and return its record: that of a deleted coupon with the same id, if there is one."""
    former = account.part(Coupons).table.get(coupon.id)
    if former is None:
        account.part(Coupons).table.add(coupon)
        return coupon
    discounts.keep_terms(account, former)
    promotion_codes.end_all(account, former)
    for name in fields(coupon):
        setattr(former, name.name, getattr(coupon, name.name))
    return former


def _products(account: Account, given: AppliesTo | None) -> tuple[str, ...] | None:
    """Return the products that a coupon applies to; None if to everything."""
    if given is None or not given.products:
        return None
    for index, product in enumerate(given.products):
        products.find(account, product, param=f"applies_to[products][{index}]", status=400)
    return given.products


def _apply(coupon: Coupon, params: CouponTerms) -> None:
    coupon.metadata = merged(coupon.metadata, params.metadata)
    if params.name is not UNSET:
        coupon.name = params.name
    options = {currency: option.amount_off for currency, option in (params.currency_options or {}).items()}
    if coupon.currency in options and options[coupon.currency] != coupon.amount_off:
        raise errors.discounts.own_currency_as_option(f"currency_options[{coupon.currency}]", coupon.currency)
    coupon.currency_options = {**coupon.currency_options, **options}
