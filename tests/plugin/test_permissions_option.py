"""`--fakestripe-permissions`: what a restricted key needs for all that the tests have called."""

from textwrap import dedent

import pytest

from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)

OPTION = "--fakestripe-permissions"
TITLE = "permissions that a restricted key needs for all these calls"
TESTS = dedent("""
    import pytest
    import stripe

    client = stripe.StripeClient("sk_test_app")

    def test_one(fakestripe):
        client.v1.customers.create({"name": "Ada"})
        fakestripe.reset()

    def test_two(fakestripe):
        client.v1.customers.list()
        fakestripe.begin()
        client.v1.subscriptions.list({"expand": ["data.latest_invoice"]})
        fakestripe.close()

    def test_three(fakestripe):
        client.v1.billing.credit_grants.list()
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.prices.retrieve("price_none")

    def test_four():
        pass
""")
NEEDED = [
    "{",
    '    "billing_credit_grant": "read",',
    '    "customer": "write",',
    '    "invoice": "read",',
    '    "plan": "read",',
    '    "subscription": "read"',
    "}",
    "# billing_credit_grant: no source names it (GET /v1/billing/credit_grants)",
]


def told(result: pytest.RunResult) -> list[str]:
    """The lines below the title."""
    lines = list(map(str, result.outlines))
    first = next(at for at, line in enumerate(lines) if TITLE in line)
    return list(filter(None, lines[first + 1 : -1]))


def test_the_permissions_that_all_tests_need_are_printed_at_the_end(run: Run) -> None:
    result = run(TESTS, OPTION)
    result.assert_outcomes(passed=4)
    assert told(result) == NEEDED


def test_workers_of_xdist_hand_over_what_their_tests_have_called(run: Run) -> None:
    result = run(TESTS, OPTION, "-p", "xdist.plugin", "-n", "2")
    result.assert_outcomes(passed=4)
    assert told(result) == NEEDED


def test_a_restricted_key_that_tests_declare_is_told_apart(run: Run) -> None:
    tests = """
        import pytest
        import stripe

        @pytest.fixture
        def application(fakestripe):
            fakestripe.restrict_key("rk_test_51Application", "all", account="sk_test_setup")
            return stripe.StripeClient("rk_test_51Application")

        @pytest.mark.parametrize("name", ["customers", "prices"])
        def test_it(application, name):
            stripe.StripeClient("sk_test_setup").v1.products.create({"name": "Tokens"})
            getattr(application.v1, name).list()
        """
    result = run(dedent(tests), OPTION)
    result.assert_outcomes(passed=2)
    assert "".join(told(result)).split() == [
        *("{", '"customer":', '"read",', '"plan":', '"read",', '"product":', '"write"}for'),
        *("those", "with", "rk_test_*********tion:{", '"customer":', '"read",', '"plan":', '"read"}'),
    ]


def test_tests_that_call_nothing_need_none(run: Run) -> None:
    result = run("def test_it(): pass", OPTION)
    assert told(result) == ["none: no test has called Stripe through the fixture fakestripe"]


def test_nothing_is_printed_unless_it_is_asked_for(run: Run) -> None:
    result = run(TESTS)
    result.assert_outcomes(passed=4)
    assert TITLE not in result.stdout.str()
