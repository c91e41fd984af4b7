"""Parts of whole amounts that are taken bit by bit, so that all bits together come to the whole."""

from decimal import Decimal
from fractions import Fraction

from fakestripe_meters.core.adding_up import half_up


def share(whole: int, part: int | Decimal, of: int | Decimal, *, taken: int = 0) -> int:
    """Return what `part / of` of a whole comes to, rounded half up, without what was `taken` of it before.

    `part` includes what was taken before. So the last part gets the rest, and none gets more than that.
    """
    so_far = half_up(Fraction(whole) * Fraction(part) / Fraction(of))
    return max(0, min(so_far, whole) - taken)
