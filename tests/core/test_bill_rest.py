"""What is left to bill of a period of which a part was billed before."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.pricing import Package
from fakestripe_meters.core.pricing import PerUnit
from fakestripe_meters.core.pricing import PricedLine
from fakestripe_meters.core.pricing import Tariff
from fakestripe_meters.core.pricing import Tier
from fakestripe_meters.core.pricing import Tiered
from fakestripe_meters.core.pricing import bill
from fakestripe_meters.core.pricing import bill_rest
from fakestripe_meters.core.pricing import describe

TIERS = (
    Tier(up_to=10, unit_amount=Decimal("3.6"), flat_amount=Decimal(100)),
    Tier(up_to=None, unit_amount=Decimal("0.5")),
)
TARIFFS: dict[str, Tariff] = {
    "per unit": PerUnit(unit_amount=Decimal("3.6")),
    "package": PerUnit(unit_amount=Decimal(7), package=Package(divide_by=10, round="up")),
    "graduated": Tiered(tiers_mode="graduated", tiers=TIERS),
    "volume": Tiered(tiers_mode="volume", tiers=TIERS),
}
QUANTITIES = st.decimals(0, 50, places=1)


def rest(name: str, quantity: int, billed: int) -> list[tuple[int, int]]:
    """Quantities and charged amounts."""
    lines = bill_rest(TARIFFS[name], Decimal(quantity), Decimal(billed))
    return [(int(line.quantity), line.rounded) for line in lines]


@given(name=st.sampled_from(sorted(TARIFFS)), quantities=st.lists(QUANTITIES, min_size=1, max_size=5))
def test_however_often_it_is_billed_it_adds_up_to_one_bill(name: str, quantities: list[Decimal]) -> None:
    tariff = TARIFFS[name]
    charged = sum(line.rounded for line in bill(tariff, quantities[0]))
    for before, after in pairwise(quantities):
        charged += sum(line.rounded for line in bill_rest(tariff, after, before))
    assert charged == sum(line.rounded for line in bill(tariff, quantities[-1]))


@pytest.mark.parametrize(
    ("name", "quantity", "billed", "expected"),
    [
        ("per unit", 30, 20, [(10, 36)]),
        ("per unit", 20, 30, [(-10, -36)]),
        ("package", 15, 12, [(3, 0)]),
        ("package", 21, 20, [(1, 7)]),
        ("graduated", 8, 5, [(3, 11)]),
        ("graduated", 14, 5, [(5, 18), (4, 2)]),
        ("graduated", 30, 14, [(16, 8)]),
        ("graduated", 5, 14, [(-5, -18), (-4, -2)]),
        ("volume", 8, 5, [(8, 29), (0, 100), (0, -118)]),
        ("volume", 20, 10, [(20, 10), (0, -136)]),
    ],
)
def test_what_is_left(name: str, quantity: int, billed: int, expected: list[tuple[int, int]]) -> None:
    assert rest(name, quantity, billed) == expected


@pytest.mark.parametrize("name", ["per unit", "graduated"])
def test_where_nothing_is_left_one_line_says_so(name: str) -> None:
    assert rest(name, 14, 14) == [(0, 0)]


def test_what_is_taken_back_is_said() -> None:
    *_, last = bill_rest(TARIFFS["volume"], Decimal(20), Decimal(10))
    assert isinstance(last, PricedLine)
    assert describe(last, product="Calls", currency="usd", every="month") == "Calls (amount previously billed)"
