"""What Stripe's OpenAPI description says otherwise than the fake does, and why: the observed beats the described.

A row of a parameter is as in `refused`, a row of a field as in `deviating`. A missing reason fails, and so does a stale
one.
"""

OLD = "Real requests have it; the description has left it out."
OLD_FIELD = "Real answers have it; the description has left it out."
PREVIEW = "The description is of the general release; previews have it."
NEWER = "Newer than the description."

EXTRA = {
    "expand": "Every operation of v1 takes `expand`; the description has it not where an object is deleted.",
    "POST /v1/checkout/sessions allowed_payment_method_types": NEWER,
    "subscription_data.invoice_settings.custom_fields": NEWER,
    "subscription_data.invoice_settings.description": NEWER,
    "subscription_data.invoice_settings.footer": NEWER,
    "POST /v1/customers coupon": OLD,
    "POST /v1/customers promotion_code": OLD,
    "POST /v1/customers/{} coupon": OLD,
    "POST /v1/customers/{} promotion_code": OLD,
    "POST /v1/subscription_schedules/{} phases[].currency": NEWER,
    "phases[].iterations": "Until 2025-09-30, how long a phase lasts.",
    "plan": OLD,
    "type": OLD,
    "tax_details": OLD,
    "POST /v1/subscriptions quantity": OLD,
    "POST /v1/subscriptions/{} quantity": OLD,
    "recurring.trial_period_days": OLD,
    "default_price_data.recurring.meter": "As in the prices' own parameters.",
    "default_price_data.recurring.trial_period_days": "As in the prices' own parameters.",
    "default_price_data.recurring.usage_type": "As in the prices' own parameters.",
    "POST /v1/subscription_items off_session": "As in the subscriptions' own parameters.",
    "POST /v1/subscriptions/{} billing_cycle_anchor.type": NEWER,
    "POST /v1/subscriptions/{}/resume billing_cycle_anchor.type": NEWER,
    "POST /v1/subscriptions/{}/resume payment_behavior": NEWER,
    "POST /v1/invoices/create_preview subscription_details.billing_cycle_anchor.timestamp": NEWER,
    "POST /v1/invoices/create_preview subscription_details.billing_cycle_anchor.type": NEWER,
    "features.subscription_pause": NEWER,
    "GET /v1/billing/alerts customer": PREVIEW,
    "credit_balance_threshold": PREVIEW,
    "dimension_filters": PREVIEW,
    "dimension_group_by_keys": PREVIEW,
    "dimension_payload_keys": PREVIEW,
    "tenant_keys": PREVIEW,
    "tenant_operator": PREVIEW,
    "tenant_payload_keys": PREVIEW,
    "tenant_values": PREVIEW,
}
"""Parameters that are not described."""

CHOICES = {
    "POST /v1/billing_portal/sessions flow_data.type": NEWER,
    "POST /v1/payment_methods type": NEWER,
    "GET /v1/payment_methods type": NEWER,
    "GET /v1/customers/{}/payment_methods type": NEWER,
    "allowed_payment_method_types[]": "Beside cards, any word may stand: each release adds some.",
    "excluded_payment_method_types[]": "Any word may stand: each release adds some.",
    "POST /v1/checkout/sessions payment_method_types[]": NEWER,
    "branding_settings.font_family": "Any word may stand: it is only shown again.",
    "shipping_address_collection.allowed_countries[]": "Any word may stand: it is only shown again.",
    "locale": NEWER,
    "ui_mode": NEWER,
    "alert_type": PREVIEW,
    "enabled_events[]": "The types are in a list beside the code, previews' too.",
    "POST /v1/webhook_endpoints api_version": "The versions are in a list beside the code, and previews may be any.",
    "payment_settings.payment_method_types[]": NEWER,
}
"""Parameters that take more words than are described."""

ORDERS = {
    "POST /v1/payment_intents/{}/cancel cancellation_reason": "Stripe's reference has this order.",
    "interval": "A real refusal has this order.",
    "payment_behavior": "A refusal that a program's notes quote has this order.",
    "pending_invoice_items_behavior": "Kiln-AI/stripe_world has this order.",
    "tax_behavior": "A real refusal has this order.",
    "tax_exempt": "A real refusal has this order.",
    "usage_type": "A real refusal has this order.",
    "GET /v1/invoices status": "A real refusal has this order.",
    "GET /v1/subscriptions status": "A real refusal has this order.",
}
"""Words that a refusal names in another order than the description, which has that of the alphabet."""

LENGTHS = {
    "marketing_features[].name": "Seen to be 80 characters.",
}
"""Strings that may be shorter or longer than is described."""

NULLS: dict[str, str] = {
    "coupon applies_to": "A coupon for all products has none.",
    "payment_method_options.card.installments": "Real answers have a null.",
    "payment_method_options.card.mandate_options": "Real answers have a null.",
}
"""Fields that are null, and never null in the description."""

UNDESCRIBED = {
    "charge destination": OLD_FIELD,
    "charge dispute": OLD_FIELD,
    "charge order": OLD_FIELD,
    "charge source": OLD_FIELD,
    "payment_intent source": OLD_FIELD,
    "payment_intent payment_record": NEWER,
    "discount deleted": "A discount that is deleted has a schema of its own.",
    "account business_profile.specified_commercial_transactions_act_url": NEWER,
    "subscription_item plan": OLD_FIELD,
    "recurring.trial_period_days": OLD_FIELD,
    "product attributes": OLD_FIELD,
    "product tax_details": OLD_FIELD,
    "product type": OLD_FIELD,
    "subscription plan": OLD_FIELD,
    "subscription quantity": OLD_FIELD,
    "subscription_schedule phases[].items[].plan": OLD_FIELD,
    "subscription trial_settings.end_behavior.billing_cycle_anchor": NEWER,
    "subscription_item current_trial": NEWER,
    "invoiceitem invoicing_rules": NEWER,
}
"""Fields that are there, and not described."""

OTHERWISE: dict[str, str] = {}
"""Fields that are there and described, as something else."""

UNDESCRIBED_OBJECTS = {
    "list": "Each list is described where it is; `test_objects` checks the envelope.",
    "search_result": "Each page of found objects is described where it is; the tests of searches check the envelope.",
}
"""Objects of v1 that no schema describes."""


def table_of(what: str) -> dict[str, str]:
    """Where the reason for a complaint must be."""
    return {"null": NULLS, "undeclared": UNDESCRIBED}.get(what, OTHERWISE)
