"""The fixture, its options, and what is left of it."""

import ast
from inspect import getsource

import pytest

from fakestripe_meters.core.options import MARKER_OPTIONS
from fakestripe_meters_pytest import plugin
from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)


def test_the_fixture_answers_for_stripe_and_nothing_is_left(run: Run) -> None:
    result = run(
        """
        import requests
        from requests.adapters import HTTPAdapter
        import stripe

        before = HTTPAdapter.send
        client = stripe.StripeClient("sk_test_any")

        def test_first(fakestripe):
            assert client.v1.customers.create({"name": "Ada"}).name == "Ada"

        def test_second(fakestripe):
            assert client.v1.customers.list().data == []
            assert fakestripe.journal.find(method="POST") == []

        def test_third():
            assert HTTPAdapter.send is before
        """
    )
    result.assert_outcomes(passed=3)


def test_the_list_of_fixtures_names_the_type_and_says_what_happens(run: Run) -> None:
    result = run("def test_it(): ...", "--fixtures")
    result.stdout.fnmatch_lines(
        [
            "fakestripe_settings -- *",
            "*Options of the fake Stripe for many tests: override this fixture*",
            "fakestripe -- *",
            "*`fakestripe_meters.FakeStripe` for this test: calls to Stripe's hosts go to it*",
        ]
    )


def test_the_fixtures_declare_their_types_for_editors() -> None:
    functions = [each for each in ast.parse(getsource(plugin)).body if isinstance(each, ast.FunctionDef)]
    declared = {each.name: ast.unparse(each.returns) for each in functions if each.returns}
    assert declared["fakestripe"] == "'Iterator[FakeStripe]'"
    assert declared["fakestripe_settings"] == "'MarkerOptions'"


def test_the_clock_stands_at_the_present(run: Run) -> None:
    result = run(
        """
        import time
        import stripe

        def test_it(fakestripe):
            assert fakestripe.clock.frozen
            assert abs(fakestripe.clock.now() - time.time()) < 60
        """
    )
    result.assert_outcomes(passed=1)


def test_the_marker_and_the_settings_take_every_option(run: Run) -> None:
    result = run(
        f"""
        import pytest

        OPTIONS = {{name: value for name, value in {[(name, each.default) for name, each in MARKER_OPTIONS.items()]}}}

        @pytest.mark.fakestripe(**OPTIONS)
        def test_marker(fakestripe):
            assert not fakestripe.clock.frozen

        class TestSettings:
            @pytest.fixture
            def fakestripe_settings(self):
                return OPTIONS

            def test_it(self, fakestripe):
                assert not fakestripe.clock.frozen
        """
    )
    result.assert_outcomes(passed=2)


