"""What is wrong with a meter event, or with a question about usage."""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened


def no_active_meter(event_name: str, *, archived: bool = False) -> StripeError:
    """400: observed; `archived` tells API v2 that there is a meter, but an inactive one."""
    reason = "archived_meter" if archived else "no_meter"
    return StripeError(400, f'No active meter found for event name "{event_name}".', reason=reason)


def no_meter_found(event_name: str) -> StripeError:
    """Only in reports about dropped usage: documented."""
    return StripeError(400, f"No meter was found matching event_name {event_name}.", reason="no_meter")


def meter_archived(event_name: str) -> StripeError:
    """Only in reports about dropped usage: inferred after the one for no meter at all."""
    return StripeError(400, f"The meter matching event_name {event_name} is not active.", reason="archived_meter")


def no_such_event_customer(key: str, identifier: str) -> StripeError:
    """400: observed for any missing object; on API v2 with the code of the asynchronous report."""
    return StripeError(
        400,
        f"No such customer: '{identifier}'",
        code="resource_missing",
        param=f"payload[{key}]",
        reason="meter_event_customer_not_found",
    )


def event_exists(identifier: str) -> StripeError:
    """400 with `Stripe-Should-Retry: false` and no code: observed."""
    return StripeError(
        400,
        f"An event already exists with identifier {identifier}.",
        headers={"Stripe-Should-Retry": "false"},
        reason="duplicate_meter_event",
    )


def no_customer_key(key: str) -> StripeError:
    """400: the sentence is documented for the asynchronous report."""
    return StripeError(
        400,
        f"Customer mapping key {key} not found in payload.",
        code="meter_event_no_customer_defined",
        param="payload",
    )


def no_value_key(key: str) -> StripeError:
    """400: inferred after the customer key's sentence."""
    return StripeError(
        400, f"Value key {key} not found in payload.", code="meter_event_value_not_found", param="payload"
    )


def no_dimension_key(key: str) -> StripeError:
    """400: inferred after the customer key's sentence."""
    return StripeError(
        400, f"Dimension key {key} not found in payload.", code="missing_dimension_payload_keys", param="payload"
    )


def invalid_value(key: str, value: str) -> StripeError:
    """400: inferred."""
    return StripeError(
        400,
        f"Invalid value '{value}' in the event payload: it must be a number.",
        code="meter_event_invalid_value",
        param=f"payload[{key}]",
    )


def too_many_digits(key: str, value: str, most: int) -> StripeError:
    """400: documented since 2026-04-22.dahlia."""
    return StripeError(
        400,
        f"The value in the event payload can have at most `{most}` digits. Received `{value}`.",
        code="meter_event_value_too_many_digits",
        param=f"payload[{key}]",
    )


def timestamp_too_old(earliest: int) -> StripeError:
    """400: observed, "in past" included; its code is the asynchronous one."""
    return StripeError(
        400,
        "The event timestamp cannot be more than 35 days in past. "
        f"Expected a timestamp greater than or equal to {earliest}.",
        code="timestamp_too_far_in_past",
        param="timestamp",
    )


def timestamp_ahead(latest: int) -> StripeError:
    """400: inferred after the sentence for old timestamps."""
    return StripeError(
        400,
        "The event timestamp cannot be more than 5 minutes in the future. "
        f"Expected a timestamp less than or equal to {latest}.",
        code="timestamp_in_future",
        param="timestamp",
    )


def misaligned(path: str, unit: str) -> StripeError:
    """400: inferred; `unit` is minute, hour or UTC day."""
    return StripeError(400, f"The value must be aligned with {unit} boundaries.", param=path)


def start_not_before_end(path: str, other: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"Param {path} should be less than {other}.", param=path, mentions=(path, other))


def invalid_time_range(path: str, other: str) -> StripeError:
    """400 `invalid_time_range`: documented with the old names, inferred with the new ones."""
    return StripeError(
        400,
        f"Param {path} should not be greater than {other}",
        code="invalid_time_range",
        mentions=(path, other),
    )


def not_a_payload_key(path: str, key: str, kind: str) -> StripeError:
    """400: inferred; `kind` is dimension or tenant."""
    return StripeError(400, f"'{key}' is not one of the {kind} payload keys of the meter.", param=path)


def invalid_time_zone(path: str, name: str) -> StripeError:
    """400: inferred. Stripe's list of zones is closed, but too long to print."""
    return StripeError(400, f"Invalid {path}: '{shortened(name)}' is not a time zone of the tz database", param=path)


def meter_twice(path: str, meter: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The meter '{meter}' is listed twice.", param=path)


def too_many_buckets(path: str) -> StripeError:
    """400: ours; Stripe's limit is unknown."""
    return StripeError(400, "The time range is too long for this value_grouping_window.", param=path)


def needed_together(path: str, others: str) -> StripeError:
    """400: the rule is documented, the sentence inferred."""
    return StripeError(400, f"This parameter must be used together with {others}.", param=path)


# Adjustments


def event_not_found(identifier: str) -> StripeError:
    """400: inferred."""
    return _not_cancellable(f"No meter event was found with identifier {identifier}.")


def event_of_another_name(identifier: str, event_name: str) -> StripeError:
    """400: inferred."""
    return _not_cancellable(f"The meter event with identifier {identifier} does not have the event name {event_name}.")


def event_received_too_long_ago(identifier: str) -> StripeError:
    """400: the 24 hours are documented, the sentence inferred."""
    return _not_cancellable(f"The meter event with identifier {identifier} was received more than 24 hours ago.")


def event_cancelled_already(identifier: str) -> StripeError:
    """400: inferred."""
    return _not_cancellable(f"The meter event with identifier {identifier} has already been cancelled.")


def _not_cancellable(message: str) -> StripeError:
    return StripeError(400, message, param="cancel[identifier]", reason="invalid_cancel_configuration")
