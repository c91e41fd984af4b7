"""What prices come to, in exact arithmetic: half a cent is rounded up, line by line."""

import math
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Tier:
    """What a unit costs up to a quantity, and what the tier costs as soon as it is reached."""

    up_to: int | None
    unit: Fraction
    flat: Fraction = Fraction()


@dataclass(frozen=True)
class Price:
    """A price of the catalogue. A metered one names its meter; `tiers` are graduated unless `volume` is set."""

    name: str
    unit: Fraction = Fraction()
    interval: str = "month"
    meter: str = ""
    tiers: tuple[Tier, ...] = ()
    volume: bool = False
    package: int = 1

    def amounts(self, quantity: Fraction) -> list[int]:
        """Return what each line of a quantity comes to."""
        return [rounded(each) for each in self._exact(max(quantity, Fraction()))]

    def _exact(self, quantity: Fraction) -> list[Fraction]:
        if self.volume:
            tier = next(each for each in self.tiers if each.up_to is None or quantity <= each.up_to)
            return [tier.unit * quantity, tier.flat]
        if self.tiers:
            return self._graduated(quantity)
        return [self.unit * math.ceil(quantity / self.package)] if self.package > 1 else [self.unit * quantity]

    def _graduated(self, quantity: Fraction) -> list[Fraction]:
        lines: list[Fraction] = []
        below = 0
        for number, tier in enumerate(self.tiers):
            if number and quantity <= below:
                break
            within = (quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))) - below
            lines += [tier.unit * within, tier.flat]
            below = tier.up_to or below
        return lines


def rounded(amount: Fraction) -> int:
    """Round to a cent, half a cent away from zero."""
    whole = math.floor(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def prorated(amount: Fraction) -> int:
    """Round a proration to a cent, half a cent down: a credit becomes larger, a debit smaller."""
    return math.ceil(amount - Fraction(1, 2))
