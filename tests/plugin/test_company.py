"""Beside other plugins, each in a process of its own that loads it and ours; and a whole application with them."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ("pytester",)

APP = Path(__file__).with_name("app.py")
OURS = ("-p", "fakestripe_meters_pytest.plugin", "-p", "no:cacheprovider")
STORY = """
import app

def test_usage_arrives(fakestripe):
    app.set_up()
    customer = app.sign_up("Ada")
    app.report_all(customer, 3, 4, 5)
    today = fakestripe.clock.now() // 86_400 * 86_400
    (row,) = app.used(customer, today, today + 86_400)
    assert row["bucket_value"] == 12
    fakestripe.assert_usage({customer: {"tokens": 12}})
    fakestripe.assert_no_429()

def test_nothing_is_left_of_it(fakestripe):
    app.set_up()
    fakestripe.assert_usage({app.sign_up("Eve"): {}})

def test_an_answer_is_lost(fakestripe):
    app.set_up()
    customer = app.sign_up("Ada")
    fakestripe.fail_next("POST /v1/billing/meter_events", status=500, after_commit=True)
    try:
        app.report_all(customer, 5)
    except app.stripe.APIError:
        pass
    fakestripe.assert_usage({customer: {"tokens": 5}})
"""
Suite = Callable[..., pytest.RunResult]


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Run test files beside the application with ours and the plugins named, and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    def suite(*arguments: str, **files: str) -> pytest.RunResult:
        pytester.makepyfile(app=APP.read_text("utf-8"), **files)
        return pytester.runpytest_subprocess(*OURS, *arguments)

    return suite


def test_an_unmodified_application_is_tested_with_the_fixture_alone(suite: Suite) -> None:
    suite(test_it=STORY).assert_outcomes(passed=3)


def test_it_is_in_any_order_in_parallel_and_with_sockets_disabled(suite: Suite) -> None:
    plugins = ("-p", "pytest_socket", "-p", "xdist", "-p", "pytest_randomly")
    # A worker speaks to xdist by pipes; what asyncio needs for itself is a pair of Unix sockets.
    disabled = ("--disable-socket", "--allow-unix-socket")
    suite(*plugins, *disabled, "-n", "2", test_it=STORY, test_again=STORY).assert_outcomes(passed=6)


def test_xdist(suite: Suite) -> None:
    tests = """
        import os
        import pytest
        import stripe

        client = stripe.StripeClient("sk_test_any")

        @pytest.mark.parametrize("number", range(20))
        def test_it(fakestripe, number):
            client.v1.customers.create({})
            by_socket = stripe.StripeClient("sk_test_any", base_addresses={"api": fakestripe.url})
            assert len(by_socket.v1.customers.list().data) == 1
            assert os.environ["PYTEST_XDIST_WORKER"]

        def test_failing(fakestripe):
            client.v1.customers.retrieve("cus_gone")
    """
    result = suite("-p", "xdist", "-n", "2", test_it=tests)
    result.assert_outcomes(passed=20, failed=1)
    result.stdout.fnmatch_lines(["*- Stripe calls -*", "*GET /v1/customers/cus_gone → 404*"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_randomly(suite: Suite, seed: int) -> None:
    result = suite("-p", "pytest_randomly", f"--randomly-seed={seed}", test_it=STORY)
    result.assert_outcomes(passed=3)


def test_asyncio(suite: Suite) -> None:
    tests = """
        import asyncio
        import time
        import pytest
        import app

        @pytest.fixture
        async def customer(fakestripe):
            app.set_up()
            return (await app.client.v1.customers.create_async({})).id

        async def test_it(fakestripe, customer):
            await asyncio.gather(*(app.report(customer, 1) for _ in range(10)))
            fakestripe.assert_usage({customer: {"tokens": 10}})

        @pytest.mark.fakestripe(now="2030-01-01", freeze_process=True)
        async def test_frozen(fakestripe, customer):
            await app.report(customer, 1)
            await asyncio.sleep(0.001)
            assert time.time() == 1893456000
            fakestripe.assert_usage({customer: {"tokens": {"2030-01-01": 1}}})
    """
    mode = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    suite("-p", "pytest_asyncio.plugin", *mode, test_it=tests).assert_outcomes(passed=2)


def test_anyio(suite: Suite) -> None:
    tests = """
        import pytest
        import app

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
        async def test_it(fakestripe, anyio_backend):
            app.set_up()
            customer = app.sign_up("Ada")
            await app.report(customer, 1)
            fakestripe.assert_usage({customer: {"tokens": 1}})
    """
    suite("-p", "anyio", test_it=tests).assert_outcomes(passed=2)


def test_responses(suite: Suite) -> None:
    tests = """
        import pytest
        import requests
        import responses
        import app

        def test_stubs_and_the_fake(fakestripe):
            responses.get("https://slack.com/", json="slack")
            assert requests.get("https://slack.com/").json() == "slack"
            assert app.sign_up("Ada")
            with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
                requests.get("https://example.com/")

        @responses.activate
        def test_activated_once_more(fakestripe):
            responses.get("https://slack.com/", json="slack")
            assert requests.get("https://slack.com/").json() == "slack"
            assert app.sign_up("Ada")

        def test_the_socket(fakestripe):
            assert requests.get(f"{fakestripe.url}/_fakestripe/health").json()["status"] == "ok"

        def test_without():
            with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
                requests.get("https://api.stripe.com/v1/customers")
    """
    tests_after = """
        from requests.adapters import HTTPAdapter

        def test_it_is_put_back(fakestripe): pass

        import pytest

        @pytest.mark.withoutresponses
        def test_nothing_is_left():
            assert HTTPAdapter.send.__module__ == "requests.adapters"
    """
    suite("-p", "pytest_responses", test_it=tests, test_then=tests_after).assert_outcomes(passed=6)


def test_socket(suite: Suite) -> None:
    tests = """
        import pytest
        import pytest_socket
        import app

        def test_no_socket_is_needed(fakestripe):
            assert app.sign_up("Ada")

        def sign_up_at_checkout():
            terms = {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}}
            price = app.client.v1.prices.create({**terms, "product_data": {"name": "A"}})
            line = {"price": price.id, "quantity": 1}
            session = {"mode": "subscription", "line_items": [line], "success_url": "http://localhost/"}
            return app.client.v1.checkout.sessions.create(session)

        def test_a_page_is_at_stripe_then(fakestripe):
            session = sign_up_at_checkout()
            assert session.url.startswith("https://checkout.stripe.com/c/pay/")
            assert fakestripe.complete_checkout(session.id)["status"] == "complete"

        def test_the_url_needs_one(fakestripe):
            with pytest.warns(UserWarning), pytest.raises(pytest_socket.SocketBlockedError):
                fakestripe.url

        @pytest.mark.allow_hosts(["127.0.0.1"])
        def test_which_can_be_allowed(fakestripe, socket_enabled):
            by_socket = app.stripe.StripeClient(app.KEY, base_addresses={"api": fakestripe.url})
            assert by_socket.v1.customers.create({})
            assert sign_up_at_checkout().url.startswith(f"{fakestripe.url}/_fakestripe/checkout/cs_")
    """
    suite("-p", "pytest_socket", "--disable-socket", test_it=tests).assert_outcomes(passed=4)


def test_respx(suite: Suite) -> None:
    tests = """
        import httpx
        import pytest
        import respx
        import app

        def test_routes_and_the_fake(fakestripe, respx_mock):
            respx_mock.get("https://slack.com/").respond(json="slack")
            assert httpx.get("https://slack.com/").json() == "slack"
            answer = httpx.get("https://api.stripe.com/v1/customers", auth=(app.KEY, ""))
            assert answer.json()["data"] == []
            with pytest.raises(AssertionError):
                httpx.get("https://example.com/")

        def test_a_route_that_passes_through(fakestripe):
            with respx.mock(assert_all_called=False) as mock:
                mock.route(host="api.stripe.com").pass_through()
                assert httpx.get("https://api.stripe.com/v1/customers", auth=(app.KEY, "")).json()["data"] == []

        @respx.mock(assert_all_called=False)
        def test_as_a_decorator(fakestripe):
            app.set_up()
            app.report_all(app.sign_up("Ada"), 1)
    """
    suite("-p", "respx.plugin", test_it=tests).assert_outcomes(passed=3)


def test_freezegun(suite: Suite) -> None:
    tests = """
        import time
        import pytest
        from freezegun import freeze_time
        import app

        @freeze_time("2030-01-01")
        @pytest.mark.fakestripe(now=None)
        def test_a_running_fake_follows(fakestripe):
            app.set_up()
            customer = app.sign_up("Ada")
            app.report_all(customer, 1)
            fakestripe.assert_usage({customer: {"tokens": {"2030-01-01": 1}}})

        @pytest.mark.fakestripe(now="2030-01-01", freeze_process=True)
        def test_both_move_together(fakestripe):
            app.set_up()
            customer = app.sign_up("Ada")
            app.report_all(customer, 1)
            fakestripe.clock.advance(86_400)
            app.report_all(customer, 2)
            fakestripe.assert_usage({customer: {"tokens": {"2030-01-01": 1, "2030-01-02": 2}}})
            with freeze_time("2031-01-01"):
                assert fakestripe.clock.now() == 1893542400
            assert time.time() == 1893542400
    """
    suite(test_it=tests).assert_outcomes(passed=2)


def test_time_machine(suite: Suite) -> None:
    tests = """
        import pytest
        import app

        @pytest.mark.time_machine("2030-01-01", tick=False)
        @pytest.mark.fakestripe(now=None)
        def test_a_running_fake_follows(fakestripe, time_machine):
            app.set_up()
            customer = app.sign_up("Ada")
            app.report_all(customer, 1)
            time_machine.shift(86_400)
            app.report_all(customer, 2)
            fakestripe.assert_usage({customer: {"tokens": {"2030-01-01": 1, "2030-01-02": 2}}})
            by_socket = app.stripe.StripeClient(app.KEY, base_addresses={"api": fakestripe.url})
            assert by_socket.v1.customers.create({}).created == 1893456000 + 86_400
    """
    suite("-p", "time_machine", test_it=tests).assert_outcomes(passed=1)


def test_requests_mock(suite: Suite) -> None:
    tests = """
        import pytest
        import requests
        import requests_mock
        import app

        @pytest.fixture
        def slack(requests_mock):
            requests_mock.get("https://slack.com/", json="slack")

        @pytest.mark.usefixtures("slack", "fakestripe")
        def test_stubs_and_the_fake():
            assert requests.get("https://slack.com/").json() == "slack"
            assert app.sign_up("Ada")
            with pytest.raises(requests_mock.NoMockAddress):
                requests.get("https://example.com/")

        def test_a_stub_of_stripes_url_wins(fakestripe, requests_mock):
            requests_mock.get("https://api.stripe.com/v1/customers", json="a stub")
            assert requests.get("https://api.stripe.com/v1/customers").json() == "a stub"
            assert app.sign_up("Ada")

        def test_outside_of_an_interception_nothing_is_different():
            from fakestripe_meters import FakeStripe
            with requests_mock.Mocker():
                with FakeStripe() as fake, fake.intercept():
                    assert app.sign_up("Ada")
                with pytest.raises(requests_mock.NoMockAddress):
                    requests.get("https://api.stripe.com/v1/customers")

        def test_the_socket(fakestripe, requests_mock):
            assert requests.get(f"{fakestripe.url}/_fakestripe/health").json()["status"] == "ok"

        def test_a_lost_connection(fakestripe, requests_mock):
            fakestripe.fail_next("GET /v1/customers", close=True)
            with pytest.raises(requests.ConnectionError):
                requests.get("https://api.stripe.com/v1/customers", auth=(app.KEY, ""))
    """
    suite("-p", "requests_mock.contrib._pytest_plugin", test_it=tests).assert_outcomes(passed=5)
