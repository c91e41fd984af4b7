"""What a failing test is told: its last calls to Stripe, exceptions inside the fake, and misuse at its own line."""

import pytest

from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)

BREAKS_DOWN = """
import pytest
import stripe

@pytest.fixture
def client(fakestripe, monkeypatch):
    def break_down(account):
        raise LookupError("a bug of the fake's")

    monkeypatch.setattr(fakestripe.engine.world, "enter", break_down)
    return stripe.StripeClient("sk_test_any")
"""


def test_a_failing_test_shows_its_last_calls(run: Run) -> None:
    result = run(
        """
        import stripe

        def test_it(fakestripe):
            client = stripe.StripeClient("sk_test_any")
            for number in range(12):
                client.v1.customers.create({"name": str(number)})
                client.v1.customers.list()
            client.v1.customers.list()
            client.v1.customers.retrieve("cus_gone")
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- Stripe calls -*",
            "(15 before these)",
            *["20??-??-??T??:??:??Z GET /v1/customers → 200", "20*Z POST /v1/customers → 200"] * 4,
            "20*Z GET /v1/customers → 200 (2 times)",
            "20*Z GET /v1/customers/cus_gone → 404 resource_missing: No such customer: 'cus_gone'",
        ],
        consecutive=True,
    )


def test_the_last_calls_show_no_key_and_are_one_line_each_whoever_sent_them(run: Run) -> None:
    result = run(
        """
        import requests

        def test_it(fakestripe):
            key = "sk_live_" + "51NeverShouldHaveComeHere"
            path = f"{key}%0A2099-01-01T00:00:00Z%20POST%20/v1/forged%1b[31m"
            requests.get(f"https://api.stripe.com/v1/{path}", auth=("sk_test_any", ""))
            raise AssertionError
        """
    )
    result.assert_outcomes(failed=1)
    shown = "sk_live_*********************Here\\n2099-01-01T00:00:00Z POST /v1/forged\\x1b[[]31m"
    result.stdout.fnmatch_lines(["*- Stripe calls -*", f"20*Z GET /v1/{shown} → 404*"], consecutive=True)
    result.stdout.no_fnmatch_line("*51NeverShouldHaveComeHere*/v1/forged*")


def test_a_test_that_passes_shows_nothing(run: Run) -> None:
    result = run("def test_it(fakestripe): pass\n\ndef test_other(): pass", "-rA")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*Stripe calls*")


def test_a_test_that_fails_without_a_call_says_so_and_one_without_the_fixture_nothing(run: Run) -> None:
    result = run("def test_it(fakestripe): assert 0", "-rA")
    result.stdout.fnmatch_lines(["*- Stripe calls -*", "none"], consecutive=True)
    result = run("def test_other(): assert 0", "-rA")
    result.stdout.no_fnmatch_line("*Stripe calls*")


def test_a_failing_fixture_shows_its_calls_too(run: Run) -> None:
    result = run(
        """
        import pytest
        import stripe

        @pytest.fixture
        def customer(fakestripe):
            stripe.StripeClient("sk_test_any").v1.customers.retrieve("cus_gone")

        def test_it(customer): pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*- Stripe calls -*", "*GET /v1/customers/cus_gone → 404*"], consecutive=True)


def test_an_unrecognised_url_is_shown_with_the_nearest_known_one(run: Run) -> None:
    result = run(
        """
        import requests

        def test_it(fakestripe):
            answer = requests.post("https://api.stripe.com/v1/billing/meter_event", auth=("sk_test_any", ""))
            assert fakestripe.journal[0].hint == "the nearest known URL is POST /v1/billing/meter_events"
            answer.raise_for_status()
        """
    )
    result.stdout.fnmatch_lines(
        ["*POST /v1/billing/meter_event → 404: *(the nearest known URL is POST /v1/billing/meter_events)"]
    )


def test_a_swallowed_exception_inside_the_fake_fails_the_test(run: Run) -> None:
    result = run(
        """
        import stripe

        def test_it(client):
            for _ in range(2):
                try:
                    client.v1.customers.create()
                except stripe.APIConnectionError:
                    pass
        """,
        conftest=BREAKS_DOWN,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*call.world.enter(call.account)",
            '*raise LookupError("a bug of the fake\'s")',
            "E *LookupError: a bug of the fake's",
            "E *and 1 more exceptions inside the fake",
            "*- Stripe calls -*",
            "*POST /v1/customers → no answer (2 times)",
        ]
    )


