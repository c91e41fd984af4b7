"""A suite of somebody else's, with the plugin installed and nothing configured; `plugin.py` puts it into a folder."""

import time
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
import requests
import responses

from fakestripe_meters import FakeStripe

NOW = 1_735_689_600
URL = "https://api.stripe.com/v1"
AUTH = ("sk_test_shop", "")


def ask(method: str, path: str, data: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  any JSON tree
    return requests.request(method, f"{URL}{path}", data=data, auth=AUTH, timeout=30).json()


@pytest.fixture
def fakestripe_settings() -> Mapping[str, Any]:
    return {"now": NOW, "seed": 1}


def test_usage_is_counted(fakestripe: FakeStripe) -> None:
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation[formula]": "sum"}
    ask("POST", "/billing/meters", meter)
    customer = ask("POST", "/customers", {"name": "Ada"})["id"]
    for value in (2, 3):
        usage = {"event_name": "calls", "payload[stripe_customer_id]": customer, "payload[value]": value}
        ask("POST", "/billing/meter_events", usage)
    fakestripe.assert_usage({customer: {"calls": 5}})
    fakestripe.assert_no_429()


def test_each_test_has_a_world_of_its_own(fakestripe: FakeStripe) -> None:
    assert ask("GET", "/customers")["data"] == []
    assert fakestripe.clock.now() == NOW


@pytest.mark.fakestripe(now=NOW + 60)
def test_the_marker_alone_is_enough() -> None:
    assert ask("POST", "/customers")["created"] == NOW + 60


@pytest.mark.fakestripe(freeze_process=True)
def test_the_process_has_the_fakes_time(fakestripe: FakeStripe) -> None:
    assert time.time() == NOW
    fakestripe.clock.advance(86_400)
    assert datetime.now(UTC) == datetime(2025, 1, 2, tzinfo=UTC)
    assert ask("POST", "/customers")["created"] == NOW + 86_400


@responses.activate
def test_stubs_win_and_the_rest_reaches_the_fake(fakestripe: FakeStripe) -> None:
    responses.get("https://shop.example/stock", json={"left": 3})
    responses.get(f"{URL}/customers", json={"data": ["stubbed"]})
    assert requests.get("https://shop.example/stock", timeout=30).json() == {"left": 3}
    assert ask("GET", "/customers")["data"] == ["stubbed"]
    assert ask("POST", "/customers", {"name": "Ada"})["name"] == "Ada"
    assert [each.path for each in fakestripe.journal] == ["/v1/customers"]
    with pytest.raises(requests.ConnectionError):
        requests.get("https://elsewhere.example", timeout=30)


class TestInAClass:
    @pytest.fixture(autouse=True)
    def customer(self, fakestripe: FakeStripe) -> str:
        ask("POST", "/customers", {"name": "Ada"})
        return fakestripe.journal[-1].path

    @pytest.mark.parametrize("times", [1, 2])
    def test_planned_faults_strike(self, fakestripe: FakeStripe, times: int) -> None:
        fakestripe.fail_next("GET /v1/customers", status=500, times=times)
        found = [ask("GET", "/customers") for _ in range(times + 1)]
        assert ["error" in each for each in found] == [*[True] * times, False]


def test_that_fails(fakestripe: FakeStripe) -> None:
    ask("POST", "/customers", {"name": "Ada"})
    assert fakestripe.clock.now() == 0


@pytest.mark.fakestripe(limits="wrong")
def test_with_a_misuse(fakestripe: FakeStripe) -> None:
    raise AssertionError(fakestripe)
