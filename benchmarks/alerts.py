"""What billing alerts and thresholds add to a meter event.

Run `python benchmarks/alerts.py`. Contenders take turns and every figure is a median: read the ratios; the
microseconds only give the order of magnitude.
"""

import json
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlencode

from fakestripe_meters import FakeStripe
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

NOW = 1_735_689_600
ALERTS = 25
"""As many as Stripe allows for one meter and customer."""
ROUNDS = 40
CALLS = 200
BAR = 2
FORM = Headers(
    {"Authorization": "Bearer sk_test_fakestripe", "Content-Type": "application/x-www-form-urlencoded"}.items()
)


def main() -> None:
    """Print the table."""
    plain, armed, fired, threshold = World(), World(), World(), World()
    armed.alert(ALERTS, gte=10**12)
    fired.alert(ALERTS, gte=1)
    threshold.subscribe(amount_gte=10**12)
    contenders = {
        "without alerts": plain,
        f"with {ALERTS} armed alerts on its meter and customer": armed,
        f"with {ALERTS} alerts that have fired": fired,
        "with a subscription's billing threshold": threshold,
    }
    took: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, world in contenders.items():
            took[name].append(microseconds(world.send))
    against = median(took["without alerts"])
    print(f"{'a meter event through the engine':<50}{'µs':>8}{'ratio':>9}{'bar':>7}")
    for name, each in took.items():
        ratio = median(each) / against
        bar = f"{BAR:>7}  {'kept' if ratio <= BAR else 'MISSED'}" if "alerts" in name else ""
        print(f"{name:<50}{median(each):>8.1f}{ratio:>9.2f}{bar}")


class World:
    """A customer and a meter, and what can be done to them."""

    def __init__(self) -> None:
        self.engine = FakeStripe(now=NOW, limits="off", seed=1).engine
        self.customer = self.post("/v1/customers", {"name": "Ann"})
        self.meter = self.post(
            "/v1/billing/meters",
            {"display_name": "Calls", "event_name": "calls", "default_aggregation[formula]": "sum"},
        )
        self.event = {"event_name": "calls", "payload[stripe_customer_id]": self.customer, "payload[value]": 25}

    def post(self, path: str, params: dict[str, Any]) -> str:
        """Make something, and return its id if it has one."""
        response = self.engine.handle(Request("POST", path, "", FORM, urlencode(params).encode()))
        assert response.status == 200, response.body
        found: str = json.loads(response.body).get("id", "")
        return found

    def alert(self, count: int, gte: int) -> None:
        """Arm so many alerts."""
        threshold = {
            "usage_threshold[meter]": self.meter,
            "usage_threshold[gte]": gte,
            "usage_threshold[recurrence]": "one_time",
            "usage_threshold[filters][0][type]": "customer",
            "usage_threshold[filters][0][customer]": self.customer,
        }
        for _ in range(count):
            self.post("/v1/billing/alerts", {"alert_type": "usage_threshold", "title": "Much", **threshold})

    def subscribe(self, amount_gte: int) -> None:
        """Subscribe to a price with two tiers, with a threshold."""
        price = {
            "currency": "usd",
            "product_data[name]": "Calls",
            "recurring[interval]": "month",
            "recurring[usage_type]": "metered",
            "recurring[meter]": self.meter,
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers[0][up_to]": 1000,
            "tiers[0][unit_amount]": 2,
            "tiers[1][up_to]": "inf",
            "tiers[1][unit_amount]": 1,
        }
        terms = {
            "customer": self.customer,
            "items[0][price]": self.post("/v1/prices", price),
            "billing_thresholds[amount_gte]": amount_gte,
        }
        self.post("/v1/subscriptions", terms)

    def send(self) -> None:
        """Send a meter event."""
        response = self.engine.handle(
            Request("POST", "/v1/billing/meter_events", "", FORM, urlencode(self.event).encode())
        )
        assert response.status == 200, response.body


def microseconds(work: Callable[[], None]) -> float:
    """Let some work be done many times, and return what it took each time."""
    start = perf_counter_ns()
    for _ in range(CALLS):
        work()
    return (perf_counter_ns() - start) / CALLS / 1_000


if __name__ == "__main__":
    main()
