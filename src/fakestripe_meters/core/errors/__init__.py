"""Every error that Stripe answers with: one function for each sentence.

The marks of `core/sources.py` say where the words come from: *observed* and *documented* ones are Stripe's own,
*inferred* ones are ours.
"""

from fakestripe_meters.core.errors.billing import already_finalized
from fakestripe_meters.core.errors.billing import already_paid
from fakestripe_meters.core.errors.billing import anchor_too_late
from fakestripe_meters.core.errors.billing import card_declined
from fakestripe_meters.core.errors.billing import clock_advancing
from fakestripe_meters.core.errors.billing import clock_backwards
from fakestripe_meters.core.errors.billing import clock_is_full
from fakestripe_meters.core.errors.billing import clock_too_far
from fakestripe_meters.core.errors.billing import customer_has_past
from fakestripe_meters.core.errors.billing import draft_of_subscription
from fakestripe_meters.core.errors.billing import interval_too_long
from fakestripe_meters.core.errors.billing import invoice_not
from fakestripe_meters.core.errors.billing import item_invoiced
from fakestripe_meters.core.errors.billing import lookup_key_taken
from fakestripe_meters.core.errors.billing import metered_without_meter
from fakestripe_meters.core.errors.billing import mixed_currencies
from fakestripe_meters.core.errors.billing import mixed_intervals
from fakestripe_meters.core.errors.billing import needs_tiered
from fakestripe_meters.core.errors.billing import no_amount
from fakestripe_meters.core.errors.billing import no_items
from fakestripe_meters.core.errors.billing import no_plan_amount
from fakestripe_meters.core.errors.billing import no_price
from fakestripe_meters.core.errors.billing import no_product
from fakestripe_meters.core.errors.billing import no_upcoming_invoice
from fakestripe_meters.core.errors.billing import not_of_product
from fakestripe_meters.core.errors.billing import not_with_tiers
from fakestripe_meters.core.errors.billing import nothing_to_preview
from fakestripe_meters.core.errors.billing import only_metered
from fakestripe_meters.core.errors.billing import only_recurring
from fakestripe_meters.core.errors.billing import other_currency
from fakestripe_meters.core.errors.billing import price_of_wrong_type
from fakestripe_meters.core.errors.billing import price_twice
from fakestripe_meters.core.errors.billing import product_in_use
from fakestripe_meters.core.errors.billing import quantity_on_metered
from fakestripe_meters.core.errors.billing import subscription_ended
from fakestripe_meters.core.errors.billing import tier_not_ascending
from fakestripe_meters.core.errors.billing import tier_not_last
from fakestripe_meters.core.errors.billing import tier_without_amount
from fakestripe_meters.core.errors.billing import tiered_one_time
from fakestripe_meters.core.errors.billing import trial_too_long
from fakestripe_meters.core.errors.credits import alert_archived
from fakestripe_meters.core.errors.credits import expiry_too_early
from fakestripe_meters.core.errors.credits import grant_in_use
from fakestripe_meters.core.errors.credits import grant_is
from fakestripe_meters.core.errors.credits import price_not_metered
from fakestripe_meters.core.errors.credits import too_many_alerts
from fakestripe_meters.core.errors.credits import too_many_grants
from fakestripe_meters.core.errors.error import Misuse
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either
from fakestripe_meters.core.errors.error import instead
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.errors.metering import event_cancelled_already
from fakestripe_meters.core.errors.metering import event_exists
from fakestripe_meters.core.errors.metering import event_not_found
from fakestripe_meters.core.errors.metering import event_of_another_name
from fakestripe_meters.core.errors.metering import event_received_too_long_ago
from fakestripe_meters.core.errors.metering import invalid_time_range
from fakestripe_meters.core.errors.metering import invalid_time_zone
from fakestripe_meters.core.errors.metering import invalid_value
from fakestripe_meters.core.errors.metering import meter_archived
from fakestripe_meters.core.errors.metering import meter_twice
from fakestripe_meters.core.errors.metering import misaligned
from fakestripe_meters.core.errors.metering import needed_together
from fakestripe_meters.core.errors.metering import no_active_meter
from fakestripe_meters.core.errors.metering import no_customer_key
from fakestripe_meters.core.errors.metering import no_dimension_key
from fakestripe_meters.core.errors.metering import no_meter_found
from fakestripe_meters.core.errors.metering import no_such_event_customer
from fakestripe_meters.core.errors.metering import no_value_key
from fakestripe_meters.core.errors.metering import not_a_payload_key
from fakestripe_meters.core.errors.metering import start_not_before_end
from fakestripe_meters.core.errors.metering import timestamp_ahead
from fakestripe_meters.core.errors.metering import timestamp_too_old
from fakestripe_meters.core.errors.metering import too_many_buckets
from fakestripe_meters.core.errors.metering import too_many_digits
from fakestripe_meters.core.errors.objects import already_exists
from fakestripe_meters.core.errors.objects import event_name_taken
from fakestripe_meters.core.errors.objects import inactive
from fakestripe_meters.core.errors.objects import invalid_api_version
from fakestripe_meters.core.errors.objects import invalid_email
from fakestripe_meters.core.errors.objects import invalid_event_type
from fakestripe_meters.core.errors.objects import invalid_url
from fakestripe_meters.core.errors.objects import metadata_too_long
from fakestripe_meters.core.errors.objects import metadata_too_many
from fakestripe_meters.core.errors.objects import no_such
from fakestripe_meters.core.errors.objects import of_another
from fakestripe_meters.core.errors.objects import payload_key_twice
from fakestripe_meters.core.errors.params import both_cursors
from fakestripe_meters.core.errors.params import cannot_expand
from fakestripe_meters.core.errors.params import empty_param
from fakestripe_meters.core.errors.params import exclusive_params
from fakestripe_meters.core.errors.params import expand_too_deep
from fakestripe_meters.core.errors.params import invalid_array
from fakestripe_meters.core.errors.params import invalid_boolean
from fakestripe_meters.core.errors.params import invalid_choice
from fakestripe_meters.core.errors.params import invalid_currency
from fakestripe_meters.core.errors.params import invalid_decimal
from fakestripe_meters.core.errors.params import invalid_integer
from fakestripe_meters.core.errors.params import invalid_object
from fakestripe_meters.core.errors.params import invalid_string
from fakestripe_meters.core.errors.params import missing_param
from fakestripe_meters.core.errors.params import need_one_of
from fakestripe_meters.core.errors.params import needed_with
from fakestripe_meters.core.errors.params import not_in_future
from fakestripe_meters.core.errors.params import not_with
from fakestripe_meters.core.errors.params import string_too_long
from fakestripe_meters.core.errors.params import too_large
from fakestripe_meters.core.errors.params import too_many
from fakestripe_meters.core.errors.params import too_many_decimals
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
    "alert_archived",
    "already_exists",
    "already_finalized",
    "already_paid",
    "anchor_too_late",
    "body_too_large",
    "both_cursors",
    "cannot_expand",
    "card_declined",
    "clock_advancing",
    "clock_backwards",
    "clock_is_full",
    "clock_too_far",
    "customer_has_past",
    "draft_of_subscription",
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
    "expiry_too_early",
    "grant_in_use",
    "grant_is",
    "idempotency_key_empty",
    "idempotency_key_too_long",
    "idempotency_mismatch",
    "inactive",
    "instead",
    "interval_too_long",
    "invalid_account",
    "invalid_api_version",
    "invalid_array",
    "invalid_boolean",
    "invalid_choice",
    "invalid_currency",
    "invalid_decimal",
    "invalid_email",
    "invalid_event_type",
    "invalid_integer",
    "invalid_key",
    "invalid_object",
    "invalid_string",
    "invalid_time_range",
    "invalid_time_zone",
    "invalid_url",
    "invalid_value",
    "invalid_version",
    "invoice_not",
    "item_invoiced",
    "live_key",
    "lock_timeout",
    "lookup_key_taken",
    "malformed",
    "metadata_too_long",
    "metadata_too_many",
    "meter_archived",
    "meter_twice",
    "metered_without_meter",
    "misaligned",
    "missing_param",
    "mixed_currencies",
    "mixed_intervals",
    "need_one_of",
    "needed_together",
    "needed_with",
    "needs_tiered",
    "no_active_meter",
    "no_amount",
    "no_customer_key",
    "no_dimension_key",
    "no_items",
    "no_key",
    "no_meter_found",
    "no_plan_amount",
    "no_price",
    "no_product",
    "no_such",
    "no_such_event_customer",
    "no_upcoming_invoice",
    "no_value_key",
    "not_a_form",
    "not_a_payload_key",
    "not_in_future",
    "not_of_product",
    "not_with",
    "not_with_tiers",
    "nothing_to_preview",
    "of_another",
    "only_metered",
    "only_recurring",
    "other_currency",
    "payload_key_twice",
    "planned",
    "price_not_metered",
    "price_of_wrong_type",
    "price_twice",
    "product_in_use",
    "publishable_key",
    "quantity_on_metered",
    "rate_limited",
    "shortened",
    "start_not_before_end",
    "string_too_long",
    "subscription_ended",
    "tier_not_ascending",
    "tier_not_last",
    "tier_without_amount",
    "tiered_one_time",
    "timestamp_ahead",
    "timestamp_too_old",
    "too_large",
    "too_many",
    "too_many_alerts",
    "too_many_buckets",
    "too_many_decimals",
    "too_many_digits",
    "too_many_grants",
    "too_small",
    "trial_too_long",
    "unauthorized",
    "unknown_params",
    "unrecognized_url",
]
