"""The metered business of `fixtures/worlds`: what its invoices say, and what its file says they should."""

import datetime as dt
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from stripe import StripeClient

from fakestripe_meters import FakeStripe
from fakestripe_meters import fixtures

WORLDS = Path(__file__).parents[2] / "fixtures" / "worlds"
WORLD = WORLDS / "metered_business.json"
Tree = dict[str, Any]


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now="2025-02-01T00:00:00Z", seed=1) as fake:
        yield fake
        assert fake.engine.failures == []


def written_for(day: str, folder: Path) -> Path:
    """The same world for another day."""
    generator = folder / "generate.py"
    generator.write_bytes((WORLDS / "generate.py").read_bytes())
    subprocess.run([sys.executable, generator, day], check=True)
    return folder / WORLD.name


def requests_of(path: Path) -> list[Tree]:
    requests: list[Tree] = json.loads(path.read_text("utf-8"))["fixtures"]
    return requests


def expected(path: Path) -> dict[str, tuple[int, int]]:
    """What each customer used and owes for the month and the next one's base fee, worked out from the file alone."""
    steps = {step["name"]: step.get("params", {}) for step in requests_of(path)}
    used: Counter[str] = Counter()
    for params in steps.values():
        if params.get("event_name") == "routing_request" and "payload" in params:
            used[params["payload"]["stripe_customer_id"]] += int(params["payload"]["requests"])
    first, second, rest = steps["requests"]["tiers"]
    found = {}
    for name in ("bakery", "courier", "council"):
        units = used[f"${{{name}:id}}"]
        beyond_first, beyond_second = max(units - first["up_to"], 0), max(units - second["up_to"], 0)
        in_second = Fraction(second["unit_amount_decimal"]) * (beyond_first - beyond_second)
        in_rest = Fraction(rest["unit_amount_decimal"]) * beyond_second
        flat = second["flat_amount"] if beyond_first else 0
        cents = sum(int(part + Fraction(1, 2)) for part in (in_second, in_rest))  # each line is rounded by itself
        found[steps[name]["name"]] = (units, steps["base"]["unit_amount"] + flat + cents)
    return found


def business(fake: FakeStripe) -> tuple[StripeClient, dict[str, str]]:
    """A client, and the ids of its three customers by their names."""
    client = StripeClient(fake.api_key, http_client=fake.http_client())
    (clock,) = client.v1.test_helpers.test_clocks.list().data
    return client, {str(each.name): each.id for each in client.v1.customers.list({"test_clock": clock.id}).data}


@pytest.mark.parametrize("day", ["2025-02-01", "2024-03-31", "2026-03-03", "2028-03-15"])
def test_a_month_of_usage_is_billed_to_the_cent(fake: FakeStripe, tmp_path: Path, day: str) -> None:
    path = written_for(day, tmp_path)
    fixtures.load(fake, path)
    client, customers = business(fake)
    billed = {}
    for name, customer in customers.items():
        month, begun = client.v1.invoices.list({"customer": customer}).data
        assert (begun.billing_reason, begun.total) == ("subscription_create", 4900)
        assert month.billing_reason == "subscription_cycle"
        used = sum(line.quantity or 0 for line in month.lines.data) - 1  # one base fee
        billed[name] = (used, month.total)
    assert billed == expected(path)


def test_the_month_reaches_every_tier_and_both_ways_of_paying(fake: FakeStripe) -> None:
    fixtures.load(fake, WORLD)
    client, customers = business(fake)
    newest = {name: client.v1.invoices.list({"customer": customer}).data[0] for name, customer in customers.items()}
    assert {name: (invoice.status, len(invoice.lines.data)) for name, invoice in newest.items()} == {
        "Brot & Sohn": ("paid", 2),
        "Swift Couriers": ("paid", 4),
        "Lakeview Council": ("open", 5),
    }
    assert newest["Lakeview Council"].due_date == 1738368000 + 14 * 86_400


def test_no_event_is_older_than_a_sandbox_takes_nor_ahead_of_the_clock() -> None:
    steps = requests_of(WORLD)
    stands = moved = 0
    for step in steps:
        params = step.get("params", {})
        if "frozen_time" in params:
            stands, moved = params["frozen_time"], moved + 1
        elif "timestamp" in params:
            assert stands - 35 * 86_400 < params["timestamp"] <= stands
    assert (moved, stands) == (3, int(dt.datetime(2025, 2, 1, 2, tzinfo=dt.UTC).timestamp()))


def test_it_loads_whatever_time_it_is(fake: FakeStripe) -> None:
    fake.clock.freeze("2031-07-01T00:00:00Z")
    fixtures.load(fake, WORLD)
    assert len(business(fake)[1]) == 3
