"""What a change of a subscription costs: among many younger invoices, and beside what it is compared with.

python -m benchmarks.changes
"""

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

from benchmarks import bars
from benchmarks.business import CUSTOMERS
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import show

SUBSCRIPTIONS = "/v1/subscriptions"
INVOICES = "/v1/invoices"
PREVIEW = "/v1/invoices/create_preview"
SEAT = {"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}}


class Changed:
    """A subscription to seats whose quantity is another after each change; with younger invoices of somebody else."""

    def __init__(self, invoices: int = 0) -> None:
        self.business, self.quantities = Business(), count(2)
        self.seat = self.business.post("/v1/prices", SEAT)["id"]
        self.customer = self.business.post(CUSTOMERS, {})["id"]
        made = self.subscribe()
        self.path, self.item = f"{SUBSCRIPTIONS}/{made['id']}", made["items"]["data"][0]["id"]
        self.subscription = made["id"]
        for _ in range(invoices):
            self.business.post(INVOICES, {"customer": self.business.customer})

    def subscribe(self) -> dict[str, Any]:
        """A new subscription to one seat."""
        return self.business.post(SUBSCRIPTIONS, {"customer": self.customer, "items": [{"price": self.seat}]})

    def change(self, behavior: str = "none") -> None:
        """Change the quantity."""
        self.business.post(self.path, self.asked(behavior))

    def preview(self) -> None:
        """Preview the same change, invoiced at once."""
        asked = {"subscription": self.subscription, "subscription_details": self.asked("always_invoice")}
        self.business.post(PREVIEW, asked)

    def asked(self, behavior: str) -> dict[str, object]:
        """A change to another quantity."""
        items = [{"id": self.item, "quantity": next(self.quantities)}]
        return {"items": items, "proration_behavior": behavior}


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    yield crowded(size)
    yield invoiced(size)
    yield previewed(size)


def crowded(size: Size) -> Figure:
    """A change that is invoiced at once, among many younger invoices and among none."""
    among, alone = Changed(size.pick(10_000, 100)), Changed()
    contenders: dict[str, Work] = {
        "among": partial(among.change, "always_invoice"),
        "alone": partial(alone.change, "always_invoice"),
    }
    took = compare(contenders, rounds=size.pick(15, 3), times=size.pick(20, 2))
    return bars.CHANGE_CROWDED.ratio(took["among"], took["alone"])


def invoiced(size: Size) -> Figure:
    """A change that is invoiced at once, and a new subscription, which is as well."""
    changed, new = Changed(), Changed()
    contenders: dict[str, Work] = {"change": partial(changed.change, "always_invoice"), "new": new.subscribe}
    took = compare(contenders, rounds=size.pick(15, 3), times=size.pick(20, 2))
    return bars.CHANGE.ratio(took["change"], took["new"])


def previewed(size: Size) -> Figure:
    """A preview of a change, and the change."""
    changed, asked = Changed(), Changed()
    contenders: dict[str, Work] = {"change": partial(changed.change, "always_invoice"), "preview": asked.preview}
    took = compare(contenders, rounds=size.pick(15, 3), times=size.pick(20, 2))
    return bars.CHANGE_PREVIEWED.ratio(took["preview"], took["change"])


if __name__ == "__main__":
    show(measure)
