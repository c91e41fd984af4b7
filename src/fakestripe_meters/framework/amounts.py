"""Checks of currencies and of amounts that are sent as decimals, for parameters.

Documented in: https://docs.stripe.com/currencies.
"""

import re
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.sources import inferred

MOST_DECIMALS = 12
# inferred: the limit of what a price costs, for which Stripe documents none; it has 64 bits.
MOST_OF_PRICE = 999_999_999_999_999_999
# documented: the largest amount that can be charged in any currency has twelve digits (in IDR).
MOST_CHARGED = 999_999_999_999
# inferred: the limit of quantities, as many digits as the value of a meter event may have.
MOST_UNITS = 999_999_999_999_999
CURRENCY = re.compile(r"[A-Za-z]{3}")


@inferred("any three letters are accepted")
def check_currency(value: str, path: str) -> None:
    """Raise StripeError 400 unless a currency has three letters."""
    if not CURRENCY.fullmatch(value):
        raise errors.params.invalid_currency(path, value)


@inferred("that amounts are limited before they are charged, and by the same limit in all currencies")
def check_charge(amount: int, path: str) -> None:
    """Raise StripeError 400 if a parameter leads to an amount that can be charged in no currency."""
    if abs(amount) > MOST_CHARGED:
        raise errors.billing.amount_too_large(path)


def check_decimals(value: Decimal, path: str) -> None:
    """Raise StripeError 400 if an amount has more than twelve decimals."""
    if value != value.quantize(Decimal(1).scaleb(-MOST_DECIMALS), context=EXACT):
        raise errors.params.too_many_decimals(path, MOST_DECIMALS)
