"""Write `core/permissions.json`: which permissions of a restricted key let it call an operation.

    python tests/conformance/permissions.py [listed.json]

`listed.json` has the permissions that Stripe's own catalogue of tools for agents lists, by method and path, as the
Python package `seahaven-stripe-world` 0.3.0 (MIT) carries them. Without it, what the file has stays.

Each operation that the fake serves gets an entry: what the catalogue lists, and else what the permission of its object
is. It names the permissions of which one is enough. The first of them is the one that an error names.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from fakestripe_meters import resources  # noqa: E402  the path comes first
from fakestripe_meters.framework.endpoint import Endpoint  # noqa: E402  likewise

OUT = HERE.parents[1] / "src/fakestripe_meters/core/permissions.json"
VARIABLE = re.compile(r"\{\w+\}|<(?:path:)?\w+>")
READ, WRITE = "read", "write"
READS = ("POST /v1/invoices/create_preview",)
"""Operations that write nothing, although they are no GET."""

# documented: the names and what each is for, https://docs.stripe.com/stripe-apps/reference/permissions, and a list of
# those that Stripe's API for keys accepts (Infisical/infisical). The names for people are quoted in errors or in notes
# about the Dashboard's form; the rest are spelled like them.
PERMISSIONS = {
    "account_link": ("Account Links", "write"),
    "accounts_kyc_basic": ("Basic Business Contact Information", "read"),
    "adjustment": ("Adjustments", "read"),
    "api_key": ("API Keys", "write"),
    "apple_pay_domain": ("Apple Pay Domains", "read write"),
    "application_fee": ("Application Fees", "read write"),
    "balance": ("Balance", "read"),
    "balance_amount": ("Balance Amounts", "read"),
    "balance_transaction_source": ("Balance Transaction Sources", "read"),
    "billing_alert": ("Billing Alerts", "read write"),
    "billing_analytics_meter_usage": ("Meter Usage Analytics", "read"),
    "billing_clock": ("Test Clocks", "read write"),
    "billing_credit_grant": ("Billing Credit Grants", "read write"),
    "billing_meter": ("Billing Meters", "read write"),
    "billing_meter_event": ("Billing Meter Events", "read write"),
    "billing_meter_event_adjustment": ("Billing Meter Event Adjustments", "read write"),
    "charge": ("Charges and Refunds", "read write"),
    "checkout_session": ("Checkout Sessions", "read write"),
    "confirmation_token": ("Confirmation Tokens", "read"),
    "confirmation_token_client": ("Confirmation Tokens (Client)", "read write"),
    "connected_account": ("Connected Accounts", "read"),
    "coupon": ("Coupons", "read write"),
    "credit_note": ("Credit Notes", "read write"),
    "customer": ("Customers", "read write"),
    "customer_balance_transactions": ("Customer Balance Transactions", "read"),
    "customer_limited": ("Customers (Limited)", "read"),
    "customer_portal": ("Customer Portal", "read write"),
    "customer_portal_session": ("Customer Portal Sessions", "write"),
    "customer_session": ("Customer Sessions", "read write"),
    "data_management_import_set": ("Import Sets", "read write"),
    "dispute": ("Disputes", "read write"),
    "edit_link": ("Login Links", "write"),
    "elements": ("Elements", "write"),
    "entitlement": ("Entitlements", "read"),
    "event": ("Events", "read"),
    "file": ("Files", "read write"),
    "invoice": ("Invoices", "read write"),
    "issuing_authorization": ("Issuing Authorizations", "read write"),
    "issuing_card": ("Issuing Cards", "read write"),
    "issuing_cardholder": ("Issuing Cardholders", "read write"),
    "issuing_dispute": ("Issuing Disputes", "read write"),
    "issuing_transaction": ("Issuing Transactions", "read write"),
    "limited_account": ("Connected Accounts (Limited)", "read"),
    "mandate": ("Mandates", "read write"),
    "order": ("Orders", "read write"),
    "payment_intent": ("PaymentIntents", "read write"),
    "payment_links": ("Payment Links", "read write"),
    "payment_method": ("Payment Methods", "read write"),
    "payment_method_configurations": ("Payment Method Configurations", "read write"),
    "payment_method_domain": ("Payment Method Domains", "read write"),
    "payment_records": ("Payment Records", "read write"),
    "payout": ("Payouts", "read write"),
    "plan": ("Prices", "read write"),
    "product": ("Products", "read write"),
    "promotion_code": ("Promotion Codes", "read write"),
    "quote": ("Quotes", "read write"),
    "report_runs_and_report_types": ("Report Runs and Report Types", "read write"),
    "review": ("Reviews", "read write"),
    "secret": ("Secrets", "read write"),
    "setup_intent": ("SetupIntents", "read write"),
    "shipping_rate": ("Shipping Rates", "read write"),
    "sku": ("SKUs", "read write"),
    "source": ("Sources", "read write"),
    "subscription": ("Subscriptions", "read write"),
    "subscription_schedule": ("Subscription Schedules", "read write"),
    "tax_calculations_and_transactions": ("Tax Calculations and Transactions", "read write"),
    "tax_locations": ("Tax Locations", "read write"),
    "tax_rate": ("Tax Rates", "read write"),
    "tax_settings": ("Tax Settings", "read write"),
    "terminal_configuration": ("Terminal Configurations", "read write"),
    "terminal_connection_token": ("Terminal Connection Tokens", "write"),
    "terminal_location": ("Terminal Locations", "read write"),
    "terminal_reader": ("Terminal Readers", "read write"),
    "token": ("Tokens", "read write"),
    "top_up": ("Top-ups", "read write"),
    "transfer": ("Transfers", "read write"),
    "usage_record": ("Usage Records", "read write"),
    "user_email": ("User Emails", "read"),
    "webhook": ("Webhook Endpoints", "read write"),
}

# documented: what else a permission gives, https://docs.stripe.com/stripe-apps/reference/permissions.
IMPLIES = {
    "balance_transaction_source": ("application_fee_read", "balance_read", "transfer_read"),
    "checkout_session": (
        "mandate_read",
        "payment_intent_read",
        "payment_links_read",
        "product_read",
        "setup_intent_read",
        "sku_read",
    ),
    "credit_note": ("invoice_read",),
    "customer": ("billing_clock_read",),
    "invoice": ("credit_note_read",),
    "payment_intent": ("product_read", "sku_read"),
    "payment_links": ("mandate_read", "product_read", "sku_read"),
    "payment_method": ("source_read",),
    "plan": ("product_read",),
    "quote": ("product_read", "sku_read"),
    "setup_intent": ("mandate_read",),
    "transfer": ("payout_read",),
}

NOT_PUBLISHED = "no source names its permission: it is called after its object, as those of other objects are"
WITH_ITS_OWNER = "no source names its permission: it is taken to be that of the object which it belongs to"
WRITES = "no source names the permission to write it: it is taken to be that of the object, with its ending"
TOKEN = "it is authenticated by the token of a meter event session, which was made with the permission"

# documented: https://docs.stripe.com/stripe-apps/reference/permissions says which objects a permission is for.
OF_OBJECT = {
    "application_fee": "application_fee",
    "balance": "balance",
    "billing.meter": "billing_meter",
    "billing_portal.configuration": "customer_portal",
    "charge": "charge",
    "checkout.session": "checkout_session",
    "coupon": "coupon",
    "credit_note": "credit_note",
    "customer": "customer",
    "dispute": "dispute",
    "entitlements.active_entitlement": "entitlement",
    "entitlements.feature": "entitlement",
    "event": "event",
    "file": "file",
    "invoice": "invoice",
    "payment_intent": "payment_intent",
    "payment_link": "payment_links",
    "payment_method": "payment_method",
    "payout": "payout",
    "plan": "plan",
    "price": "plan",
    "product": "product",
    "promotion_code": "promotion_code",
    "refund": "charge",
    "review": "review",
    "setup_intent": "setup_intent",
    "source": "source",
    "subscription": "subscription",
    "tax_rate": "tax_rate",
    "test_helpers.test_clock": "billing_clock",
    "topup": "top_up",
    "transfer": "transfer",
    "webhook_endpoint": "webhook",
}
# documented: the same page gives the events of these objects to the readers of another one.
THROUGH_EVENTS = {"radar.early_fraud_warning": "charge", "tax_id": "customer", "invoiceitem": "invoice"}
# observed: PostHog, which reads these with such keys.
BY_PEOPLE = {"setup_attempt": "setup_intent", "subscription_item": "subscription", "invoice_payment": "invoice"}
# observed: operations on meters, in errors and notes that people quote, and in the list of accepted names.
METERING = {
    "billing.meter_event": "billing_meter",
    "billing.meter_event_adjustment": "billing_meter",
    "billing.meter_event_summary": "billing_meter",
    "billing.analytics.meter_usage": "billing_analytics_meter_usage",
}
SURE = OF_OBJECT | THROUGH_EVENTS | BY_PEOPLE | METERING
GUESSED = {
    "account": ("connected_account", WITH_ITS_OWNER),
    "balance_transaction": ("balance", WITH_ITS_OWNER),
    "billing.alert": ("billing_alert", NOT_PUBLISHED),
    "billing.credit_balance_summary": ("billing_credit_grant", NOT_PUBLISHED),
    "billing.credit_balance_transaction": ("billing_credit_grant", NOT_PUBLISHED),
    "billing.credit_grant": ("billing_credit_grant", NOT_PUBLISHED),
    "billing_portal.session": ("customer_portal", WITH_ITS_OWNER),
    "credit_note_line_item": ("credit_note", WITH_ITS_OWNER),
    "customer_balance_transaction": ("customer", WITH_ITS_OWNER),
    "data_management.import_set": ("data_management_import_set", NOT_PUBLISHED),
    "discount": ("customer", WITH_ITS_OWNER),
    "line_item": ("invoice", WITH_ITS_OWNER),
    "payment_page": ("checkout_session", WITH_ITS_OWNER),
    "product_feature": ("product", WITH_ITS_OWNER),
    "subscription_schedule": ("subscription_schedule", WRITES),
    "v2.billing.meter_event": ("billing_meter", WITH_ITS_OWNER),
    "v2.billing.meter_event_adjustment": ("billing_meter", WITH_ITS_OWNER),
    "v2.billing.meter_event_session": ("billing_meter", WITH_ITS_OWNER),
    "v2.core.event": ("event", WITH_ITS_OWNER),
    "v2.core.event_destination": ("webhook", WITH_ITS_OWNER),
}
OTHERWISE = {
    # documented: https://docs.stripe.com/keys/permissions-reference
    "GET /v1/account": (("connected_account_read", "accounts_kyc_basic_read"), ""),
    "GET /v1/accounts": (("connected_account_read", "limited_account_read"), ""),
    "GET /v1/accounts/{}": (("connected_account_read", "limited_account_read"), WITH_ITS_OWNER),
    # documented: Usage Records have a permission of their own.
    "POST /v1/subscription_items/{}/usage_records": (("usage_record_write",), ""),
    "DELETE /v1/subscriptions/{}/discount": (("subscription_write",), WITH_ITS_OWNER),
    "GET /v1/payment_links/{}/line_items": (("payment_links_read",), WITH_ITS_OWNER),
    "POST /v2/billing/meter_event_stream": ((), TOKEN),
}
WIDER = {
    "balance_amount_read": "balance_read",
    "customer_limited_read": "customer_read",
}
"""What the catalogue lists → what the documentation gives to the same object, which is what the Dashboard offers."""
ALSO = {
    "billing_meter": ("billing_meter_event", "billing_meter_event_adjustment"),
    "customer_portal_session": ("customer_portal",),
    "subscription_schedule": ("subscription",),
}
"""Permissions that are enough as well: wider ones, and the newer ones of what reports usage."""


def main(listed: dict[str, list[str]]) -> None:
    """Write the file."""
    operations: dict[str, str] = {}
    inferred: dict[str, list[str]] = {}
    by_route = {_route(*each.split()): names for each, names in listed.items()} or _kept()
    endpoints = {_route(each.method, each.rule): each for each in resources.registry().endpoints()}
    for route, endpoint in sorted(endpoints.items(), key=lambda each: each[0].split()[::-1]):
        names, reason = _entry(route, endpoint, by_route.get(route, []))
        operations[route] = " ".join(names)
        if reason:
            inferred.setdefault(reason, []).append(route)
    stems = SURE | {name: stem for name, (stem, _) in GUESSED.items()}
    tree = {
        "operations": operations,
        "inferred": inferred,
        "guessed": sorted({stem for stem, reason in GUESSED.values() if reason == NOT_PUBLISHED}),
        "permissions": {stem: [label, *words.split()] for stem, (label, words) in PERMISSIONS.items()},
        "implies": {stem: " ".join(names) for stem, names in IMPLIES.items()},
        "objects": {name: stems[name] for name in sorted(stems)},
    }
    OUT.write_text(json.dumps(tree, indent=1) + "\n", "utf-8")


def _kept() -> dict[str, list[str]]:
    """Return what the file says of operations whose permissions are not inferred."""
    tree = json.loads(OUT.read_text("utf-8"))
    guesses = {route for routes in tree["inferred"].values() for route in routes}
    return {route: names.split() for route, names in tree["operations"].items() if route not in guesses}


def _route(method: str, path: str) -> str:
    return f"{method} {VARIABLE.sub('{}', path)}"


def _entry(route: str, endpoint: Endpoint, listed: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return the permissions of which one is enough, and why this is inferred, if it is."""
    if route in OTHERWISE:
        return OTHERWISE[route]
    word = READ if endpoint.method == "GET" or route in READS else WRITE
    reason = ""
    names = tuple(dict.fromkeys(name for each in listed for name in (WIDER.get(each, each), each)))
    if not names:
        name = endpoint.resource.name
        stem, reason = (SURE[name], "") if name in SURE else GUESSED[name]
        names = (f"{stem}_{word}",)
    return tuple(dict.fromkeys([*names, *_also(names[0], endpoint.resource.name, word)])), reason


def _also(name: str, of: str, word: str) -> list[str]:
    stem = name.rpartition("_")[0]
    if stem == "billing_meter":
        ending = of.removeprefix("v2.").replace(".", "_").removesuffix("_session")
        return [f"{each}_{word}" for each in ALSO[stem] if each == ending]
    return [f"{each}_{word}" for each in ALSO.get(stem, ()) if word in PERMISSIONS[each][1]]


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")) if sys.argv[1:] else {})
