"""Promotion codes: https://docs.stripe.com/api/promotion_codes."""

import re
from collections.abc import Mapping
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.coupons import Coupon
from fakestripe_meters.domain.records.coupons import Coupons
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.promotion_codes import PromotionCode
from fakestripe_meters.domain.records.promotion_codes import PromotionCodes
from fakestripe_meters.domain.records.promotion_codes import active
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_currency_key
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
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/promotion_codes"
CODE = re.compile(r"[a-zA-Z0-9\-_]+")
# inferred: how often a promotion code may be redeemed, and how long the one is that is made for it.
MOST_REDEMPTIONS = 2_147_483_647
LENGTH = 8


def _check_code(value: str, path: str) -> None:
    if not CODE.fullmatch(value):
        raise errors.discounts.malformed_code(path, value)


class Promotion(Params):
    """What the code is for."""

    coupon: str | None = param(default=None)
    type: Literal["coupon"] = param()


class CurrencyOption(Params):
    """The smallest amount in another currency."""

    minimum_amount: int | None = param(default=None, least=1, most=MOST_CHARGED)


def _check_currencies(given: Mapping[str, CurrencyOption], path: str) -> None:
    for currency in given:
        check_currency_key(currency, path)


class ChangedRestrictions(Params):
    """When the code cannot be redeemed."""

    currency_options: dict[str, CurrencyOption] | None = param(default=None, check=_check_currencies)


class Restrictions(ChangedRestrictions):
    """When the code cannot be redeemed."""

    first_time_transaction: bool = param(default=False)
    minimum_amount: int | None = param(default=None, least=1, most=MOST_CHARGED)
    minimum_amount_currency: str | None = param(default=None, check=check_currency)


class CreatePromotionCode(Operation):
    """A new promotion code."""

    promotion: Promotion = param()
    active: bool = param(default=True)
    code: str | None = param(default=None, max_length=500, check=_check_code, doc="By default, some capital letters.")
    customer: str | None = param(default=None)
    expires_at: int | None = any_integer(default=None)
    max_redemptions: int | None = param(default=None, least=1, most=MOST_REDEMPTIONS)
    metadata: Metadata = metadata()
    restrictions: Restrictions | None = param(default=None)


class UpdatePromotionCode(Operation):
    """A change to a promotion code."""

    active: bool | None = param(default=None)
    metadata: Metadata = metadata()
    restrictions: ChangedRestrictions | None = param(default=None)


class ListPromotionCodes(ListParams):
    """Which promotion codes to list."""

    active: bool | None = param(default=None)
    code: str | None = param(default=None, doc="In capital or small letters.")
    coupon: str | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)


resource = Resource(
    "promotion_code",
    PATH,
    render=promotion_codes.render,
    by_id=lambda account, promotion_code_id: account.part(PromotionCodes).table.get(promotion_code_id),
)


@resource.post()
def create(account: Account, params: CreatePromotionCode) -> PromotionCode:
    """Create a promotion code for a coupon."""
    if params.promotion.coupon is None:
        raise errors.discounts.no_coupon_of_promotion()
    coupon = coupons.find(account, params.promotion.coupon, param="promotion[coupon]", status=400)
    if params.customer is not None:
        customers.find(account, params.customer, param="customer", status=400)
    _check(account, coupon, params)
    code = PromotionCode(
        id=account.ids.new("promo_", 24),
        created=account.now,
        code=params.code or "",
        coupon=coupon.id,
        enabled=params.active,
        customer=params.customer,
        # documented: by default, it expires with its coupon, https://docs.stripe.com/api/promotion_codes/create
        expires_at=coupon.redeem_by if params.expires_at is None else params.expires_at,
        max_redemptions=params.max_redemptions,
        metadata=merged({}, params.metadata),
    )
    code.code = code.code or tail(code.id, LENGTH).upper()
    _restrict(code, params.restrictions or Restrictions())
    if code.enabled:
        _check_free(account, code)
    account.part(PromotionCodes).table.add(code)
    publish(account, "promotion_code.created", promotion_codes.render(account, code))
    return code


