"""The discount of a Checkout session: a coupon or a promotion code, redeemed when the session is completed.

Documented in: https://docs.stripe.com/payments/checkout/discounts.
"""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout.terms import DiscountTerms
from fakestripe_meters.domain.invoicing import redeemable
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer

PATH = "discounts"
WAYS = ("coupon", "promotion_code")


@dataclass(frozen=True, slots=True)
class Redeemer:
    """Whoever pays in a session, maybe nobody who is known yet."""

    customer: Customer
    currency: str | None
    amount: int | None
    one_time: bool = False
    changes: bool = False


@documented("at most one")
def apply(account: Account, session: CheckoutSession, given: Sequence[DiscountTerms] | None) -> None:
    """Give a session the discounts that a request names, or raise StripeError 400."""
    if not given:
        return
    if len(given) > 1:
        raise errors.checkout.too_many_discounts()
    way = redeeming.way_of(given[0], f"{PATH}[0]", WAYS)
    discount = CheckoutDiscount(given[0].coupon, given[0].promotion_code)
    check(account, session, discount, way)
    session.discounts = [discount]


@inferred("the same refusals as those of a subscription; nobody who is not known has paid before")
def check(account: Account, session: CheckoutSession, discount: CheckoutDiscount, path: str) -> None:
    """Raise StripeError 400 if a discount cannot be redeemed in a session."""
    customer = customers.kept(account, session.customer) if session.customer else Customer("", account.now)
    bought = amounts.bought(account, session)
    redeemer = Redeemer(customer, session.currency, bought, one_time=session.mode == "payment")
    if discount.promotion_code is not None:
        code = promotion_codes.find(account, discount.promotion_code, param=path, status=400)
        redeemable.check_code(account, redeemer, code, path)
        coupon = coupons.kept(account, code.coupon)
    else:
        coupon = coupons.find(account, discount.coupon or "", param=path, status=400)
    redeemable.check(account, redeemer, coupon, path)