def test_the_marker_sets_what_the_fake_is_like(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.fakestripe(now="2030-01-01T00:00:00Z", limits="sandbox", lag=30, relaxed=True, seed=7,
                                async_validation=True)
        def test_it(fakestripe):
            settings = fakestripe.engine.world.settings
            assert fakestripe.clock.now() == 1893456000
            assert settings.limits.global_ == 25
            assert settings.lag_ns == 30 * 10**9
            assert settings.async_validation and settings.relaxed
            assert fakestripe.engine.world.seed == "7"

        def test_next(fakestripe):
            settings = fakestripe.engine.world.settings
            assert fakestripe.clock.now() < 1893456000
            assert settings.limits.global_ is None
            assert not settings.lag_ns and not settings.async_validation and not settings.relaxed

        @pytest.mark.fakestripe(now=None)
        def test_running(fakestripe):
            assert not fakestripe.clock.frozen
        """
    )
    result.assert_outcomes(passed=3)


def test_equal_seeds_give_equal_ids(run: Run) -> None:
    result = run(
        """
        import pytest
        import stripe

        client = stripe.StripeClient("sk_test_any")
        seen = set()

        @pytest.mark.fakestripe(seed=7)
        @pytest.mark.parametrize("number", range(3))
        def test_seeded(fakestripe, number):
            seen.add(client.v1.customers.create({}).id)
            assert len(seen) == 1

        def test_unseeded(fakestripe):
            assert client.v1.customers.create({}).id not in seen
        """
    )
    result.assert_outcomes(passed=4)


def test_a_marker_alone_brings_the_fixture(run: Run) -> None:
    result = run(
        """
        import pytest
        import stripe

        @pytest.mark.fakestripe(seed=7)
        def test_it():
            stripe.StripeClient("sk_test_any").v1.customers.create({})

        @pytest.mark.fakestripe
        class TestThem:
            def test_it(self):
                stripe.StripeClient("sk_test_any").v1.customers.create({})
        """
    )
    result.assert_outcomes(passed=2)


def test_settings_and_markers_add_up_and_the_closest_wins(run: Run) -> None:
    result = run(
        """
        import pytest

        pytestmark = pytest.mark.fakestripe(lag=1)

        def test_settings(fakestripe):
            world = fakestripe.engine.world
            assert (world.seed, world.settings.lag_ns, world.settings.relaxed) == ("conftest", 10**9, True)

        @pytest.mark.fakestripe(seed="class", lag=2)
        class TestClass:
            @pytest.mark.fakestripe(lag=3)
            def test_method(self, fakestripe):
                world = fakestripe.engine.world
                assert (world.seed, world.settings.lag_ns, world.settings.relaxed) == ("class", 3 * 10**9, True)

        class TestOwnSettings:
            @pytest.fixture
            def fakestripe_settings(self):
                return {"seed": "own"}

            def test_method(self, fakestripe):
                world = fakestripe.engine.world
                assert (world.seed, world.settings.lag_ns, world.settings.relaxed) == ("own", 10**9, False)
        """,
        conftest="""
        import pytest

        @pytest.fixture
        def fakestripe_settings():
            return {"seed": "conftest", "relaxed": True, "lag": 9}
        """,
    )
    result.assert_outcomes(passed=3)


def test_a_session_opens_the_socket_and_the_next_test_does_not_see_it(run: Run) -> None:
    result = run(
        """
        import stripe

        client = stripe.StripeClient("sk_test_any")

        def invoice():
            customer = client.v1.customers.create({})
            made = client.v1.invoices.create({"customer": customer.id})
            return client.v1.invoices.finalize_invoice(made.id)

        def test_opening(fakestripe):
            assert invoice().hosted_invoice_url.startswith("https://invoice.stripe.com/")
            price = client.v1.prices.create({"currency": "usd", "unit_amount": 2000, "product_data": {"name": "A"}})
            session = {"mode": "payment", "line_items": [{"price": price.id, "quantity": 1}]}
            url = client.v1.checkout.sessions.create({**session, "success_url": "http://localhost/"}).url
            assert url.startswith(f"{fakestripe.url}/_fakestripe/checkout/cs_")
            assert invoice().hosted_invoice_url.startswith(fakestripe.url)

        def test_the_next(fakestripe):
            assert invoice().hosted_invoice_url.startswith("https://invoice.stripe.com/")
        """
    )
    result.assert_outcomes(passed=2)


def test_the_socket_is_one_for_the_session_and_opens_when_it_is_asked_for(run: Run) -> None:
    result = run(
        """
        import threading
        import requests
        import stripe

        urls = set()

        def named(name):
            return [thread for thread in threading.enumerate() if thread.name == name]

        before = named("fakestripe-meters")

        def test_no_socket(fakestripe):
            stripe.StripeClient("sk_test_any").v1.customers.create({})
            assert named("fakestripe-meters") == before

        def test_socket(fakestripe):
            urls.add(fakestripe.url)
            client = stripe.StripeClient("sk_test_any", base_addresses={"api": fakestripe.url})
            client.v1.customers.create({})
            assert len(fakestripe.journal) == 1

        def test_the_same_socket_and_another_world(fakestripe):
            assert fakestripe.url in urls
            answer = requests.get(f"{fakestripe.url}/v1/customers", auth=("sk_test_any", ""))
            assert answer.json()["data"] == []
            assert len(named("fakestripe-meters")) == len(before) + 1
        """
    )
    result.assert_outcomes(passed=3)


def test_a_test_may_have_a_fake_of_its_own_beside(run: Run) -> None:
    result = run(
        """
        import stripe
        from fakestripe_meters import FakeStripe

        def test_it(fakestripe):
            client = stripe.StripeClient("sk_test_any")
            with FakeStripe() as mine, mine.intercept():
                client.v1.customers.create({})
                assert len(mine.journal) == 1
            assert len(fakestripe.journal) == 0
        """
    )
    result.assert_outcomes(passed=1)


def test_other_fixtures_and_unittest_may_build_on_it(run: Run) -> None:
    result = run(
        """
        import unittest
        import pytest
        import stripe

        client = stripe.StripeClient("sk_test_any")

        @pytest.fixture
        def customer(fakestripe):
            return client.v1.customers.create({"name": "Ada"})

        def test_it(customer):
            assert client.v1.customers.list().data[0].id == customer.id

        @pytest.mark.fakestripe(seed=1)
        class Case(unittest.TestCase):
            def test_it(self):
                assert client.v1.customers.list().data == []
        """
    )
    result.assert_outcomes(passed=2)


def test_the_marker_is_documented(run: Run) -> None:
    result = run("", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.fakestripe(now=*limits=*): set options of *; *docs/options.md*"])


def test_the_fixtures_are_documented(run: Run) -> None:
    result = run("", "--fixtures")
    result.stdout.fnmatch_lines(["fakestripe_settings -- *", "fakestripe -- *"])


@pytest.mark.parametrize("arguments", [(), ("--collect-only",)])
def test_unused_it_imports_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        """
        import sys

        def loaded():
            return {"fakestripe_meters", "flask", "freezegun", "responses", "werkzeug"} & sys.modules.keys()

        assert not loaded()

        def test_it():
            assert not loaded()
        """
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "fakestripe_meters_pytest.plugin", *arguments)
    assert result.ret == 0
