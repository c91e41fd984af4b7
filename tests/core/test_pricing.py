"""Quantities become lines of exact amounts, and lines become Stripe's sentences."""

from decimal import Decimal
from decimal import localcontext
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.pricing import Package
from fakestripe_meters.core.pricing import PerUnit
from fakestripe_meters.core.pricing import PricedLine
from fakestripe_meters.core.pricing import Tier
from fakestripe_meters.core.pricing import Tiered
from fakestripe_meters.core.pricing import TierFault
from fakestripe_meters.core.pricing import bill
from fakestripe_meters.core.pricing import cadence
from fakestripe_meters.core.pricing import describe
from fakestripe_meters.core.pricing import half_up
from fakestripe_meters.core.pricing import money
from fakestripe_meters.core.pricing import tier_fault

D = Decimal

GITPOD = (
    Tier(up_to=1000, unit_amount=D(0), flat_amount=D(900)),
    Tier(up_to=None, unit_amount=D("3.6"), flat_amount=D(0)),
)
BASIC = (Tier(up_to=None, unit_amount=D(0), flat_amount=D(999)),)
STEPS = (
    Tier(up_to=10, unit_amount=D(100)),
    Tier(up_to=20, unit_amount=D(50)),
    Tier(up_to=None, unit_amount=D(10)),
)


def graduated(*tiers: Tier) -> Tiered:
    return Tiered(tiers_mode="graduated", tiers=tiers)


def volume(*tiers: Tier) -> Tiered:
    return Tiered(tiers_mode="volume", tiers=tiers)


def outline(lines: tuple[PricedLine, ...]) -> list[tuple[int | None, bool, str, int]]:
    return [(line.tier, line.flat, str(line.quantity), line.rounded) for line in lines]


def total(lines: tuple[PricedLine, ...]) -> int:
    return sum(line.rounded for line in lines)


# Recorded invoices


def test_the_recorded_invoice_of_1031_credits_has_four_lines_in_tier_order() -> None:
    lines = bill(graduated(*GITPOD), D(1031))

    assert outline(lines) == [
        (1, False, "1000", 0),
        (1, True, "0", 900),
        (2, False, "31", 112),
        (2, True, "0", 0),
    ]
    assert lines[2].amount == D("111.6")
    assert total(lines) == 1012


def test_the_recorded_invoice_of_1031_credits_reads_as_stripe_wrote_it() -> None:
    lines = bill(graduated(*GITPOD), D(1031))

    assert [
        describe(line, product="Gitpod Usage", currency="usd", every="month", unit_label="credit") for line in lines
    ] == [
        "1000 credit × Gitpod Usage (Tier 1 at $0.00 / month)",
        "Gitpod Usage (Tier 1 at $9.00 / month)",
        "31 credit × Gitpod Usage (Tier 2 at $0.036 / month)",
        "Gitpod Usage (Tier 2 at $0.00 / month)",
    ]


def test_the_recorded_invoice_without_usage_charges_the_first_flat_fee() -> None:
    lines = bill(graduated(*BASIC), D(0))

    assert outline(lines) == [(1, False, "0", 0), (1, True, "0", 999)]
    assert [describe(line, product="Basic", currency="usd", every="day", unit_label="character") for line in lines] == [
        "0 character × Basic (Tier 1 at $0.00 / day)",
        "Basic (Tier 1 at $9.99 / day)",
    ]


# Per unit


def test_every_unit_costs_its_exact_amount() -> None:
    (line,) = bill(PerUnit(unit_amount=D("0.000000000001")), D("123456789012.345"))

    assert line.amount == D("0.123456789012345")
    assert (line.tier, line.flat, line.rounded) == (None, False, 0)


def test_no_usage_is_one_line_of_zero() -> None:
    assert outline(bill(PerUnit(unit_amount=D(4)), D(0))) == [(None, False, "0", 0)]


@pytest.mark.parametrize("tariff", [PerUnit(unit_amount=D(4)), graduated(*GITPOD), volume(*GITPOD)])
@pytest.mark.parametrize("quantity", ["-0.5", "-3", "-0", "0.00"])
def test_a_total_of_zero_or_less_is_billed_as_no_usage(tariff: PerUnit | Tiered, quantity: str) -> None:
    assert outline(bill(tariff, D(quantity))) == outline(bill(tariff, D(0)))


