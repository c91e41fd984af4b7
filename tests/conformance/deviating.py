"""Fields in which the fake's answers and stripe-python's declarations part on purpose, and why.

A row is an object's field (`customer tax`), its path (`parent.schedule_details`), or its last word (`deleted`). One
that ends in `.*` speaks of all that is below a path.
A missing reason fails, and so does a stale one.
"""

from tests.conformance.refused import DISCOUNTS
from tests.conformance.refused import PAYMENTS
from tests.conformance.refused import PRIVATE

IF_EXPANDED = "Stripe includes it in answers to those who expand it."
NOT_OWN = "Recordings show it of connected accounts only, not of a key's own."
NOT_RECORDED = "No recording of an account has it."
UNNAMED = "A customer without such a name has no such key."
SHIPPING = "Stripe's own examples of a shipping address have no such field; older objects do."

ABSENT = {
    "deleted": "Only what is deleted says so.",
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
    "invoiceitem net_amount": "Only what cannot be discounted has it.",
    "invoiceitem proration_details": "Only prorations have it.",
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
    if row.endswith(".*"):
        return path.startswith(row[:-1])
    return row in (f"{name} {path}", path, path.rpartition(".")[2])
