"""What is bought in a Checkout session, in words."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.pages import paper
from fakestripe_meters.pages import price_words
from fakestripe_meters.pages import words
from fakestripe_meters.pages.paper import Row


class Bought(NamedTuple):
    """A line of a session."""

    id: str
    name: str
    about: str
    price: str
    tiers: Sequence[str]
    quantity: int | None
    least: int
    most: int
    """The bounds of a quantity that the customer can change; both are 0 if it cannot."""
    amount: str
    optional: str
    """The price that the customer has taken it by, if it was optional; else empty."""


class Option(NamedTuple):
    """Something that the customer may add."""

    id: str
    """Of its price."""
    quantity: int
    name: str
    about: str
    price: str


class Basket(NamedTuple):
    """What is bought, and what it comes to."""

    lines: Sequence[Bought]
    sums: Sequence[Row]
    """What comes before the total, if anything does."""
    due: str
    later: str
    """What is billed from then on; empty if nothing is."""
    trial: str
    """How long it is free; empty without a trial."""
    code: str
    """The promotion code that the customer has entered."""


def of(account: Account, session: CheckoutSession) -> Basket:
    """Return what is bought in a session, as it is now."""
    currency = session.currency or "usd"
    sums = list(_sums(account, session, currency))
    trial = _trial(account, session)
    return Basket(
        lines=[_line(account, line) for line in session.lines],
        sums=sums if len(sums) > 1 else [],
        due=pricing.money(amounts.total(session), currency),
        later=_later(account, session, currency, reduced=len(sums) > 1),
        trial=trial,
        code=_code(account, session),
    )


def _line(account: Account, line: CheckoutLine) -> Bought:
    price = prices.kept(account, line.price)
    product = products.kept(account, price.product)
    cost = price_words.of(account, price)
    bounds: Any = line.adjustable_quantity if line.adjustable_quantity and line.adjustable_quantity["enabled"] else {}
    return Bought(
        id=line.id,
        name=words.plain(product.name),
        about=words.plain(product.description or ""),
        price=cost.text,
        tiers=cost.tiers,
        quantity=line.quantity,
        least=bounds.get("minimum") or 0,
        most=bounds.get("maximum") or 0,
        amount="by usage" if line.quantity is None else pricing.money(line.amounts.subtotal, price.currency),
        optional="" if line.optional is None else line.price,
    )


def options(account: Account, session: CheckoutSession) -> list[Option]:
    """Return what the customer may add to a session and has not added."""
    taken = {line.optional for line in session.lines}
    return [_option(account, each) for place, each in enumerate(session.optional_items) if place not in taken]


def _option(account: Account, item: Mapping[str, Any]) -> Option:
    price = prices.kept(account, item["price"])
    product = products.kept(account, price.product)
    name, about = words.plain(product.name), words.plain(product.description or "")
    return Option(price.id, item["quantity"], name, about, price_words.of(account, price).text)


def _sums(account: Account, session: CheckoutSession, currency: str) -> Iterator[Row]:
    summed = [line.amounts for line in session.lines]
    yield Row("Subtotal", pricing.money(sum(each.subtotal for each in summed), currency))
    off = sum(each.discount for each in summed)
    if off or session.discounts:
        named = [_discount(account, each) for each in session.discounts] or ["Discount"]
        yield Row(", ".join(named), pricing.money(-off, currency))
    taxes: dict[str, int] = {}
    for tax in (tax for each in summed for tax in each.taxes):
        name = paper.tax_name(account, tax.rate, inclusive=tax.inclusive)
        taxes[name] = taxes.get(name, 0) + tax.amount
    yield from (Row(name, pricing.money(amount, currency)) for name, amount in taxes.items())


def _discount(account: Account, discount: CheckoutDiscount) -> str:
    coupon = amounts.coupon_of(account, discount)
    return words.plain(f"{coupon.name or coupon.id} ({paper.off(coupon)})")


def _code(account: Account, session: CheckoutSession) -> str:
    if not session.allow_promotion_codes:
        return ""
    entered = (each.promotion_code for each in session.discounts if each.promotion_code is not None)
    return next((words.plain(promotion_codes.kept(account, each).code) for each in entered), "")


def _trial(account: Account, session: CheckoutSession) -> str:
    data = session.subscription_data
    if days := data.get("trial_period_days"):
        ends = account.now + int(days) * DAY_S
        return f"Free for {days} {'day' if int(days) == 1 else 'days'}, until {words.day(ends)}"
    if data.get("trial_end"):
        return f"Free until {words.day(int(data['trial_end']))}"
    return ""


def _later(account: Account, session: CheckoutSession, currency: str, *, reduced: bool) -> str:
    """Return what a subscription costs from its second period on, or from the end of its trial."""
    if session.mode != "subscription":
        return ""
    amount, usage, rhythm = Decimal(0), False, ""
    for line in session.lines:
        price = prices.kept(account, line.price)
        if price.recurring is None:
            continue
        rhythm = price_words.every(price)
        if line.quantity is None:
            usage = True
        else:
            amount += pricing.cost(price.tariff, Decimal(line.quantity))
    fixed = f"{pricing.money(amount, currency)} {rhythm}{' before discounts and taxes' if reduced else ''}"
    if not usage:
        return f"then {fixed}"
    return f"then {fixed}, and what you use" if amount else f"then what you use, billed {rhythm}"
