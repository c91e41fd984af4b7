"""API keys: which are good."""

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core import keys
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.printing import mask


def refusal(key: str) -> StripeError:
    with pytest.raises(StripeError) as caught:
        keys.check(key)
    assert caught.value.status == 401
    assert caught.value.headers == {"WWW-Authenticate": 'Bearer realm="Stripe"'}
    return caught.value


@pytest.mark.parametrize("key", ["sk_test_x", "rk_test_abcDEF_123", keys.DEFAULT_KEY, "sk_test_" + "x" * 247])
def test_secret_and_restricted_test_keys_are_good(key: str) -> None:
    keys.check(key)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk_test_", "sk_test_"),
        ("sk_test_abc def12345", "sk_test_********2345"),
        ("sk_test_é", "sk_test_*"),
        ("sk_test_x\n", "sk_test_**"),
        ("sk_test_" + "x" * 248, "sk_test_" + "*" * 244 + "xxxx"),
        ("sk_test_" + "x" * 10_000, "sk_test_" + "*" * 250 + "xxxx"),
        ("SK_TEST_1234", "********1234"),
        ("foo", "***"),
        ("1234567", "*******"),
        ("12345678", "****5678"),
        (" ", "*"),
    ],
)
def test_a_bad_key_is_refused_and_masked(key: str, shown: str) -> None:
    assert refusal(key).message == f"Invalid API Key provided: {shown}"


def test_no_key_is_refused_with_advice() -> None:
    assert refusal("").message.startswith("You did not provide an API key. You need to provide your API key in the")


@pytest.mark.parametrize("key", ["sk_live_abcdefghijklm", "rk_live_abcdefghijklm", "pk_live_abcdefghijklm", "sk_live_"])
def test_a_live_key_is_refused_and_masked(key: str) -> None:
    message = refusal(key).message
    assert "fake" in message
    assert "abcd" not in message
    assert mask(key) in message


def test_a_publishable_key_is_refused() -> None:
    error = refusal("pk_test_abcdefgh")
    assert error.code == "secret_key_required"
    assert "cannot be made with a publishable API key" in error.message


# Authorization


def basic(credentials: str | bytes) -> str:
    return "Basic " + b64encode(credentials.encode() if isinstance(credentials, str) else credentials).decode()


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Bearer sk_test_x", "sk_test_x"),
        ("bearer sk_test_x", "sk_test_x"),
        ("  Bearer   sk_test_x ", "sk_test_x"),
        (basic("sk_test_x:"), "sk_test_x"),
        (basic("sk_test_x"), "sk_test_x"),
        (basic("sk_test_x:password"), "sk_test_x"),
        (basic("sk_test_x:").replace("Basic", "BASIC"), "sk_test_x"),
        (basic("sk_test_x:").replace(" ", "  "), "sk_test_x"),
        (None, ""),
        ("", ""),
        ("Bearer", ""),
        ("Bearer ", ""),
        ("sk_test_x", ""),
        ("Digest sk_test_x", ""),
        ("Basic", ""),
        ("Basic !!!", ""),
        ("Basic é", ""),
        ("Basic //46", ""),
        (basic(":sk_test_x"), ""),
    ],
)
def test_the_key_is_taken_from_bearer_or_basic(header: str | None, key: str) -> None:
    assert keys.from_authorization(header) == key


@given(st.text())
def test_any_header_gives_a_key_or_none_and_any_key_is_good_or_refused(header: str) -> None:
    for each in (header, f"Basic {header}", f"Bearer {header}"):
        with suppress(StripeError):
            keys.check(keys.from_authorization(each))
