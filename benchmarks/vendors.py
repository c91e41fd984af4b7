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
    """A vendor's call with one event: its path, its headers, and its body of a customer and a key."""

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


SINGLES = {
    "Metronome": Single("/_vendors/metronome/v1/ingest", metronome),
    "OpenMeter": Single("/_vendors/openmeter/api/v1/events", openmeter),
    "Orb": Single("/_vendors/orb/v1/ingest", orb),
}


def sender(single: Single) -> Work:
    """What sends one event after another, each with a key of its own, to a world of its own."""
    business, numbers = Business(), count()
    handle = business.fake.engine.handle
    before, after = json.dumps(single.body(business.customer, "KEY")).encode().split(b"KEY")

    def send() -> None:
        body = b"%s%08d%s" % (before, next(numbers), after)
        response = handle(Request("POST", single.path, "", Headers(dict(single.headers)), body))
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
