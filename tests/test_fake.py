"""FakeStripe as a test holds it."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from fakestripe_meters import Clock
from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from tests.conftest import NOW

NEW_YEAR = 1735689600
CUSTOMERS = "/v1/customers"
EVENTS = "/v1/billing/meter_events"


def post(fake: FakeStripe, path: str = CUSTOMERS, **form: str) -> requests.Response:
    return requests.post(fake.url + path, data=form, auth=(fake.api_key, ""), timeout=30)


def test_importing_it_loads_no_library() -> None:
    code = "import sys, fakestripe_meters; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert not {"flask", "werkzeug", "requests", "responses", "freezegun", "stripe", "httpx"} & set(loaded)


def test_making_one_loads_no_server_and_opens_no_socket() -> None:
    code = "import sys, fakestripe_meters; fakestripe_meters.FakeStripe(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert not {"flask", "requests", "responses", "freezegun", "stripe", "httpx"} & set(loaded)


# Life


def test_the_official_sdk_speaks_to_its_url() -> None:
    with FakeStripe(now=NOW) as fake:
        client = stripe.StripeClient(fake.api_key, base_addresses={"api": fake.url})
        assert client.v1.customers.create({"name": "Ada"}).name == "Ada"


def test_the_socket_opens_once_even_if_many_ask_for_it() -> None:
    with FakeStripe() as fake, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: fake.url, range(32)))) == 1


def test_after_the_block_nothing_listens() -> None:
    with FakeStripe() as fake:
        url = fake.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)


def test_closing_needs_no_block_and_no_socket() -> None:
    fake = FakeStripe()
    assert not fake.closed
    fake.close()
    fake.close()
    assert fake.closed


USES: dict[str, Callable[[FakeStripe], object]] = {
    "url": lambda fake: fake.url,
    "wsgi_app": lambda fake: fake.wsgi_app,
    "http_client": lambda fake: fake.http_client(),
    "intercept": lambda fake: fake.intercept(),
    "freeze_process": lambda fake: fake.freeze_process(),
    "with": lambda fake: fake.__enter__(),
    "begin": lambda fake: fake.begin(now=NOW),
    "reset": lambda fake: fake.reset(),
    "flush": lambda fake: fake.flush(),
    "restore": lambda fake: fake.restore(fake.snapshot()),
    "checkpoint": lambda fake: fake.checkpoint().__enter__(),
    "fail_next": lambda fake: fake.fail_next("* *", status=500),
    "chaos": lambda fake: fake.chaos(seed=1, rate=0.5),
    "webhooks.collect": lambda fake: fake.webhooks.collect(),
    "webhooks.allow": lambda fake: fake.webhooks.allow("hooks.internal"),
    "webhooks.settle": lambda fake: fake.webhooks.settle(),
}


@pytest.mark.parametrize("use", USES)
def test_a_closed_fake_stays_closed(use: str) -> None:
    with FakeStripe(now=NOW) as fake:
        post(fake, name="Ada")
    before, threads = fake.snapshot(), set(threading.enumerate())
    with pytest.raises(Misuse, match="this FakeStripe is closed: make another one"):
        USES[use](fake)
    assert fake.snapshot() == before
    assert set(threading.enumerate()) <= threads
    assert len(fake.journal) == 1


def test_what_a_closed_fake_has_seen_can_still_be_looked_at() -> None:
    with FakeStripe(now=NOW, async_validation=True) as fake:
        inbox = fake.webhooks.collect("customer.created")
        _, customer = use(fake)
        use_nobody = {"payload[stripe_customer_id]": "cus_none", "payload[value]": "7"}
        post(fake, EVENTS, event_name="tokens", **use_nobody)
        fake.flush()
    assert [each.path for each in fake.journal] == [CUSTOMERS, "/v1/billing/meters", EVENTS, EVENTS]
    assert fake.usage("tokens", customer) == 7
    assert str(fake.explain("tokens", customer)).startswith("tokens of")
    fake.assert_usage({customer: {"tokens": 7}})
    fake.assert_no_429()
    fake.check()
    assert len(fake.dropped_events) == 1
    assert inbox.types == ["customer.created"]
    assert [each.outcome.status for each in fake.webhooks.tries] == [200]
    assert (fake.clock.now(), fake.snapshot()["format"]) == (NEW_YEAR, FakeStripe().snapshot()["format"])


def test_what_was_handed_out_before_closing_gets_503() -> None:
    fake = FakeStripe(now=NOW)
    client, app = stripe.StripeClient("sk_test_any", http_client=fake.http_client()), fake.wsgi_app.test_client()
    with fake.intercept():
        fake.close()
        closed = {"error": {"message": "this FakeStripe is closed: make another one", "param": None}}
        answers = [
            app.get("/v1/customers", headers={"Authorization": "Bearer sk_test_any"}),
            app.get("/_fakestripe/clock"),
            app.post("/_fakestripe/reset"),
        ]
        assert [(answer.status_code, answer.json) for answer in answers] == [(503, closed)] * 3
        assert app.get("/_fakestripe/health").status_code == 200
        refused = requests.get("https://api.stripe.com/v1/customers", auth=("sk_test_any", ""), timeout=30)
        assert (refused.status_code, refused.json()) == (503, closed)
        assert refused.headers["Stripe-Should-Retry"] == "false"
        with pytest.raises(stripe.APIError, match="closed"):
            client.v1.customers.create({})
    assert fake.journal == []


def test_a_closed_fake_sends_no_webhook_any_more() -> None:
    fake = FakeStripe(now=NOW)
    inbox = fake.webhooks.collect()
    post(fake)
    fake.webhooks.hold()
    post(fake)
    (held,) = fake.webhooks.held
    fake.close()
    with pytest.raises(Misuse, match="closed"):
        fake.webhooks.release(held)
    with pytest.raises(Misuse, match="closed"):
        fake.webhooks.release()
    fake.clock.advance(4 * 24 * 3600)
    assert (len(inbox), fake.webhooks.held) == (1, [held])


def test_two_fakes_do_not_meet() -> None:
    with FakeStripe() as one, FakeStripe() as other:
        post(one)
        assert (len(one.journal), len(other.journal)) == (1, 0)


def test_its_application_is_for_any_wsgi_server() -> None:
    fake = FakeStripe()
    assert fake.wsgi_app is fake.wsgi_app
    assert fake.wsgi_app.test_client().get("/_fakestripe/health").status_code == 200


# Settings


def test_its_clock_is_a_clock() -> None:
    fake = FakeStripe(now=NOW)
    assert isinstance(fake.clock, Clock)
    assert (fake.clock.now(), fake.clock.frozen) == (NEW_YEAR, True)
    fake.clock.advance(60)
    assert fake.clock.now() == NEW_YEAR + 60
    assert not FakeStripe().clock.frozen


@pytest.mark.parametrize("limits", ["sandbox", {"profile": "sandbox"}, {"profile": "off", "global": 25}])
def test_limits_are_a_profile_or_single_ones(limits: Any) -> None:  # noqa: ANN401  either
    with FakeStripe(now=NOW, limits=limits) as fake:
        assert [post(fake).status_code for _ in range(26)] == [200] * 25 + [429]


def test_single_limits_are_over_the_documented_ones() -> None:
    limits = FakeStripe(limits={"analytics": 5}).control.limits()
    assert (limits["analytics"], limits["meter_events"]) == (5, 1_000)


def test_equal_seeds_give_equal_ids() -> None:
    def identifier(seed: int | str | None) -> str:
        with FakeStripe(now=NOW, seed=seed) as fake:
            return str(post(fake).json()["id"])

    assert identifier(7) == identifier(7) == identifier("7")
    assert len({identifier(7), identifier(8), identifier(None), identifier(None)}) == 4


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"now": "soon"}, "now"),
        ({"now": True}, "now"),
        ({"now": -1}, "now"),
        ({"limits": "quick"}, "profile"),
        ({"limits": None}, "limits"),
        ({"limits": 7}, "limits"),
        ({"limits": {"analytics": 0}}, "analytics"),
        ({"limits": {"unicorns": 1}}, "unicorns"),
        ({"lag": -1}, "lag"),
        ({"lag": "30"}, "lag"),
        ({"lag": float("nan")}, "lag"),
        ({"lag": True}, "lag"),
        ({"async_validation": 1}, "async_validation"),
        ({"relaxed": "no"}, "relaxed"),
        ({"async_clocks": None}, "async_clocks"),
        ({"async_clocks": "30"}, "async_clocks"),
        ({"async_clocks": -1}, "async_clocks"),
        ({"async_clocks": float("nan")}, "async_clocks"),
        ({"async_clocks": 10**12}, "async_clocks"),
        ({"analytics": "off"}, "analytics"),
        ({"finalization_grace": -1}, "finalization_grace"),
        ({"finalization_grace": 72 * 3600 + 1}, "finalization_grace"),
        ({"finalization_grace": 0.5}, "finalization_grace"),
        ({"grace_for": "licensed"}, "grace_for"),
        ({"grace_for": True}, "grace_for"),
        ({"grace_for": None}, "grace_for"),
        ({"grace_for": ["metered"]}, "grace_for"),
        ({"retries": 3}, "retries"),
        ({"retries": "3,5,7"}, "retries"),
        ({"retries": (3, 0)}, "retries"),
        ({"retries": (61,)}, "retries"),
        ({"retries": (1.5,)}, "retries"),
        ({"retries": (True,)}, "retries"),
        ({"retries": [1] * 21}, "retries"),
        ({"after_retries": "pause"}, "after_retries"),
        ({"after_retries": None}, "after_retries"),
        ({"payment_methods": "pause"}, "payment_methods"),
        ({"webhook_hosts": "hooks.internal"}, "webhook_hosts"),
        ({"webhook_hosts": [7]}, "webhook_hosts"),
        ({"public_url": 8080}, "public_url"),
        ({"public_url": "localhost:8080"}, "public_url"),
        ({"public_url": "http://"}, "public_url"),
        ({"public_url": "http://localhost:8080/fake"}, "public_url"),
        ({"public_url": "http://localhost:8080/?a"}, "public_url"),
        ({"public_url": "http://me@localhost"}, "public_url"),
        ({"public_url": "javascript://x"}, "public_url"),
        ({"lags": 30}, "lags"),
        ({"seed": 1.5}, "seed"),
        ({"seed": True}, "seed"),
    ],
)
def test_arguments_that_make_no_sense_are_misuse(arguments: dict[str, Any], param: str | None) -> None:
    with pytest.raises(Misuse) as caught:
        FakeStripe(**arguments)
    assert caught.value.param == param


# Control


def test_a_reset_empties_the_world_and_keeps_clock_and_url() -> None:
    with FakeStripe(now=NOW) as fake:
        clock, url = fake.clock, fake.url
        post(fake)
        fake.clock.advance(60)
        fake.reset()
        assert (fake.clock, fake.url) == (clock, url)
        assert (fake.clock.now(), fake.journal) == (NEW_YEAR, [])


def test_the_journal_holds_the_requests_with_masked_keys() -> None:
    with FakeStripe(now=NOW) as fake:
        post(fake, name="Ada")
        (exchange,) = fake.journal
    assert (exchange.method, exchange.path, exchange.params) == ("POST", CUSTOMERS, {"name": "Ada"})
    assert (exchange.status, exchange.account) == (200, "sk_test_******ripe")


def test_the_next_calls_fail_as_ordered() -> None:
    with FakeStripe(now=NOW) as fake:
        fake.fail_next(f"POST {CUSTOMERS}", status=429, times=2)
        assert [post(fake).status_code for _ in range(3)] == [429, 429, 200]


def test_any_call_can_fail() -> None:
    with FakeStripe(now=NOW) as fake:
        fake.fail_next("* *", close=True)
        with pytest.raises(requests.ConnectionError):
            post(fake)


@pytest.mark.parametrize(
    ("call", "options", "param"),
    [
        ("/v1/customers", {"status": 500}, "call"),
        ("POST", {"status": 500}, "call"),
        ("POST /v1/customers now", {"status": 500}, "call"),
        (None, {"status": 500}, "call"),
        ("POST /v1/customer", {"status": 500}, "path"),
        ("POST /v1/customers", {}, "status"),
        ("POST /v1/customers", {"status": 200}, "status"),
        ("POST /v1/customers", {"status": 500, "times": 0}, "times"),
    ],
)
def test_a_failure_that_would_never_come_is_misuse(call: Any, options: dict[str, Any], param: str) -> None:  # noqa: ANN401  wrong on purpose
    with pytest.raises(Misuse) as caught:
        FakeStripe().fail_next(call, **options)
    assert caught.value.param == param


def use(fake: FakeStripe, customer: str | None = None) -> tuple[str, str]:
    """Send usage of 7 at New Year; the meter and the customer."""
    identifier = post(fake).json()["id"]
    meter = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation[formula]": "sum"}
    meter_id = post(fake, "/v1/billing/meters", **meter).json()["id"]
    payload = {"payload[stripe_customer_id]": customer or identifier, "payload[value]": "7"}
    assert post(fake, EVENTS, event_name="tokens", **payload).status_code == 200
    return meter_id, identifier


def used(fake: FakeStripe, meter: str, customer: str) -> list[float]:
    """The customer's usage at New Year; empty if there is none."""
    window: dict[str, str | int] = {"customer": customer, "start_time": NEW_YEAR, "end_time": NEW_YEAR + 3600}
    url = f"{fake.url}/v1/billing/meters/{meter}/event_summaries"
    answer = requests.get(url, params=window, auth=(fake.api_key, ""), timeout=30)
    return [each["aggregated_value"] for each in answer.json()["data"]]


def test_a_flush_makes_usage_visible() -> None:
    with FakeStripe(now=NOW, lag=60) as fake:
        meter, customer = use(fake)
        assert used(fake, meter, customer) == []
        fake.flush()
        assert used(fake, meter, customer) == [7]


def test_usage_that_was_dropped_is_told() -> None:
    with FakeStripe(now=NOW, async_validation=True) as fake:
        use(fake, customer="cus_none")
        (dropped,) = fake.dropped_events
    assert dropped.event["payload"]["stripe_customer_id"] == "cus_none"


def test_a_snapshot_moves_a_world_into_another_fake() -> None:
    with FakeStripe(now=NOW) as fake, FakeStripe() as other:
        meter, customer = use(fake)
        other.restore(json.loads(json.dumps(fake.snapshot())))
        assert used(other, meter, customer) == [7]
        assert (other.clock.now(), other.clock.frozen) == (NEW_YEAR, True)
        assert post(other).json()["id"] == post(fake).json()["id"]


def test_what_is_no_snapshot_is_misuse() -> None:
    with pytest.raises(Misuse):
        FakeStripe().restore({})
