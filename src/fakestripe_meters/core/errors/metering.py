"""Errors about meter events, and about questions for usage.

Observed in: reports of programs that send meter events, such as langfuse/langfuse#16292 and the-answerai/theanswer#624.
Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api,
https://docs.stripe.com/changelog.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.errors.objects import quoted
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence")
def no_active_meter(event_name: str, *, archived: bool = False) -> StripeError:
    """400 if no active meter has the event name; `archived` says, for API v2, that an inactive one has it."""
    reason = "archived_meter" if archived else "no_meter"
    return StripeError(400, f'No active meter found for event name "{event_name}".', reason=reason)


@documented("the sentence")
def no_meter_found(event_name: str) -> StripeError:
    """In reports about dropped usage only: no meter has the event name."""
    return StripeError(400, f"No meter was found matching event_name {event_name}.", reason="no_meter")


@inferred("the sentence, after the one for no meter at all")
def meter_archived(event_name: str) -> StripeError:
    """In reports about dropped usage only: the meter is inactive."""
    return StripeError(400, f"The meter matching event_name {event_name} is not active.", reason="archived_meter")


@observed("the sentence, for any missing object")
def no_such_event_customer(key: str, identifier: str) -> StripeError:
    """400 if the customer in an event's payload does not exist. API v2 gives the code of the asynchronous report."""
    return StripeError(
        400,
        f"No such customer: '{quoted(identifier)}'",
        code="resource_missing",
        param=f"payload[{key}]",
        reason="meter_event_customer_not_found",
    )


@observed("the sentence, with `Stripe-Should-Retry: false` and without a code")
def event_exists(identifier: str) -> StripeError:
    """400 if an event's identifier is taken."""
    return StripeError(
        400,
        f"An event already exists with identifier {identifier}.",
        headers={"Stripe-Should-Retry": "false"},
        reason="duplicate_meter_event",
    )


@documented("the sentence, for the asynchronous report")
def no_customer_key(key: str) -> StripeError:
    """400 if an event's payload lacks the meter's customer key."""
    return StripeError(
        400,
        f"Customer mapping key {key} not found in payload.",
        code="meter_event_no_customer_defined",
        param="payload",
    )


@inferred("the sentence, after the one for the customer key")
def no_value_key(key: str) -> StripeError:
    """400 if an event's payload lacks the meter's value key."""
    return StripeError(
        400, f"Value key {key} not found in payload.", code="meter_event_value_not_found", param="payload"
    )


@inferred("the sentence, after the one for the customer key")
def no_dimension_key(key: str) -> StripeError:
    """400 if an event's payload lacks one of the meter's dimension keys."""
    return StripeError(
        400, f"Dimension key {key} not found in payload.", code="missing_dimension_payload_keys", param="payload"
    )


@inferred("the sentence")
def invalid_value(key: str, value: str) -> StripeError:
    """400 if an event's value is not a number."""
    return StripeError(
        400,
        f"Invalid value '{value}' in the event payload: it must be a number.",
        code="meter_event_invalid_value",
        param=f"payload[{key}]",
    )


@documented("the limit and the sentence, since 2026-04-22.dahlia")
def too_many_digits(key: str, value: str, most: int) -> StripeError:
    """400 if an event's value has too many digits."""
    return StripeError(
        400,
        f"The value in the event payload can have at most `{most}` digits. Received `{value}`.",
        code="meter_event_value_too_many_digits",
        param=f"payload[{key}]",
    )


@observed('the sentence, "in past" included')
def timestamp_too_old(earliest: int) -> StripeError:
    """400 if an event's timestamp lies more than 35 days back. The code is the asynchronous report's."""
    return StripeError(
        400,
        "The event timestamp cannot be more than 35 days in past. "
        f"Expected a timestamp greater than or equal to {earliest}.",
        code="timestamp_too_far_in_past",
        param="timestamp",
    )


@observed('how the sentence begins, "in future" included')
@inferred("how it goes on, after the one for old timestamps")
def timestamp_ahead(latest: int) -> StripeError:
    """400 if an event's timestamp lies more than 5 minutes ahead."""
    return StripeError(
        400,
        f"The event timestamp cannot be in future. Expected a timestamp less than or equal to {latest}.",
        code="timestamp_in_future",
        param="timestamp",
    )


