"""API keys: which are valid, and which of them a request has."""

import re
from base64 import b64decode
from functools import lru_cache
from typing import Protocol

from fakestripe_meters.core import errors
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.sources import documented

DEFAULT_KEY = "sk_test_fakestripe"
TEST_KEY = re.compile(r"(sk|rk)_test_[A-Za-z0-9_]{1,247}")
LIVE_KEY = re.compile(r"(sk|rk|pk)_live_.*", re.DOTALL)
PUBLISHABLE_KEY = re.compile(r"pk_test_.*", re.DOTALL)
CONNECTED_ACCOUNT = re.compile(r"acct_[A-Za-z0-9_]{1,250}")
OPENED = re.compile(r"acct_[A-Za-z0-9]{1,250}")
"""The ids of accounts that the first request which names them opens."""


@lru_cache(maxsize=1024)
def check(key: str) -> None:
    """Raise Stripe's 401 unless `key` is a secret or restricted test key."""
    if TEST_KEY.fullmatch(key):
        return
    if not key:
        raise errors.requests.no_key()
    if LIVE_KEY.fullmatch(key):
        raise errors.requests.live_key(mask(key))
    if PUBLISHABLE_KEY.fullmatch(key):
        raise errors.requests.publishable_key()
    raise errors.requests.invalid_key(mask(key))


def no_session(token: str) -> StripeError:
    """Return the error for a request to the stream without a valid session token; the token may be an API key."""
    if not token:
        return errors.requests.no_key()
    if LIVE_KEY.fullmatch(token):
        return errors.requests.live_key(mask(token))
    return errors.v2.session_needed(mask(token)) if TEST_KEY.fullmatch(token) else errors.v2.session_expired()


class Headers(Protocol):
    """The headers of a request."""

    def lookup(self, lower_name: str, /) -> str | None:
        """Return the value of a header, given by its name in lower case, or None."""


@documented("`Stripe-Context` goes before `Stripe-Account`: https://docs.stripe.com/context")
def named_account(headers: Headers) -> str | None:
    """Return the account that a request names, as a path of ids relative to the key's; None if it names none."""
    context = headers.lookup("stripe-context")
    return headers.lookup("stripe-account") if context is None else context


@lru_cache(maxsize=1024)
def own_account(key: str) -> str:
    """Return the id of a key's own account."""
    return f"acct_{tail(key, 16)}"


def out_of_reach(key: str, account: str) -> StripeError:
    """Return Stripe's 403 for an account that a key gives no access to."""
    return errors.requests.invalid_account(mask(key), errors.shortened(account))


@lru_cache(maxsize=1024)
def from_authorization(header: str | None) -> str:
    """Return the key in `Authorization: Bearer KEY`, or the user name of `Basic`; empty if there is none."""
    scheme, _, credentials = (header or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return credentials.strip() if scheme.lower() == "bearer" else ""
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
