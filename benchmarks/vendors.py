"""What a single event costs that is sent to another vendor, beside one of Stripe's through the same door.

python -m benchmarks.vendors
"""

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from itertools import count
from typing import NamedTuple

from benchmarks import bars
from benchmarks.business import FORM
from benchmarks.business import METER
from benchmarks.business import METERS
from benchmarks.business import START
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import show
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

TIME = "2025-01-01T00:00:00Z"
USED = {"value": 25, "model": "large"}
HEADERS = {"Authorization": "Bearer key", "Content-Type": "application/json"}


class Single(NamedTuple):
    """A vendor's call with one event: its path with `CUSTOMER`, its headers, and its body of a customer and a key."""

    path: str
    body: Callable[[str, str], object]
    headers: Mapping[str, str] = HEADERS


def metronome(customer: str, key: str) -> object:
    """The body of a call to Metronome."""
    event = {"transaction_id": key, "customer_id": customer, "event_type": "tokens", "timestamp": TIME}
    return [event | {"properties": USED}]


def orb(customer: str, key: str) -> object:
    """The body of a call to Orb."""
    event = {"idempotency_key": key, "external_customer_id": customer, "event_name": "tokens", "timestamp": TIME}
    return {"events": [event | {"properties": USED}]}


def openmeter(customer: str, key: str) -> object:
    """The body of a call to OpenMeter."""
    event = {"specversion": "1.0", "id": key, "source": "app", "type": "tokens", "subject": customer, "time": TIME}
    return event | {"data": USED}


def chargebee(customer: str, key: str) -> object:
    """The body of a call with a usage event to Chargebee."""
    event = {"deduplication_id": key, "subscription_id": customer, "usage_timestamp": START * 1_000}
    return event | {"properties": {"tokens": 25, "model": "large"}}


def chargebee_record(_customer: str, key: str) -> str:
    """The body of a call with a usage record to Chargebee."""
    return f"item_price_id=calls&quantity=25&usage_date={key}"


def recurly(_customer: str, key: str) -> object:
    """The body of a call to Recurly."""
    return {"amount": 25, "merchant_tag": key, "usage_timestamp": TIME}


def paddle(customer: str, key: str) -> object:
    """The body of a call with a usage event to Paddle."""
    event = {"action": "calls", "customer_id": customer, "quantity": 25, "event_key": key, "occurred_at": TIME}
    return {"events": [event]}


def transaction(customer: str, key: str) -> object:
    """The body of a call with a transaction of one item to Paddle."""
    return {"items": [{"price_id": "calls", "quantity": 25}], "customer_id": customer, "custom_data": {"key": key}}


SINGLES = {
    "Chargebee": Single("/_vendors/chargebee/api/v2/usage_events", chargebee),
    "Chargebee, a usage record": Single(
        "/_vendors/chargebee/api/v2/subscriptions/CUSTOMER/usages",
        chargebee_record,
        {**HEADERS, "Content-Type": FORM["Content-Type"]},
    ),
    "Paddle": Single("/_vendors/paddle/usage-events", paddle),
    "Paddle, a transaction": Single("/_vendors/paddle/transactions", transaction),
    "Recurly": Single("/_vendors/recurly/subscriptions/CUSTOMER/add_ons/calls/usage", recurly),
    "Metronome": Single("/_vendors/metronome/v1/ingest", metronome),
    "OpenMeter": Single("/_vendors/openmeter/api/v1/events", openmeter),
    "Orb": Single("/_vendors/orb/v1/ingest", orb),
}


def sender(single: Single) -> Work:
    """What sends one event after another, each with a key of its own, to a world of its own."""
    business, numbers = Business(), count()
    business.post(METERS, METER | {"event_name": "calls"})  # for usage that has no dimensions
    handle, path = business.fake.engine.handle, single.path.replace("CUSTOMER", business.customer)
    sent = single.body(business.customer, "KEY")
    before, after = (sent if isinstance(sent, str) else json.dumps(sent)).encode().split(b"KEY")

    def send() -> None:
        body = b"%s%08d%s" % (before, next(numbers), after)
        response = handle(Request("POST", path, "", Headers(dict(single.headers)), body))
        assert response.status < 300, response.body

    return send


def measure(size: Size) -> Iterator[Figure]:
    """Yield the figure: that of the vendor whose events cost most."""
    contenders: dict[str, Work] = {"Stripe": Business().send, **{name: sender(each) for name, each in SINGLES.items()}}
    took = compare(contenders, rounds=size.pick(40, 3), times=size.pick(200, 20))
    most = max(SINGLES, key=took.__getitem__)
    yield bars.VENDOR.ratio(took[most], took["Stripe"])


if __name__ == "__main__":
    show(measure)
