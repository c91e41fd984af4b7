"""What a reader in a hurry sees of a failing test: its error, and the sections that the fake adds, as whole text."""

import re
from textwrap import dedent

import pytest

from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)

BEGUN = """
import pytest
import stripe

from fakestripe_meters import FakeStripe

@pytest.fixture
def fakestripe_settings():
    return {"now": "2025-01-01T00:00:00Z", "seed": 1}

@pytest.fixture
def client(fakestripe: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_app")

@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    client.v1.billing.meters.create(
        {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
    )
    return client.v1.customers.create({"name": "Ada"}).id
"""


def ours(result: pytest.RunResult) -> str:
    """Return the lines of the error, and of the sections that the fake adds."""
    lines = [line for line in map(str, result.outlines) if not line.startswith("_")]
    error = [line for line in lines if line.startswith("E ")]
    first = next(at for at, line in enumerate(lines) if re.fullmatch(r"-+ Stripe calls -+", line))
    last = next(at for at, line in enumerate(lines) if "short test summary" in line)
    sections = [re.sub(r"^-{3,} (.*) -{3,}$", r"--- \1 ---", line) for line in lines[first:last]]
    return "\n".join([*error, *sections])


def told(run: Run, test: str, *arguments: str) -> str:
    result = run(dedent(test), *arguments, conftest=BEGUN)
    result.assert_outcomes(failed=1)
    return ours(result)


def test_a_429(run: Run) -> None:
    print(
        told(
            run,
            """
        import pytest
        @pytest.mark.fakestripe(limits="sandbox")
        def test_it(client, customer):
            for number in range(30):
                usage = {"stripe_customer_id": customer, "value": "1"}
                client.v1.billing.meter_events.create({"event_name": "tokens", "payload": usage, "identifier": str(number)})
        """,
        )
    )
    print(
        told(
            run,
            """
        def test_it(client, customer):
            client.v1.customers.update(customer, {"emial": "ada@example.com"})
        """,
        )
    )
    print(
        told(
            run,
            """
        def test_it(client, fakestripe, customer):
            fakestripe.fail_next("POST /v1/customers", status=429)
            client.v1.customers.create({"name": "x"})
        """,
        )
    )
    print(
        told(
            run,
            """
        def test_it(client, fakestripe, customer):
            def handler(notification):
                notification.json["data"]["object"]["lines"]
            fakestripe.webhooks.deliver_to(handler, "customer.created", key="sk_test_app")
            client.v1.customers.create({"name": "x"})
        """,
        )
    )
    print(
        told(
            run,
            """
        def test_it(client, fakestripe, customer):
            client.v1.quotes.create({"customer": customer})
        """,
        )
    )
    assert 0
