"""Every sentence about behaviour in four documents, in few words, and the tests that show it.

The documents are those of `test_seeds.py`. Sentences that only lead the reader around are left out. Where a sentence is
not true of Stripe as it is today, `but` says what is, and the tests show that.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a document says."""

    says: str
    shown_by: tuple[str, ...]
    """Tests, as `path::name` below `tests/`."""
    but: str = ""
    """What is true instead."""


def sentence(says: str, *shown_by: str, but: str = "") -> Sentence:
    """A sentence, and the tests that show it or what is true instead."""
    return Sentence(says, shown_by, but)


SEEDS = "contract/test_seeds.py::test_"
SENTENCES = "contract/test_seed_sentences.py::test_"
USAGE = "resources/billing/analytics/test_meter_usage.py::test_"
METERS = "resources/billing/test_meters.py::test_"
EVENTS = "resources/billing/test_meter_events.py::test_"
SUMMARIES = "resources/billing/test_event_summaries.py::test_"
ADJUSTMENTS = "resources/billing/test_meter_event_adjustments.py::test_"
INVOICES = "resources/test_invoices.py::test_"
ENGINE = "test_engine.py::test_"
N8N = "contract/test_n8n.py::test_"
VENDORS = "vendors/"

ANALYSE_USAGE = [
    sentence("private preview", USAGE + "an_account_without_the_preview_has_no_such_url"),
    sentence(
        "returns aggregated usage of a customer within a time interval",
        SEEDS + "usage_of_a_single_meter_by_day_in_new_york",
    ),
    sentence(
        "query by time periods",
        USAGE + "hours_ascend_and_those_without_usage_are_left_out",
        USAGE + "weeks_begin_on_monday",
        USAGE + "months_are_as_long_as_they_are",
    ),
    sentence("filter by meter dimensions", USAGE + "values_of_a_key_are_alternatives_and_keys_hold_together"),
    sentence(
        "query several meters at once", USAGE + "several_meters_are_asked_at_once_and_keep_their_order_within_a_bucket"
    ),
    sentence("the key is the user name", ENGINE + "a_key_is_taken_as_bearer_and_as_the_user_name_of_basic"),
    sentence("a single meter, by day in New York", SEEDS + "usage_of_a_single_meter_by_day_in_new_york"),
    sentence("filtered by premium tier and grouped by model", SEEDS + "usage_filtered_by_tier_and_grouped_by_model"),
    sentence(
        "several meters, with different filters and groups",
        SEEDS + "usage_across_several_meters_with_filters_and_groups_of_their_own",
    ),
    sentence(
        "an example response by day and model",
        SEEDS + "usage_by_model_is_the_guides_example",
        SEEDS + "the_answer_has_the_fields_of_the_reference",
        but="the example leaves out the object's and the rows' own names, which the reference shows",
    ),
    sentence("back-end code for a stacked chart", SEEDS + "the_guides_code_for_a_stacked_chart_understands_the_answer"),
    sentence("front-end code finds its models in the first row", SENTENCES + "the_guides_front_end_finds_its_models"),
    sentence(
        "100 requests per second and account",
        USAGE + "the_101st_call_of_a_frozen_second_is_refused_and_one_second_brings_a_hundred_more",
    ),
    sentence("separate from the overall limit", USAGE + "the_limit_is_each_accounts_own_and_apart_from_all_others"),
    sentence(
        "429 beyond it", USAGE + "the_101st_call_of_a_frozen_second_is_refused_and_one_second_brings_a_hundred_more"
    ),
    sentence(
        "usage may be delayed, and data_refreshed_at says how fresh it is",
        USAGE + "the_answer_is_as_fresh_as_the_lag_allows",
        USAGE + "usage_and_its_cancellation_show_when_the_lag_is_over",
    ),
    sentence(
        "the window balances granularity",
        USAGE + "without_a_window_there_is_one_row_for_the_range",
        USAGE + "hours_ascend_and_those_without_usage_are_left_out",
    ),
    sentence("filters reduce the data", USAGE + "filters_and_groups_go_together"),
    sentence("ask several meters in one request", USAGE + "each_meter_has_its_own_filters_and_groups"),
    sentence(
        "at most 2 keys to group by, 10 filters, 3 tenant filters per meter",
        SEEDS + "there_is_a_limit_to_the_keys_per_meter",
        USAGE + "each_meter_has_its_caps",
    ),
    sentence(
        "standard statuses and structured errors: invalid_time_range",
        SEEDS + "a_time_range_that_ends_before_it_starts_gets_the_guides_error",
        USAGE + "a_start_behind_the_end_is_refused",
    ),
]

