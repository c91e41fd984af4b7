"""Trees are printed as Stripe prints its answers."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.wire.tree import number
from fakestripe_meters.wire.tree import pretty

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12)
LEAVES = st.none() | st.booleans() | st.integers() | DECIMALS | st.text(st.characters(exclude_categories=["Cs"]))
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('aé"\\\n'), inner, max_size=4)
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(TREES)
def test_what_is_printed_is_read_back(tree: Any) -> None:  # noqa: ANN401  any tree
    assert json.loads(pretty(tree), parse_float=Decimal) == tree


@given(PLAIN)
def test_it_looks_as_the_standard_library_would_print_it(tree: Any) -> None:  # noqa: ANN401  any tree
    plain = json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
    assert pretty(tree) == plain.encode("utf-8", "replace")


@given(DECIMALS)
def test_a_decimal_is_printed_exactly_and_without_an_exponent(value: Decimal) -> None:
    assert Decimal(number(value)) == value
    assert "e" not in number(value).lower()
    assert not number(value).endswith(".")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3", "3"),
        ("3.0", "3"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("0.30", "0.3"),
        ("-12.5", "-12.5"),
        ("1E-7", "0.0000001"),
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("0E-10", "0"),
        ("-0.001", "-0.001"),
    ],
)
def test_a_decimal_is_as_short_as_can_be(value: str, text: str) -> None:
    assert number(Decimal(value)) == text


def test_keys_keep_their_order_and_every_level_is_two_spaces_in() -> None:
    assert pretty({"b": [1, {"a": None}], "a": {}, "c": []}) == (
        b'{\n  "b": [\n    1,\n    {\n      "a": null\n    }\n  ],\n  "a": {},\n  "c": []\n}\n'
    )


def test_letters_outside_ascii_stay_and_half_of_a_pair_becomes_a_question_mark() -> None:
    assert pretty("é€😀\ud800") == '"é€😀?"\n'.encode()


def test_an_exact_sum_is_not_a_binary_fraction() -> None:
    assert pretty([Decimal("0.1") + Decimal("0.2")]) == b"[\n  0.3\n]\n"


def test_a_huge_integer_is_printed_whole() -> None:
    assert pretty(10**300) == b"1" + b"0" * 300 + b"\n"
