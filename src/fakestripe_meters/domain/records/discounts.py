"""Discounts: a coupon that is redeemed for a customer, a subscription, an item, an invoice or an invoice item."""

from dataclasses import field
from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records.coupons import Coupon
from fakestripe_meters.wire.tree import Tree


@record
class Discount:
    """A discount as stored; it stays after its end, because invoices may name it."""

    id: str
    coupon: str
    start: int
    end: int | None = None
    """When it ends, in Unix seconds; None if it is for once or forever."""
    customer: str | None = None
    subscription: str | None = None
    item: str | None = None
    invoice: str | None = None
    invoice_item: str | None = None
    promotion_code: str | None = None
    terms: Coupon | None = None
    """Its coupon as it was, if that was deleted and another has its id now."""
    taken_by: str | None = None
    """The invoice that a discount for once is on, which may still be a draft or unpaid."""
    gone: bool = False
    """Whether it was taken away, used up or is over: no further invoice has it."""

    def over(self, now: int) -> bool:
        """Return whether it has ended by a time, in Unix seconds."""
        return self.gone or (self.end is not None and self.end <= now)


@dataclass(eq=False)
class Discounts(Part, name="discounts", named_by=("discount",)):
    """All discounts of an account."""

    table: Table[Discount] = field(default_factory=Table)


@observed("the order of the fields (pay-rails/pay, Kiln-AI/stripe_world)")
def render(account: Account, discount: Discount) -> Tree:
    """Return a discount as Stripe shows it."""
    return {
        "id": discount.id,
        "object": "discount",
        "checkout_session": None,
        "customer": discount.customer,
        "customer_account": None,
        "end": discount.end,
        "invoice": discount.invoice,
        "invoice_item": discount.invoice_item,
        "promotion_code": discount.promotion_code,
        "source": {"coupon": discount.coupon, "type": "coupon"},
        "start": discount.start,
        "subscription": discount.subscription,
        "subscription_item": discount.item,
    }


def show(account: Account, discount_id: str) -> Tree:
    """Return the discount that another object refers to as Stripe shows it."""
    return render(account, kept(account, discount_id))


def kept(account: Account, discount_id: str) -> Discount:
    """Return the discount that another object refers to."""
    return account.part(Discounts).table.kept(discount_id)


def coupon_of(account: Account, discount: Discount) -> Coupon:
    """Return the coupon of a discount, even a deleted one."""
    return coupons.kept(account, discount.coupon) if discount.terms is None else discount.terms


def keep_terms(account: Account, coupon: Coupon) -> None:
    """Keep what a deleted coupon took off in the discounts that were made with it: another gets its id."""
    for discount in account.part(Discounts).table:
        if discount.coupon == coupon.id and discount.terms is None:
            discount.terms = replace(coupon)