def test_an_exception_that_surfaced_is_told_once(run: Run) -> None:
    result = run("def test_it(client): client.v1.customers.create()", conftest=BREAKS_DOWN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LookupError: a bug of the fake's*", "*stripe._error.APIConnectionError*"])


def test_an_exception_in_the_tear_down_of_another_fixture_is_an_error(run: Run) -> None:
    result = run(
        """
        import pytest
        import stripe

        @pytest.fixture
        def tidy(client):
            yield
            try:
                client.v1.customers.create()
            except stripe.APIConnectionError:
                pass

        def test_it(tidy): pass
        """,
        conftest=BREAKS_DOWN,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*LookupError: a bug of the fake's*"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('limits="sandbx"', "unknown limit profile 'sandbx': use documented, live, sandbox, or off"),
        ('limit="sandbox"', "unknown parameter 'limit': did you mean limits?"),
        ('now="yesterday"', "a time must be ISO 8601 or Unix seconds, not 'yesterday'"),
        ("lag=-1", "lag must be a number of seconds, zero or more, not -1"),
        ('relaxed="no"', "relaxed must be true or false, not 'no'"),
        ("freeze_process=1", "freeze_process must be true or false, not 1"),
        ("freeze_process=True, now=None", "freeze_process needs a frozen clock, so not now=None"),
        ("seed=1.5", "seed must be a whole number or a string, not 1.5"),
        ('"2025-01-01"', "the marker fakestripe takes keyword arguments only: now, seed, *"),
    ],
)
def test_a_marker_that_makes_no_sense_is_a_misuse_at_the_tests_own_line(run: Run, options: str, message: str) -> None:
    result = run(
        f"""
        import pytest

        @pytest.mark.fakestripe({options})
        def test_it(fakestripe):
            pass

        def test_next(fakestripe):
            pass
        """
    )
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_it*",
            f">*@pytest.mark.fakestripe({options})",
            f"E *Misuse: {message.replace('[', '[[]')}",
            "test_*.py:3: Misuse",
        ]
    )
    result.stdout.no_fnmatch_line("*plugin.py*")


@pytest.mark.parametrize("settings", ['{"limit": "off"}', "['limits']"])
def test_settings_that_make_no_sense_are_a_misuse_too(run: Run, settings: str) -> None:
    result = run(
        f"""
        import pytest

        @pytest.fixture
        def fakestripe_settings():
            return {settings}

        def test_it(fakestripe):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([">*def test_it(fakestripe):", "E *Misuse: *", "test_*.py:7: Misuse"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("clock.freeze(-1)", "-1 is outside the years 1970 to 3000"),
        ("clock.advance(-1)", "advance must be a number of seconds, zero or more, not -1"),
        ('fail_next("POST /v1/custmers", status=500)', "no call matches POST /v1/custmers: *POST /v1/customers"),
        ('fail_next("/v1/customers", status=500)', "call must be a method and a path, *"),
        ('fail_next("POST /v1/customers")', "this fault has no effect: give a status, a delay, or close"),
        ('usage("tokens", "cus_x")', "unknown meter 'tokens': none exists"),
        ("chaos(seed=1, rate=2)", "rate must be a number from 0 to 1, not 2"),
        ("restore({})", "snapshot must be an object with the members *"),
    ],
)
def test_a_call_that_makes_no_sense_is_a_misuse_at_its_own_line(run: Run, call: str, message: str) -> None:
    result = run(f"def test_it(fakestripe):\n    fakestripe.{call}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f">*fakestripe.{call}", f"E *Misuse: {message}", "test_*.py:2: Misuse"])
