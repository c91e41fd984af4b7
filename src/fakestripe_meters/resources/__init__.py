"""Stripe's objects: the path of a module is the path of its URL, and each module is listed here.

`expandable.json` is what Stripe's description says of `expand`; `tests/conformance/expandable.py` writes it.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from fakestripe_meters.core.packaged import text_of
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.expanding import Fields
from fakestripe_meters.framework.registry import Registry

__all__ = ["MODULES", "Registry", "expandable", "registry"]

MODULES = {
    "customers": "/v1/customers",
    "customer_balance_transactions": "/v1/customers",
    "customer_discounts": "/v1/customers",
    "subscription_discounts": "/v1/subscriptions",
    "coupons": "/v1/coupons",
    "promotion_codes": "/v1/promotion_codes",
    "payment_methods": "/v1/payment_methods",
    "payment_pages": "/v1/payment_pages",
    "customer_payment_methods": "/v1/customers",
    "customer_sources": "/v1/customers",
    "setup_intents": "/v1/setup_intents",
    "setup_attempts": "/v1/setup_attempts",
    "products": "/v1/products",
    "prices": "/v1/prices",
    "plans": "/v1/plans",
    "subscriptions": "/v1/subscriptions",
    "subscription_items": "/v1/subscription_items",
    "subscription_schedules": "/v1/subscription_schedules",
    "payment_intents": "/v1/payment_intents",
    "charges": "/v1/charges",
    "charge_refunds": "/v1/charges",
    "charge_refund": "/v1/charges",
    "refunds": "/v1/refunds",
    "balance_transactions": "/v1/balance_transactions",
    "invoices": "/v1/invoices",
    "invoice_paying": "/v1/invoices",
    "invoice_payments": "/v1/invoice_payments",
    "invoice_search": "/v1/invoices",
    "invoice_line_changes": "/v1/invoices",
    "line_items": "/v1/invoices",
    "credit_notes": "/v1/credit_notes",
    "credit_note_lines": "/v1/credit_notes",
    "upcoming_invoices": "/v1/invoices",
    "upcoming_lines": "/v1/invoices",
    "invoiceitems": "/v1/invoiceitems",
    "tax_rates": "/v1/tax_rates",
    "balance": "/v1/balance",
    "disputes": "/v1/disputes",
    "payouts": "/v1/payouts",
    "topups": "/v1/topups",
    "transfers": "/v1/transfers",
    "application_fees": "/v1/application_fees",
    "reviews": "/v1/reviews",
    "radar.early_fraud_warnings": "/v1/radar",
    "tax_ids": "/v1/tax_ids",
    "customer_tax_ids": "/v1/customers",
    "product_features": "/v1/products",
    "entitlements.features": "/v1/entitlements",
    "entitlements.active_entitlements": "/v1/entitlements",
    "accounts": "/v1/account /v1/accounts",
    "checkout.sessions": "/v1/checkout",
    "checkout.line_items": "/v1/checkout",
    "payment_links": "/v1/payment_links",
    "payment_link_items": "/v1/payment_links",
    "billing_portal.configurations": "/v1/billing_portal",
    "billing_portal.sessions": "/v1/billing_portal",
    "test_helpers.test_clocks": "/v1/test_helpers",
    "events": "/v1/events",
    "files": "/v1/files",
    "data_management.import_sets": "/v1/data_management",
    "webhook_endpoints": "/v1/webhook_endpoints",
    "billing.meters": "/v1/billing",
    "billing.meter_events": "/v1/billing",
    "billing.meter_event_adjustments": "/v1/billing",
    "billing.event_summaries": "/v1/billing",
    "billing.analytics.meter_usage": "/v1/billing",
    "billing.alerts": "/v1/billing",
    "billing.credit_grants": "/v1/billing",
    "billing.credit_balance_summary": "/v1/billing",
    "billing.credit_balance_transactions": "/v1/billing",
    "v2.billing.meter_events": "/v2/billing",
    "v2.billing.meter_event_adjustments": "/v2/billing",
    "v2.billing.meter_event_session": "/v2/billing",
    "v2.billing.meter_event_stream": "/v2/billing",
    "v2.core.events": "/v2/core",
    "v2.core.event_destinations": "/v2/core",
}
"""Each module, and where the URLs of its calls begin: the first two segments. A module with two kinds names both."""


@cache
def registry() -> Registry:
    """Return what all modules declare in their `resource`; a module is loaded when it is first needed."""
    return Registry({name: tuple(begins.split()) for name, begins in MODULES.items()}, _load, expandable)


def _load(name: str) -> Resource:
    resource: Resource = import_module(f"fakestripe_meters.resources.{name}").resource
    return resource


@cache
def expandable() -> Mapping[str, Mapping[str, Fields]]:
    """Return what Stripe expands: span of versions → object → fields. Read when the first request expands something."""
    tables: Mapping[str, Mapping[str, Fields]] = json.loads(text_of("fakestripe_meters.resources", "expandable.json"))
    return tables
