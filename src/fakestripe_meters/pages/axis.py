"""The axis of a chart: round numbers, and where a value lies between the lowest and the highest of them."""

from collections.abc import Sequence
from decimal import ROUND_CEILING
from decimal import ROUND_FLOOR
from decimal import ROUND_HALF_EVEN
from decimal import Context
from decimal import Decimal

from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ONE
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.late import dataclass

STEPS = (ONE, Decimal(2), Decimal(5), Decimal(10))
MOST_STEPS = 5
"""How many steps an axis has from its lowest to its highest number, at most."""
WIDEST = 16
"""How many characters a number on an axis has before it is written with an exponent."""
# Enough digits for a picture: a quotient is endless, and `EXACT` must not make one.
ROUNDED = Context(prec=40, rounding=ROUND_HALF_EVEN, Emax=EXACT.Emax, Emin=EXACT.Emin)


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from the first of its `ticks` to the last."""

    ticks: Sequence[Decimal]

    def place(self, value: Decimal, length: int) -> int:
        """Return how far from the upper end of an axis of a length a value lies."""
        low, high = self.ticks[0], self.ticks[-1]
        part = ROUNDED.divide(EXACT.subtract(high, value), EXACT.subtract(high, low))
        return int(ROUNDED.multiply(part, Decimal(length)).to_integral_value(ROUND_HALF_EVEN))


def axis(low: Decimal, high: Decimal) -> Axis:
    """Return an axis of round numbers that holds zero and both numbers."""
    low, high = min(low, ZERO), max(high, ZERO)
    if low == high:
        high = ONE
    span = ROUNDED.subtract(high, low)
    magnitude = Decimal((0, (1,), ROUNDED.divide(span, Decimal(MOST_STEPS)).adjusted()))
    ranges = ((_steps(low, high, ROUNDED.multiply(each, magnitude))) for each in STEPS)
    step, first, last = next(found for found in ranges if found[2] - found[1] <= MOST_STEPS + (low < 0 < high))
    return Axis([EXACT.multiply(Decimal(count), step) for count in range(first, last + 1)])


def _steps(low: Decimal, high: Decimal, step: Decimal) -> tuple[Decimal, int, int]:
    """Return a step, and how many of it reach the lowest and the highest number from zero."""
    first = ROUNDED.divide(low, step).to_integral_value(ROUND_FLOOR)
    last = ROUNDED.divide(high, step).to_integral_value(ROUND_CEILING)
    return step, int(first), int(last)


def number(value: Decimal) -> str:
    """Return a number for people: `1,500`, `-0.25`; every digit of it."""
    return f"{shortest(value):,f}"


def plain(value: Decimal) -> str:
    """Return a number for programs: `1500`, as JSON has it."""
    return f"{shortest(value):f}"


def short(value: Decimal) -> str:
    """Return a number for an axis: as for people, or with an exponent if that is long."""
    text = number(value)
    return text if len(text) <= WIDEST else f"{value:.3g}"


def shortest(value: Decimal) -> Decimal:
    """Return the same number without zeros at the end of its decimals."""
    return value.normalize(EXACT) if value else ZERO
