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

@pytest.fixture
def use(client: stripe.StripeClient, customer: str):
    def use(value: int, identifier: str) -> None:
        payload = {"stripe_customer_id": customer, "value": str(value)}
        usage = {"event_name": "tokens", "payload": payload, "identifier": identifier}
        client.v1.billing.meter_events.create(usage)

    return use
"""
MOST = 10
"""In so many lines a reader knows what is wrong."""


def ours(result: pytest.RunResult) -> str:
    """Return the lines of the error, and of the sections that the fake adds."""
    lines = list(map(str, result.outlines))
    error = [re.sub(r"^E +", "E ", line) for line in lines if line.startswith("E ")]
    first = next(at for at, line in enumerate(lines) if re.fullmatch(r"-+ Stripe calls -+", line))
    last = next(at for at, line in enumerate(lines) if "short test summary" in line)
    sections = [re.sub(r"^-{3,} (.*) -{3,}$", r"--- \1 ---", line) for line in lines[first:last]]
    return "\n".join([*error, *sections])


def golden(run: Run, test: str, expected: str) -> None:
    """Run a test that fails, and compare what is ours of its report."""
    result = run(dedent(test), conftest=BEGUN)
    result.assert_outcomes(failed=1)
    told = ours(result)
    assert told == dedent(expected).strip("\n")
    assert len(told.splitlines()) <= MOST


def test_a_wrong_total_names_the_events_that_are_the_difference(run: Run) -> None:
    golden(
        run,
        """
        def test_it(fakestripe, customer, use):
            use(100, "request-1")
            use(10, "request-2")
            use(10, "request-2/again")
            use(5, "request-3")
            fakestripe.assert_usage({customer: {"tokens": 115}})
        """,
        """
        x
        """,
    )


def test_a_429_names_the_limit_and_the_frozen_clock(run: Run) -> None:
    golden(
        run,
        """
        import pytest

        @pytest.mark.fakestripe(limits="sandbox")
        def test_it(use):
            for number in range(30):
                use(1, f"request-{number}")
        """,
        """
        x
        """,
    )


def test_a_refused_parameter_is_shown_with_what_was_sent(run: Run) -> None:
    golden(
        run,
        """
        def test_it(client, customer):
            client.v1.customers.update(customer, {"emial": "ada@example.com"})
        """,
        """
        x
        """,
    )


def test_an_error_in_a_webhook_handler_names_the_notification_and_its_request(run: Run) -> None:
    golden(
        run,
        """
        def test_it(fakestripe, client, customer):
            def handler(notification):
                return notification.json["data"]["object"]["lines"]

            fakestripe.webhooks.deliver_to(handler, "customer.created")
            client.v1.customers.create({"name": "Grace"})
        """,
        """
        x
        """,
    )


def test_a_call_that_is_not_served_says_how_to_stub_it(run: Run) -> None:
    golden(
        run,
        """
        def test_it(client, customer):
            client.v1.quotes.create({"customer": customer})
        """,
        """
        x
        """,
    )
