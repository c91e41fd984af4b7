"""Promotion codes: how they are stored and shown."""

from collections.abc import Mapping
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records.coupons import Coupon
from fakestripe_meters.wire.tree import Tree


@record
class PromotionCode:
    """A promotion code as stored: what a customer types in to get the discount of a coupon."""

    id: str
    created: int
    code: str
    coupon: str
    enabled: bool = True
    """Whether requests have left it active: it is not if its time is over or it is used up."""
    customer: str | None = None
    expires_at: int | None = None
    max_redemptions: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    first_time_transaction: bool = False
    minimum_amount: int | None = None
    minimum_amount_currency: str | None = None
    minimum_amounts: Mapping[str, int] = field(default_factory=dict)
    """The smallest amount in other currencies."""
    times_redeemed: int = 0

    @property
    def used_up(self) -> bool:
        """Whether it was redeemed as often as it may be."""
        return self.max_redemptions is not None and self.times_redeemed >= self.max_redemptions

    def expired(self, now: int) -> bool:
        """Return whether its time is over at a time, in Unix seconds."""
        return self.expires_at is not None and self.expires_at <= now

    def minimum_in(self, currency: str) -> int | None:
        """Return the smallest amount in a currency that it can be redeemed for; None if there is none."""
        return self.minimum_amount if currency == self.minimum_amount_currency else self.minimum_amounts.get(currency)


@dataclass(eq=False)
class PromotionCodes(Part, name="promotion_codes", named_by=("promotion_code",)):
    """All promotion codes of an account."""

    table: Table[PromotionCode] = field(default_factory=Table)


@documented("it is inactive if its coupon is invalid, it is used up or its time is over, in Stripe's OpenAPI")
def active(account: Account, code: PromotionCode) -> bool:
    """Return whether a promotion code can be redeemed now, by whom it is for."""
    usable = code.enabled and not code.used_up and not code.expired(account.now)
    return usable and coupons.kept(account, code.coupon).valid(account.now)


@documented("upper and lower case do not matter, as Stripe's OpenAPI says of `code`")
def entered(account: Account, text: str) -> PromotionCode | None:
    """Return the code that a customer types in; None if there is none that can be redeemed now."""
    wanted = text.strip().casefold()
    same = (each for each in account.part(PromotionCodes).table if each.code.casefold() == wanted)
    return next((each for each in same if active(account, each)), None)


@observed("the order of the fields (Kiln-AI/stripe_world)")
def render(account: Account, code: PromotionCode) -> Tree:
    """Return a promotion code as Stripe shows it."""
    return {
        "id": code.id,
        "object": "promotion_code",
        "active": active(account, code),
        "code": code.code,
        "created": code.created,
        "customer": code.customer,
        "customer_account": None,
        "expires_at": code.expires_at,
        "livemode": False,
        "max_redemptions": code.max_redemptions,
        "metadata": dict(code.metadata),
        "promotion": {"coupon": code.coupon, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": code.first_time_transaction,
            "minimum_amount": code.minimum_amount,
            "minimum_amount_currency": code.minimum_amount_currency,
        },
        "times_redeemed": code.times_redeemed,
    }


def find(
    account: Account, promotion_code_id: str, *, param: str = "promotion_code", status: int = 404
) -> PromotionCode:
    """Return the promotion code with that id, or raise `No such promotion code`."""
    found = account.part(PromotionCodes).table.get(promotion_code_id)
    return required(found, "promotion code", promotion_code_id, param=param, status=status)


def kept(account: Account, promotion_code_id: str) -> PromotionCode:
    """Return the promotion code that another object refers to."""
    return account.part(PromotionCodes).table.kept(promotion_code_id)


def end_all(account: Account, coupon: Coupon) -> None:
    """End the promotion codes of a deleted coupon: another gets its id."""
    for code in account.part(PromotionCodes).table:
        if code.coupon == coupon.id:
            code.enabled = False
