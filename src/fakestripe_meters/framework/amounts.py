"""Checks of currencies and of amounts that are sent as decimals, for parameters.

Documented in: https://docs.stripe.com/currencies.
"""

from decimal import Decimal

from fakestripe_meters.core import currencies
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
CODES = frozenset(currencies.CODES)
KEYS = frozenset(currencies.KEYS)


@inferred("capital letters are accepted")
def check_currency(value: str, path: str) -> None:
    """Raise StripeError 400 unless Stripe has a currency."""
    if value.lower() not in CODES:
        raise errors.params.invalid_currency(path, value)


def check_currency_key(value: str, path: str) -> None:
    """Raise StripeError 400 unless a key of the hash at `path` is a currency in small letters."""
    if value in KEYS:
        return
    raise (
        errors.params.currency_in_capitals(path, value)
        if value.lower() in KEYS
        else errors.params.invalid_currency_key(path, value)
    )


@inferred("that amounts are limited before they are charged, and by the same limit in all currencies")
def check_charge(amount: int, path: str) -> None:
    """Raise StripeError 400 if a parameter leads to an amount that can be charged in no currency."""
    if abs(amount) > MOST_CHARGED:
        raise errors.invoices.amount_too_large(path)


def check_decimals(value: Decimal, path: str) -> None:
    """Raise StripeError 400 if an amount has more than twelve decimals."""
    if value != value.quantize(Decimal(1).scaleb(-MOST_DECIMALS), context=EXACT):
        raise errors.params.too_many_decimals(path, MOST_DECIMALS)
