"""Every sentence Stripe says when it refuses, once; one function each.

A docstring tells where the words come from: *observed* and *documented* ones are Stripe's own; the
*inferred* ones are ours and listed in the README under "How faithful".
"""

from fakestripe_meters.core.errors.error import Misuse
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either
from fakestripe_meters.core.errors.metering import event_cancelled_already
from fakestripe_meters.core.errors.metering import event_exists
from fakestripe_meters.core.errors.metering import event_not_found
from fakestripe_meters.core.errors.metering import event_of_another_name
from fakestripe_meters.core.errors.metering import event_received_too_long_ago
from fakestripe_meters.core.errors.metering import invalid_time_range
from fakestripe_meters.core.errors.metering import invalid_time_zone
from fakestripe_meters.core.errors.metering import invalid_value
from fakestripe_meters.core.errors.metering import meter_twice
from fakestripe_meters.core.errors.metering import misaligned
from fakestripe_meters.core.errors.metering import needed_together
from fakestripe_meters.core.errors.metering import no_active_meter
from fakestripe_meters.core.errors.metering import no_customer_key
from fakestripe_meters.core.errors.metering import no_dimension_key
from fakestripe_meters.core.errors.metering import no_value_key
from fakestripe_meters.core.errors.metering import not_a_payload_key
from fakestripe_meters.core.errors.metering import start_not_before_end
from fakestripe_meters.core.errors.metering import timestamp_ahead
from fakestripe_meters.core.errors.metering import timestamp_too_old
from fakestripe_meters.core.errors.metering import too_many_buckets
from fakestripe_meters.core.errors.metering import too_many_digits
from fakestripe_meters.core.errors.objects import event_name_taken
from fakestripe_meters.core.errors.objects import invalid_email
from fakestripe_meters.core.errors.objects import metadata_too_long
from fakestripe_meters.core.errors.objects import metadata_too_many
from fakestripe_meters.core.errors.objects import no_such
from fakestripe_meters.core.errors.objects import payload_key_twice
from fakestripe_meters.core.errors.params import both_cursors
from fakestripe_meters.core.errors.params import cannot_expand
from fakestripe_meters.core.errors.params import empty_param
from fakestripe_meters.core.errors.params import exclusive_params
from fakestripe_meters.core.errors.params import expand_too_deep
from fakestripe_meters.core.errors.params import invalid_array
from fakestripe_meters.core.errors.params import invalid_boolean
from fakestripe_meters.core.errors.params import invalid_choice
from fakestripe_meters.core.errors.params import invalid_decimal
from fakestripe_meters.core.errors.params import invalid_integer
from fakestripe_meters.core.errors.params import invalid_object
from fakestripe_meters.core.errors.params import invalid_string
from fakestripe_meters.core.errors.params import missing_param
from fakestripe_meters.core.errors.params import string_too_long
from fakestripe_meters.core.errors.params import too_large
from fakestripe_meters.core.errors.params import too_many
from fakestripe_meters.core.errors.params import too_small
from fakestripe_meters.core.errors.params import unknown_params
from fakestripe_meters.core.errors.requests import body_too_large
from fakestripe_meters.core.errors.requests import idempotency_key_empty
from fakestripe_meters.core.errors.requests import idempotency_key_too_long
from fakestripe_meters.core.errors.requests import idempotency_mismatch
from fakestripe_meters.core.errors.requests import invalid_account
from fakestripe_meters.core.errors.requests import invalid_key
from fakestripe_meters.core.errors.requests import invalid_version
from fakestripe_meters.core.errors.requests import live_key
from fakestripe_meters.core.errors.requests import lock_timeout
from fakestripe_meters.core.errors.requests import malformed
from fakestripe_meters.core.errors.requests import no_key
from fakestripe_meters.core.errors.requests import not_a_form
from fakestripe_meters.core.errors.requests import planned
from fakestripe_meters.core.errors.requests import publishable_key
from fakestripe_meters.core.errors.requests import rate_limited
from fakestripe_meters.core.errors.requests import unauthorized
from fakestripe_meters.core.errors.requests import unrecognized_url

__all__ = [
    "Misuse",
    "StripeError",
    "body_too_large",
    "both_cursors",
    "cannot_expand",
    "either",
    "empty_param",
    "event_cancelled_already",
    "event_exists",
    "event_name_taken",
    "event_not_found",
    "event_of_another_name",
    "event_received_too_long_ago",
    "exclusive_params",
    "expand_too_deep",
    "idempotency_key_empty",
    "idempotency_key_too_long",
    "idempotency_mismatch",
    "invalid_account",
    "invalid_array",
    "invalid_boolean",
    "invalid_choice",
    "invalid_decimal",
    "invalid_email",
    "invalid_integer",
    "invalid_key",
    "invalid_object",
    "invalid_string",
    "invalid_time_range",
    "invalid_time_zone",
    "invalid_value",
    "invalid_version",
    "live_key",
    "lock_timeout",
    "malformed",
    "metadata_too_long",
    "metadata_too_many",
    "meter_twice",
    "misaligned",
    "missing_param",
    "needed_together",
    "no_active_meter",
    "no_customer_key",
    "no_dimension_key",
    "no_key",
    "no_such",
    "no_value_key",
    "not_a_form",
    "not_a_payload_key",
    "payload_key_twice",
    "planned",
    "publishable_key",
    "rate_limited",
    "start_not_before_end",
    "string_too_long",
    "timestamp_ahead",
    "timestamp_too_old",
    "too_large",
    "too_many",
    "too_many_buckets",
    "too_many_digits",
    "too_small",
    "unauthorized",
    "unknown_params",
    "unrecognized_url",
]