def test_more_digits_than_decimals_ordinary_context_holds_are_kept() -> None:
    with localcontext() as context:
        context.prec = 5
        (line,) = bill(PerUnit(unit_amount=D("1.000000000001")), D("98765432109876543210987654321.5"))

    exact = Fraction("1.000000000001") * Fraction("98765432109876543210987654321.5")
    assert Fraction(line.amount) == exact


# Packages


@pytest.mark.parametrize(
    ("quantity", "round_", "amount"),
    [
        ("150", "up", 3000),
        ("150", "down", 2000),
        ("120", "up", 2000),
        ("120.000001", "up", 3000),
        ("119.999999", "down", 1000),
        ("0.5", "up", 1000),
        ("59", "down", 0),
        ("0", "up", 0),
    ],
)
def test_packages_divide_the_exact_quantity_and_then_round(
    quantity: str, round_: Literal["up", "down"], amount: int
) -> None:
    hourly = PerUnit(unit_amount=D(1000), package=Package(divide_by=60, round=round_))

    (line,) = bill(hourly, D(quantity))

    assert (line.rounded, line.quantity, line.per) == (amount, D(quantity), 60)


# Graduated


@pytest.mark.parametrize(
    ("quantity", "units", "amount"),
    [
        ("10", ["10"], 1000),
        ("10.5", ["10", "0.5"], 1025),
        ("20", ["10", "10"], 1500),
        ("21", ["10", "10", "1"], 1510),
    ],
)
def test_a_tier_keeps_its_upper_bound(quantity: str, units: list[str], amount: int) -> None:
    lines = bill(graduated(*STEPS), D(quantity))

    assert [str(line.quantity) for line in lines] == units
    assert total(lines) == amount


def test_only_a_tier_with_a_flat_amount_prints_a_flat_line() -> None:
    tiers = (Tier(up_to=1, unit_amount=D(5)), Tier(up_to=None, flat_amount=D(0)))

    assert outline(bill(graduated(*tiers), D(3))) == [
        (1, False, "1", 5),
        (2, False, "2", 0),
        (2, True, "0", 0),
    ]


def test_each_line_is_rounded_on_its_own() -> None:
    tiers = (Tier(up_to=1, unit_amount=D("0.5")), Tier(up_to=None, unit_amount=D("0.5")))

    assert total(bill(graduated(*tiers), D(2))) == 2


# Volume


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("0", [(1, False, "0", 0)]),
        ("10", [(1, False, "10", 1000)]),
        ("10.5", [(2, False, "10.5", 525)]),
        ("20", [(2, False, "20", 1000)]),
        ("500", [(3, False, "500", 5000)]),
    ],
)
def test_volume_prices_all_units_at_the_tier_of_the_total(quantity: str, expected: list[tuple[object, ...]]) -> None:
    assert outline(bill(volume(*STEPS), D(quantity))) == expected


def test_volume_adds_the_flat_fee_of_its_one_tier() -> None:
    assert outline(bill(volume(*GITPOD), D(1031))) == [(2, False, "1031", 3712), (2, True, "0", 0)]
    assert outline(bill(volume(*GITPOD), D(1000))) == [(1, False, "1000", 0), (1, True, "0", 900)]


# Rounding


@pytest.mark.parametrize(
    ("amount", "charged"),
    [("111.6", 112), ("0.5", 1), ("0.4999999999999", 0), ("2.5", 3), ("-0.5", -1), ("-2.5", -3)],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, charged: int) -> None:
    assert half_up(D(amount)) == charged


@given(st.decimals(allow_nan=False, allow_infinity=False, places=13))
def test_a_negative_amount_takes_back_what_the_positive_one_charged(amount: Decimal) -> None:
    assert half_up(amount.copy_negate()) == -half_up(amount)


# Tier tables


@pytest.mark.parametrize("tiers", [GITPOD, BASIC, STEPS])
def test_a_sound_tier_table_has_no_fault(tiers: tuple[Tier, ...]) -> None:
    assert tier_fault(tiers) is None


ONE = D(1)