REFERENCE = [
    sentence("aggregated usage of a customer in an interval", SEEDS + "usage_of_a_single_meter_by_day_in_new_york"),
    sentence("grouped by dimensions", USAGE + "two_keys_group_in_the_order_asked"),
    sentence(
        "several meters if specified", USAGE + "several_meters_are_asked_at_once_and_keep_their_order_within_a_bucket"
    ),
    sentence("customer, start_time and end_time are required", USAGE + "a_required_parameter_is_missed"),
    sentence("the customer's id", USAGE + "an_unknown_or_deleted_customer_is_a_400"),
    sentence("the start is included, the end is not", USAGE + "the_range_includes_its_start_and_excludes_its_end"),
    sentence("both lie on minutes", USAGE + "bounds_lie_on_minutes"),
    sentence("without meters, all of them", USAGE + "without_meters_all_are_added_up_each_by_its_formula"),
    sentence(
        "the zone of the start and end times",
        USAGE + "the_seeds_query_of_a_utc_month_in_new_york_begins_with_five_hours_of_december",
        but="start and end are Unix times; the zone says where days, weeks and months are cut",
    ),
    sentence("UTC unless given", SENTENCES + "without_a_zone_days_are_those_of_utc"),
    sentence(
        "day, hour, month or week",
        USAGE + "parameters_of_another_form_are_refused",
        USAGE + "weeks_begin_on_monday",
        USAGE + "months_are_as_long_as_they_are",
    ),
    sentence("without a window, a single row", USAGE + "without_a_window_there_is_one_row_for_the_range"),
    sentence("the object that is returned", SEEDS + "the_answer_has_the_fields_of_the_reference"),
    sentence("ids of meters begin with mtr_test_", METERS + "a_meter_has_a_name_an_event_name_and_a_formula"),
    sentence(
        "a credit grant allocates billing credits to a customer",
        "resources/billing/test_credit_grants.py::test_a_grant_shows_what_was_said_of_it",
    ),
    sentence(
        "the balance of credits granted to a customer",
        "resources/billing/test_credit_balance_summary.py::test_a_summary_has_a_balance_for_each_currency",
    ),
    sentence(
        "a transaction is a credit or a debit of a grant",
        "resources/billing/test_credit_balance_transactions.py::test_a_grant_begins_with_a_credit",
        "resources/billing/test_credit_balance_transactions.py::test_a_grant_that_is_voided_ends_with_a_debit",
    ),
    sentence(
        "prices replace plans, and are compatible with them",
        "resources/test_plans.py::test_a_plan_is_a_price_and_a_recurring_price_is_a_plan",
    ),
    sentence(
        "a plan has a base price, a currency and a cycle", "resources/test_plans.py::test_a_plan_with_an_id_of_ones_own"
    ),
    sentence("one product with four plans, in two currencies and cycles", SENTENCES + "one_product_has_four_plans"),
]

