"""What is wrong with a request as a whole: its key, its URL, its headers, its timing."""

from fakestripe_meters.core.errors.error import SUPPORT
from fakestripe_meters.core.errors.error import StripeError


def no_key() -> StripeError:
    """401: observed."""
    return unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using "
        "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication "
        f"for details, or we can help at {SUPPORT}."
    )


def invalid_key(masked: str) -> StripeError:
    """401: observed."""
    return unauthorized(f"Invalid API Key provided: {masked}")


def publishable_key() -> StripeError:
    """401; the sentence is observed, its status inferred."""
    return unauthorized(
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list "
        "of your API keys at https://dashboard.stripe.com/account/apikeys.",
        code="secret_key_required",
    )


def live_key(masked: str) -> StripeError:
    """401 of our own: a live key has no business in a fake."""
    return unauthorized(
        f"This is fakestripe-meters, a fake of Stripe, and it was sent a live key ({masked}). "
        "The key should never have come here: check where your code sends it, and consider rolling it."
    )


def unauthorized(message: str, code: str | None = None) -> StripeError:
    """401 with the challenge Stripe sends."""
    return StripeError(401, message, code=code, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'})


def invalid_account(account: str) -> StripeError:
    """403: inferred from the error code's name."""
    return StripeError(
        403,
        f"The provided key does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked.",
        code="account_invalid",
    )


def unrecognized_url(method: str, path: str) -> StripeError:
    """404: observed; also for a wrong method on a known path, which is inferred."""
    return StripeError(
        404,
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at {SUPPORT}.",
    )


def invalid_version(version: str) -> StripeError:
    """400: observed."""
    return StripeError(400, f"Invalid Stripe API version: {version}")


def body_too_large(limit: int) -> StripeError:
    """413: ours; Stripe's own limit and wording are unknown."""
    return StripeError(413, f"The request is too large: at most {limit} bytes are accepted.")


def not_a_form() -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "
        f"If you have any questions, we can help at {SUPPORT}.",
    )


def malformed(reason: str) -> StripeError:
    """400 for a request that cannot be read at all: inferred."""
    return StripeError(400, f"Invalid request: {reason}.")


def rate_limited(reason: str) -> StripeError:
    """429: observed; `reason` goes into `Stripe-Rate-Limited-Reason`."""
    return StripeError(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        code="rate_limit",
        headers={"Stripe-Rate-Limited-Reason": reason},
    )


def planned(status: int) -> StripeError:
    """What Stripe says with `status` when nothing is wrong with the request: a planned fault."""
    if status == 429:  # noqa: PLR2004  the number is its name
        return rate_limited("global-rate")
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


def lock_timeout(status: int = 429) -> StripeError:
    """429 (409 on v2): observed, typographic apostrophe included."""
    return StripeError(
        status,
        "This object can’t be accessed right now because another API request or Stripe process currently "
        "accessing it. If you see this error intermittently, retry the request. If you see this error frequently "
        "and are making multiple concurrent requests to a single object, make your requests serially or at a "
        "lower rate.",
        code="lock_timeout",
    )


def idempotency_mismatch(key: str) -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        error_type="idempotency_error",
    )


def idempotency_key_empty() -> StripeError:
    """400: observed."""
    return StripeError(400, "Idempotency Key must be a non-empty string.")


def idempotency_key_too_long(limit: int) -> StripeError:
    """400: the limit is documented, the sentence inferred."""
    return StripeError(400, f"Idempotency Key must be at most {limit} characters long.")
