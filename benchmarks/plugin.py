"""What the doors without a socket and the pytest plugin cost, against the least that anyone could pay.

Run `python benchmarks/plugin.py` with the package and its `test` extra installed. Contenders take turns and every
figure is a median: read the ratios; the microseconds only give the order of magnitude.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import Any

import requests
import stripe
from requests.adapters import BaseAdapter
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from fakestripe_meters import FakeStripe

NOW = "2025-01-01T00:00:00Z"
KEY = "sk_test_fakestripe"
CALLS, ROUNDS = 200, 25
TESTS, RUNS = 400, 7
HEADERS = {"Content-Type": "application/json", "Request-Id": "req_NciAYcXfLnqBoz"}
CANNED = b"""{
  "object": "billing.meter_event",
  "created": 1735689600,
  "event_name": "tokens",
  "identifier": "7f0ea8b6-8d41-4e6f-9a2e-2d3b4d6f7a11",
  "livemode": false,
  "payload": {
    "stripe_customer_id": "cus_NciAYcXfLnqBoz",
    "value": "25"
  },
  "timestamp": 1735689600
}
"""
BUILDER = HTTPAdapter()
Work = Callable[[], object]


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


def main() -> None:
    """Print every figure with its bar."""
    with FakeStripe(now=NOW, limits="off") as fake:
        ways = ways_in(fake)
        took = taking_turns(fake, ways)
    say("no-op stripe.HTTPClient", took["no-op"])
    say("fake.http_client()", took["http_client"], took["no-op"], 1.6)
    say("canned requests adapter", took["canned"])
    say("fake.intercept()", took["intercept"], took["canned"], 1.6)
    say("loopback, fake.url", took["loopback"], took["canned"], 3)
    with TemporaryDirectory() as directory:
        fixture(Path(directory))
        collecting(Path(directory))


def say(what: str, took_us: float, against_us: float | None = None, bar: float | None = None) -> None:
    """Print a figure, and the ratio that is read."""
    ratio = f"  × {took_us / against_us:5.2f}  (bar {bar})" if against_us else ""
    print(f"{what:40} {took_us:9.1f} µs{ratio}", flush=True)


def ways_in(fake: FakeStripe) -> dict[str, stripe.StripeClient]:
    """A client for each contender."""
    session = requests.Session()
    session.mount("https://api.stripe.com", CannedAdapter())
    bases: Any = {"api": fake.url, "meter_events": fake.url}
    return {
        "no-op": stripe.StripeClient(KEY, http_client=NoOp()),
        "http_client": stripe.StripeClient(KEY, http_client=fake.http_client()),
        "canned": stripe.StripeClient(KEY, http_client=stripe.RequestsClient(session=session)),
        "intercept": stripe.StripeClient(KEY, http_client=stripe.RequestsClient()),
        "loopback": stripe.StripeClient(KEY, base_addresses=bases, http_client=stripe.RequestsClient()),
    }


def taking_turns(fake: FakeStripe, ways: dict[str, stripe.StripeClient]) -> dict[str, float]:
    """Median microseconds of a meter event by each way."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, client in ways.items():
            with fake.intercept():
                took[name].append(median(timed(sender(fake, client), CALLS)))
    return {name: median(each) for name, each in took.items()}


def sender(fake: FakeStripe, client: stripe.StripeClient) -> Work:
    """Send one meter event after another, into a world with little else in it."""
    fake.reset()
    through = stripe.StripeClient(KEY, http_client=fake.http_client())
    customer = through.v1.customers.create({"name": "Ada"}).id
    through.v1.billing.meters.create(
        {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
    )
    gc.collect()

    def send() -> None:
        client.v1.billing.meter_events.create(
            {"event_name": "tokens", "payload": {"stripe_customer_id": customer, "value": "25"}}
        )

    send()
    return send


def timed(work: Work, times: int) -> Iterator[float]:
    """Microseconds of each time."""
    for _ in range(times):
        start = perf_counter_ns()
        work()
        yield (perf_counter_ns() - start) / 1_000


def fixture(directory: Path) -> None:
    """What the fixture adds to each test: the slope between runs with it and without."""
    for argument, name in (("", "without"), ("fakestripe", "with")):
        body = f"def test_it({argument}): pass\n"
        parametrised = f"import pytest\n@pytest.mark.parametrize('n', range({TESTS}))\n{body.replace('(', '(n, ')}"
        (directory / f"test_{name}.py").write_text(parametrised)
        (directory / f"test_{name}_one.py").write_text(f"import pytest\n{body}")
    slopes = [slope(directory, "test_with") - slope(directory, "test_without") for _ in range(RUNS)]
    print(f"{'set-up and tear-down of the fixture':40} {median(slopes):9.1f} µs  (bar 1000)", flush=True)


def slope(directory: Path, name: str) -> float:
    """Microseconds per test, start-up left out."""
    many = pytest_run(directory, f"{name}.py")
    one = pytest_run(directory, f"{name}_one.py")
    return (many - one) / (TESTS - 1)


def collecting(directory: Path) -> None:
    """Collect a suite that never uses the fixture, with the plugin and without; beside it, how much runs differ."""
    pairs: dict[str, list[float]] = {"with": [], "without": [], "again": []}
    for _ in range(2 * RUNS):
        pairs["with"].append(pytest_run(directory, "test_without.py", "--collect-only"))
        pairs["without"].append(pytest_run(directory, "test_without.py", "--collect-only", plugin=False))
        pairs["again"].append(pytest_run(directory, "test_without.py", "--collect-only", plugin=False))
    say("--collect-only without the plugin", median(pairs["without"]))
    say("the same once more: this is the noise", median(pairs["again"]), median(pairs["without"]), 1.0)
    say("--collect-only with it, unused", median(pairs["with"]), median(pairs["without"]), 1.0)


def pytest_run(directory: Path, *arguments: str, plugin: bool = True) -> float:
    """Microseconds of a run of pytest with this plugin alone, or with none."""
    chosen = ["-p", "fakestripe_meters_pytest.plugin"] if plugin else []
    command = [sys.executable, "-m", "pytest", "-qq", "-p", "no:cacheprovider", *chosen, *arguments]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    start = perf_counter_ns()
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
    return (perf_counter_ns() - start) / 1_000


if __name__ == "__main__":
    main()
