"""How coupons and promotion codes become discounts, and how discounts end.

Documented in: https://docs.stripe.com/billing/subscriptions/coupons.
"""

from collections.abc import Collection
from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.invoicing import redeemable
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.coupons import Coupon
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.discounts import Discount
from fakestripe_meters.domain.records.discounts import Discounts
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

MOST_DISCOUNTS = 20
WAYS = ("coupon", "discount", "promotion_code")
"""The parameters by which a discount can be named."""


class DiscountTerms(Params):
    """A discount: a coupon or a promotion code to redeem, or a discount that is there already."""

    coupon: str | None = param(default=None)
    discount: str | None = param(default=None)
    promotion_code: str | None = param(default=None)


Given = tuple[DiscountTerms, ...] | Unset | None


def discounts_param(doc: str = "") -> Given:
    """Declare the parameter: absent changes nothing, an empty string takes all discounts away."""
    given: Given = param(default=UNSET, clearable=True, most_items=MOST_DISCOUNTS, doc=doc)
    return given


@dataclass(frozen=True, slots=True)
class Owner:
    """What a discount is put on. A request may name again the discounts that it has, and those `above` it.

    `amount` is what is bought with it, as far as that is known; None where no promotion code asks for it.
    """

    customer: Customer
    currency: str | None = None
    subscription: str | None = None
    item: str | None = None
    invoice: str | None = None
    invoice_item: str | None = None
    present: Sequence[str] = ()
    above: Collection[str] = ()
    amount: int | None = None
    changes: bool = False
    """Whether it is a subscription that is changed."""

    @property
    def one_time(self) -> bool:
        """Whether it is billed once."""
        return self.invoice is not None or self.invoice_item is not None


def above(customer: Customer, subscription: Subscription | None = None, invoice: Invoice | None = None) -> list[str]:
    """Return the ids of the discounts that something has from its invoice, its subscription and its customer."""
    found = [*(invoice.discounts if invoice else ()), *(subscription.discounts if subscription else ())]
    return found if customer.discount is None else [*found, customer.discount]


def way_of(terms: Params, path: str, ways: Sequence[str] = WAYS) -> str:
    """Return the path of the one parameter that names a discount, or raise StripeError 400 if there is not just one."""
    given = [name for name in ways if getattr(terms, name) is not None]
    if len(given) != 1:
        paths = [f"{path}[{name}]" for name in given or ways]
        raise errors.params.exclusive_params(paths) if given else errors.params.need_one_of(paths)
    return f"{path}[{given[0]}]"


def redeem(account: Account, owner: Owner, given: Given, path: str = "discounts") -> Sequence[str]:
    """Return the ids of the discounts that an owner has after a request, or raise StripeError 400.

    Coupons and promotion codes are redeemed unless the owner has them already; what it has no more ends.
    """
    if isinstance(given, Unset):
        return owner.present
    found: list[str] = []
    used: set[str] = set()
    for index, terms in enumerate(given or ()):
        where = f"{path}[{index}]"
        way = way_of(terms, where)
        discount = named(account, owner, terms, way)
        if discount.coupon in used:
            raise errors.discounts.twice(way, discount.coupon)
        used.add(discount.coupon)
        found.append(discount.id)
    _announce(account, owner, found)
    return found


def named(account: Account, owner: Owner, terms: DiscountTerms, path: str) -> Discount:
    """Return the discount that a request names; redeem its coupon or promotion code unless the owner has it."""
    if terms.discount is not None:
        return _present(account, owner, terms.discount, path)
    if terms.promotion_code is not None:
        code = promotion_codes.find(account, terms.promotion_code, param=path, status=400)
        coupon = coupons.kept(account, code.coupon)
        found = _same(account, owner, coupon.id, code.id)
        if found is None:
            redeemable.check_code(account, owner, code, path)
    else:
        coupon = coupons.find(account, terms.coupon or "", param=path, status=400)
        found, code = _same(account, owner, coupon.id, None), None
    if found is not None:
        return found
    redeemable.check(account, owner, coupon, path)
    return _made(account, owner, coupon, None if code is None else code.id)


@observed("a discount that was taken away is not found (tabledog/stripe-timelines)")
@inferred("so is one of another object, except those above it: of its subscription or its customer")
def _present(account: Account, owner: Owner, discount_id: str, path: str) -> Discount:
    if discount_id not in owner.present and discount_id not in owner.above:
        raise errors.objects.no_such("discount", discount_id, param=path, status=400)
    return discounts.kept(account, discount_id)


@observed("a coupon that is sent again keeps its discount, and is not redeemed again (Kiln-AI/stripe_world)")
def _same(account: Account, owner: Owner, coupon: str, code: str | None) -> Discount | None:
    """Return the discount that an owner has by a coupon, or by a promotion code."""
    for discount_id in owner.present:
        discount = discounts.kept(account, discount_id)
        if discount.terms is None and (discount.coupon, discount.promotion_code) == (coupon, code):
            return discount
    return None


def count(account: Account, coupon: Coupon, code: str | None) -> None:
    """Count that a coupon was redeemed and, if it was, the promotion code with that id."""
    coupon.times_redeemed += 1
    if code is not None:
        promotion_codes.kept(account, code).times_redeemed += 1


def _made(account: Account, owner: Owner, coupon: Coupon, code: str | None) -> Discount:
    discount = Discount(
        id=account.ids.new("di_", 24),
        coupon=coupon.id,
        start=account.now,
        end=end_of(account.now, coupon),
        customer=owner.customer.id,
        subscription=owner.subscription,
        item=owner.item,
        invoice=owner.invoice,
        invoice_item=owner.invoice_item,
        promotion_code=code,
    )
    account.part(Discounts).table.add(discount)
    count(account, coupon, code)
    if discount.end is not None:
        test_clocks.schedule(account, owner.customer.test_clock, discount.end, Work.END_DISCOUNT, discount.id)
    return discount


@documented("a number of months after its start, for a coupon that repeats, in Stripe's OpenAPI")
def end_of(start: int, coupon: Coupon) -> int | None:
    """Return when a discount ends, in Unix seconds; None if it is for once or forever."""
    return None if coupon.duration_in_months is None else Cycle(start, "month").edge(coupon.duration_in_months)


@observed(
    "the events, for whatever has the discount, before that of the object; none for a discount that an invoice has "
    "from its subscription or its customer (tabledog/stripe-timelines)"
)
def _announce(account: Account, owner: Owner, found: Sequence[str]) -> None:
    """Publish which discounts an owner has got, and end those that it has no more."""
    for discount_id in found:
        if discount_id not in owner.present and discount_id not in owner.above:
            publish(account, "customer.discount.created", discounts.show(account, discount_id))
    for discount_id in owner.present:
        discount = discounts.kept(account, discount_id)
        if discount_id not in found and _belongs(discount, owner):
            end(account, discount)


def _belongs(discount: Discount, owner: Owner) -> bool:
    own = (owner.subscription, owner.item, owner.invoice, owner.invoice_item)
    return own == (discount.subscription, discount.item, discount.invoice, discount.invoice_item)


def end(account: Account, discount: Discount) -> None:
    """End a discount, and publish that."""
    if not discount.gone:
        discount.gone = True
        publish(account, "customer.discount.deleted", discounts.render(account, discount))


@inferred("an item that is removed takes its discounts along")
def end_all(account: Account, ids: Sequence[str], *, item: str) -> None:
    """End the discounts that belong to an item."""
    for discount in (discounts.kept(account, each) for each in ids):
        if discount.item == item:
            end(account, discount)
