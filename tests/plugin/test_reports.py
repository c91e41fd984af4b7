"""What a reader in a hurry sees of a failing test: its error, and the sections that the fake adds, as whole text."""

import json
import re
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest

from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)

BEGUN = """
import pytest
import stripe

from fakestripe_meters import FakeStripe

@pytest.fixture
def fakestripe_settings():
    return {"now": "2025-01-01T00:00:00Z", "seed": 1}

@pytest.fixture
def client(fakestripe: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_app")

@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    client.v1.billing.meters.create(
        {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
    )
    return client.v1.customers.create({"name": "Ada"}).id

@pytest.fixture
def use(client: stripe.StripeClient, customer: str):
    def use(value: int, identifier: str) -> None:
        payload = {"stripe_customer_id": customer, "value": str(value)}
        usage = {"event_name": "tokens", "payload": payload, "identifier": identifier}
        client.v1.billing.meter_events.create(usage)

    return use
"""
REPORTS = Path(__file__).with_name("reports")
MOST = 10
"""In so many lines a reader knows what is wrong."""


def ours(result: pytest.RunResult) -> str:
    """Return the lines of the error, and of the sections that the fake adds."""
    lines = list(map(str, result.outlines))
    error = [re.sub(r"^E +", "E ", line) for line in lines if line.startswith("E ")]
    first = next(at for at, line in enumerate(lines) if re.fullmatch(r"-+ Stripe calls -+", line))
    last = next(at for at, line in enumerate(lines) if "short test summary" in line)
    sections = [re.sub(r"^-{3,} (.*) -{3,}$", r"--- \1 ---", line) for line in lines[first:last]]
    return "\n".join([*error, *sections])


def golden(run: Run, name: str, test: str, most: int = MOST) -> None:
    """Run a test that fails, and compare what is ours of its report with the text in the folder `reports`."""
    result = run(dedent(test), conftest=BEGUN)
    result.assert_outcomes(failed=1)
    told = ours(result)
    assert told == (REPORTS / f"{name.replace(' ', '_')}.txt").read_text("utf-8").rstrip("\n")
    assert len(told.splitlines()) <= most


def test_a_wrong_total_names_the_events_that_are_the_difference(run: Run) -> None:
    golden(
        run,
        "wrong total",
        """
        def test_it(fakestripe, customer, use):
            use(100, "request-1")
            use(10, "request-2")
            use(10, "request-2/again")
            use(5, "request-3")
            fakestripe.assert_usage({customer: {"tokens": 115}})
        """,
    )


def test_a_429_names_the_limit_and_the_frozen_clock(run: Run) -> None:
    golden(
        run,
        "too many requests",
        """
        import pytest

        @pytest.mark.fakestripe(limits="sandbox")
        def test_it(use):
            for number in range(30):
                use(1, f"request-{number}")
        """,
    )


def test_a_429_about_a_single_object_names_its_limit_and_how_long_to_wait(run: Run) -> None:
    golden(
        run,
        "too many updates",
        """
        import pytest

        @pytest.mark.fakestripe(limits={"payment_intent_updates_per_hour": 1})
        def test_it(client):
            intent = client.v1.payment_intents.create({"amount": 1000, "currency": "usd"}).id
            for name in ("one", "two"):
                client.v1.payment_intents.update(intent, {"description": name})
        """,
    )


def test_a_refused_parameter_is_shown_with_what_was_sent(run: Run) -> None:
    golden(
        run,
        "refused parameter",
        """
        def test_it(client, customer):
            client.v1.customers.update(customer, {"emial": "ada@example.com"})
        """,
    )


def test_an_error_in_a_webhook_handler_names_the_notification_and_its_request(run: Run) -> None:
    golden(
        run,
        "webhook handler",
        """
        def test_it(fakestripe, client, customer):
            def handler(notification):
                return notification.json["data"]["object"]["lines"]

            fakestripe.webhooks.deliver_to(handler, "customer.created")
            client.v1.customers.create({"name": "Grace"})
        """,
    )


def test_a_call_that_is_not_served_says_how_to_stub_it(run: Run) -> None:
    golden(
        run,
        "unserved call",
        """
        def test_it(client, customer):
            client.v1.quotes.create({"customer": customer})
        """,
    )


def test_a_missing_permission_is_named_with_what_the_key_has(run: Run) -> None:
    golden(
        run,
        "missing permission",
        """
        import stripe

        def test_it(fakestripe, customer):
            fakestripe.restrict_key("rk_test_51Application", {"billing_meter": "write"}, account="sk_test_app")
            stripe.StripeClient("rk_test_51Application").v1.subscriptions.list({"customer": customer})
        """,
    )


def test_an_empty_inbox_names_what_went_by(run: Run) -> None:
    golden(
        run,
        "empty inbox",
        """
        def test_it(fakestripe, client, customer):
            paid = fakestripe.webhooks.collect("invoice.paid", key="sk_test_another_one")
            client.v1.customers.update(customer, {"name": "Grace"})
            assert paid.types == ["invoice.paid"]
        """,
        most=11,
    )


def test_what_was_planned_and_not_met_is_told(run: Run) -> None:
    golden(
        run,
        "planned and not met",
        """
        def test_it(fakestripe, client, customer):
            fakestripe.fail_next("POST /v1/invoices/*/pay", status=402)
            fakestripe.fail_next("POST /v1/customers", status=429, times=2)
            client.v1.customers.create({"name": "Grace"})
        """,
    )


