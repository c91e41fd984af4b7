"""`fake.report()`: what a fake tells about a test that failed, as text."""

import unittest
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from fakestripe_meters import FakeStripe

API = "https://api.stripe.com/v1"
KEY = "sk_test_app"


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now="2025-01-01T00:00:00Z", seed=1) as fake, fake.intercept():
        yield fake


def post(path: str, *, key: str = KEY, **params: str) -> dict[str, str]:
    answer: dict[str, str] = requests.post(API + path, params, auth=(key, ""), timeout=5).json()
    return answer


def lines(fake: FakeStripe, title: str) -> list[str]:
    """Return the lines of one section."""
    told = fake.report().splitlines()
    if title not in told:
        return []
    rest = told[told.index(title) + 1 :]
    end = next((at for at, line in enumerate(rest) if line in ("Webhooks:", "Planned and not met:")), len(rest))
    return rest[:end]


def test_a_new_fake_has_only_to_tell_that_nobody_called(fake: FakeStripe) -> None:
    assert fake.report() == "Stripe calls:\nnone"


def test_the_report_helps_in_other_runners_than_pytest(fake: FakeStripe) -> None:
    class Suite(unittest.TestCase):
        def tearDown(self) -> None:
            self.told = fake.report()

        def test_it(self) -> None:
            post("/customers")
            raise AssertionError

    suite = Suite("test_it")
    suite.run(unittest.TestResult())
    assert suite.told == "Stripe calls:\n2025-01-01T00:00:00Z POST /v1/customers → 200"


def test_a_closed_fake_still_reports(fake: FakeStripe) -> None:
    post("/customers")
    fake.webhooks.collect("invoice.paid")
    fake.fail_next("POST /v1/customers", status=500)
    fake.close()
    assert fake.report().splitlines() == [
        "Stripe calls:",
        "2025-01-01T00:00:00Z POST /v1/customers → 200",
        "Webhooks:",
        "inbox of every account for invoice.paid: nothing",
        "of sk_test_***, nobody listened to: customer.created",
        "Planned and not met:",
        "POST /v1/customers → 500: planned 1, met 0",
    ]


def test_calls_name_their_key_only_if_there_are_several(fake: FakeStripe) -> None:
    post("/customers")
    assert lines(fake, "Stripe calls:") == ["2025-01-01T00:00:00Z POST /v1/customers → 200"]
    post("/customers", key="sk_test_another_key_5678")
    assert lines(fake, "Stripe calls:") == [
        "2025-01-01T00:00:00Z POST /v1/customers → 200 [sk_test_***]",
        "2025-01-01T00:00:00Z POST /v1/customers → 200 [sk_test_************5678]",
    ]


def test_an_object_of_another_key_is_found_for_the_reader(fake: FakeStripe) -> None:
    mine = post("/customers")["id"]
    requests.get(f"{API}/customers/{mine}", auth=("sk_test_of_the_application", ""), timeout=5)
    hint = "    another account has it, that of sk_test_***: each API key has objects of its own"
    assert lines(fake, "Stripe calls:")[-1] == hint
    post("/subscriptions", key="sk_test_of_the_application", customer=mine)
    assert lines(fake, "Stripe calls:")[-1] == hint
    requests.get(f"{API}/customers/cus_of_nobody", auth=(KEY, ""), timeout=5)
    assert lines(fake, "Stripe calls:")[-1] != hint


def test_an_event_that_came_before_its_inbox_is_told(fake: FakeStripe) -> None:
    post("/customers")
    fake.webhooks.collect("customer.*")
    early = "before an inbox for it was there came: customer.created"
    assert lines(fake, "Webhooks:")[-1] == early
    post("/products", name="Seat")
    assert lines(fake, "Webhooks:")[-2:] == [
        "of sk_test_***, nobody listened to: customer.created, product.created",
        early,
    ]


@pytest.mark.parametrize(
    ("types", "options"), [(("invoice.paid",), {}), ((), {"key": "sk_test_other_1234"}), ((), {"thin": True})]
)
def test_an_event_that_the_inbox_would_not_have_received_is_not_told(
    fake: FakeStripe, types: tuple[str, ...], options: dict[str, Any]
) -> None:
    post("/customers")
    fake.webhooks.collect(*types, **options)
    assert lines(fake, "Webhooks:")[-1] == "of sk_test_***, nobody listened to: customer.created"


def test_what_was_sent_is_masked_escaped_and_cut(fake: FakeStripe) -> None:
    secret = "sk_live_" + "51NeverShouldHaveComeHere"
    post("/customers", unknown=f"{secret}\x1b[31m\n\u202e", more="x" * 1_000)
    (sent,) = [line for line in lines(fake, "Stripe calls:") if line.startswith("    sent")]
    assert "51Never" not in sent
    assert sent.isprintable()
    assert len(sent) == 300
    assert sent.endswith("xxx…")


