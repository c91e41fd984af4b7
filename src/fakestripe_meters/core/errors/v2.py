"""The names of errors in API v2, and the errors that only v2 has.

Code that v1 and v2 share raises v1's errors, with a `reason`. The tables here give v2's codes and sentences for them.

Documented in: https://docs.stripe.com/api/v2/billing/meter-event, https://docs.stripe.com/api/v2/core/event-destinations.
"""

from typing import NamedTuple

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred


class NameV2(NamedTuple):
    """An error's code in v2; its type and its sentence where Stripe documents them."""

    code: str
    type: str | None = None
    message: str | None = None


# documented: the codes and sentences of v2's meter event table, `temporary_session_expired`, `rate_limit` and
# `idempotency_error`.
NAMES = {
    "archived_meter": NameV2("archived_meter", None, "The meter must be Active to submit events."),
    "duplicate_meter_event": NameV2(
        "duplicate_meter_event", None, "A meter event with a duplicate identifier has already been submitted."
    ),
    "no_meter": NameV2("no_meter", None, "A meter must exist to submit events."),
    "meter_event_invalid_value": NameV2("payload_invalid_value", None, "The value must be a positive integer."),
    "meter_event_no_customer_defined": NameV2(
        "payload_no_customer_defined", None, "The payload must have a reference to the customer."
    ),
    "meter_event_value_not_found": NameV2("payload_no_value_defined", None, "The payload must have a value."),
    "lock_timeout": NameV2(
        "too_many_concurrent_requests",
        None,
        "Cannot create multiple usage events for the same customer, meter concurrently.",
    ),
    "rate_limit": NameV2("account_rate_limit_exceeded", "rate_limit"),
    "idempotency_error": NameV2("idempotency_error", "idempotency_error"),
    "billing_meter_event_session_expired": NameV2("billing_meter_event_session_expired", "temporary_session_expired"),
    "resource_missing": NameV2("not_found"),
}
"""By the error's reason, code or type."""

AS_THEY_ARE = frozenset(
    {
        "invalid_cancel_configuration",
        "invalid_json",
        "meter_event_customer_not_found",
        "meter_event_value_too_many_digits",
        "missing_dimension_payload_keys",
        "timestamp_in_future",
        "timestamp_too_far_in_past",
    }
)
"""Reasons that v2 uses as codes, with v1's sentences."""

# inferred: the codes by status, apart from `invalid_fields`; v2's `code` must always be there.
OF_STATUS = {
    400: NameV2("invalid_fields"),
    401: NameV2("unauthorized"),
    403: NameV2("forbidden"),
    404: NameV2("not_found"),
    409: NameV2("conflict"),
    413: NameV2("request_too_large"),
    429: NameV2("account_rate_limit_exceeded", "rate_limit"),
}
"""By status, for errors that the tables above do not name."""
FAILED = NameV2("internal_error")


def name(error: StripeError) -> NameV2:
    """Return what v2 calls an error."""
    if error.reason in AS_THEY_ARE:
        return NameV2(error.reason or "")
    return NAMES.get(error.reason or "") or NAMES.get(error.type) or OF_STATUS.get(error.status, FAILED)


@documented("the type and the code")
@inferred("the sentence")
def session_expired() -> StripeError:
    """401 if a meter event session has expired, or its token never existed."""
    return StripeError(
        401,
        "The meter event session has expired or never existed. Create a new one with "
        "POST /v2/billing/meter_event_session and use its authentication_token.",
        reason="billing_meter_event_session_expired",
    )


@inferred("the sentence")
def session_needed(masked: str) -> StripeError:
    """401 if the meter event stream gets an API key."""
    return StripeError(
        401,
        "The meter event stream takes the authentication_token of a meter event session "
        f"(POST /v2/billing/meter_event_session), not an API key: {masked}.",
    )


@inferred("the sentence")
def unreadable(why: str) -> StripeError:
    """400 if a body is not a JSON object."""
    return StripeError(400, f"The request body cannot be read: {why}.", reason="invalid_json")


@inferred("the sentence, after v1's for other types")
def invalid_timestamp(path: str, shown: str) -> StripeError:
    """400 if a timestamp is not an RFC 3339 date and time."""
    return StripeError(400, f"Invalid timestamp: {shown}; must be an RFC 3339 date and time", param=path)


@inferred("the sentence")
def invalid_page(token: str) -> StripeError:
    """400 if no list has given out that page token."""
    return StripeError(400, f"Invalid page token: {shortened(token)}", param="page")


@documented("the rule")
@inferred("the sentence")
def not_for_thin(path: str) -> StripeError:
    """400 if a parameter of snapshot events is set on a destination of thin events."""
    return StripeError(400, f"{path} is for snapshot events only.", param=path)
