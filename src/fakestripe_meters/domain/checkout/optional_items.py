"""What the customer may add to a Checkout session.

Documented in: https://docs.stripe.com/payments/checkout/optional-items.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import lines
from fakestripe_meters.domain.checkout.line_terms import OptionalTerms
from fakestripe_meters.domain.checkout.lines import Bought
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession

PATH = "optional_items"


@inferred("that prices of usage are refused, for they have no quantity")
def read(account: Account, session: CheckoutSession, given: Sequence[OptionalTerms]) -> Sequence[Mapping[str, Any]]:
    """Return what a session shows of the items that a request offers, or raise StripeError 400."""
    offered: list[Bought] = []
    found: list[Mapping[str, Any]] = []
    for index, terms in enumerate(given):
        path = f"{PATH}[{index}]"
        where = f"{path}[price]"
        price = prices.find(account, terms.price, param=where, status=400)
        if not price.active:
            raise errors.objects.inactive(where, "price")
        if price.metered:
            raise errors.checkout.quantity_of_usage(path)
        adjustable = lines.adjusting(terms.adjustable_quantity, terms.quantity, path)
        offered.append(Bought(price, path, where))
        found.append({"adjustable_quantity": adjustable, "price": price.id, "quantity": terms.quantity})
    if offered:
        there = [Bought(prices.kept(account, each.price), "line_items", "line_items") for each in session.lines]
        lines.check([*there, *offered], session.mode)
    return found
