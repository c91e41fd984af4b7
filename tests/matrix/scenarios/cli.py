"""The Stripe CLI as a client of a server in this environment: the argument is its binary."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from fakestripe_meters import FakeStripe
from tests.matrix.scenarios.steps import Steps

NOW = 1_735_689_600
DAY = 86_400
SPAN = ["-d", f"start_time={NOW - DAY}", "-d", f"end_time={NOW + DAY}"]

steps = Steps()


class Cli:
    def __init__(self, binary: str, fake: FakeStripe, home: Path) -> None:
        self.command = [binary, "--api-base", fake.url, "--color", "off"]
        self.environment = os.environ | {
            "HOME": str(home),
            "STRIPE_API_KEY": fake.api_key,
            "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
        }
        self.home = home

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.command, *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *arguments: str) -> Any:  # noqa: ANN401  any JSON tree
        return json.loads(self(*arguments))


def story(cli: Cli) -> None:
    with steps("billing commands"):
        named = ["--display-name=Calls", "--event-name=calls", "-d", "default_aggregation[formula]=sum"]
        meter = cli.json("billing", "meters", "create", *named)["id"]
        assert cli.json("billing", "meters", "list")["data"][0]["id"] == meter
    with steps("get and post"):
        customer = cli.json("post", "/v1/customers", "-d", "name=Ada")["id"]
        usage = ["-d", "event_name=calls", "-d", f"payload[stripe_customer_id]={customer}", "-d", "payload[value]=2"]
        cli.json("post", "/v1/billing/meter_events", *usage)
        assert total(cli, meter, customer) == 2
    with steps("analytics"):
        analytics = ["get", "/v1/billing/analytics/meter_usage", "--stripe-version", "2025-08-27.preview"]
        asked = ["-d", f"customer={customer}", *SPAN, "-d", f"meters[0][meter_id]={meter}"]
        assert cli.json(*analytics, *asked)["data"][0]["bucket_value"] == 2
    with steps("API v2"):
        event = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "3"}}
        cli.json("v2", "billing", "meter_events", "create", "-d", json.dumps(event))
        assert total(cli, meter, customer) == 5
    with steps("a refusal"):
        refused = cli.json("get", "/v1/customers/cus_none")
        assert refused["error"]["code"] == "resource_missing"
    with steps("a fixture file"):
        step = {"name": "customer", "path": "/v1/customers", "method": "post", "params": {"name": "Grace"}}
        world = cli.home / "world.json"
        world.write_text(json.dumps({"_meta": {"template_version": 0}, "fixtures": [step]}))
        cli("fixtures", str(world))
        assert cli.json("customers", "list")["data"][0]["name"] == "Grace"


def total(cli: Cli, meter: str, customer: str) -> Any:  # noqa: ANN401  a number
    found = cli.json("get", f"/v1/billing/meters/{meter}/event_summaries", "-d", f"customer={customer}", *SPAN)
    return found["data"][0]["aggregated_value"]


if __name__ == "__main__":
    with FakeStripe(now=NOW, seed=1) as fake, tempfile.TemporaryDirectory() as folder:
        story(Cli(sys.argv[1], fake, Path(folder)))
    steps.report()
