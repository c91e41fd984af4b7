"""How long a test waits for its invoices: 100 subscriptions moved by 13 months, and a preview over 1,000,000 events.

Run as `python benchmarks/invoices.py`. Two numbers are held: 1,300 invoices within 3 s, and a preview that costs no
more than the analytics query over the same usage.
"""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

START = 1_735_689_600
DAY_S = 86_400
SUBSCRIPTIONS = 100
MONTHS = 13
EVENTS = 1_000_000
QUERIES = 50
TIERS = [{"up_to": 1000, "flat_amount": 900, "unit_amount": 0}, {"up_to": "inf", "unit_amount_decimal": "3.6"}]


class Shop:
    """A business with one meter and one tiered price, asked through the engine."""

    def __init__(self) -> None:
        self.fake = FakeStripe(now=START, limits="off", relaxed=True, seed=1)
        self.meter = self.post(
            "/v1/billing/meters",
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}},
        )["id"]
        self.price = self.post(
            "/v1/prices",
            {
                "currency": "usd",
                "product_data": {"name": "Calls"},
                "billing_scheme": "tiered",
                "tiers_mode": "graduated",
                "tiers": TIERS,
                "recurring": {"interval": "month", "usage_type": "metered", "meter": self.meter},
            },
        )["id"]

    def request(self, method: str, path: str, params: object) -> dict[str, Any]:
        """One request; it must succeed."""
        form = "&".join(f"{quote(name, safe='[]')}={quote(str(value))}" for name, value in flat("", params))
        headers = Headers({"Authorization": f"Bearer {self.fake.api_key}"})
        query, body = ("", form.encode()) if method == "POST" else (form, b"")
        response = self.fake.engine.handle(Request(method, path, query, headers, body))
        answer: dict[str, Any] = json.loads(response.body)
        assert response.status == 200, answer
        return answer

    def post(self, path: str, params: object) -> dict[str, Any]:
        """One POST; it must succeed."""
        return self.request("POST", path, params)

    def subscribe(self, **customer: str) -> tuple[str, str]:
        """A new customer with a subscription: the ids of both."""
        customer_id: str = self.post("/v1/customers", customer)["id"]
        terms = {"customer": customer_id, "items": [{"price": self.price}]}
        return customer_id, self.post("/v1/subscriptions", terms)["id"]


def flat(path: str, value: object) -> list[tuple[str, object]]:
    """A tree as pairs of a form."""
    if isinstance(value, dict):
        return [pair for name, each in value.items() for pair in flat(f"{path}[{name}]" if path else name, each)]
    if isinstance(value, list):
        return [pair for index, each in enumerate(value) for pair in flat(f"{path}[{index}]", each)]
    return [(path, value)]


def thirteen_months(*, test_clock: bool) -> float:
    """Seconds to move all subscriptions by thirteen months at once."""
    shop = Shop()
    target = START + (31 + 365) * DAY_S + 2 * DAY_S
    options = {}
    if test_clock:
        options["test_clock"] = shop.post("/v1/test_helpers/test_clocks", {"frozen_time": START})["id"]
    for _ in range(SUBSCRIPTIONS):
        customer, _subscription = shop.subscribe(**options)
        payload = {"stripe_customer_id": customer, "value": 1031}
        shop.post("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
    begun = time.perf_counter()
    if test_clock:
        shop.post(f"/v1/test_helpers/test_clocks/{options['test_clock']}/advance", {"frozen_time": target})
    else:
        shop.fake.clock.advance(target - START)
    took = time.perf_counter() - begun
    paid = 0
    page = shop.request("GET", "/v1/invoices", {"limit": 100, "status": "paid"})
    while page["data"]:
        paid += len(page["data"])
        after = page["data"][-1]["id"]
        page = shop.request("GET", "/v1/invoices", {"limit": 100, "status": "paid", "starting_after": after})
    assert paid == SUBSCRIPTIONS * MONTHS, paid
    return took


def preview_and_analytics() -> tuple[float, float]:
    """Seconds for a preview and for an analytics query over the same usage."""
    shop = Shop()
    customer, subscription = shop.subscribe()
    account = shop.fake.engine.world.account(shop.fake.api_key)
    intake, origin = account.part(Intake), Origin(customer, (), shop.meter)
    for number in range(EVENTS):
        intake.accept(account, origin, str(number), START + number % (30 * DAY_S), Decimal(1))
    analytics = {"customer": customer, "starts_at": START, "ends_at": START + 31 * DAY_S}
    answer = shop.post("/v1/invoices/create_preview", {"subscription": subscription})
    assert answer["lines"]["data"][0]["quantity"] + answer["lines"]["data"][2]["quantity"] == EVENTS
    return (
        timed(lambda: shop.post("/v1/invoices/create_preview", {"subscription": subscription})),
        timed(
            lambda: shop.request(
                "GET", "/v1/billing/analytics/meter_usage", {**analytics, "meters": [{"meter": shop.meter}]}
            )
        ),
    )


def timed(work: Callable[[], object]) -> float:
    """The best of many, in seconds."""
    best = float("inf")
    for _ in range(QUERIES):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


if __name__ == "__main__":
    for test_clock in (False, True):
        took = thirteen_months(test_clock=test_clock)
        where = "a test clock" if test_clock else "the account's clock"
        print(f"{SUBSCRIPTIONS} subscriptions by {MONTHS} months on {where}: {took:.2f} s (≤ 3 s)")
    preview, analytics = preview_and_analytics()
    print(
        f"over {EVENTS:,} events a preview takes {preview * 1e3:.2f} ms, the analytics query {analytics * 1e3:.2f} ms"
    )
