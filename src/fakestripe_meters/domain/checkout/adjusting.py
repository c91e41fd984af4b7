"""What the customer changes on a Checkout page before paying: quantities, items that are offered, a promotion code."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from fakestripe_meters.core import checks
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import discounting
from fakestripe_meters.domain.checkout import lines
from fakestripe_meters.domain.checkout import opening
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.framework.amounts import MOST_UNITS

QUANTITIES, CODE = "quantities", "promotion_code"


def adjust(account: Account, session: CheckoutSession, quantities: Mapping[str, int], code: str | None) -> None:
    """Take over how many of what the customer wants, and a promotion code; raise `Misuse` for what the page forbids.

    `quantities` are by the id of a line, or of the price of a line or of an item that is offered.
    """
    for name, quantity in quantities.items():
        wanted = checks.whole(quantity, f"{QUANTITIES}[{name}]", 0, MOST_UNITS)
        session.lines = _adjusted(account, session, name, wanted)
    if quantities:
        _check_rest(account, session)
        amounts.settle(account, session)
    if code is not None:
        _check_codes(session)
        session.discounts = [_redeemed(account, session, code)] if code.strip() else []
        amounts.settle(account, session)
    opening.check_total(session)


@documented("a quantity within its bounds, https://docs.stripe.com/payments/checkout/adjustable-quantity")
@inferred("of nothing, there is no line")
def _adjusted(account: Account, session: CheckoutSession, name: str, quantity: int) -> Sequence[CheckoutLine]:
    """Return the lines of a session with another quantity."""
    place = next((place for place, each in enumerate(session.optional_items) if each["price"] == name), None)
    known = (each for each in session.lines if each.id == name or (each.price == name and each.optional == place))
    line = next(known, None)
    if line is None and place is None:
        message = f"the session has neither a line nor an optional item {quoted(name)}"
        raise Misuse(message, param=QUANTITIES)
    place = line.optional if line is not None else place
    bounds = session.optional_items[place] if place is not None else None
    _check_bounds(line, bounds, name, quantity)
    if line is not None:
        line.quantity = quantity
        return [each for each in session.lines if each is not line or quantity > 0]
    if quantity == 0:
        return session.lines
    adjustable = None if bounds is None else bounds["adjustable_quantity"]
    added = CheckoutLine(account.ids.new(lines.PREFIX, 23), name, quantity, adjustable, optional=place)
    return [*session.lines, added]


def _check_bounds(line: CheckoutLine | None, offered: Mapping[str, Any] | None, name: str, quantity: int) -> None:
    adjustable = offered["adjustable_quantity"] if offered is not None else line.adjustable_quantity if line else None
    if offered is not None and quantity in (0, offered["quantity"]):
        return
    if line is not None and quantity == line.quantity:
        return
    if not adjustable or not adjustable["enabled"]:
        message = f"the quantity of {name} cannot be adjusted: the session does not say so"
        raise Misuse(message, param=QUANTITIES)
    least, most = adjustable["minimum"], adjustable["maximum"]
    if not least <= quantity <= most:
        raise checks.refused(f"{QUANTITIES}[{name}]", f"from {least} to {most}", quantity)


@inferred("something must be left, in subscription mode something that recurs")
def _check_rest(account: Account, session: CheckoutSession) -> None:
    recurs = any(prices.kept(account, line.price).recurring is not None for line in session.lines)
    if not session.lines or (session.mode == "subscription" and not recurs):
        message = "the customer cannot take everything out of the session"
        raise Misuse(message, param=QUANTITIES)


def _check_codes(session: CheckoutSession) -> None:
    if not session.allow_promotion_codes:
        message = "the session takes no promotion codes: create it with allow_promotion_codes"
        raise Misuse(message, param=CODE)


@documented("one code, https://docs.stripe.com/payments/checkout/discounts")
def _redeemed(account: Account, session: CheckoutSession, text: str) -> CheckoutDiscount:
    """Return the discount of a promotion code; raise `Misuse` without it, StripeError 400 if it cannot be redeemed."""
    code = promotion_codes.entered(account, text)
    if code is None:
        message = f"there is no active promotion code {quoted(text)}"
        raise Misuse(message, param=CODE)
    discount = CheckoutDiscount(promotion_code=code.id)
    discounting.check(account, session, discount, CODE)
    return discount
