"""What billing alerts and thresholds add to a meter event.

python -m benchmarks.alerts
"""

from collections.abc import Iterator

from benchmarks import bars
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import compare
from benchmarks.figures import show

ALERTS = 25
"""As many as Stripe allows for one meter and customer."""


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    plain, armed, fired, threshold = Business(), Business(), Business(), Business()
    arm(armed, gte=10**12)
    arm(fired, gte=1)
    threshold.subscribe(threshold.customer, billing_thresholds={"amount_gte": 10**11})
    took = compare(
        {"plain": plain.send, "armed": armed.send, "fired": fired.send, "threshold": threshold.send},
        rounds=size.pick(40, 3),
        times=size.pick(200, 20),
    )
    yield bars.ARMED_ALERTS.ratio(took["armed"], took["plain"])
    yield bars.FIRED_ALERTS.ratio(took["fired"], took["plain"])
    yield bars.THRESHOLD.ratio(took["threshold"], took["plain"])


def arm(business: Business, gte: int) -> None:
    """Arm all alerts on its meter and customer."""
    threshold = {
        "meter": business.meter,
        "gte": gte,
        "recurrence": "one_time",
        "filters": [{"type": "customer", "customer": business.customer}],
    }
    for _ in range(ALERTS):
        alert = {"alert_type": "usage_threshold", "title": "Much", "usage_threshold": threshold}
        business.post("/v1/billing/alerts", alert)


if __name__ == "__main__":
    show(measure)
