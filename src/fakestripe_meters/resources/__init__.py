"""Stripe's objects: the path of a module is the path of its URL, and each module is listed here.

`expandable.json` is what Stripe's description says of `expand`; `tests/conformance/expandable.py` writes it.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from fakestripe_meters.framework.endpoint import Registry
from fakestripe_meters.framework.expanding import Fields

__all__ = ["MODULES", "Registry", "expandable", "registry"]

MODULES = (
    "customers",
    "customer_balance_transactions",
    "customer_discounts",
    "subscription_discounts",
    "coupons",
    "promotion_codes",
    "payment_methods",
    "customer_payment_methods",
    "customer_sources",
    "setup_intents",
    "setup_attempts",
    "products",
    "prices",
    "plans",
    "subscriptions",
    "subscription_items",
    "payment_intents",
    "charges",
    "charge_refunds",
    "charge_refund",
    "refunds",
    "balance_transactions",
    "checkout.sessions",
    "checkout.line_items",
    "invoices",
    "invoice_paying",
    "invoice_payments",
    "invoice_search",
    "invoice_line_changes",
    "line_items",
    "credit_notes",
    "credit_note_lines",
    "upcoming_invoices",
    "upcoming_lines",
    "invoiceitems",
    "tax_rates",
    "balance",
    "disputes",
    "payouts",
    "topups",
    "transfers",
    "application_fees",
    "reviews",
    "radar.early_fraud_warnings",
    "tax_ids",
    "customer_tax_ids",
    "product_features",
    "entitlements.features",
    "entitlements.active_entitlements",
    "accounts",
    "test_helpers.test_clocks",
    "events",
    "webhook_endpoints",
    "billing.meters",
    "billing.meter_events",
    "billing.meter_event_adjustments",
    "billing.event_summaries",
    "billing.analytics.meter_usage",
    "billing.alerts",
    "billing.credit_grants",
    "billing.credit_balance_summary",
    "billing.credit_balance_transactions",
    "v2.billing.meter_events",
    "v2.billing.meter_event_adjustments",
    "v2.billing.meter_event_session",
    "v2.billing.meter_event_stream",
    "v2.core.events",
    "v2.core.event_destinations",
)


@cache
def registry() -> Registry:
    """Return what all modules declare in their `resource`."""
    modules = [import_module(f"fakestripe_meters.resources.{name}") for name in MODULES]
    return Registry(tuple(module.resource for module in modules), expandable)


@cache
def expandable() -> Mapping[str, Mapping[str, Fields]]:
    """Return what Stripe expands: span of versions → object → fields. Read when the first request expands something."""
    tables: Mapping[str, Mapping[str, Fields]] = json.loads(Path(__file__).with_name("expandable.json").read_bytes())
    return tables
