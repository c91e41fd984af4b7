"""What a customer chooses on a Checkout page before paying: quantities, and a promotion code.

Documented in: https://docs.stripe.com/payments/checkout/adjustable-quantity,
https://docs.stripe.com/payments/checkout/discounts.
"""

from collections.abc import Mapping

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import completing
from fakestripe_meters.domain.checkout import discounting
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.promotion_codes import PromotionCode
from fakestripe_meters.domain.records.promotion_codes import PromotionCodes


def quantities(account: Account, session: CheckoutSession, chosen: Mapping[str, int]) -> None:
    """Change how many are bought, by the ids of lines; raise StripeError 400 if a line is not to be changed so."""
    completing.check_open(session)
    for line_id, quantity in chosen.items():
        line = checkout_sessions.line_of(session, line_id)
        bounds = line.adjustable_quantity if line is not None else None
        if line is None or bounds is None or not bounds["enabled"]:
            raise errors.checkout.cannot_be_adjusted(line_id)
        if not bounds["minimum"] <= quantity <= bounds["maximum"]:
            raise errors.checkout.quantity_out_of_bounds("quantity", bounds["minimum"], bounds["maximum"])
        line.quantity = quantity
    amounts.settle(account, session)


@inferred("the sentence of a code that is not there; letters count as they are, in any case")
def enter_code(account: Account, session: CheckoutSession, text: str) -> None:
    """Redeem a promotion code; raise StripeError 400 if there is none, or if it may not be redeemed here."""
    completing.check_open(session)
    if not session.allow_promotion_codes:
        raise errors.checkout.no_codes_here()
    code = _find(account, session, text)
    if code is None:
        raise errors.checkout.no_such_code()
    discount = CheckoutDiscount(promotion_code=code.id)
    discounting.check(account, session, discount, "promotion_code")
    session.discounts = [discount]
    amounts.settle(account, session)


def drop_code(account: Account, session: CheckoutSession) -> None:
    """Take away the promotion code that the customer has entered."""
    completing.check_open(session)
    session.discounts = [each for each in session.discounts if each.promotion_code is None]
    amounts.settle(account, session)


def _find(account: Account, session: CheckoutSession, text: str) -> PromotionCode | None:
    """Return the active promotion code that a customer means, rather its own than one that is for all."""
    found = [
        code
        for code in account.part(PromotionCodes).table
        if code.code.lower() == text.strip().lower()
        and code.customer in (None, session.customer)
        and promotion_codes.active(account, code)
    ]
    return max(found, key=lambda code: code.customer is not None, default=None)
