"""The discount of a customer, which every invoice has that has none from its subscription."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing.redeeming import DiscountTerms
from fakestripe_meters.domain.invoicing.redeeming import Owner
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset


@observed("the events, without one of the customer's (tabledog/stripe-timelines)")
@documented("that of a customer who is switched to another coupon, https://docs.stripe.com/api/events/types")
def choose(account: Account, customer: Customer, coupon: str | Unset | None, code: str | Unset | None) -> None:
    """Give a customer the discount of a coupon or a promotion code, in the place of another, or take it away."""
    if isinstance(coupon, str) and isinstance(code, str):
        raise errors.params.exclusive_params(("coupon", "promotion_code"))
    if coupon is UNSET and code is UNSET:
        return
    before = customer.discount
    if not isinstance(coupon, str) and not isinstance(code, str):
        customer.discount = None
        if before is not None:
            redeeming.end(account, discounts.kept(account, before))
        return
    terms = DiscountTerms(
        coupon=coupon if isinstance(coupon, str) else None, promotion_code=code if isinstance(code, str) else None
    )
    owner = Owner(customer, present=() if before is None else (before,))
    found = redeeming.named(account, owner, terms, "coupon" if isinstance(coupon, str) else "promotion_code")
    customer.discount = found.id
    if found.id == before:
        return
    shown = discounts.render(account, found)
    if before is None:
        publish(account, "customer.discount.created", shown)
        return
    former = discounts.kept(account, before)
    former.gone = True
    past = discounts.render(account, former)
    publish(
        account,
        "customer.discount.updated",
        shown,
        previous={name: value for name, value in past.items() if shown[name] != value},
    )
