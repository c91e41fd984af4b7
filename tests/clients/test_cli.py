"""The official Stripe CLI as a client."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from stripe import StripeClient

from fakestripe_meters import FakeStripe
from fakestripe_meters import fixtures
from tests.clients.conftest import NOW
from tests.clients.conftest import ROOT
from tests.clients.conftest import https
from tests.clients.conftest import prepared
from tests.clients.conftest import run

KEY = "sk_test_fakestripe_cli"


class Cli:
    """The binary itself: what npm installs besides is a script that starts it."""

    def __init__(self, binary: Path, fake: FakeStripe, home: Path) -> None:
        self.binary = binary
        self.fake = fake
        self.home = home
        self.asked: list[str] = []

    def __call__(self, *arguments: str) -> str:
        """Run one command and return what it prints; it reaches the fake, and nobody else."""
        with https(self.fake) as (proxy, environment):
            command = [str(self.binary), *arguments, "--api-base", self.fake.url, "--color", "off"]
            environment |= {"STRIPE_API_KEY": KEY, "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
            done = run(command, self.home, environment)
            self.asked += proxy.asked
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *arguments: str) -> Any:  # noqa: ANN401  any JSON tree
        return json.loads(self(*arguments))


@pytest.fixture
def cli(fake: FakeStripe, tmp_path: Path) -> Cli:
    binary = prepared("@stripe/cli-*/bin/stripe")
    assert os.access(binary, os.X_OK)
    return Cli(binary, fake, tmp_path)


def meter(cli: Cli, event_name: str = "calls") -> dict[str, Any]:
    made: dict[str, Any] = cli.json(
        "billing",
        "meters",
        "create",
        "--display-name=Calls",
        f"--event-name={event_name}",
        "-d",
        "default_aggregation[formula]=sum",
    )
    return made


def test_get_and_post_reach_any_url(cli: Cli) -> None:
    made = cli.json("post", "/v1/customers", "-d", "name=Ada")
    assert cli.json("get", f"/v1/customers/{made['id']}")["name"] == "Ada"


def test_billing_commands_make_and_list_meters(cli: Cli) -> None:
    made = meter(cli)
    assert cli.json("billing", "meters", "list")["data"][0]["id"] == made["id"]


def test_v2_billing_commands_report_usage(cli: Cli) -> None:
    meter(cli)
    customer = cli.json("customers", "create")["id"]
    usage = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "7"}}
    event = cli.json("v2", "billing", "meter_events", "create", "-d", json.dumps(usage))
    assert event["object"] == "v2.billing.meter_event"
    assert event["payload"] == {"stripe_customer_id": customer, "value": "7"}
    session = cli.json("v2", "billing", "meter_event_sessions", "create")
    assert session["authentication_token"].startswith("token_")


def test_a_fixture_file_fills_the_fake(cli: Cli, tmp_path: Path) -> None:
    meter_params = {
        "display_name": "Calls",
        "event_name": "calls",
        "default_aggregation": {"formula": "sum"},
    }
    usage = {"event_name": "${meter:event_name}", "payload": {"stripe_customer_id": "${customer:id}", "value": "3"}}
    steps = [
        {"name": "customer", "path": "/v1/customers", "method": "post", "params": {"name": "Ada"}},
        {"name": "meter", "path": "/v1/billing/meters", "method": "post", "params": meter_params},
        {"name": "usage", "path": "/v1/billing/meter_events", "method": "post", "params": usage},
    ]
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"_meta": {"template_version": 0}, "fixtures": steps}))
    cli("fixtures", str(path))
    made = cli.json("billing", "meters", "list")["data"][0]
    customer = cli.json("customers", "list")["data"][0]["id"]
    day = ["-d", f"customer={customer}", "-d", "start_time=1735603200", "-d", "end_time=1735776000"]
    summary = cli.json("get", f"/v1/billing/meters/{made['id']}/event_summaries", *day)["data"][0]
    assert summary["aggregated_value"] == 3


def test_the_metered_business_is_billed_as_by_the_fakes_own_loading(cli: Cli) -> None:
    world = ROOT / "fixtures" / "worlds" / "metered_business.json"
    cli("fixtures", str(world))
    invoices = cli.json("invoices", "list", "--limit=10")["data"]
    with FakeStripe(now=NOW, seed=1) as loaded:
        fixtures.load(loaded, world)
        client = StripeClient(loaded.api_key, http_client=loaded.http_client())
        same = client.v1.invoices.list({"limit": 10}).data
    assert [(each["total"], each["status"]) for each in invoices] == [(each.total, each.status) for each in same]
    assert len(invoices) == 6


@pytest.mark.parametrize(
    ("trigger", "code"),
    [
        ("v1.billing.meter.error_report_triggered", "meter_event_no_customer_defined"),
        ("v1.billing.meter.no_meter_found", "no_meter"),
    ],
)
def test_its_meter_triggers_succeed_over_https(cli: Cli, trigger: str, code: str) -> None:
    printed = cli("trigger", trigger)
    assert "Trigger succeeded" in printed
    assert "meter-events.stripe.com" in cli.asked
    cli.fake.clock.advance(12)
    event = cli.json("get", "/v2/core/events")["data"][0]
    assert event["type"] == trigger
    assert event["data"]["reason"]["error_types"][0]["code"] == code
    assert [each.code for each in cli.fake.dropped_events] == [code]


@pytest.mark.parametrize(
    "trigger",
    [
        "charge.captured",
        "charge.failed",
        "charge.refunded",
        "charge.succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "coupon.created",
        "credit_note.created",
        "customer.discount.created",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.payment_succeeded",
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "payment_method.attached",
        "promotion_code.created",
        "setup_intent.setup_failed",
        "setup_intent.succeeded",
    ],
)
def test_its_triggers_of_payments_succeed_and_their_events_are_there(cli: Cli, trigger: str) -> None:
    assert "Trigger succeeded" in cli("trigger", trigger)
    client = StripeClient(KEY, http_client=cli.fake.http_client())
    assert trigger in [each.type for each in client.v1.events.list({"limit": 100}).data]
