"""How what was sent is shown to people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core import printing
from fakestripe_meters.core.errors import Misuse

KEY = "sk_live_51NeverShouldHaveComeHere"
MASKED = printing.mask(KEY)


@given(st.text(max_size=40) | st.from_regex(r"(sk|rk|pk)_(test|live)_[a-z0-9]{0,30}", fullmatch=True))
def test_a_mask_shows_the_kind_and_at_most_four_letters_of_less_than_half(key: str) -> None:
    prefix = printing.PREFIX.match(key)
    assert prefix is not None
    secret = key.removeprefix(prefix.group())
    shown = printing.mask(key).removeprefix(prefix.group()).lstrip("*")
    assert len(shown) <= len(secret) / 2 or "*" in secret
    assert len(shown) <= 4 or "*" in secret


def test_keys_are_masked_wherever_they_are_nested_and_the_rest_stays() -> None:
    tree = {"a": [f"<{KEY}>", 5, None, {KEY: True}], f"{KEY}[x]": "risk_free"}
    assert printing.masked(tree) == {"a": [f"<{MASKED}>", 5, None, {MASKED: True}], f"{MASKED}[x]": "risk_free"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, and äöü → 日本 🙂", "plain, and äöü → 日本 🙂"),
        ("two\nlines\r\n", "two\\nlines\\r\\n"),
        ("\x1b[31mred\x07\x08\x00", "\\x1b[31mred\\x07\\x08\\x00"),
        ("\x7f\x80\x85\x9b31m", "\\x7f\\x80\\x85\\x9b31m"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\u202egnp.exe\u2066\u200f\ufeff", "\\u202egnp.exe\\u2066\\u200f\\ufeff"),
        ("\ud800\U000e0041", "\\ud800\\U000e0041"),
        (f"{KEY}\n", f"{MASKED}\\n"),
        ("whsec_0123456789abcdef", "whsec_************cdef"),
    ],
)
def test_a_line_is_printable_and_without_a_key(text: str, shown: str) -> None:
    assert printing.line(text) == shown


@given(st.text())
def test_any_text_is_one_printable_line_which_stays_as_it_is(text: str) -> None:
    assert printing.line(text).isprintable()
    assert printing.line(printing.line(text)) == printing.line(text)


def test_a_misuse_names_no_key_as_its_parameter() -> None:
    assert Misuse(f"unknown parameter {KEY}", param=KEY).param == MASKED


def test_a_traceback_names_its_causes_and_forges_no_line() -> None:
    try:
        try:
            dict[str, str]()[f"{KEY}\n2099-01-01 forged"]
        except KeyError as error:
            raise ValueError(f"\x1b[2J{KEY}\nforged") from error
    except ValueError as error:
        told = printing.trace(error)
    assert KEY not in told.replace("{KEY}", "")
    assert f"ValueError: \\x1b[2J{MASKED}\\nforged" == told.splitlines()[-1]
    assert any(line.startswith("KeyError: ") for line in told.splitlines())
    assert not any(line.startswith(("forged", "2099")) for line in told.splitlines())
    assert __file__ in told
