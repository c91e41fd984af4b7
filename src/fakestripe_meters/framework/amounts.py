"""Checks of currencies and of amounts that are sent as decimals, for parameters."""

import re
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.sources import inferred

MOST_DECIMALS = 12
CURRENCY = re.compile(r"[A-Za-z]{3}")


@inferred("any three letters are accepted")
def check_currency(value: str, path: str) -> None:
    """Raise StripeError 400 unless a currency has three letters."""
    if not CURRENCY.fullmatch(value):
        raise errors.params.invalid_currency(path, value)


def check_decimals(value: Decimal, path: str) -> None:
    """Raise StripeError 400 if an amount is negative or has more than twelve decimals."""
    if value < 0:
        raise errors.params.too_small(path, 0)
    if value != value.quantize(Decimal(1).scaleb(-MOST_DECIMALS), context=EXACT):
        raise errors.params.too_many_decimals(path, MOST_DECIMALS)


def check_signed_decimals(value: Decimal, path: str) -> None:
    """Raise StripeError 400 if an amount, which may be negative, has more than twelve decimals."""
    check_decimals(abs(value), path)