@resource.get("/<promotion_code_id>")
def retrieve(account: Account, params: Operation, promotion_code_id: str) -> PromotionCode:
    """Return a promotion code."""
    return promotion_codes.find(account, promotion_code_id)


@resource.post("/<promotion_code_id>")
def update(account: Account, params: UpdatePromotionCode, promotion_code_id: str) -> PromotionCode:
    """Change the given fields."""
    code = promotion_codes.find(account, promotion_code_id)
    before = promotion_codes.render(account, code)
    code.metadata = merged(code.metadata, params.metadata)
    if params.restrictions is not None:
        _add_minimums(code, params.restrictions)
    if params.active is not None and params.active != before["active"]:
        _activate(account, code, active_now=params.active)
    publish_update(account, "promotion_code.updated", before, promotion_codes.render(account, code))
    return code


@resource.get()
def list_(account: Account, params: ListPromotionCodes) -> Listing:
    """List promotion codes, newest first."""
    check_filter(account.part(Coupons).table, params.coupon, "coupon", "coupon")
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    wanted_code = None if params.code is None else params.code.casefold()

    def wanted(code: PromotionCode) -> bool:
        return (
            wanted_code in (None, code.code.casefold())
            and params.coupon in (None, code.coupon)
            and params.customer in (None, code.customer)
            and (params.active is None or params.active == active(account, code))
            and within(params.created, code.created)
        )

    return page(account.part(PromotionCodes).table, params, url=PATH, noun="promotion_code", where=wanted)


@inferred("a coupon that is not valid gets no promotion code, and the sentences")
def _check(account: Account, coupon: Coupon, params: CreatePromotionCode) -> None:
    """Raise StripeError 400 if a promotion code would reach further than its coupon."""
    if coupon.expired(account.now):
        raise errors.discounts.expired("promotion[coupon]", coupon.id)
    if coupon.used_up:
        raise errors.discounts.used_up("promotion[coupon]", coupon.id)
    if params.expires_at is not None:
        if params.expires_at <= account.now:
            raise errors.params.in_the_past("expires_at", params.expires_at)
        check_ahead(account, params.expires_at, "expires_at")
        if coupon.redeem_by is not None and params.expires_at > coupon.redeem_by:
            raise errors.discounts.beyond_coupon("expires_at", "expires_at")
    most = coupon.max_redemptions
    if most is not None and params.max_redemptions is not None and params.max_redemptions > most:
        raise errors.discounts.beyond_coupon("max_redemptions", "max_redemptions")


def _restrict(code: PromotionCode, given: Restrictions) -> None:
    amount, currency = given.minimum_amount, given.minimum_amount_currency
    if (amount is None) != (currency is None):
        missing = "minimum_amount" if amount is None else "minimum_amount_currency"
        raise errors.params.missing_param(f"restrictions[{missing}]")
    code.first_time_transaction = given.first_time_transaction
    code.minimum_amount, code.minimum_amount_currency = amount, currency and currency.lower()
    _add_minimums(code, given)


def _add_minimums(code: PromotionCode, given: ChangedRestrictions) -> None:
    options = {currency: option.minimum_amount for currency, option in (given.currency_options or {}).items()}
    code.minimum_amounts = {**code.minimum_amounts, **{name: each for name, each in options.items() if each}}


def _activate(account: Account, code: PromotionCode, *, active_now: bool) -> None:
    code.enabled = active_now
    if not active_now:
        return
    if not active(account, code):
        raise errors.discounts.cannot_activate()
    _check_free(account, code)


@documented("without regard to case, among the active codes of a customer or of all customers, in Stripe's OpenAPI")
def _check_free(account: Account, code: PromotionCode) -> None:
    """Raise StripeError 400 if another active promotion code has the same letters."""
    for other in account.part(PromotionCodes).table:
        same = other.code.casefold() == code.code.casefold() and other.customer == code.customer
        if same and other is not code and active(account, other):
            raise errors.discounts.code_taken(code.code)
