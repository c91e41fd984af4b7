"""What a customer chooses on a Checkout page before paying: quantities, optional items, and a promotion code.

Documented in: https://docs.stripe.com/payments/checkout/adjustable-quantity,
https://docs.stripe.com/payments/checkout/optional-items, https://docs.stripe.com/payments/checkout/discounts.
"""

from collections.abc import Mapping

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import completing
from fakestripe_meters.domain.checkout import discounting
from fakestripe_meters.domain.checkout import lines
from fakestripe_meters.domain.checkout import opening
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.promotion_codes import PromotionCode
from fakestripe_meters.domain.records.promotion_codes import PromotionCodes


def adjust(account: Account, session: CheckoutSession, quantities: Mapping[str, int]) -> None:
    """Change how many are bought, by the ids of lines; raise StripeError 400 if a line is not to be changed so."""
    completing.check_open(session)
    for line_id, quantity in quantities.items():
        line = checkout_sessions.line_of(session, line_id)
        bounds = None if line is None else line.adjustable_quantity
        if line is None or bounds is None or not bounds["enabled"]:
            raise errors.checkout_page.not_adjustable(line_id)
        if not bounds["minimum"] <= quantity <= bounds["maximum"]:
            raise errors.checkout.quantity_out_of_bounds("quantity", bounds["minimum"], bounds["maximum"])
        line.quantity = quantity
    _settle(account, session)


@inferred("it is a line like the others, at their end")
def add(account: Account, session: CheckoutSession, place: int) -> None:
    """Buy an optional item, by its place among them, unless it is bought already."""
    completing.check_open(session)
    if not 0 <= place < len(session.optional_items):
        raise errors.checkout_page.no_such_option()
    if any(line.optional == place for line in session.lines):
        return
    item = session.optional_items[place]
    line = CheckoutLine(
        id=account.ids.new(lines.PREFIX, 23),
        price=item["price"],
        quantity=item["quantity"],
        adjustable_quantity=item["adjustable_quantity"],
        optional=place,
    )
    session.lines = [*session.lines, line]
    _settle(account, session)


def remove(account: Account, session: CheckoutSession, place: int) -> None:
    """Do without an optional item."""
    completing.check_open(session)
    session.lines = [line for line in session.lines if line.optional != place]
    _settle(account, session)


@inferred("letters count in any case; of two codes, the customer's own is meant")
def enter_code(account: Account, session: CheckoutSession, text: str) -> None:
    """Redeem a promotion code; raise StripeError 400 if there is none, or if it may not be redeemed here."""
    completing.check_open(session)
    code = _find(account, session, text) if session.allow_promotion_codes else None
    if code is None:
        raise errors.checkout_page.invalid_code()
    discount = CheckoutDiscount(promotion_code=code.id)
    discounting.check(account, session, discount, "promotion_code")
    session.discounts = [discount]
    _settle(account, session)


def drop_code(account: Account, session: CheckoutSession) -> None:
    """Take away the promotion code that the customer has entered."""
    completing.check_open(session)
    if session.allow_promotion_codes:
        session.discounts = []
        _settle(account, session)


def _settle(account: Account, session: CheckoutSession) -> None:
    amounts.settle(account, session)
    opening.check_total(session)


def _find(account: Account, session: CheckoutSession, text: str) -> PromotionCode | None:
    """Return the active promotion code that a customer means."""
    found = [
        code
        for code in account.part(PromotionCodes).table
        if code.code.lower() == text.strip().lower()
        and code.customer in (None, session.customer)
        and promotion_codes.active(account, code)
    ]
    return max(found, key=lambda code: code.customer is not None, default=None)
