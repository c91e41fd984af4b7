"""The fixture in suites of other people: each of these is one, run by a pytest of its own."""

from collections.abc import Callable

import pytest

pytest_plugins = ["pytester"]

Suite = Callable[..., pytest.RunResult]
APP = """
    import asyncio
    import httpx
    import stripe

    stripe.api_key = "sk_test_app"
    CLIENT = stripe.StripeClient("sk_test_app")

    def open_account():
        customer = stripe.Customer.create(name="Ada").id
        meter = CLIENT.v1.billing.meters.create(
            {
                "display_name": "Tokens",
                "event_name": "tokens",
                "default_aggregation": {"formula": "sum"},
            }
        ).id
        return customer, meter

    async def bill(customer, tokens):
        await CLIENT.v1.billing.meter_events.create_async(
            {"event_name": "tokens", "payload": {"stripe_customer_id": customer, "value": str(tokens)}}
        )

    def usage(customer, meter, start, end):
        answer = httpx.get(
            "https://api.stripe.com/v1/billing/analytics/meter_usage",
            params={"customer": customer, "start_time": start, "end_time": end, "meters[0][meter_id]": meter},
            headers={"Stripe-Version": "2025-07-30.preview"},
            auth=("sk_test_app", ""),
        )
        return [row["bucket_value"] for row in answer.json()["data"]]
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Run a test file with our plugin and the ones that are named, and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(source: str, *arguments: str, app: str = "", plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        pytester.makepyfile(app=app)
        pytester.makepyfile(source)
        named = [word for plugin in ("fakestripe_meters_pytest.plugin", *plugins) for word in ("-p", plugin)]
        return pytester.runpytest_subprocess(*named, *arguments)

    return run


def test_an_unmodified_app_is_tested_end_to_end(suite: Suite) -> None:
    outcome = suite(
        """
        import asyncio
        import app
        import pytest

        @pytest.mark.fakestripe(now="2025-01-01T00:00:00Z")
        @pytest.mark.parametrize("tokens", [1, 20])
        def test_usage_is_counted(fakestripe, tokens):
            customer, meter = app.open_account()
            asyncio.run(app.bill(customer, tokens))
            assert app.usage(customer, meter, 1735689600, 1735693200) == [tokens]
            assert [each.path for each in fakestripe.journal][-1] == "/v1/billing/analytics/meter_usage"
        """,
        app=APP,
    )
    outcome.assert_outcomes(passed=2)


def test_each_test_has_a_world_of_its_own(suite: Suite) -> None:
    outcome = suite(
        """
        import pytest
        import stripe

        stripe.api_key = "sk_test_app"

        @pytest.mark.parametrize("again", [False, True])
        def test_nobody_was_here_before(fakestripe, again):
            assert len(fakestripe.journal) == 0
            assert stripe.Customer.list().data == []
            stripe.Customer.create(name="Ada")
        """
    )
    outcome.assert_outcomes(passed=2)


def test_nothing_is_imported_until_a_test_asks(suite: Suite) -> None:
    outcome = suite(
        """
        import sys

        def test_nothing():
            assert not {"flask", "werkzeug", "responses", "freezegun", "fakestripe_meters"} & sys.modules.keys()
        """
    )
    outcome.assert_outcomes(passed=1)


def test_options_come_from_the_fixture_and_the_marker_is_closer(suite: Suite) -> None:
    outcome = suite(
        """
        import pytest

        @pytest.fixture
        def fakestripe_settings():
            return {"now": 1735689600, "lag": 30}

        def test_the_fixture(fakestripe):
            assert fakestripe.clock.now() == 1735689600

        @pytest.mark.fakestripe(now=1735689660)
        def test_the_marker(fakestripe):
            assert fakestripe.clock.now() == 1735689660
            assert fakestripe.control.lag() == {"seconds": 30}
        """
    )
    outcome.assert_outcomes(passed=2)


@pytest.mark.parametrize("options", ["limits='sandy'", "speed=3", "lag=-1", "now='soon'"])
def test_a_wrong_option_is_a_misuse_at_the_tests_own_line(suite: Suite, options: str) -> None:
    outcome = suite(
        f"""
        import pytest

        @pytest.mark.fakestripe({options})
        def test_never_runs(fakestripe):
            raise AssertionError
        """
    )
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["*Misuse: *", "test_a_wrong_option*.py:3: Misuse"])


def test_a_failing_test_tells_its_last_calls_and_what_was_probably_meant(suite: Suite) -> None:
    outcome = suite(
        """
        import requests

        def test_it(fakestripe):
            requests.get("https://api.stripe.com/v1/customer", auth=("sk_test_app", ""))
            assert False
        """
    )
    outcome.assert_outcomes(failed=1)
    outcome.stdout.fnmatch_lines(["*Stripe calls*", "*GET /v1/customer *404*nearest known URL is GET /v1/customers*"])


def test_an_exception_inside_the_fake_fails_the_test_that_swallowed_it(suite: Suite) -> None:
    outcome = suite(
        """
        from contextlib import suppress
        import requests

        def test_it(fakestripe, monkeypatch):
            def broken(*_):
                raise ZeroDivisionError("inside")
            monkeypatch.setattr(fakestripe.engine, "_admit", broken)
            with suppress(Exception):
                requests.get("https://api.stripe.com/v1/customers", auth=("sk_test_app", ""))
        """
    )
    assert outcome.parseoutcomes().get("failed", 0) + outcome.parseoutcomes().get("errors", 0) >= 1
    outcome.stdout.fnmatch_lines(["*ZeroDivisionError: inside*"])


def test_the_clock_moves_the_process_along_when_asked(suite: Suite) -> None:
    outcome = suite(
        """
        import time
        import pytest

        @pytest.mark.fakestripe(now=1735689600, freeze_process=True)
        def test_both(fakestripe):
            assert time.time() == fakestripe.clock.now() == 1735689600
            fakestripe.clock.advance(60)
            assert time.time() == fakestripe.clock.now() == 1735689660

        def test_afterwards():
            assert time.time() > 1735689600 + 86400
        """
    )
    outcome.assert_outcomes(passed=2)


USES_IT = """
    import requests

    def test_it(fakestripe):
        answer = requests.post("https://api.stripe.com/v1/customers", auth=("sk_test_app", ""))
        assert answer.json()["id"].startswith("cus_")
