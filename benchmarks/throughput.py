"""How many requests a second `serve` answers, beside stripe-mock and a raw socket.

python -m benchmarks.throughput
"""

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from benchmarks import bars
from benchmarks import load
from benchmarks import others
from benchmarks import sdk
from benchmarks.business import CUSTOMERS
from benchmarks.business import EVENTS
from benchmarks.business import form
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import digits
from benchmarks.figures import show

CONNECTIONS = (1, 8, 32)
TO_MOCK = (bars.CUSTOMERS_1, bars.CUSTOMERS_8, bars.CUSTOMERS_32)
TO_RAW = (bars.CUSTOMERS_1_RAW, bars.CUSTOMERS_8_RAW, bars.CUSTOMERS_32_RAW)
CUSTOMER = "name=Ada"


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    rounds, seconds = size.pick(5, 1), size.pick(2, 1)
    yield from customers(rounds, seconds)
    yield events(rounds, seconds)


def customers(rounds: int, seconds: int) -> Iterator[Figure]:
    """Customers by one, eight and 32 connections, the servers in turn."""
    with ExitStack() as servers:
        ports = {"ours": servers.enter_context(others.serve()), "raw": others.echo(CUSTOMER.encode())}
        missing = ""
        try:
            ports["mock"] = servers.enter_context(others.stripe_mock())
        except others.MissingError as error:
            missing = str(error)
        for connections, to_mock, to_raw in zip(CONNECTIONS, TO_MOCK, TO_RAW, strict=True):
            found = rates(ports, connections, rounds, seconds)
            yield beside(to_mock, found["ours"], found["mock"]) if "mock" in found else to_mock.missing(missing)
            yield beside(to_raw, found["ours"], found["raw"])


def rates(ports: dict[str, int], connections: int, rounds: int, seconds: int) -> dict[str, float]:
    """Answers a second of each server: the median of rounds in which they take turns."""
    heard: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(rounds):
        for name, port in ports.items():
            heard[name].append(load.rate(port, connections, seconds, CUSTOMERS, CUSTOMER))
    return {name: median(each) for name, each in heard.items()}


def beside(figure: Figure, ours: float, theirs: float) -> Figure:
    """A figure as the ratio of two rates."""
    return figure.measured(ours / theirs, f"{digits(ours)} : {digits(theirs)} a second, by {load.client()}")


def events(rounds: int, seconds: int) -> Figure:
    """Meter events of one connection, each a new one: without an identifier, the fake gives each its own."""
    with others.serve() as port:
        body = form(sdk.prepare(sdk.over_loopback(f"http://127.0.0.1:{port}")))
        rate = median(load.rate(port, 1, seconds, EVENTS, body) for _ in range(rounds))
    return bars.EVENTS_1.measured(rate, f"by {load.client()}")


if __name__ == "__main__":
    show(measure)
