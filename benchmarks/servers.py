"""What a call costs over loopback, and a server's start, beside a bare socket, stripe-mock and localstripe.

python -m benchmarks.servers
"""

import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection

import stripe

from benchmarks import bars
from benchmarks import others
from benchmarks import sdk
from benchmarks.business import EVENTS
from benchmarks.business import FORM
from benchmarks.business import form
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import duration
from benchmarks.figures import show

Server = Callable[[], AbstractContextManager[int]]


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    rounds = size.pick(15, 2)
    yield from events(rounds, size.pick(200, 20))
    yield customers(bars.SERVED_STRIPE_MOCK, others.stripe_mock, rounds, size.pick(50, 5))
    yield customers(bars.SERVED_LOCALSTRIPE, others.localstripe, rounds, size.pick(50, 5))
    yield from cold_start(rounds)


def client_of(port: int) -> stripe.StripeClient:
    """The SDK for a server."""
    return sdk.over_loopback(f"http://127.0.0.1:{port}")


def events(rounds: int, times: int) -> Iterator[Figure]:
    """Meter events to the served fake, and to a socket that only echoes: by the SDK, and by a plain client."""
    with others.serve() as port:
        floor_port = others.echo()
        served, floor = HTTPConnection("127.0.0.1", port), HTTPConnection("127.0.0.1", floor_port)
        params = sdk.prepare(client_of(port))
        body = form(params)
        contenders: dict[str, Work] = {
            "sdk to echo": partial(sdk.send, client_of(floor_port), params),
            "sdk to us": partial(sdk.send, client_of(port), params),
            "plain to echo": partial(post, floor, body),
            "plain to us": partial(post, served, body),
        }
        took = compare(contenders, rounds=rounds, times=times)
    yield bars.SERVED.ratio(took["sdk to us"], took["sdk to echo"])
    remark = f"{duration(took['plain to us'])} an event, {duration(took['plain to echo'])} to the raw socket"
    yield bars.PLAIN_CLIENT.measured(1e6 / took["plain to us"], remark)


def post(connection: HTTPConnection, body: str) -> None:
    """Send a meter event without the SDK."""
    connection.request("POST", EVENTS, body, FORM)
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    answer.read()


def customers(figure: Figure, other: Server, rounds: int, times: int) -> Figure:
    """Customers made by the SDK in ours and in another fake of Stripe: each has those, few have meters."""
    with ExitStack() as servers:
        try:
            other_port = servers.enter_context(other())
        except others.MissingError as missing:
            return figure.missing(str(missing))
        contenders: dict[str, Work] = {
            "theirs": partial(create, client_of(other_port)),
            "ours": partial(create, client_of(servers.enter_context(others.serve()))),
        }
        took = compare(contenders, rounds=rounds, times=times)
    return figure.ratio(took["ours"], took["theirs"])


def create(client: stripe.StripeClient) -> None:
    """Make a customer."""
    client.v1.customers.create({"name": "Ada"})


def cold_start(rounds: int) -> Iterator[Figure]:
    """From nothing to the first answer, and what importing Flask alone takes."""
    contenders: dict[str, Work] = {
        "ours": partial(first_answer, others.serve),
        "flask": partial(subprocess.run, [sys.executable, "-c", "import flask"], check=True),
        "stripe-mock": partial(first_answer, others.stripe_mock),
    }
    try:
        first_answer(others.stripe_mock)
    except others.MissingError as missing:
        del contenders["stripe-mock"]
        took = compare(contenders, rounds=rounds)
        theirs = bars.COLD_START_STRIPE_MOCK.missing(str(missing))
    else:
        took = compare(contenders, rounds=rounds)
        theirs = bars.COLD_START_STRIPE_MOCK.ratio(took["ours"], took["stripe-mock"])
    yield bars.COLD_START.ratio(took["ours"], took["flask"])
    yield theirs


def first_answer(server: Server) -> None:
    """Start a server and ask it something."""
    with server() as port:
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/v1/customers", headers=FORM)
        assert connection.getresponse().status == 200
        connection.close()


if __name__ == "__main__":
    show(measure)
