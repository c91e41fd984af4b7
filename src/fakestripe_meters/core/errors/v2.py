"""How API v2 names what is wrong: one table from the reasons of the shared judging code to v2's codes and sentences.

Documented are the codes and sentences of the meter event table, `temporary_session_expired`, `rate_limit` and
`idempotency_error`; the codes of the last table are inferred, for v2's `code` must always be there.
"""

from typing import NamedTuple

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened


class Name(NamedTuple):
    """What v2 calls an error: its code, and where Stripe documents them its type and its sentence."""

    code: str
    type: str | None = None
    message: str | None = None


NAMES = {
    "archived_meter": Name("archived_meter", None, "The meter must be Active to submit events."),
    "duplicate_meter_event": Name(
        "duplicate_meter_event", None, "A meter event with a duplicate identifier has already been submitted."
    ),
    "no_meter": Name("no_meter", None, "A meter must exist to submit events."),
    "meter_event_invalid_value": Name("payload_invalid_value", None, "The value must be a positive integer."),
    "meter_event_no_customer_defined": Name(
        "payload_no_customer_defined", None, "The payload must have a reference to the customer."
    ),
    "meter_event_value_not_found": Name("payload_no_value_defined", None, "The payload must have a value."),
    "lock_timeout": Name(
        "too_many_concurrent_requests",
        None,
        "Cannot create multiple usage events for the same customer, meter concurrently.",
    ),
    "rate_limit": Name("account_rate_limit_exceeded", "rate_limit"),
    "idempotency_error": Name("idempotency_error", "idempotency_error"),
    "billing_meter_event_session_expired": Name("billing_meter_event_session_expired", "temporary_session_expired"),
    "resource_missing": Name("not_found"),
}
"""By reason (or code, or type) of the error."""

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
"""Reasons that are v2's codes already, with the sentence that v1 has too."""

OF_STATUS = {
    400: Name("invalid_fields"),
    401: Name("unauthorized"),
    403: Name("forbidden"),
    404: Name("not_found"),
    409: Name("conflict"),
    413: Name("request_too_large"),
    429: Name("account_rate_limit_exceeded", "rate_limit"),
}
"""By status, where the reason says nothing. inferred, apart from `invalid_fields`."""
FAILED = Name("internal_error")


def name(error: StripeError) -> Name:
    """What v2 calls an error."""
    if error.reason in AS_THEY_ARE:
        return Name(error.reason or "")
    return NAMES.get(error.reason or "") or NAMES.get(error.type) or OF_STATUS.get(error.status, FAILED)


def session_expired() -> StripeError:
    """401: type and code are documented, the sentence is inferred; also for a token that never was one."""
    return StripeError(
        401,
        "The meter event session has expired or never existed. Create a new one with "
        "POST /v2/billing/meter_event_session and use its authentication_token.",
        reason="billing_meter_event_session_expired",
    )


def session_needed(masked: str) -> StripeError:
    """401 for an API key on the stream: inferred."""
    return StripeError(
        401,
        "The meter event stream takes the authentication_token of a meter event session "
        f"(POST /v2/billing/meter_event_session), not an API key: {masked}.",
    )


def unreadable(why: str) -> StripeError:
    """400 for a body that is no JSON object: inferred."""
    return StripeError(400, f"The request body cannot be read: {why}.", reason="invalid_json")


def invalid_timestamp(path: str, shown: str) -> StripeError:
    """400: inferred after v1's pattern for other types."""
    return StripeError(400, f"Invalid timestamp: {shown}; must be an RFC 3339 date and time", param=path)


def invalid_page(token: str) -> StripeError:
    """400 for a page token that no list has given out: inferred."""
    return StripeError(400, f"Invalid page token: {shortened(token)}", param="page")


def unsupported_transport(kind: str) -> StripeError:
    """400 of our own: nothing is sent to other clouds from here."""
    return StripeError(400, f"fakestripe-meters delivers to webhook endpoints only, not to {kind}.", param="type")


def not_for_thin(path: str) -> StripeError:
    """400: the rule is documented, the sentence inferred."""
    return StripeError(400, f"{path} is for snapshot events only.", param=path)