"""


@pytest.mark.parametrize(
    ("plugins", "arguments"),
    [
        (("xdist.plugin",), ("-n", "2")),
        (("pytest_randomly",), ()),
        (("pytest_socket",), ("--disable-socket",)),
        (("pytest_responses",), ()),
        (("anyio.pytest_plugin",), ()),
    ],
    ids=["xdist", "randomly", "socket", "responses", "anyio"],
)
def test_it_works_beside_another_plugin(suite: Suite, plugins: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    suite(USES_IT, *arguments, plugins=plugins).assert_outcomes(passed=1)


def test_it_works_in_tests_of_pytest_asyncio(suite: Suite) -> None:
    outcome = suite(
        """
        import pytest
        import stripe

        @pytest.mark.asyncio
        async def test_it(fakestripe):
            client = stripe.StripeClient("sk_test_app")
            customer = await client.v1.customers.create_async({"name": "Ada"})
            assert customer.name == "Ada"
        """,
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        plugins=("pytest_asyncio.plugin",),
    )
    outcome.assert_outcomes(passed=1)


def test_it_works_beside_respx(suite: Suite) -> None:
    outcome = suite(
        """
        import httpx
        import respx

        def test_it(fakestripe):
            with respx.mock(assert_all_called=False) as mock:
                mock.get("https://example.org/").respond(204)
                mock.route(host="api.stripe.com").pass_through()
                assert httpx.get("https://example.org/").status_code == 204
                answer = httpx.get("https://api.stripe.com/v1/customers", auth=("sk_test_app", ""))
                assert answer.json()["data"] == []
        """,
        plugins=("respx.plugin",),
    )
    outcome.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "travel", ["freezegun.freeze_time('2024-06-01')", "time_machine.travel('2024-06-01T00:00Z', tick=False)"]
)
def test_a_running_fake_follows_the_process_and_a_frozen_one_stays(suite: Suite, travel: str) -> None:
    outcome = suite(
        f"""
        import freezegun
        import pytest
        import time_machine

        JUNE = 1717200000

        @pytest.mark.fakestripe(now=None)
        def test_running(fakestripe):
            with {travel}:
                assert fakestripe.clock.now() == JUNE

        @pytest.mark.fakestripe(now=1735689600)
        def test_frozen(fakestripe):
            with {travel}:
                assert fakestripe.clock.now() == 1735689600
        """
    )
    outcome.assert_outcomes(passed=2)