def test_what_was_refused_before_it_was_read_is_shown_too(fake: FakeStripe) -> None:
    fake.fail_next("POST /v1/customers", status=503)
    post("/customers", name="Ada")
    fake.control.set_limits({"global": 1})
    fake.clock.advance(5)
    post("/customers", name="Bob")
    post("/customers", name="Eve")
    assert [each.params for each in fake.journal] == [{"name": "Ada"}, {"name": "Bob"}, {"name": "Eve"}]
    told = [line.split(": ", 1)[1] for line in lines(fake, "Stripe calls:") if "sent as req_" in line]
    assert told == ['{"name": "Ada"}', '{"name": "Eve"}']


def test_a_clock_that_runs_is_not_called_frozen(fake: FakeStripe) -> None:
    fake.control.set_limits({"global": 1})
    for _ in range(3):
        post("/customers")
    assert any("The clock is frozen" in line for line in lines(fake, "Stripe calls:"))
    fake.clock.resume()
    assert lines(fake, "Stripe calls:")[-1] == '    Let the code back off, or set limits="off".'


def test_a_planned_429_names_no_limit(fake: FakeStripe) -> None:
    fake.fail_next("POST /v1/customers", status=429)
    post("/customers")
    (call,) = lines(fake, "Stripe calls:")
    assert call.endswith("(planned by the test)")


def test_each_kind_of_call_is_told_its_own_limit(fake: FakeStripe) -> None:
    fake.control.set_limits({"meter_events": 1, "global": 2})
    for _ in range(2):
        post("/billing/meter_events", event_name="none", **{"payload[value]": "1"})
    limit = "    limit: 1 calls a second of the kind meter_events; this key has made 2 in this second"
    assert limit in lines(fake, "Stripe calls:")


def test_an_account_is_told_its_own_limit(fake: FakeStripe) -> None:
    fake.control.set_limits({"global": 7})
    fake.control.set_limits({"global": 1, "account": KEY})
    for _ in range(2):
        post("/customers")
    limit = "    limit: 1 calls a second of all kinds; this key has made 2 in this second"
    assert limit in lines(fake, "Stripe calls:")


def test_receivers_are_told_with_what_they_took_and_what_they_refused(fake: FakeStripe) -> None:
    post("/webhook_endpoints", url="https://shop.example/hooks?token=secret", **{"enabled_events[]": "*"})
    post("/webhook_endpoints", url="https://elsewhere.example/", **{"enabled_events[]": "customer.created"})
    fake.webhooks.stand_in("https://shop.example/", lambda notification: 200 if "created" in notification.type else 500)
    fake.webhooks.stand_in("https://elsewhere.example/", lambda _: 204)
    customer = post("/customers")["id"]
    post("/customers")
    post(f"/customers/{customer}", name="Ada")
    failed, *received = lines(fake, "Webhooks:")
    assert failed.startswith("2025-01-01T00:00:00Z customer.updated (evt_")
    assert failed.endswith(f", caused by {fake.journal[-1].request_id}) to https://shop.example/hooks → 500")
    assert received == [
        "received at https://shop.example/hooks: customer.created (2 times)",
        "received at https://elsewhere.example/: customer.created (2 times)",
    ]
    fake.webhooks.failures.clear()


def test_an_inbox_with_notifications_is_told_with_its_types(fake: FakeStripe) -> None:
    fake.webhooks.collect()
    fake.webhooks.collect("customer.*", key="sk_test_another")
    fake.webhooks.hold()
    post("/customers")
    assert lines(fake, "Webhooks:") == [
        "held back: customer.created",
        "inbox of every account: nothing",
        "inbox of sk_test_******* for customer.*: nothing",
    ]
    fake.webhooks.release()
    assert lines(fake, "Webhooks:") == [
        "inbox of every account: customer.created",
        "inbox of sk_test_******* for customer.*: nothing",
    ]


def test_a_thin_event_names_the_request_that_caused_it(fake: FakeStripe) -> None:
    def fail(_: object) -> int:
        return 500

    fake.webhooks.deliver_to(fail, thin=True)
    meter = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation[formula]": "sum"}
    post("/billing/meters", **meter)
    failed, inbox = lines(fake, "Webhooks:")
    assert f"caused by {fake.journal[-1].request_id}) to the test's handler → 500" in failed
    assert inbox == "inbox of every account (thin): v1.billing.meter.created"
    fake.webhooks.failures.clear()


def test_long_sections_are_cut_off(fake: FakeStripe) -> None:
    for number in range(30):
        fake.webhooks.collect("invoice.paid")
        fake.webhooks.deliver_to(lambda _: 500, "customer.created")
        post(f"/customers/cus_{number}")
    for _ in range(3):
        post("/customers")
    fake.webhooks.failures.clear()
    for _ in range(100):
        fake.fail_next("POST /v1/invoices/*/pay", status=500)
    assert len(lines(fake, "Stripe calls:")) <= 20
    assert len(lines(fake, "Webhooks:")) <= 15
    assert len(lines(fake, "Planned and not met:")) <= 40


def test_a_full_journal_is_reported(fake: FakeStripe) -> None:
    client = fake.wsgi_app.test_client()
    headers = {"Authorization": f"Bearer {KEY}"}
    for number in range(300):
        client.get(f"/v1/customers/cus_{number % 2}", headers=headers)
    told = lines(fake, "Stripe calls:")
    assert told[0] == "(290 before these)"
    assert len(told) == 11
