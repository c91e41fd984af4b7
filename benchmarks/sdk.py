"""One call of the official SDK: what it costs by itself, and through each door.

python -m benchmarks.sdk
"""

import gc
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

import requests
import stripe
from requests.adapters import BaseAdapter
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from benchmarks import bars
from benchmarks.business import KEY
from benchmarks.business import METER
from benchmarks.business import NOW
from benchmarks.business import event_of
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare_prepared
from benchmarks.figures import show
from fakestripe_meters import FakeStripe

HEADERS = {"Content-Type": "application/json", "Request-Id": "req_NciAYcXfLnqBoz"}
CANNED = b"""{
  "object": "billing.meter_event",
  "created": 1735689600,
  "event_name": "tokens",
  "identifier": "7f0ea8b6-8d41-4e6f-9a2e-2d3b4d6f7a11",
  "livemode": false,
  "payload": {
    "stripe_customer_id": "cus_NciAYcXfLnqBoz",
    "value": "25",
    "model": "large"
  },
  "timestamp": 1735689600
}
"""
BUILDER = HTTPAdapter()


class NoOp(stripe.HTTPClient):
    """What the SDK itself costs."""

    name = "no-op"

    def request(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401  as it is inherited
        """Answer without looking."""
        return CANNED, 200, HEADERS


class CannedAdapter(BaseAdapter):
    """What `requests` itself costs."""

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401
        """Answer without looking."""
        answer = HTTPResponse(BytesIO(CANNED), HEADERS, 200, preload_content=False)
        return BUILDER.build_response(request, answer)

    def close(self) -> None:
        """Nothing is open."""


def over_loopback(url: str) -> stripe.StripeClient:
    """A client that speaks to a server."""
    bases: Any = {"api": url, "meter_events": url}
    return stripe.StripeClient(KEY, base_addresses=bases, http_client=stripe.RequestsClient())


def send(client: stripe.StripeClient, params: Any) -> None:  # noqa: ANN401  parameters of a call
    """One meter event: the SDK call that is measured."""
    client.v1.billing.meter_events.create(params)


def prepare(client: stripe.StripeClient) -> dict[str, Any]:
    """Make a customer and a meter: the parameters of an event for them."""
    customer = client.v1.customers.create({"name": "Ada"}).id
    meter: Any = METER
    client.v1.billing.meters.create(meter)
    return event_of(customer)


def ways_in(fake: FakeStripe) -> dict[str, stripe.StripeClient]:
    """A client for each contender."""
    session = requests.Session()
    session.mount("https://api.stripe.com", CannedAdapter())
    return {
        "no-op": stripe.StripeClient(KEY, http_client=NoOp()),
        "http_client": stripe.StripeClient(KEY, http_client=fake.http_client()),
        "canned": stripe.StripeClient(KEY, http_client=stripe.RequestsClient(session=session)),
        "intercept": stripe.StripeClient(KEY, http_client=stripe.RequestsClient()),
        "loopback": over_loopback(fake.url),
    }


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    with FakeStripe(now=NOW, limits="off") as fake, fake.intercept():
        clients = ways_in(fake)

        def fresh(client: stripe.StripeClient) -> Work:
            """Into a world with little else in it."""
            fake.reset()
            params = prepare(clients["http_client"])
            gc.collect()
            send(client, params)
            return partial(send, client, params)

        took = compare_prepared(
            {name: partial(fresh, client) for name, client in clients.items()},
            rounds=size.pick(25, 2),
            times=size.pick(200, 20),
        )
    yield bars.HTTP_CLIENT.ratio(took["http_client"], took["no-op"])
    yield bars.INTERCEPTION.ratio(took["intercept"], took["canned"])
    yield bars.LOOPBACK.ratio(took["loopback"], took["canned"])


if __name__ == "__main__":
    show(measure)
