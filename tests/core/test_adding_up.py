"""What an invoice comes to: the worked examples that are recorded or documented, and what may never happen."""

from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.adding_up import Line
from fakestripe_meters.core.adding_up import LineSum
from fakestripe_meters.core.adding_up import Off
from fakestripe_meters.core.adding_up import Rate
from fakestripe_meters.core.adding_up import Totals
from fakestripe_meters.core.adding_up import add_up
from fakestripe_meters.core.adding_up import due
from fakestripe_meters.core.adding_up import no_credits
from fakestripe_meters.core.adding_up import split
from fakestripe_meters.core.adding_up import totals

Credit = Callable[[Sequence[int]], Sequence[int]]


def percent(of: str, name: str = "di_percent") -> Off:
    return Off(name, percent=Decimal(of))


def amount(of: int, name: str = "di_amount") -> Off:
    return Off(name, amount=of)


def tax(of: str, *, inclusive: bool = False) -> Rate:
    return Rate(f"txr_{of}_{inclusive}", Decimal(of), inclusive)


class Added(NamedTuple):
    lines: Sequence[LineSum]
    totals: Totals


def added(lines: Sequence[Line], discounts: Sequence[Off] = (), *, credit: Credit = no_credits) -> Added:
    sums = add_up(lines, discounts, credit=credit)
    return Added(sums, totals(line.parts for line in sums))


def off_each(lines: Sequence[LineSum]) -> list[list[int]]:
    return [[taken for _, taken in (*line.own, *line.general)] for line in lines]


def test_two_lines_with_two_discounts_and_a_tax_that_are_recorded() -> None:
    rate = tax("7.95")
    lines = [Line(17400, rates=[rate]), Line(8700, own=[percent("10", "di_item")], rates=[rate])]
    sums = added(lines, [percent("10")])
    assert off_each(sums.lines) == [[1740], [870, 783]]
    assert (sums.totals.subtotal, sums.totals.discounted) == (25230, 2523)
    assert sums.totals.subtotal - sums.totals.discounted == 22707
    assert [(each.amount, each.taxable) for line in sums.lines for each in line.taxes] == [(1245, 15660), (560, 7047)]
    assert (sums.totals.exclusive, sums.totals.total) == (1805, 24512)


@pytest.mark.parametrize(("off", "total"), [(percent("10"), 2250), (amount(1000), 1500)])
def test_one_discount_on_one_line(off: Off, total: int) -> None:
    sums = added([Line(2500)], [off])
    assert (sums.totals.subtotal, sums.totals.total) == (2500, total)


def test_a_discount_of_a_line_lowers_the_subtotal() -> None:
    sums = added([Line(1900, own=[percent("50")])])
    assert (sums.totals.subtotal, sums.totals.total, off_each(sums.lines)) == (950, 950, [[950]])


def test_an_amount_is_spread_over_lines_and_the_last_takes_the_rest() -> None:
    assert off_each(added([Line(1000), Line(2000)], [amount(500)]).lines) == [[166], [334]]


def test_an_exclusive_tax_is_on_what_a_discount_leaves() -> None:
    sums = added([Line(3000, rates=[tax("5")])], [percent("10")])
    assert (sums.lines[0].taxes[0].taxable, sums.totals.exclusive, sums.totals.total) == (2700, 135, 2835)


@pytest.mark.parametrize(("price", "contained"), [(2000, 261), (4000, 522)])
def test_an_inclusive_tax_does_not_change_the_total(price: int, contained: int) -> None:
    sums = added([Line(price, rates=[tax("15", inclusive=True)])])
    assert (sums.totals.inclusive, sums.totals.exclusive, sums.totals.total) == (contained, 0, price)


def test_eleven_contain_one_of_ten_percent() -> None:
    assert added([Line(1100, rates=[tax("10", inclusive=True)])]).totals.inclusive == 100


