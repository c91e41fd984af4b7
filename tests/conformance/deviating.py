"""Fields in which the fake's answers and stripe-python's declarations part on purpose, and why.

A row is an object's field (`customer tax`), its path (`parent.schedule_details`), or its last word (`deleted`). One
that ends in `.*` speaks of all that is below a path, `balance *` of all of an object.
A missing reason fails, and so does a stale one.
"""

from tests.conformance.refused import CARDS_ONLY
from tests.conformance.refused import CONNECT
from tests.conformance.refused import DETAILS
from tests.conformance.refused import DISCOUNTS
from tests.conformance.refused import PARTNERS
from tests.conformance.refused import PAYMENTS
from tests.conformance.refused import PHASES
from tests.conformance.refused import PRIVATE

IF_EXPANDED = "Stripe includes it in answers to those who expand it."
NOT_OWN = "Recordings show it of connected accounts only, not of a key's own."
NOT_RECORDED = "No recording of an account has it."
UNNAMED = "A customer without such a name has no such key."
OTHER_MONEY = "Only of accounts with other money than what cards have paid."
NOT_THERE = "Only where it says something: recordings leave it out else."
SHIPPING = "Stripe's own examples of a shipping address have no such field; older objects do."

ABSENT = {
    "deleted": "Only what is deleted says so.",
    # The portal
    "billing_portal.configuration features.subscription_update.products": IF_EXPANDED,
    "billing_portal.session after_expiration": "What it sets is not served.",
    "billing_portal.session flow.subscription_pause": "Pausing is not served in the portal.",
    # Schedules
    "default_settings.invoice_settings.issuer.account": CONNECT,
    "phases[].invoice_settings.issuer.account": CONNECT,
    "phases[].add_invoice_items[].period.end.timestamp": "Only of a period that ends at a time.",
    "phases[].add_invoice_items[].period.start.timestamp": "Only of a period that begins at a time.",
    "subscription_schedule billing_behavior": PHASES,
    "subscription_schedule billing_schedules": PHASES,
    "subscription_schedule latest_invoice": PHASES,
    "default_settings.automatic_tax.enablement_details": PHASES,
    "default_settings.phase_effective_at": PHASES,
    "phases[].automatic_tax.enablement_details": PHASES,
    "phases[].discounts[].discount_end": DISCOUNTS,
    "phases[].discounts[].settings": DISCOUNTS,
    "phases[].effective_at": PHASES,
    "phases[].items[].trial_offer": PHASES,
    "phases[].pause_collection": PHASES,
    "phases[].trial_continuation": PHASES,
    "phases[].trial_settings": PHASES,
    # Accounts
    "account business_type": NOT_OWN,
    "account created": NOT_OWN,
    "account metadata": NOT_OWN,
    "external_accounts": NOT_OWN,
    "future_requirements": NOT_OWN,
    "requirements": NOT_OWN,
    "account tos_acceptance": NOT_OWN,
    "controller.*": NOT_OWN,
    "capabilities.*": "A hash without any, as long as none was requested.",
    "company": "Only of an account that says what kind of business it is.",
    "individual": "Only of an account that says what kind of business it is.",
    "business_profile.monthly_estimated_revenue": NOT_RECORDED,
    "groups": NOT_RECORDED,
    "risk_controls": NOT_RECORDED,
    "risk_signals": NOT_RECORDED,
    "settings.*": NOT_RECORDED,
    "tos_acceptance.service_agreement": NOT_RECORDED,
    # Customers
    "business_name": UNNAMED,
    "individual_name": UNNAMED,
    "cash_balance": IF_EXPANDED,
    "invoice_credit_balance": IF_EXPANDED,
    "sources": IF_EXPANDED,
    "customer subscriptions": IF_EXPANDED,
    "customer tax": IF_EXPANDED,
    "tax_ids": IF_EXPANDED,
    "carrier": SHIPPING,
    "tracking_number": SHIPPING,
    "redaction": "Redaction jobs are not served.",
    # Credits and clocks
    "applicability_config.scope.prices": "A scope of all metered prices has none.",
    "test_helpers.test_clock status_details.advancing": "Only of a clock that moves.",
    # Checkout
    "checkout.session line_items": IF_EXPANDED,
    "item taxes": IF_EXPANDED,
    "item discounts": "Who expands it sees none: a discount has no id before it is redeemed.",
    "total_details.breakdown": "Who expands it sees none: the lines have their taxes.",
    "item display": PRIVATE,
    "item product": PRIVATE,
    **dict.fromkeys(
        (
            "custom_fields[].dropdown",
            "custom_fields[].numeric",
            "custom_fields[].text",
            "checkout.session excluded_payment_method_types",
            "checkout.session name_collection",
            "checkout.session optional_items",
            "checkout.session redirect_on_completion",
            "checkout.session return_url",
            "checkout.session tax_id_collection",
        ),
        NOT_THERE,
    ),
    **dict.fromkeys(
        (
            "checkout.session approval_method",
            "checkout.session automatic_surcharge",
            "checkout.session automatic_tax.address_collection_precision",
            "checkout.session checkout_items",
            "checkout.session collected_information.*",
            "checkout.session current_attempt",
            "checkout.session custom_payment_method_types",
            "checkout.session items",
            "checkout.session marketing_attributions",
            "checkout.session on_behalf_of",
            "checkout.session payment_record",
            "checkout.session payment_reservation",
            "checkout.session payment_settings",
            "checkout.session permissions.*",
            "checkout.session saved_payment_method_options.payment_method_preselect",
            "checkout.session surcharge_cost",
            "checkout.session total_details.amount_surcharge",
        ),
        "Of previews, what is not served.",
    ),
    # Payment links
    "payment_link line_items": IF_EXPANDED,
    **dict.fromkeys(
        (
            "payment_link after_completion.hosted_confirmation",
            "payment_link after_completion.redirect",
            "payment_link name_collection",
            "payment_link optional_items",
            "payment_link payment_method_options",
        ),
        NOT_THERE,
    ),
    "payment_link automatic_surcharge": "Of previews, what is not served.",
    "payment_link subscription_data.invoice_settings.*": "Newer, and nothing of it is taken.",
    "payment_link subscription_data.trial_settings.end_behavior.billing_cycle_anchor": "Of a preview, and not served.",
    # Products, prices and subscriptions
    "currency_options": IF_EXPANDED,
    "tiers": IF_EXPANDED,
    "subscription_item quantity": "An item of a metered price has none.",
    "billed_until": IF_EXPANDED,
    "presentment_details": "Only where the customer pays in another currency.",
    # Invoices
    "proration_details.credited_items.invoice_item": "Only where what is given back waits for an invoice.",
    "confirmation_secret": IF_EXPANDED,
    "payments": IF_EXPANDED,
    "issuer.account": "Only where a connected account issues the invoice.",
    "invoice_settings.issuer.account": "Only where a connected account issues the invoice.",
    "subscription billing_mode.updated_at": "Only in flexible mode.",
    "subscription_proration_date": "Only in previews of prorations.",
    "threshold_reason": "Only on invoices that a threshold has caused.",
    "line_item subscription": "Recordings have it in `parent` alone.",
    "pretax_credit_amounts[].discount": "Only where a discount pays.",
    "total_pretax_credit_amounts[].discount": "Only where a discount pays.",
    "invoiceitem parent.subscription_details.subscription_item": "Only what belongs to an item has it.",
    "invoiceitem net_amount": "Only what cannot be discounted has it.",
    "invoiceitem proration_details": "Only prorations have it.",
    # Payments
    "balance *": OTHER_MONEY,
    "charge authorization_code": "Recordings have it with the card.",
    "charge fraud_details.*": NOT_THERE,
    "charge level3": DETAILS,
    "charge outcome.rule": NOT_THERE,
    "charge radar_options.session": NOT_THERE,
    "charge refunds": IF_EXPANDED,
    "charge transfer": CONNECT,
    "payment_method_details.*": CARDS_ONLY,
    "payment_method_options.*": CARDS_ONLY,
    "payment_method *": CARDS_ONLY,
    "destination_details.*": CARDS_ONLY,
    "next_action.*": CARDS_ONLY,
    "last_payment_error.*": NOT_THERE,
    "invoice_payment payment.charge": "What pays is always a payment intent.",
    "invoice_payment payment.payment_record": "Payments outside of Stripe are not recorded.",
    "amount_details.*": DETAILS,
    "payment_details": DETAILS,
    "payment_details.*": DETAILS,
    "hooks": DETAILS,
    "allocated_funds": PARTNERS,
    "advanced_feature_details": PARTNERS,
    "agent_details": PARTNERS,
    "async_workflows": PARTNERS,
    "fx_quote": PARTNERS,
    "latest_payment_attempt_record": PARTNERS,
    "payments_orchestration": PARTNERS,
    "secret_key_confirmation": PARTNERS,
    "refund description": NOT_THERE,
    "refund failure_balance_transaction": NOT_THERE,
    "refund failure_reason": NOT_THERE,
    "refund instructions_email": NOT_THERE,
    "refund next_action": NOT_THERE,
    "refund pending_reason": NOT_THERE,
    "attach_to_self": CONNECT,
    "setup_details": DETAILS,
    # Discounts and credit notes
    "coupon applies_to": IF_EXPANDED,
    "coupon script": PRIVATE,
    "coupon service_period": PRIVATE,
    "coupon type": PRIVATE,
    "discount schedule": PRIVATE,
    "discount service_period_details": PRIVATE,
    "discount end": "A discount that is deleted has none.",
    "credit_note_line_item invoice_line_item": "Only of a line that credits one of the invoice's.",
    "credit_note_line_item metadata": "Only of a line that credits one of the invoice's.",
    "pretax_credit_amounts[].credit_balance_transaction": "Only where billing credits pay.",
    "total_pretax_credit_amounts[].credit_balance_transaction": "Only where billing credits pay.",
    # Webhooks and events
    "webhook_endpoint secret": "Shown once, in the answer to its creation.",
    "event account": "Only in events of connected accounts.",
    "event context": "Only in events of connected accounts.",
    "data.previous_attributes": "Only in events that tell of a change.",
    "event reason": "Only in events that no request caused.",
    "status_details.advancing": "Only while the clock advances.",
    # Previews
    "last_price_migration_error": PRIVATE,
    "migrate_to": PRIVATE,
    "external_reference": PRIVATE,
    "prebilling": PRIVATE,
    "pending_update.prebilling_iterations": PRIVATE,
    "trial": PRIVATE,
    "identifiers": PRIVATE,
    "billing_cadence": PRIVATE,
    "billing_cadence_details": PRIVATE,
    "custom_pricing_unit": PRIVATE,
    "billable_items": PRIVATE,
    "rate_cards": PRIVATE,
    "balance_update_details": PRIVATE,
    "license_fee_details": PRIVATE,
    "rate_card_custom_pricing_unit_overage_rate_details": PRIVATE,
    "rate_card_rate_details": PRIVATE,
    "pricing_plan_subscription_details": PRIVATE,
    "rate_card_subscription_details": PRIVATE,
    "parent.schedule_details": PRIVATE,
    "parent.subscription_details.pause_collection": PRIVATE,
    "automatic_tax.enablement_details": PRIVATE,
    "tax_calculation_reference": PRIVATE,
    "payment_plan": PRIVATE,
    "managed_payments": PAYMENTS,
    "amounts_due": PAYMENTS,
    "customer_balance": PAYMENTS,
    "margin": DISCOUNTS,
    "margins": DISCOUNTS,
    "margin_amounts": DISCOUNTS,
    "default_margins": DISCOUNTS,
    "total_margin_amounts": DISCOUNTS,
    "reason.request.client": PRIVATE,
    "aggregation_period": PRIVATE,
    "group_by": PRIVATE,
    "triggered_at": PRIVATE,
}
"""Declared, and not always there."""