def test_the_report_does_not_hide_the_failure_if_it_fails_itself(run: Run) -> None:
    result = run(
        """
        def test_it(fakestripe, monkeypatch):
            class Broken(Exception):
                def __str__(self):
                    raise LookupError

            def broken():
                raise Broken

            monkeypatch.setattr(type(fakestripe.control), "unstruck", lambda self: broken())
            assert 1 == 2
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *assert 1 == 2",
            "*- Stripe calls -*",
            "none",
            "*- Planned and not met -*",
            "(the rest is missing: fakestripe-meters failed to tell it, with Broken)",
        ]
    )


def test_the_report_waits_for_no_thread_that_holds_an_account(run: Run) -> None:
    result = run(
        """
        import threading
        import stripe

        def test_it(request, fakestripe, customer):
            (account,) = fakestripe.engine.world.accounts.values()
            fakestripe.webhooks.collect("invoice.paid")
            held, over = threading.Event(), threading.Event()
            request.addfinalizer(over.set)

            def hold():
                with account.lock:
                    held.set()
                    over.wait()

            thread = threading.Thread(target=hold, daemon=True)
            thread.start()
            held.wait()
            assert 0
        """,
        conftest=BEGUN,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- Webhooks -*",
            "inbox of every account for invoice.paid: nothing",
            "(an account is busy: its events are not told)",
        ]
    )


@pytest.mark.parametrize("option", ["-v", "-p no:terminal", "--tb=line", "--junit-xml=report.xml", "-n2"])
def test_the_sections_are_made_under_any_option(run: Run, pytester: pytest.Pytester, option: str) -> None:
    pytest_xdist = ["-p", "xdist"] if option == "-n2" else []
    result = run(
        """
        import requests

        def test_it(fakestripe):
            requests.get("https://api.stripe.com/v1/customers/%1b%00", auth=("sk_test_any", ""))
            assert 0
        """,
        *pytest_xdist,
        *option.split(),
        conftest="""
        import json

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                config.pluginmanager.register(Noting())

        class Noting:
            def pytest_runtest_logreport(self, report):
                if report.failed:
                    with open("sections.json", "w") as file:
                        json.dump(dict(report.sections), file)
        """,
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    sections = json.loads((pytester.path / "sections.json").read_text("utf-8"))
    assert "GET /v1/customers/\\x1b\\x00 → 404" in sections["Stripe calls"]
    if option.startswith("--junit"):
        assert ET.parse(pytester.path / "report.xml").getroot().find(".//failure") is not None


def test_pytests_options_decide_whether_the_sections_are_shown(run: Run) -> None:
    tests = """
    import pytest

    @pytest.mark.xfail
    def test_expected_to_fail(fakestripe): assert 0

    def test_it(fakestripe): assert 0
    """
    assert str(run(tests).stdout).count("- Stripe calls -") == 1
    assert "Stripe calls" not in str(run(tests, "--show-capture=no").stdout)


def test_a_failing_tear_down_and_a_closed_fake_are_reported_too(run: Run) -> None:
    result = run(
        """
        import pytest
        import stripe

        @pytest.fixture
        def closing(fakestripe):
            yield
            stripe.StripeClient("sk_test_any").v1.customers.create()
            fakestripe.webhooks.collect()
            fakestripe.close()
            assert 0

        def test_it(closing): pass
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_it*",
            "*- Stripe calls -*",
            "*POST /v1/customers → 200",
            "*- Webhooks -*",
            "inbox of every account: nothing",
            "of sk_test_***, nobody listened to: customer.created",
        ]
    )


def test_a_test_that_never_began_has_no_sections(run: Run) -> None:
    result = run("import pytest\n\n@pytest.mark.fakestripe(now='never')\ndef test_it(fakestripe): pass")
    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("*Stripe calls*")


def test_the_assertions_traceback_ends_at_the_test(run: Run) -> None:
    result = run(
        "def test_it(fakestripe, customer): fakestripe.assert_usage({customer: {'tokens': 1}})", conftest=BEGUN
    )
    result.stdout.fnmatch_lines(
        [
            ">*fakestripe.assert_usage({customer: {'tokens': 1}})",
            "E *AssertionError: tokens of cus_*: 0, expected 1 (1 too few)",
            "E *no event of this meter reached the fake",
            "test_*.py:1: AssertionError",
        ]
    )


def test_a_payment_that_did_not_pass_says_why(run: Run) -> None:
    golden(
        run,
        "payments",
        """
        def test_it(fakestripe, client, customer):
            terms = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Seat"}}
            price = client.v1.prices.create({**terms, "recurring": {"interval": "month"}}).id
            for card in ("pm_card_chargeCustomerFail", "pm_card_authenticationRequired"):
                chosen = {"default_payment_method": card}
                made = client.v1.subscriptions.create({"customer": customer, "items": [{"price": price}], **chosen})
            assert made.status == "active"
        """,
        most=12,
    )


def test_a_checkout_session_says_what_it_waits_for_and_where_it_leads(run: Run) -> None:
    golden(
        run,
        "checkout_sessions",
        """
        def test_it(fakestripe, client):
            cap = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Cap"}}
            terms = {"mode": "payment", "line_items": [{"price_data": cap, "quantity": 1}]}
            terms["success_url"] = "https://app.example/{CHECKOUT_SESSION_ID}"
            paid, left, waits = (client.v1.checkout.sessions.create(terms).id for _ in range(3))
            fakestripe.complete_checkout(paid)
            fakestripe.expire_checkout(left)
            assert client.v1.checkout.sessions.retrieve(waits).status == "complete"
        """,
        most=12,
    )