def test_a_credit_for_unused_time_is_taxed_and_not_discounted_again() -> None:
    sums = added([Line(-1800, discountable=False, rates=[tax("5")])], [percent("10")])
    assert (off_each(sums.lines), sums.totals.exclusive, sums.totals.total) == ([[0]], -90, -1890)


def test_a_balance_in_credit_pays() -> None:
    assert due(added([Line(1000)]).totals.total, -334) == 666


@pytest.mark.parametrize(
    ("discounts", "taken", "total"),
    [
        ([percent("10"), amount(200)], [100, 200], 700),
        ([amount(200), percent("10")], [200, 80], 720),
    ],
)
def test_discounts_are_stacked_in_their_order(discounts: list[Off], taken: list[int], total: int) -> None:
    for sums in (added([Line(1000)], discounts), added([Line(1000, own=discounts)])):
        assert (off_each(sums.lines), sums.totals.total) == ([taken], total)


def test_credits_pay_after_discounts_and_before_taxes() -> None:
    lines = [Line(1000, rates=[tax("10")]), Line(500, rates=[tax("10")])]
    sums = added(lines, [percent("20")], credit=lambda left: [min(each, 700) for each in left])
    assert [line.credited for line in sums.lines] == [700, 400]
    assert sums.totals == Totals(1500, 300, 1100, inclusive=0, exclusive=10)
    assert (sums.totals.total, due(sums.totals.total, 50)) == (110, 160)


def test_a_discount_of_several_lines_is_taken_once() -> None:
    own = [amount(300)]
    assert off_each(added([Line(200, own=own), Line(5, own=[]), Line(400, own=own)]).lines) == [[100], [], [200]]


def test_a_discount_on_some_products_is_of_their_lines() -> None:
    off = Off("di_some", percent=Decimal(50), products=["prod_a"])
    lines = [Line(100, "prod_a"), Line(100, "prod_b"), Line(100)]
    assert off_each(added(lines, [off]).lines) == [[50], [0], [0]]


def test_nothing_is_discounted_below_zero() -> None:
    sums = added([Line(300), Line(100)], [amount(1000)])
    assert (off_each(sums.lines), sums.totals.total) == ([[300], [100]], 0)


def test_a_correction_of_usage_lowers_what_is_discounted() -> None:
    sums = added([Line(800), Line(-300)], [percent("10")])
    assert (off_each(sums.lines), sums.totals.total) == ([[50], [0]], 450)
    assert off_each(added([Line(100), Line(-300)], [percent("10")]).lines) == [[0], [0]]


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    assert off_each(added([Line(5)], [percent("10")]).lines) == [[1]]
    assert added([Line(50, rates=[tax("5")])]).totals.exclusive == 3
    assert added([Line(-50, rates=[tax("5")])]).totals.exclusive == -3


def test_the_lines_of_an_invoice_are_discounted_together() -> None:
    """Each by itself would come to nothing."""
    assert off_each(added([Line(4)] * 5, [percent("10")]).lines) == [[0], [0], [0], [0], [2]]


def test_rates_of_both_kinds_are_of_the_same_amount() -> None:
    rates = [tax("10", inclusive=True), tax("5")]
    sums = added([Line(1100, rates=rates)])
    assert [(each.amount, each.taxable) for each in sums.lines[0].taxes] == [(100, 1000), (50, 1000)]
    assert sums.totals.total == 1150


def test_what_does_not_fit_on_the_last_line_goes_to_those_before() -> None:
    assert split(49, [1] * 50) == [0, *[1] * 49]
    assert split(5, [0, -3]) == [0, 0]


@given(st.integers(0, 10_000), st.lists(st.integers(-500, 5_000), max_size=12))
def test_shares_add_up_and_exceed_nothing(whole: int, weights: list[int]) -> None:
    parts = split(whole, weights)
    assert sum(parts) == min(whole, sum(max(0, weight) for weight in weights))
    assert all(0 <= part <= max(0, weight) for part, weight in zip(parts, weights, strict=True))