@pytest.mark.parametrize(
    ("tiers", "fault"),
    [
        ((), TierFault(0, "up_to", "last_not_inf")),
        (
            (Tier(up_to=5, unit_amount=ONE), Tier(up_to=9, unit_amount=ONE)),
            TierFault(1, "up_to", "last_not_inf"),
        ),
        (
            (Tier(up_to=None, unit_amount=ONE), Tier(up_to=9, unit_amount=ONE)),
            TierFault(0, "up_to", "inf_before_last"),
        ),
        (
            (Tier(up_to=5, unit_amount=ONE), Tier(up_to=5, unit_amount=ONE)),
            TierFault(1, "up_to", "not_ascending"),
        ),
        (
            (Tier(up_to=0, unit_amount=ONE), Tier(up_to=None, unit_amount=ONE)),
            TierFault(0, "up_to", "not_ascending"),
        ),
        ((Tier(up_to=5, unit_amount=ONE), Tier(up_to=None)), TierFault(1, "unit_amount", "no_amount")),
    ],
)
def test_a_faulty_tier_table_is_refused_where_it_goes_wrong(tiers: tuple[Tier, ...], fault: TierFault) -> None:
    assert tier_fault(tiers) == fault


# Wordings


@pytest.mark.parametrize(
    ("currencies", "written"),
    [
        ("bif clp djf gnf krw kmf mga pyg rwf vnd vuv xaf xof xpf", "5000"),
        ("bhd jod kwd omr tnd", "5.000"),
        ("chf isk ugx", "50.00"),
    ],
)
def test_currencies_have_two_decimals_or_none_or_three(currencies: str, written: str) -> None:
    """As in https://docs.stripe.com/currencies."""
    for currency in currencies.split():
        assert money(D(5000), currency) == f"{currency.upper()} {written}".replace(" 5000", " 5,000")


@pytest.mark.parametrize(("currency", "symbol"), [("aud", "A$"), ("cad", "CA$"), ("inr", "₹"), ("gbp", "£")])
def test_some_currencies_have_a_symbol(currency: str, symbol: str) -> None:
    assert money(D(123), currency) == f"{symbol}1.23"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("3.6", "usd", "$0.036"),
        ("900", "usd", "$9.00"),
        ("0", "usd", "$0.00"),
        ("163700", "usd", "$1,637.00"),
        ("0.000000000001", "usd", "$0.00000000000001"),
        ("1E+3", "usd", "$10.00"),
        ("8107", "eur", "€81.07"),
        ("29.00", "gbp", "£0.29"),
        ("500", "jpy", "¥500"),
        ("0.25", "jpy", "¥0.25"),
        ("2500", "chf", "CHF 25.00"),
        ("175000", "chf", "CHF 1,750.00"),
        ("5120", "kwd", "KWD 5.120"),
        ("-50", "usd", "-$0.50"),
    ],
)
def test_money_shows_all_its_decimals_and_at_least_the_currencys(amount: str, currency: str, written: str) -> None:
    assert money(D(amount), currency) == written


@pytest.mark.parametrize(
    ("interval", "interval_count", "written"),
    [("month", 1, "month"), ("month", 3, "every 3 months"), ("week", 12, "every 12 weeks")],
)
def test_a_cadence_of_several_intervals_is_counted(interval: str, interval_count: int, written: str) -> None:
    assert cadence(interval, interval_count) == written


def test_a_price_without_tiers_reads_as_recorded() -> None:
    (select,) = bill(PerUnit(unit_amount=D(0)), D(1))
    (quarterly,) = bill(PerUnit(unit_amount=D(90000)), D(1))

    assert describe(select, product="Select", currency="usd", every="month") == "1 × Select (at $0.00 / month)"
    assert (
        describe(quarterly, product="1% plan", currency="usd", every=cadence("month", 3))
        == "1 × 1% plan (at $900.00 / every 3 months)"
    )


def test_a_decimal_quantity_is_described_in_full() -> None:
    (line,) = bill(PerUnit(unit_amount=D("0.02")), D("1250000.2500"))

    assert (
        describe(line, product="API", currency="usd", every="month", unit_label="call")
        == "1250000.25 call × API (at $0.0002 / month)"
    )