@documented("bounds must be aligned, and one program rounds them")
@inferred("the sentence; the rule is disputed: a live test and four more programs pass bounds that are not aligned")
def misaligned(path: str, unit: str) -> StripeError:
    """400 if a bound does not lie on the edge of a `unit`: minute, hour or UTC day."""
    return StripeError(400, f"The value must be aligned with {unit} boundaries.", param=path)


@inferred("the sentence")
def start_not_before_end(path: str, other: str) -> StripeError:
    """400 if a range does not begin before it ends."""
    return StripeError(400, f"Param {path} should be less than {other}.", param=path, mentions=(path, other))


@documented("the code and the sentence, with the old names")
@inferred("the sentence, with the new names")
def invalid_time_range(path: str, other: str) -> StripeError:
    """400 `invalid_time_range` if a range of usage analytics begins after it ends."""
    return StripeError(
        400,
        f"Param {path} should not be greater than {other}",
        code="invalid_time_range",
        mentions=(path, other),
    )


@inferred("the sentence")
def not_a_payload_key(path: str, key: str, kind: str) -> StripeError:
    """400 if usage is filtered or grouped by a key that the meter lacks; `kind` is dimension or tenant."""
    return StripeError(400, f"'{key}' is not one of the {kind} payload keys of the meter.", param=path)


@inferred("the sentence; Stripe's list of zones is closed, but too long to print")
def invalid_time_zone(path: str, name: str) -> StripeError:
    """400 if the tz database has no zone of that name."""
    return StripeError(400, f"Invalid {path}: '{shortened(name)}' is not a time zone of the tz database", param=path)


@inferred("the sentence")
def meter_twice(path: str, meter: str) -> StripeError:
    """400 if the same meter is listed twice."""
    return StripeError(400, f"The meter '{meter}' is listed twice.", param=path)


def too_many_buckets(path: str) -> StripeError:
    """400 if a question spans too many buckets. The limit is ours; Stripe's is unknown."""
    return StripeError(400, "The time range is too long for this value_grouping_window.", param=path)


@documented("the rule")
@inferred("the sentence")
def needed_together(path: str, others: str) -> StripeError:
    """400 if a parameter is set without others that it needs."""
    return StripeError(400, f"This parameter must be used together with {others}.", param=path)


# Adjustments


@inferred("the sentence")
def event_not_found(identifier: str) -> StripeError:
    """400 if the event to cancel does not exist."""
    return _not_cancellable(f"No meter event was found with identifier {identifier}.")


@inferred("the sentence")
def event_of_another_name(identifier: str, event_name: str) -> StripeError:
    """400 if the event to cancel has another event name."""
    return _not_cancellable(f"The meter event with identifier {identifier} does not have the event name {event_name}.")


@documented("the 24 hours")
@inferred("the sentence")
def event_received_too_long_ago(identifier: str) -> StripeError:
    """400 if the event to cancel was received more than 24 hours ago."""
    return _not_cancellable(f"The meter event with identifier {identifier} was received more than 24 hours ago.")


@inferred("the sentence")
def event_cancelled_already(identifier: str) -> StripeError:
    """400 if the event to cancel is cancelled already."""
    return _not_cancellable(f"The meter event with identifier {identifier} has already been cancelled.")


def _not_cancellable(message: str) -> StripeError:
    return StripeError(400, message, param="cancel[identifier]", reason="invalid_cancel_configuration")


# Usage records, which were there before there were meters


@observed("the sentence (laravel/cashier-stripe#1709)")
@inferred("the same for an item of a licensed price, and neither a code nor a param")
def not_legacy(item_id: str) -> StripeError:
    """400 if usage is reported for a subscription item, as it was before there were meters."""
    return StripeError(
        400,
        f"Cannot create a usage record for '{item_id}' because it is not on the legacy metered billing system. "
        "Call /v1/billing/meter_events instead.",
    )
