"""Coupons: how they are stored and shown."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree


@record
class Coupon:
    """A coupon as stored; a deleted one stays, because discounts may have been made with it.

    It takes off a percentage, or an amount in its own currency and in those of its options.
    """

    id: str
    created: int
    amount_off: int | None = None
    percent_off: Decimal | None = None
    currency: str | None = None
    currency_options: Mapping[str, int] = field(default_factory=dict)
    duration: str = "once"
    duration_in_months: int | None = None
    max_redemptions: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    products: Sequence[str] | None = None
    """What it applies to; None if to everything."""
    redeem_by: int | None = None
    times_redeemed: int = 0
    deleted: bool = False

    def amount_in(self, currency: str) -> int | None:
        """Return what it takes off in a currency; None if it takes off a percentage, or nothing in that currency."""
        return self.amount_off if currency == self.currency else self.currency_options.get(currency)

    @property
    def used_up(self) -> bool:
        """Whether it was redeemed as often as it may be."""
        return self.max_redemptions is not None and self.times_redeemed >= self.max_redemptions

    def expired(self, now: int) -> bool:
        """Return whether it can no longer be redeemed at a time, in Unix seconds."""
        return self.redeem_by is not None and self.redeem_by <= now

    def valid(self, now: int) -> bool:
        """Return whether it can be redeemed at a time, in Unix seconds."""
        return not (self.deleted or self.used_up or self.expired(now))


@dataclass(eq=False)
class Coupons(Part, name="coupons", named_by=("coupon",)):
    """All coupons of an account."""

    table: Table[Coupon] = field(default_factory=Table)

    def lookup(self, coupon_id: str) -> Coupon | None:
        """Return the coupon with that id; None if there is none or it is deleted."""
        coupon = self.table.get(coupon_id)
        return coupon if coupon is not None and not coupon.deleted else None


@observed("the order of the fields (pay-rails/pay, Kiln-AI/stripe_world)")
def render(account: Account, coupon: Coupon) -> Tree:
    """Return a coupon as Stripe shows it."""
    return {
        "id": coupon.id,
        "object": "coupon",
        "amount_off": coupon.amount_off,
        "created": coupon.created,
        "currency": coupon.currency,
        "duration": coupon.duration,
        "duration_in_months": coupon.duration_in_months,
        "livemode": False,
        "max_redemptions": coupon.max_redemptions,
        "metadata": dict(coupon.metadata),
        "name": coupon.name,
        "percent_off": None if coupon.percent_off is None else float(coupon.percent_off),
        "redeem_by": coupon.redeem_by,
        "times_redeemed": coupon.times_redeemed,
        "valid": coupon.valid(account.now),
    }


@documented("only if it is expanded, as Stripe's OpenAPI says")
def render_products(coupon: Coupon) -> Tree | None:
    """Return what a coupon applies to; None if it applies to everything."""
    return None if coupon.products is None else {"products": list(coupon.products)}


def render_currencies(coupon: Coupon) -> Tree:
    """Return the amounts that a coupon takes off in each currency."""
    options = coupon.currency_options if coupon.currency is None else {coupon.currency: coupon.amount_off}
    return {currency: {"amount_off": amount} for currency, amount in {**options, **coupon.currency_options}.items()}


def find(account: Account, coupon_id: str, *, param: str = "coupon", status: int = 404) -> Coupon:
    """Return the coupon with that id; raise `No such coupon` if there is none or it is deleted."""
    return required(account.part(Coupons).lookup(coupon_id), "coupon", coupon_id, param=param, status=status)


def kept(account: Account, coupon_id: str) -> Coupon:
    """Return the coupon that another object refers to, even a deleted one."""
    return account.part(Coupons).table.kept(coupon_id)
