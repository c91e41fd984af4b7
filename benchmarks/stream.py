"""What the meter event stream takes for each event: in the engine, and over loopback.

    python -m benchmarks.stream

In the engine it is the process's own time that counts, over loopback the clock on the wall.
"""

import json
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from itertools import count
from time import process_time
from urllib.parse import urlsplit

from benchmarks import bars
from benchmarks.business import FORM
from benchmarks.business import METERS
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare_prepared
from benchmarks.figures import duration
from benchmarks.figures import show
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

EACH = 100
STREAM = "/v2/billing/meter_event_stream"
JSON = {"Content-Type": "application/json"}


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    calls, rounds = size.pick(200, 5), size.pick(9, 2)
    yield in_the_engine(calls, rounds)
    yield over_loopback(calls, rounds)


class Sender:
    """A business, its session, and usage that never repeats an identifier."""

    def __init__(self) -> None:
        self.business = Business()
        meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        self.business.post(METERS, meter)
        asked = Request("POST", "/v2/billing/meter_event_session", "", Headers(FORM | JSON), b"{}")
        token = json.loads(self.business.fake.engine.handle(asked).body)["authentication_token"]
        self.headers = JSON | {"Authorization": f"Bearer {token}"}
        self.numbers = count()

    def bodies(self, calls: int) -> list[bytes]:
        """So many calls' worth of usage."""
        return [json.dumps({"events": [self.event() for _ in range(EACH)]}).encode() for _ in range(calls)]

    def event(self) -> dict[str, object]:
        """One more event, a second after the one before."""
        number = next(self.numbers)
        day, second = divmod(number, 86_400)
        return {
            "event_name": "calls",
            "identifier": f"event-{number}",
            "payload": {"stripe_customer_id": self.business.customer, "value": str(number % 1_000)},
            "timestamp": f"2024-12-{1 + day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000Z",
        }

    def handle(self, sent: list[bytes]) -> None:
        """Send each through the engine, with an Idempotency-Key as the SDKs do."""
        for number, body in enumerate(sent):
            headers = self.headers | {"Idempotency-Key": f"{number}/{hash(body)}"}
            response = self.business.fake.engine.handle(Request("POST", STREAM, "", Headers(headers), body))
            assert response.status == 200, response.body

    def post(self, connection: HTTPConnection, sent: list[bytes]) -> None:
        """Send each over a connection."""
        for body in sent:
            connection.request("POST", STREAM, body, self.headers)
            answer = connection.getresponse()
            assert answer.read() == b"{}\n", answer.status


def parse(sent: list[bytes]) -> None:
    """Parse the JSON and build a dict for each event: what the stream is measured by."""
    for body in sent:
        for event in json.loads(body)["events"]:
            {name: event[name] for name in ("event_name", "identifier", "payload", "timestamp")}


def in_the_engine(calls: int, rounds: int) -> Figure:
    """The stream, and parsing alone."""
    sender = Sender()

    def parsing() -> Work:
        return partial(parse, sender.bodies(calls))

    def streaming() -> Work:
        return partial(sender.handle, sender.bodies(calls))

    took = compare_prepared({"parsing": parsing, "streaming": streaming}, rounds=rounds, clock=process_time)
    assert not sender.business.fake.dropped_events
    events = calls * EACH
    return bars.STREAM.ratio(took["streaming"] / events, took["parsing"] / events)


def over_loopback(calls: int, rounds: int) -> Figure:
    """Events a second of one client on one connection."""
    sender = Sender()
    with sender.business.fake as fake:
        connection = HTTPConnection(urlsplit(fake.url).netloc)
        took = compare_prepared(
            {"stream": lambda: partial(sender.post, connection, sender.bodies(calls))}, rounds=rounds
        )["stream"]
        connection.close()
    each = took / calls / EACH
    return bars.STREAM_SERVED.measured(1e6 / each, f"{duration(each)} an event")


if __name__ == "__main__":
    show(measure)