REPORT_USAGE = [
    sentence(
        "usage is aggregated into charges",
        "money/test_story.py::test_a_month_of_usage_is_on_an_invoice_and_paid_an_hour_later",
    ),
    sentence(
        "meter events, not the legacy usage records",
        "resources/test_usage_records.py::test_a_usage_record_is_refused_and_the_refusal_names_the_call_that_replaces_it",
    ),
    sentence(
        "a secret key with the scope billing:write",
        ENGINE + "a_key_is_taken_as_bearer_and_as_the_user_name_of_basic",
        "test_restricted_keys.py::test_the_ready_set_is_enough_for_a_metered_integration",
        "test_restricted_keys.py::test_what_it_may_not_do_is_refused_in_stripes_words_and_changes_nothing",
        but="secret keys have no scopes; a restricted key needs several permissions, the ready set metering",
    ),
    sentence(
        "all requests go to https://api.stripe.com/v1/",
        SEEDS + "a_meter_is_created_and_its_id_can_be_stored",
        N8N + "without_an_address_the_workflow_speaks_to_stripe",
    ),
    sentence(
        "a meter aggregates by sum, count, max, etc.",
        METERS + "every_formula_goes_with_every_window",
        SENTENCES + "there_is_no_formula_max",
        but="the formulas are sum, count and last",
    ),
    sentence("a price is linked to a meter", "resources/test_prices.py::test_a_metered_price_names_its_meter"),
    sentence(
        "a customer's subscription contains the price",
        "money/test_story.py::test_a_month_of_usage_is_on_an_invoice_and_paid_an_hour_later",
    ),
    sentence("create a meter, and store its id", SEEDS + "a_meter_is_created_and_its_id_can_be_stored"),
    sentence("report an event", SEEDS + "an_event_of_this_moment_is_in_todays_summary"),
    sentence("event_name must be a meter's", EVENTS + "an_event_needs_a_meter_of_its_name"),
    sentence("the payload names the customer", EVENTS + "the_payload_must_name_its_customer"),
    sentence(
        "the payload has the meter's own key for the value",
        EVENTS + "a_meter_may_have_keys_of_its_own",
        EVENTS + "other_meters_need_a_value",
    ),
    sentence("without a timestamp, now", EVENTS + "an_event_without_a_timestamp_is_of_now"),
    sentence("timestamps of the past fill in what is missing", EVENTS + "an_event_may_be_35_days_old_to_the_second"),
    sentence("n8n: a trigger every hour, or another", N8N + "every_hour_and_by_hand_the_same_happens"),
    sentence(
        "n8n: ask the product for usage since the last report",
        N8N + "a_run_asks_the_product_once_and_sends_each_report_with_its_identifier",
        N8N + "a_second_run_finds_nothing_left_to_bill",
    ),
    sentence("n8n: for each customer, post an event", N8N + "a_run_bills_everything_that_the_product_measured"),
    sentence(
        "n8n: after a 429, try again with exponential back-off",
        N8N + "each_429_is_tried_again_after_twice_as_long_and_all_is_billed_once",
        N8N + "a_rate_limit_below_the_number_of_reports_is_met_and_waited_for",
    ),
    sentence(
        "1,000 events per second and meter",
        EVENTS + "the_1001st_event_of_a_frozen_second_is_refused_and_a_second_brings_a_thousand_more",
        SENTENCES + "two_meters_share_the_limit_of_their_account",
        but="1,000 per second and account, over all its meters",
    ),
    sentence("batch if needed", "resources/v2/billing/test_meter_event_stream.py::test_a_hundred_events_count_at_once"),
    sentence("query the summary by day", SEEDS + "the_summary_of_march_2024_is_daily_and_by_customer"),
    sentence("compare the summary with what is billed", SENTENCES + "what_the_summary_says_is_what_the_invoice_bills"),
    sentence(
        "400 invalid_request_error: no such meter, no such customer",
        EVENTS + "an_event_needs_a_meter_of_its_name",
        EVENTS + "an_unknown_customer_is_refused",
    ),
    sentence(
        "404 resource_missing: no such meter",
        SEEDS + "a_meter_that_does_not_exist_is_a_resource_missing",
        SUMMARIES + "an_unknown_meter_is_a_404",
    ),
    sentence(
        "429 rate_limit_error",
        ENGINE + "a_limited_call_is_refused_in_stripes_words_and_the_next_second_brings_more",
        but="an invalid_request_error with the code rate_limit",
    ),
    sentence(
        "queue events if it lasts",
        N8N + "a_stripe_that_is_down_is_given_up_after_a_minute_and_the_next_run_bills_the_rest",
    ),
    sentence(
        "events of the future are rejected",
        SEEDS + "events_of_the_far_past_and_of_the_future_are_rejected",
        EVENTS + "an_event_may_be_5_minutes_ahead_to_the_second",
        but="more than five minutes ahead",
    ),
    sentence(
        "events older than 35 days are rejected",
        SEEDS + "events_of_the_far_past_and_of_the_future_are_rejected",
        EVENTS + "an_event_may_be_35_days_old_to_the_second",
    ),
    sentence("Stripe: meter events", SEEDS + "an_event_of_this_moment_is_in_todays_summary"),
    sentence(
        "Chargebee: POST /api/v2/subscriptions/{id}/usages",
        VENDORS + "test_chargebee.py::test_a_usage_record_counts_on_the_meter_that_its_item_price_names",
        VENDORS + "test_subscription_sdks.py::test_chargebees_sdk_records_usage",
    ),
    sentence(
        "Recurly: POST /v2/subscriptions/{uuid}/add_ons/{code}/usage",
        VENDORS + "test_recurly.py::test_the_former_version_speaks_xml",
        VENDORS + "test_recurly.py::test_usage_counts_on_the_meter_that_the_add_on_names",
        VENDORS + "test_subscription_sdks.py::test_recurlys_sdk_records_usage",
        but="API v2 spoke XML; today's API has the path without /v2, and speaks JSON",
    ),
    sentence(
        "Paddle: POST /transactions with metered items",
        VENDORS + "test_paddle.py::test_a_transactions_items_count_now_by_their_quantity",
        VENDORS + "test_paddle.py::test_events_count_on_the_meter_that_their_action_names",
        VENDORS + "test_subscription_sdks.py::test_paddles_sdk_creates_a_transaction",
        but="items of a transaction are billed by quantity; usage has a call of its own, in early access",
    ),
    sentence(
        "Orb: POST /v1/ingest",
        VENDORS + "test_orb.py::test_usage_counts_in_the_ledger_of_stripes_meter",
        VENDORS + "test_orb.py::test_the_sdk_sends_unmodified",
    ),
    sentence(
        "Metronome: POST /v1/ingest",
        VENDORS + "test_metronome.py::test_usage_counts_in_the_ledger_of_stripes_meter",
        VENDORS + "test_metronome.py::test_the_sdk_sends_unmodified",
    ),
    sentence(
        "OpenMeter: POST /api/v1/events, CloudEvents",
        VENDORS + "test_openmeter.py::test_usage_counts_in_the_ledger_of_stripes_meter",
        VENDORS + "test_openmeter.py::test_the_sdk_sends_unmodified",
    ),
]

