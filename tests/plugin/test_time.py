"""The fixture and the time of the code under test."""

import re

from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)


def test_the_process_is_frozen_with_the_fake_and_set_free_after(run: Run) -> None:
    result = run(
        """
        import time
        import pytest
        import stripe
        from freezegun.api import freeze_factories

        @pytest.mark.fakestripe(now="2030-01-01", freeze_process=True)
        def test_it(fakestripe):
            assert time.time() == 1893456000
            fakestripe.clock.advance(3600)
            assert time.time() == 1893459600 == fakestripe.clock.now()
            customer = stripe.StripeClient("sk_test_any").v1.customers.create({})
            assert customer.created == 1893459600

        @pytest.mark.fakestripe(freeze_process=True)
        def test_at_present(fakestripe):
            assert int(time.time()) == fakestripe.clock.now() < 1893456000

        def test_free():
            assert not freeze_factories
        """
    )
    result.assert_outcomes(passed=3)


def test_threads_see_the_frozen_time_too(run: Run) -> None:
    result = run(
        """
        import threading
        import time
        import pytest

        @pytest.mark.fakestripe(now="2030-01-01", freeze_process=True)
        def test_it(fakestripe):
            seen = []
            thread = threading.Thread(target=lambda: seen.append(time.time()))
            thread.start()
            thread.join(10)
            assert seen == [1893456000]
        """
    )
    result.assert_outcomes(passed=1)


def test_pytest_measures_how_long_a_frozen_test_takes_in_real_time(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.fakestripe(now="2010-01-01", freeze_process=True)
        def test_it(fakestripe):
            pass
        """,
        "--durations=0",
        "-vv",
    )
    result.assert_outcomes(passed=1)
    (duration,) = re.findall(r"([0-9.]+)s setup", result.stdout.str())
    assert float(duration) < 600  # not the years from then to now


def test_it_is_set_free_after_a_failure(run: Run) -> None:
    result = run(
        """
        import pytest
        from freezegun.api import freeze_factories

        @pytest.mark.fakestripe(freeze_process=True)
        def test_it():
            assert not freeze_factories

        def test_free():
            assert not freeze_factories
        """
    )
    result.assert_outcomes(passed=1, failed=1)


def test_a_running_fake_follows_freezegun_and_a_frozen_one_does_not(run: Run) -> None:
    result = run(
        """
        import pytest
        import stripe
        from freezegun import freeze_time

        client = stripe.StripeClient("sk_test_any")

        @pytest.mark.fakestripe(now=None)
        @freeze_time("2030-01-01")
        def test_running(fakestripe):
            assert client.v1.customers.create({}).created == 1893456000
            by_socket = stripe.StripeClient("sk_test_any", base_addresses={"api": fakestripe.url})
            assert by_socket.v1.customers.create({}).created == 1893456000

        @pytest.mark.fakestripe(now="2025-01-01")
        @freeze_time("2030-01-01")
        def test_frozen(fakestripe):
            assert client.v1.customers.create({}).created == 1735689600
        """
    )
    result.assert_outcomes(passed=2)
