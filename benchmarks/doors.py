"""What a request costs on its way in: the engine, the socket, a reset, and many objects; ratios of one run.

    python benchmarks/doors.py

Contenders take turns and medians are compared, so that a busy machine slows all of them alike.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from statistics import median
from threading import Thread
from time import perf_counter
from urllib.parse import unquote_plus

from fakestripe_meters import FakeStripe
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

ROUNDS = 15
NOW = "2025-01-01T00:00:00Z"
CUSTOMERS = "/v1/customers"
EVENTS = "/v1/billing/meter_events"
HEADERS = {
    "Authorization": "Bearer sk_test_fakestripe",
    "Content-Type": "application/x-www-form-urlencoded",
}
ECHO = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 300\r\n\r\n" + b" " * 300


def main() -> None:
    """Print one line for each comparison."""
    in_process()
    over_loopback()
    resets()
    many_objects()
    cold_start()


def compare(contenders: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Microseconds a call: the median of rounds in which each contender has its turn."""
    measured: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, call in contenders.items():
            began = perf_counter()
            for _ in range(times):
                call()
            measured[name].append((perf_counter() - began) / times * 1e6)
    return {name: median(each) for name, each in measured.items()}


def body_of(customer: str) -> bytes:
    """The form of a meter event as the official SDK writes it."""
    return f"event_name=tokens&payload[stripe_customer_id]={customer}&payload[value]=25&payload[model]=large".encode()


class Story:
    """A customer and a meter in a world of their own, and the means to send events."""

    def __init__(self) -> None:
        self.fake = FakeStripe(now=NOW, limits="off")
        self.customer = json.loads(self.ask("POST", CUSTOMERS, b""))["id"]
        meter = b"display_name=T&event_name=tokens&default_aggregation[formula]=sum&dimension_payload_keys[0]=model"
        self.ask("POST", "/v1/billing/meters", meter)
        self.body = body_of(self.customer)

    def ask(self, method: str, path: str, body: bytes) -> bytes:
        """Send one request to the engine; its answer."""
        response = self.fake.engine.handle(Request(method, path, "", Headers(HEADERS), body))
        assert response.status == 200, response.body
        return response.body

    def send(self) -> None:
        """Send one event."""
        self.ask("POST", EVENTS, self.body)


def by_hand(body: bytes) -> str:
    """The least that anybody would do: parse the form, print JSON."""
    tree: dict[str, object] = {}
    for pair in body.decode().split("&"):
        name, _, value = pair.partition("=")
        root, *keys = unquote_plus(name).replace("]", "").split("[")
        here: dict[str, object] = tree
        for key in (root, *keys)[:-1]:
            inner = here.setdefault(key, {})
            assert isinstance(inner, dict)
            here = inner
        here[(root, *keys)[-1]] = unquote_plus(value)
    return json.dumps({"object": "billing.meter_event", "livemode": False, **tree})


def in_process() -> None:
    """One meter event: the engine alone, through Flask, and the same body parsed and printed by hand."""
    engine, flask = Story(), Story()
    client = flask.fake.wsgi_app.test_client()
    found = compare(
        {
            "by hand": lambda: by_hand(engine.body),
            "engine": engine.send,
            "flask test client": lambda: client.post(EVENTS, data=flask.body, headers=HEADERS),
        },
        200,
    )
    for name, cost in found.items():
        print(f"meter event, {name}: {cost:.0f} µs, {cost / found['by hand']:.1f} × by hand")


def echo() -> int:
    """A server that answers each request of one read with the same bytes; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := connection.recv(65_536):
            if request.endswith(b"model]=large"):  # http.client may send headers and body apart
                connection.sendall(ECHO)

    Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def serve() -> tuple["subprocess.Popen[str]", int]:
    """The command in a process of its own, as users run it, and its port."""
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--limits", "off", "--now", NOW]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline().rpartition(":")[2])


def over_loopback() -> None:
    """Meter events from one plain client: the served fake, and a socket that only echoes."""
    process, port = serve()
    served, floor = HTTPConnection("127.0.0.1", port), HTTPConnection("127.0.0.1", echo())

    def post(connection: HTTPConnection, path: str, body: bytes) -> bytes:
        connection.request("POST", path, body, HEADERS)
        return connection.getresponse().read()

    customer = json.loads(post(served, CUSTOMERS, b""))["id"]
    meter = b"display_name=T&event_name=tokens&default_aggregation[formula]=sum&dimension_payload_keys[0]=model"
    post(served, "/v1/billing/meters", meter)
    body = body_of(customer)
    found = compare(
        {"socket echo": lambda: post(floor, EVENTS, body), "server": lambda: post(served, EVENTS, body)}, 200
    )
    process.terminate()
    process.wait()
    for name, cost in found.items():
        print(f"plain client, {name}: {1e6 / cost:.0f} events/s, {cost / found['socket echo']:.1f} × echo")


def resets() -> None:
    """A reset of an empty world, and of one with 10,000 events."""
    empty, full = Story(), Story()

    def refill() -> float:
        refilled = Story()
        for _ in range(10_000):
            refilled.send()
        began = perf_counter()
        refilled.fake.reset()
        return (perf_counter() - began) * 1e3

    cost = compare({"empty": empty.fake.reset, "used": full.fake.reset}, 200)["empty"] / 1e3
    print(f"reset: {cost:.3f} ms; with 10,000 events: {median(refill() for _ in range(3)):.2f} ms")


def many_objects() -> None:
    """A POST into an account with nothing in it, and into one with 100,000 customers."""
    empty, full = Story(), Story()
    for _ in range(100_000):
        full.ask("POST", CUSTOMERS, b"")
    found = compare(
        {
            "none": lambda: empty.ask("POST", CUSTOMERS, b"name=Ada"),
            "100,000": lambda: full.ask("POST", CUSTOMERS, b"name=Ada"),
        },
        200,
    )
    ratio = found["100,000"] / found["none"]
    print(f"POST among no objects: {found['none']:.0f} µs, among 100,000: {ratio:.2f} × that")


def cold_start() -> None:
    """From nothing to the first answer, and what importing Flask alone takes."""

    def first_answer() -> None:
        process, port = serve()
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/_fakestripe/health")
        connection.getresponse().read()
        connection.close()
        process.kill()
        process.wait()

    def flask() -> None:
        subprocess.run([sys.executable, "-c", "import flask"], check=True)

    found = compare({"serve": first_answer, "flask": flask}, 1)
    print(f"first answer of serve: {found['serve'] / 1e3:.0f} ms, {found['serve'] / found['flask']:.2f} × import flask")


if __name__ == "__main__":
    main()