CONFIGURE_METERS = [
    sentence("a meter comes before usage", EVENTS + "an_event_needs_a_meter_of_its_name"),
    sentence(
        "only its display name can be changed later",
        METERS + "the_display_name_can_be_changed",
        METERS + "nothing_else_can_be_changed",
    ),
    sentence("the event name leads usage to its meter", EVENTS + "usage_is_kept_apart_by_customer_and_by_meter"),
    sentence(
        "an event name belongs to a single meter",
        METERS + "an_event_name_can_be_used_by_one_active_meter_only",
        METERS + "the_name_of_an_inactive_meter_is_free",
        but="to a single active meter",
    ),
    sentence("raw: events of one instant all count", SENTENCES + "raw_events_of_one_instant_all_count"),
    sentence("raw is the default", SENTENCES + "raw_events_of_one_instant_all_count"),
    sentence(
        "pre-aggregated: the event received last counts, by hour or day",
        SUMMARIES + "of_an_hourly_meter_the_event_received_last_counts",
        SUMMARIES + "of_a_daily_meter_the_hour_of_the_event_received_last_has_it_all",
    ),
    sentence(
        "a newer event of the same window overwrites",
        EVENTS + "the_last_event_received_wins_its_window_whichever_becomes_visible_last",
    ),
    sentence("windows are hours and days of UTC", SENTENCES + "windows_begin_with_the_hours_and_days_of_utc"),
    sentence("bills the sum", SENTENCES + "an_invoice_bills_by_the_meters_formula"),
    sentence(
        "bills the count",
        SENTENCES + "an_invoice_bills_by_the_meters_formula",
        EVENTS + "a_count_meter_ignores_values_even_absent_and_absurd_ones",
    ),
    sentence(
        "bills the last value",
        SENTENCES + "an_invoice_bills_by_the_meters_formula",
        EVENTS + "a_last_meter_counts_the_greatest_timestamp_and_of_equal_ones_the_later_receipt",
    ),
    sentence("keys of the payload can be chosen", EVENTS + "a_meter_may_have_keys_of_its_own"),
    sentence(
        "they are value and stripe_customer_id otherwise", METERS + "a_meter_has_a_name_an_event_name_and_a_formula"
    ),
    sentence("an adjustment cancels an event", SEEDS + "an_event_is_cancelled_by_its_identifier"),
    sentence("it names the event's identifier", ADJUSTMENTS + "a_required_parameter_is_missed"),
    sentence(
        "within 24 hours of sending", ADJUSTMENTS + "24_hours_after_receipt_are_the_last_instant_however_old_the_usage"
    ),
    sentence(
        "a finalized invoice stays as it is",
        INVOICES + "cancelled_usage_leaves_a_draft_and_no_finalized_invoice",
        "money/test_corrections.py::test_a_draft_forgets_what_is_cancelled_and_a_finalized_invoice_does_not",
    ),
    sentence("negative quantities correct usage", EVENTS + "negative_values_correct_earlier_ones"),
    sentence("a negative cycle is billed as 0", INVOICES + "negative_usage_counts_as_none"),
    sentence("the command that cancels", SEEDS + "an_event_is_cancelled_by_its_identifier"),
    sentence(
        "another page: record usage in the Dashboard",
        "pages_/test_imports.py::test_an_upload_takes_the_three_formats_of_the_dashboard",
    ),
    sentence(
        "another page: record usage with S3",
        "importing/test_bucket.py::test_a_new_file_is_imported_within_five_minutes",
    ),
    sentence(
        "another page: configure the grace period",
        "resources/test_grace.py::test_the_invoice_of_a_period_waits_for_up_to_72_hours_and_bills_usage_until_then",
    ),
]

DOCUMENTS = {
    "Analyse and query meter usage": ANALYSE_USAGE,
    "Meter usage, API reference": REFERENCE,
    "Report metered usage, a how-to": REPORT_USAGE,
    "Configure meters": CONFIGURE_METERS,
}
