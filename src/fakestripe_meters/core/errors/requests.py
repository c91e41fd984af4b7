"""Errors about a request as a whole: its key, its URL, its headers, its rate.

Observed in: pay-rails/pay, Kiln-AI/stripe_world, crvouga/mockingbird.
Documented in: https://docs.stripe.com/api/idempotent_requests.
"""

from collections.abc import Sequence

from fakestripe_meters.core.errors.error import SUPPORT
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

LOCK_TIMEOUT = "lock_timeout"
PLANNED = "planned by the test"
"""The hint in the journal for an answer that is not the request's own fault."""


@observed("the sentence")
def no_key() -> StripeError:
    """401 if a request has no API key."""
    return unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using "
        "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication "
        f"for details, or we can help at {SUPPORT}."
    )


@observed("the sentence")
def invalid_key(masked: str) -> StripeError:
    """401 if an API key is malformed."""
    return unauthorized(f"Invalid API Key provided: {masked}")


@observed("the sentence")
@inferred("the status")
def publishable_key() -> StripeError:
    """401 if the API key is a publishable one."""
    return unauthorized(
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list "
        "of your API keys at https://dashboard.stripe.com/account/apikeys.",
        code="secret_key_required",
    )


def live_key(masked: str) -> StripeError:
    """401 (a sentence of our own): a live key must never be sent to a fake."""
    return unauthorized(
        f"This is fakestripe-meters, a fake of Stripe, and it was sent a live key ({masked}). "
        "The key should never have come here: check where your code sends it, and consider rolling it."
    )


def unauthorized(message: str, code: str | None = None) -> StripeError:
    """Return a 401 with the challenge that Stripe sends."""
    return StripeError(401, message, code=code, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'})


@observed("the sentence, with the masked key, without a param (openfoodfoundation/openfoodnetwork)")
def invalid_account(masked: str, account: str) -> StripeError:
    """403 if the API key gives no access to the account that a request names."""
    return StripeError(
        403,
        f"The provided key '{masked}' does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked.",
        code="account_invalid",
    )


@observed(
    "the sentence, the code and the name of one permission (PostHog/posthog); older answers say `Having the "
    "'rak_plan_read' permission`, and no source says which version gets which"
)
@inferred("the names of several permissions are listed, as in the older sentence")
def permission_denied(masked: str, account: str, lacking: Sequence[tuple[str, str]]) -> StripeError:
    """403 if a restricted key lacks a permission; each has the name that people see, and its own."""
    names = ", ".join(f"\"{name}\" ('{permission}')" for name, permission in lacking)
    return StripeError(
        403,
        f"Permission denied. The provided key '{masked}' does not have the required permissions for this endpoint on "
        f"account '{account}'. Enabling {names} permissions on this key would allow this request to continue.",
        code="more_permissions_required",
        hint=f"the restricted key lacks {', '.join(permission for _, permission in lacking)}",
    )


@observed("the sentence, also for a wrong method on a known path")
def unrecognized_url(method: str, path: str) -> StripeError:
    """404 if no operation has that method and path."""
    return StripeError(
        404,
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at {SUPPORT}.",
    )


@observed("the sentence, without code and param")
def invalid_version(version: str) -> StripeError:
    """400 if `Stripe-Version` names a version that Stripe does not have."""
    return StripeError(400, f"Invalid Stripe API version: {version}")


def body_too_large(limit: int) -> StripeError:
    """413 if a request's body is too large. Limit and sentence are ours; Stripe's are unknown."""
    return StripeError(413, f"The request is too large: at most {limit} bytes are accepted.")


@observed("the sentence")
def not_a_form() -> StripeError:
    """400 if the body of a v1 request is not a form."""
    return StripeError(
        400,
        "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "
        f"If you have any questions, we can help at {SUPPORT}.",
    )


@inferred("the sentence")
def malformed(reason: str) -> StripeError:
    """400 if a request cannot be read at all."""
    return StripeError(400, f"Invalid request: {reason}.")


@observed("the sentence")
def rate_limited(reason: str) -> StripeError:
    """429 if a rate limit is exceeded; `reason` goes into `Stripe-Rate-Limited-Reason`."""
    return StripeError(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        code="rate_limit",
        headers={"Stripe-Rate-Limited-Reason": reason},
    )


@documented("one without a reason is that of a lock: https://docs.stripe.com/rate-limits")
@inferred("limits of concurrency, and those of single objects, have the sentence of the rates")
def over_limit(reason: str, hint: str, *, lock_status: int = 429) -> StripeError:
    """429 if a limit is used up: with its `reason`, or that of a lock, which has none. The journal gets the `hint`."""
    error = rate_limited(reason) if reason else lock_timeout(lock_status)
    error.hint = hint
    return error


def planned(status: int, code: str | None = None, reason: str | None = None) -> StripeError:
    """Return the error that Stripe would send with `status`; nothing is wrong with the request itself."""
    error = lock_timeout(status) if code == LOCK_TIMEOUT else _planned(status, reason)
    error.hint = PLANNED
    return error


def _planned(status: int, reason: str | None) -> StripeError:
    if status == 429:  # noqa: PLR2004  the number is its name
        return rate_limited(reason or "global-rate")
    if status == 409:  # noqa: PLR2004  the number is its name
        return lock_timeout(409)
    if status >= 500:  # noqa: PLR2004  the number is its name
        return StripeError(
            status,
            "An error occurred while processing your request. Try again later or contact us at "
            f"{SUPPORT} if the problem persists.",
            error_type="api_error",
        )
    return StripeError(status, f"A planned fault of fakestripe-meters answered this request with {status}.")


@observed("the sentence, typographic apostrophe included")
def lock_timeout(status: int = 429) -> StripeError:
    """429 (409 on v2) if another request is using the object."""
    return StripeError(
        status,
        "This object can’t be accessed right now because another API request or Stripe process currently "
        "accessing it. If you see this error intermittently, retry the request. If you see this error frequently "
        "and are making multiple concurrent requests to a single object, make your requests serially or at a "
        "lower rate.",
        code=LOCK_TIMEOUT,
    )


@observed("the sentence")
def idempotency_mismatch(key: str) -> StripeError:
    """400 if an idempotency key comes back with another request."""
    return StripeError(
        400,
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        error_type="idempotency_error",
    )


@observed("the sentence")
def idempotency_key_empty() -> StripeError:
    """400 if an idempotency key is empty."""
    return StripeError(400, "Idempotency Key must be a non-empty string.")


@documented("the limit")
@inferred("the sentence")
def idempotency_key_too_long(limit: int) -> StripeError:
    """400 if an idempotency key is too long."""
    return StripeError(400, f"Idempotency Key must be at most {limit} characters long.")
