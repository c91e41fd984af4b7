"""billing-e2e from PyPI: a stranger's scenarios of a subscription's life, unchanged, with the fake for Stripe."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from billing_e2e import cli
from stripe import StripeClient

from fakestripe_meters import FakeStripe

CONFIG = """\
stripe:
  key: ${{STRIPE_TEST_KEY}}
app:
  base_url: http://localhost:8000
vars:
  monthly_price: {0}
  upgrade_price: {1}
"""
KEY = "sk_test_e2e"
SCENARIOS = ["cancel-at-period-end", "failed-renewal", "plan-change", "renewal", "signup-card-problems"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """Two monthly prices. The tool's clocks begin at the machine's time, so the fake does, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STRIPE_TEST_KEY", KEY)
    now = int(time.time())
    with FakeStripe(now=now, seed=1, payment_methods="required", retries=(3, 5, 7), after_retries="cancel") as fake:
        Path("billing-e2e.yml").write_text(CONFIG.format(price(fake, 1000), price(fake, 3000)), "utf-8")
        with fake.intercept(leaks="refuse"):
            yield fake
        fake.check()


def price(fake: FakeStripe, amount: int) -> str:
    client = StripeClient(KEY, http_client=fake.http_client())
    product = client.v1.products.create({"name": "Plan"})
    monthly: Any = {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "month"}}
    return client.v1.prices.create(monthly | {"product": product.id}).id


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_passes_and_leaves_nothing_behind(
    shop: FakeStripe, scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", str(cli.BUILTIN / f"{scenario}.yml"), "--junit", "report.xml"])
    assert ended.value.code == 0, capsys.readouterr().out
    [suite] = ET.parse("report.xml").iter("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    client = StripeClient(KEY, http_client=shop.http_client())
    assert client.v1.test_helpers.test_clocks.list().data == []


def test_all_its_scenarios_are_played() -> None:
    assert sorted(path.name.removesuffix(".yml") for path in cli.BUILTIN.iterdir()) == SCENARIOS
