"""What the meter event stream takes for each event: in the engine, and over loopback.

Run `python benchmarks/stream.py`. Contenders take turns and every figure is a median of the process's own time
(over loopback: of the clock on the wall): read the ratio; the microseconds only give the order of magnitude.
"""

import http.client
import json
import sys
from collections.abc import Callable
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from time import process_time
from urllib.parse import urlsplit

from fakestripe_meters import FakeStripe
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

NOW = 1_735_689_600
EACH, CALLS, ROUNDS = 100, 200, 9
STREAM = "/v2/billing/meter_event_stream"
JSON = {"Content-Type": "application/json"}
MOST_RATIO, LEAST_PER_SECOND = 6.0, 10_000


def prepare(fake: FakeStripe) -> tuple[str, str]:
    """Make a meter and a customer; return the customer's id and a session's token."""
    key = {"Authorization": f"Bearer {fake.api_key}"}

    def post(path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> dict[str, str]:
        made: dict[str, str] = json.loads(
            fake.engine.handle(Request("POST", path, "", Headers(key | (headers or {})), body)).body
        )
        return made

    post("/v1/billing/meters", b"display_name=Calls&event_name=calls&default_aggregation[formula]=sum")
    customer = post("/v1/customers")["id"]
    return customer, post("/v2/billing/meter_event_session", b"{}", JSON)["authentication_token"]


def bodies(customer: str, first: int) -> list[bytes]:
    """As many calls as make a round, each a hundred events, a second apart from one event to the next."""
    return [json.dumps({"events": list(events(customer, first + call * EACH))}).encode() for call in range(CALLS)]


def events(customer: str, first: int) -> Iterator[dict[str, object]]:
    """A call's events."""
    for number in range(first, first + EACH):
        day, second = divmod(number, 86_400)
        yield {
            "event_name": "calls",
            "identifier": f"event-{number}",
            "payload": {"stripe_customer_id": customer, "value": str(number % 1_000)},
            "timestamp": f"2024-12-{1 + day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000Z",
        }


def parse(sent: list[bytes]) -> None:
    """Parse the JSON and build a dict for each event: what the stream is measured by."""
    for body in sent:
        for event in json.loads(body)["events"]:
            {name: event[name] for name in ("event_name", "identifier", "payload", "timestamp")}


def handle(fake: FakeStripe, token: str, sent: list[bytes]) -> None:
    """Send each through the engine, with an Idempotency-Key as the SDKs do."""
    for number, body in enumerate(sent):
        headers = JSON | {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{number}/{hash(body)}"}
        response = fake.engine.handle(Request("POST", STREAM, "", Headers(headers), body))
        assert response.status == 200, response.body


def timed(work: Callable[[], None], clock: Callable[[], float]) -> float:
    """Microseconds for each event of a round."""
    began = clock()
    work()
    return (clock() - began) / CALLS / EACH * 1e6


def in_the_engine() -> tuple[float, float]:
    """Medians of parsing alone, and of the stream."""
    parsing, streaming = [], []
    with FakeStripe(now=NOW, limits="off") as fake:
        customer, token = prepare(fake)
        for turn in range(ROUNDS):
            sent = bodies(customer, turn * CALLS * EACH)
            parsing.append(timed(lambda sent=sent: parse(sent), process_time))  # type: ignore[misc]
            streaming.append(timed(lambda sent=sent: handle(fake, token, sent), process_time))  # type: ignore[misc]
        assert not fake.dropped_events
    return median(parsing), median(streaming)


def over_loopback() -> float:
    """Events a second of one client on one connection."""
    rates = []
    with FakeStripe(now=NOW, limits="off") as fake:
        customer, token = prepare(fake)
        connection = http.client.HTTPConnection(urlsplit(fake.url).netloc)
        for turn in range(3):
            sent = bodies(customer, turn * CALLS * EACH)

            def send(sent: list[bytes] = sent) -> None:
                for body in sent:
                    connection.request("POST", STREAM, body, JSON | {"Authorization": f"Bearer {token}"})
                    answer = connection.getresponse()
                    assert answer.read() == b"{}\n", answer.status

            rates.append(1e6 / timed(send, perf_counter))
        connection.close()
    return median(rates)


def main() -> int:
    """Print the figures; exit 1 if a bar is missed."""
    parsing, streaming = in_the_engine()
    rate = over_loopback()
    ratio = streaming / parsing
    print(f"parsing alone         {parsing:6.2f} µs an event")
    print(f"stream in the engine  {streaming:6.2f} µs an event, × {ratio:.1f} (bar: ≤ {MOST_RATIO:g})")
    print(f"stream over loopback  {rate:6,.0f} events/s (bar: ≥ {LEAST_PER_SECOND:,})")
    return int(ratio > MOST_RATIO or rate < LEAST_PER_SECOND)


if __name__ == "__main__":
    sys.exit(main())
