"""Paddle's transactions and subscriptions, as far as the answers to charges show them: what nobody said is null or 0.

Documented in: the types of Paddle's Python SDK 1.16.
"""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import forms
from fakestripe_meters.vendors.vendor import Sent

ID_LENGTH = 26
CHOICES = {"collection_mode": ("automatic", "manual"), "status": ("draft", "billed")}
TAKEN = (
    "items",
    "customer_id",
    "address_id",
    "business_id",
    "custom_data",
    "currency_code",
    "billing_period",
    *CHOICES,
)
"""What a transaction may say. A discount or the terms of an invoice would change amounts, which there are none of."""
ZEROS = (
    "subtotal",
    "discount",
    "tax",
    "total",
    "credit",
    "credit_to_balance",
    "balance",
    "grand_total",
    "grand_total_tax",
)


def name_of(item: Mapping[str, Any]) -> str | None:
    """Return the name of an item's price: its id, or the name or description of one that is made along."""
    price = item.get("price")
    names = (price.get("name"), price.get("description")) if isinstance(price, dict) else (item.get("price_id"),)
    return next((name for name in names if isinstance(name, str) and name), None)


def transaction_id(sent: Sent) -> str:
    """Return the id of the transaction that a request makes."""
    return f"txn_{forms.made_id(sent, ID_LENGTH)}"


@inferred("whatever the account sells is free, in dollars unless the transaction says otherwise")
def transaction(sent: Sent, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new transaction."""
    now = instant(sent.now)
    currency = body.get("currency_code") or "USD"
    said = {name: body.get(name) for name in TAKEN if name not in {"items", "currency_code", *CHOICES}}
    return said | {
        "id": transaction_id(sent),
        "status": body.get("status") or ("ready" if body.get("customer_id") else "draft"),
        "currency_code": currency,
        "collection_mode": body.get("collection_mode") or "automatic",
        "origin": "api",
        "subscription_id": None,
        "invoice_id": None,
        "invoice_number": None,
        "discount_id": None,
        "billing_details": None,
        "items": [_item(sent, item, place, currency, now) for place, item in enumerate(body["items"], start=1)],
        "details": {
            "tax_rates_used": [],
            "totals": {**dict.fromkeys(ZEROS, "0"), "fee": None, "earnings": None, "currency_code": currency},
            "adjusted_totals": None,
            "payout_totals": None,
            "adjusted_payout_totals": None,
            "line_items": [],
        },
        "payments": [],
        "checkout": None,
        "created_at": now,
        "updated_at": now,
        "billed_at": None,
    }


def _item(sent: Sent, item: Mapping[str, Any], place: int, currency: object, now: str) -> dict[str, Any]:
    price: dict[str, Any] = {
        "id": item.get("price_id") or f"pri_{forms.made_id(sent, ID_LENGTH, place)}",
        "product_id": None,
        "type": "custom" if "price" in item else "standard",
        "name": None,
        "description": name_of(item),
        "billing_cycle": None,
        "trial_period": None,
        "tax_mode": "account_setting",
        "unit_price": {"amount": "0", "currency_code": currency},
        "unit_price_overrides": [],
        "custom_data": None,
        "quantity": {"minimum": 1, "maximum": 999_999_999},
        "status": "active",
        "import_meta": None,
        "created_at": now,
        "updated_at": now,
    }
    return {"price": price | item.get("price", {}), "quantity": item["quantity"], "proration": None}


@inferred("a subscription is active, is billed by the month in dollars, and has no items")
def subscription(sent: Sent) -> dict[str, Any]:
    """Return the subscription that was charged."""
    now = instant(sent.now)
    (identifier,) = sent.path
    return {
        "id": identifier,
        "status": "active",
        "customer_id": None,
        "address_id": None,
        "business_id": None,
        "currency_code": "USD",
        "created_at": now,
        "updated_at": now,
        "started_at": None,
        "first_billed_at": None,
        "next_billed_at": None,
        "paused_at": None,
        "canceled_at": None,
        "collection_mode": "automatic",
        "billing_details": None,
        "billing_cycle": {"frequency": 1, "interval": "month"},
        "current_billing_period": None,
        "scheduled_change": None,
        "management_urls": None,
        "discount": None,
        "custom_data": None,
        "items": [],
    }
