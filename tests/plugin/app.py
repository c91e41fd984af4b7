"""A small application that knows nothing of any fake: what tests/plugin/test_company.py tests from end to end."""

import asyncio
import time
from typing import Any

import httpx
import stripe

stripe.api_key = KEY = "sk_test_small_app"
client = stripe.StripeClient(KEY)


def set_up() -> None:
    """By module-level calls."""
    stripe.billing.Meter.create(display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})


def sign_up(name: str) -> str:
    """By a client with default bases."""
    return client.v1.customers.create({"name": name}).id


async def report(customer: str, tokens: int) -> None:
    """By an asynchronous method."""
    await client.v1.billing.meter_events.create_async(
        {
            "event_name": "tokens",
            "payload": {"stripe_customer_id": customer, "value": str(tokens)},
            "timestamp": int(time.time()),
        }
    )


def report_all(customer: str, *tokens: int) -> None:
    """Several at once."""

    async def every() -> None:
        await asyncio.gather(*(report(customer, each) for each in tokens))

    asyncio.run(every())


def used(customer: str, start: int, end: int) -> list[Any]:
    """By a bare call of the analytics preview, in its first dialect."""
    meter = stripe.billing.Meter.list().data[0].id
    answer = httpx.get(
        "https://api.stripe.com/v1/billing/analytics/meter_usage",
        params={"customer": customer, "start_time": start, "end_time": end, "meters[0][meter_id]": meter},
        headers={"Authorization": f"Bearer {KEY}", "Stripe-Version": "2025-07-30.preview"},
    )
    answer.raise_for_status()
    rows: list[Any] = answer.json()["data"]
    return rows