def test_a_package_line_names_the_size_of_its_package() -> None:
    (line,) = bill(PerUnit(unit_amount=D(1000), package=Package(divide_by=60, round="up")), D(150))

    assert describe(line, product="Car", currency="usd", every="month") == "150 × Car (at $10.00 per 60 / month)"


# Against an independent calculation

Amount = Fraction | None
Steps = list[tuple[int | None, Amount, Amount]]


def amounts(scale: int) -> st.SearchStrategy[Amount]:
    return st.none() | st.integers(0, 10**6).map(lambda units: Fraction(units, scale))


@st.composite
def tables(draw: st.DrawFn) -> Steps:
    bounds = sorted(draw(st.sets(st.integers(1, 40), max_size=4)))
    return [
        (bound, unit, draw(amounts(1)) if unit is not None else Fraction(draw(st.integers(0, 9999))))
        for bound in [*bounds, None]
        for unit in [draw(amounts(1000))]
    ]


def decimal(number: Amount) -> Decimal | None:
    return None if number is None else D(number.numerator) / D(number.denominator)


def tiers_of(steps: Steps) -> tuple[Tier, ...]:
    return tuple(Tier(up_to=bound, unit_amount=decimal(unit), flat_amount=decimal(flat)) for bound, unit, flat in steps)


def cents(amount: Fraction) -> int:
    whole, rest = divmod(amount.numerator, amount.denominator)
    return whole + (2 * rest >= amount.denominator)


def naive_tier(steps: Steps, tenth: int) -> int:
    """The tier in which the `tenth`-th tenth of a unit falls, counting tenths from 1."""
    return next(i for i, (bound, _, _) in enumerate(steps) if bound is None or tenth <= 10 * bound)


def naive_graduated(steps: Steps, tenths: int) -> int:
    """Walk the usage a tenth of a unit at a time, then round each tier's sum and add its fee."""
    sums = {0: Fraction(0)}
    for tenth in range(1, tenths + 1):
        tier = naive_tier(steps, tenth)
        sums[tier] = sums.get(tier, Fraction(0)) + (steps[tier][1] or 0) / Fraction(10)
    return sum(cents(units) + cents(steps[tier][2] or Fraction(0)) for tier, units in sums.items())


def naive_volume(steps: Steps, tenths: int) -> int:
    _, unit, flat = steps[naive_tier(steps, tenths)]
    return cents((unit or 0) * Fraction(tenths, 10)) + cents(flat or Fraction(0))


@given(tables(), st.integers(0, 500))
def test_graduated_totals_agree_with_a_walk_through_every_tenth_of_a_unit(steps: Steps, tenths: int) -> None:
    lines = bill(graduated(*tiers_of(steps)), D(tenths) / 10)

    assert total(lines) == naive_graduated(steps, tenths)
    assert sum(line.quantity for line in lines) == D(tenths) / 10


@given(tables(), st.integers(0, 500))
def test_volume_totals_agree_with_looking_up_the_last_tenth_of_a_unit(steps: Steps, tenths: int) -> None:
    assert total(bill(volume(*tiers_of(steps)), D(tenths) / 10)) == naive_volume(steps, tenths)


@given(tables())
def test_drawn_tier_tables_are_sound(steps: Steps) -> None:
    assert tier_fault(tiers_of(steps)) is None


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_per_unit_amounts_agree_with_whole_number_arithmetic(millionths: int, picocents: int) -> None:
    (line,) = bill(PerUnit(unit_amount=D(picocents) / 10**12), D(millionths) / 10**6)

    assert line.rounded == (2 * millionths * picocents + 10**18) // (2 * 10**18)


@given(st.integers(0, 2000), st.integers(1, 70), st.sampled_from(["up", "down"]))
def test_packages_agree_with_filling_them_one_by_one(
    tenths: int, divide_by: int, round_: Literal["up", "down"]
) -> None:
    filled, left = 0, tenths
    while left >= 10 * divide_by:
        filled, left = filled + 1, left - 10 * divide_by
    opened = filled + (1 if left and round_ == "up" else 0)

    (line,) = bill(PerUnit(unit_amount=D(7), package=Package(divide_by=divide_by, round=round_)), D(tenths) / 10)

    assert line.rounded == 7 * opened
