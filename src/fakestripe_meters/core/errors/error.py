"""`StripeError`, which Stripe answers with, and `Misuse`, for mistakes of the test's author."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from fakestripe_meters.core import printing

SUPPORT = "https://support.stripe.com/"
NOT_SERVED = "fakestripe_not_served"
PASSING_ON_FAILED = "fakestripe_passing_on_failed"
OUR_CODES = frozenset({NOT_SERVED, PASSING_ON_FAILED})
"""Codes of the fake's own. Stripe has no page about them, and answers with such a code have no link to Stripe."""


class Misuse(ValueError):  # noqa: N818  it names what happened, not a kind of error
    """The fake is used wrongly; Stripe never answers with this. `param` names the option or parameter that is wrong."""

    __module__ = "fakestripe_meters"  # where users import it from: the first line of a failing report begins with it
    status: ClassVar[int] = 400
    """The status of the control plane's answer."""

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(printing.line(message))
        self.param: str | None = param if param is None else printing.masked(param)


class Conflict(Misuse):
    """The call is valid, but it would wait for itself, or another call has interrupted it."""

    __module__ = "fakestripe_meters"
    status = 409


class StripeError(Exception):
    """An error that Stripe answers with. `mentions` are the parameters that its message names.

    `reason` is the code in API v2 and in reports about dropped usage, where API v1 has no code. An operation that
    raises it changes nothing, unless the error has `keeps_changes`. `hint` is for the journal only. `extra` are fields
    that only errors of its kind have, such as `decline_code` and `payment_intent`; None is left out.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error_type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        mentions: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        reason: str | None = None,
        keeps_changes: bool = False,
        hint: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = error_type
        self.code = code
        self.param = param
        self.mentions = tuple(mentions)
        self.headers = dict(headers or {})
        self.reason = reason or code
        self.keeps_changes = keeps_changes
        self.hint = hint
        self.extra = dict(extra or {})


def shortened(text: str, most: int = 100) -> str:
    """Return a text, cut off with an ellipsis after `most` characters, so that no message quotes megabytes."""
    return text if len(text) <= most else f"{text[:most]}…"


def quoted(value: object, most: int = 100) -> str:
    """Return a value as Python shows it, cut off as above; the name of its type if it cannot be shown."""
    try:
        return shortened(repr(value), most)
    except Exception:  # noqa: BLE001  whatever it is, the message about the value matters more
        return f"{'an' if type(value).__name__[0] in 'aeiouAEIOU' else 'a'} {type(value).__name__} that cannot be shown"


def either(words: Iterable[str]) -> str:
    """Return choices as Stripe lists them: `a or b`, `a, b, or c`."""
    *first, last = words
    if not first:
        return last
    return f"{first[0]} or {last}" if len(first) == 1 else f"{', '.join(first)}, or {last}"


def instead(names: Iterable[str]) -> str:
    """Return what a `Misuse` of an unknown name suggests."""
    names = list(names)
    return f"use {either(names)}" if names else "none exists"