NOT_IN_THE_HEADER = (
    "A field of the private preview: the version's name does not tell it from the public one, so every preview has it."
)

RECORDED = "Every recorded answer has it, at every version."

UNDECLARED = {
    "billing_portal.configuration features.subscription_pause": "The preview of that date lacks it.",
    "charge destination": RECORDED,
    "charge dispute": RECORDED,
    "charge order": RECORDED,
    "product attributes": RECORDED,
    "subscription plan": RECORDED,
    "subscription quantity": RECORDED,
    "related_object": "Typed in the classes of single events, of which most have it.",
    "billing.meter dimension_payload_keys": NOT_IN_THE_HEADER,
    "billing.meter tenant_payload_keys": "Documented in the guides of the private preview.",
    "billing.meter_event_summary dimensions": NOT_IN_THE_HEADER,
    "billing.analytics.meter_usage_row tenants": NOT_IN_THE_HEADER,
    "billing.alert credit_balance_threshold": NOT_IN_THE_HEADER,
    "billing.alert spend_threshold": NOT_IN_THE_HEADER,
    "billing.alert_triggered currency": NOT_IN_THE_HEADER,
    "billing.alert_triggered custom_pricing_unit": NOT_IN_THE_HEADER,
    "billing.alert_triggered external_customer_id": NOT_IN_THE_HEADER,
}
"""There, and not declared."""

OTHERWISE = {
    "billing.alert alert_type": NOT_IN_THE_HEADER,
    "billing.alert_triggered value": "A number in every version; previews declare a decimal in a string.",
    "reason.request.idempotency_key": "Null for a request without a key; SDKs always send one.",
}
"""There and declared, as something else."""


def table_of(what: str) -> dict[str, str]:
    """Where the reason for a complaint must be."""
    return {"absent": ABSENT, "undeclared": UNDECLARED}.get(what, OTHERWISE)


def matches(row: str, name: str, path: str) -> bool:
    """Whether a row speaks of a field of an object."""
    if row == f"{name} *":
        return True
    if row.endswith(".*"):
        return f"{name} {path}".startswith(row[:-1]) or path.startswith(row[:-1])
    return row in (f"{name} {path}", path, path.rpartition(".")[2])
