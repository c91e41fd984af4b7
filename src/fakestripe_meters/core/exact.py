"""Exact decimal arithmetic: sums and products are never rounded; only amounts of money are."""

from decimal import MAX_EMAX
from decimal import MAX_PREC
from decimal import MIN_EMIN
from decimal import ROUND_HALF_UP
from decimal import Context
from decimal import Decimal

# inferred: sums of usage are exact, and are printed as the shortest exact number.
ZERO = Decimal(0)
ONE = Decimal(1)
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_UP)
"""A context that keeps all digits; Decimal's default context silently rounds sums and products to 28 digits.

Never divide in it: an endless quotient would fill the memory. It rounds only to an integer, halves away from zero.
"""
