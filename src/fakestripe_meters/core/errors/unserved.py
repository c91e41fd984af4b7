"""Refusals in the fake's own voice: what Stripe has and the fake does not serve. Stripe never answers like this."""

from fakestripe_meters.core.errors.error import NOT_SERVED
from fakestripe_meters.core.errors.error import PASSING_ON_FAILED
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened

STATUS = 501
NO_RETRY = {"Stripe-Should-Retry": "false"}
"""Without it, SDKs would send the request again and again."""
LONGEST_PATH = 250
"""Stripe's own parameters go this deep; it is the last word of a path that matters."""


def url(method: str, path: str, pattern: str) -> StripeError:
    """501 (a sentence of our own) for a call that Stripe has and the fake does not serve."""
    return _refusal(
        f"fakestripe-meters does not serve {method} {shortened(path)}, which Stripe has. Answer this call by a stub: "
        f"{stub(method, pattern)}, or POST /_fakestripe/stubs. Or let another server answer: fakestripe-meters serve "
        "--elsewhere URL."
    )


def stub(method: str, pattern: str) -> str:
    """Return how to stub a call; `pattern` is its path with `*` for ids."""
    return f'fakestripe.stub("{method} {pattern}", json=…)'


def param(path: str) -> StripeError:
    """501 (a sentence of our own) for a parameter that Stripe has and the fake does not act on."""
    name = shortened(path, most=LONGEST_PATH)
    return _refusal(
        f"fakestripe-meters does not act on {name}, which Stripe has: with this value, Stripe would do something else. "
        'Leave the parameter out, or have it ignored: FakeStripe(unserved="ignore"), or fakestripe-meters serve '
        "--unserved ignore.",
        path,
    )


def items_while_paused() -> StripeError:
    """501 (a sentence of our own): it is not known how Stripe bills a subscription that changes meanwhile."""
    return _refusal(
        "fakestripe-meters does not change the items of a paused subscription, which Stripe may do. Resume the "
        "subscription first."
    )


def ending_with_its_period() -> StripeError:
    """501 (a sentence of our own): it is not known when such a subscription ends, as its period ends with the pause."""
    return _refusal(
        "fakestripe-meters does not pause a subscription that is to end with its period, which Stripe may do. Unset "
        "cancel_at_period_end first."
    )


def disputed_card(name: str) -> StripeError:
    """501 (a sentence of our own) for a test card whose payments lead to a dispute, which the fake has not."""
    return _refusal(f"fakestripe-meters has no disputes, so it does not serve the card {shortened(name)}.")


def transport(kind: str) -> StripeError:
    """501 (a sentence of our own): the fake sends nothing to other clouds."""
    return _refusal(f"fakestripe-meters delivers to webhook endpoints only, not to {kind}.", "type")


def not_passed_on(method: str, path: str, server: str, reason: str) -> StripeError:
    """502 (a sentence of our own) if another server was to answer a call, and did not."""
    message = (
        f"fakestripe-meters passed {method} {shortened(path)} on to {server}, without success: {shortened(reason)}"
    )
    return StripeError(502, message, error_type="api_error", code=PASSING_ON_FAILED, headers=NO_RETRY)


def _refusal(message: str, path: str | None = None) -> StripeError:
    mentions = (path,) if path else ()
    return StripeError(
        STATUS, message, error_type="api_error", code=NOT_SERVED, param=path, mentions=mentions, headers=NO_RETRY
    )
