"""What objects of older versions hold in full, where newer ones have an id: prices, tax rates and coupons."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.discounts import Discounts
from fakestripe_meters.domain.records.prices import Prices
from fakestripe_meters.domain.records.promotion_codes import PromotionCodes
from fakestripe_meters.domain.records.tax_rates import TaxRates
from fakestripe_meters.wire.tree import Tree


def of(account: Account, object_id: str) -> tuple[Tree | None, Tree | None]:
    """Return a price, even a deleted one, as a plan and as a price; a tax rate as the second; None for what is not.

    Of a discount and of a promotion code, return the coupon as the first, and itself as the second.
    """
    rate = account.part(TaxRates).table.get(object_id)
    if rate is not None:
        return None, tax_rates.render(account, rate)
    discount = account.part(Discounts).table.get(object_id)
    if discount is not None:
        coupon = coupons.render(account, discounts.coupon_of(account, discount))
        return coupon, discounts.render(account, discount)
    code = account.part(PromotionCodes).table.get(object_id)
    if code is not None:
        return coupons.render(account, coupons.kept(account, code.coupon)), promotion_codes.render(account, code)
    price = account.part(Prices).table.get(object_id)
    return prices.faces(account, price) if price else (None, None)
