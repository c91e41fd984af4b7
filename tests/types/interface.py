"""What a type checker knows of the public names. It is checked, not run."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from typing import assert_type

import stripe

from fakestripe_meters import AccountSummary
from fakestripe_meters import Billing
from fakestripe_meters import BillingExplanation
from fakestripe_meters import Clock
from fakestripe_meters import Credit
from fakestripe_meters import Dropped
from fakestripe_meters import Exchange
from fakestripe_meters import Exchanges
from fakestripe_meters import Explained
from fakestripe_meters import ExplainedLine
from fakestripe_meters import Explanation
from fakestripe_meters import FakeStripe
from fakestripe_meters import Import
from fakestripe_meters import Inbox
from fakestripe_meters import InvoiceExplanation
from fakestripe_meters import MarkerOptions
from fakestripe_meters import Notification
from fakestripe_meters import Outcome
from fakestripe_meters import Progress
from fakestripe_meters import RestrictedKey
from fakestripe_meters import Scheduled
from fakestripe_meters import Stub
from fakestripe_meters import StubbedCall
from fakestripe_meters import Try
from fakestripe_meters import Unheard
from fakestripe_meters import Unstruck
from fakestripe_meters import Unstrucks
from fakestripe_meters import Webhooks
from fakestripe_meters import When


def made() -> None:
    with FakeStripe(now="2025-01-01", limits={"analytics": 1}, retries=(3, 5), seed=1) as fake:
        assert_type(fake, FakeStripe)
        assert_type(fake.url, str)
        assert_type(fake.api_key, str)
        assert_type(fake.closed, bool)
    FakeStripe(nwo="2025-01-01")  # wrong: a misspelt option
    FakeStripe(lag="30")  # wrong: text for a number
    fake.begin(now=1735689600, relaxed=True)
    fake.begin(relaxd=True)  # wrong: a misspelt option


def settings() -> MarkerOptions:
    return {"now": "2025-01-01", "freeze_process": True}


def wrong_settings() -> MarkerOptions:
    return {"frozen": True}  # wrong: no option


def at(fake: FakeStripe, when: When) -> None:
    assert_type(fake.clock, Clock)
    assert_type(fake.clock.now(), int)
    assert_type(fake.clock.frozen, bool)
    fake.clock.freeze(when)
    fake.clock.advance(0.5)
    fake.clock.advance("1 hour")  # wrong: no number
    fake.clock.advance(1, progress=tell)
    fake.clock.freeze(when, progress=lambda progress: progress.total - progress.done)
    fake.clock.advance(1, progress=1)  # wrong: no function


def tell(progress: Progress) -> None:
    assert_type((progress.done, progress.total, progress.now), tuple[int, int, int])


def counted(fake: FakeStripe) -> None:
    assert_type(fake.usage("tokens", "cus_1"), Decimal)
    assert_type(fake.usage_by_day("tokens", "cus_1", start="2025-01-01"), dict[str, Decimal])
    assert_type(fake.usage("tokens", "cus_1", timezone="UTC", dimension_filters={"model": ["a"], "tier": "b"}), Decimal)
    assert_type(fake.accounts, list[AccountSummary])
    assert_type(fake.agenda("acct_1", limit=1), list[Scheduled])
    assert_type(fake.import_usage(b"", filename="usage.csv", source="dashboard", progress=tell), Import)
    assert_type(fake.import_usage(Path("usage.json"), account="sk_test_other"), Import)
    assert_type(fake.imports, list[Import])
    assert_type(fake.peak_rates(), dict[str, int])
    fake.assert_usage({"cus_1": {"tokens": 120, "calls": {"2025-01-31": "0.5"}}})


def explained(fake: FakeStripe) -> None:
    explanation = fake.explain("tokens", "cus_1")
    assert_type(explanation, Explanation)
    assert_type(explanation.of("counted"), list[Explained])
    explanation.of("conted")  # wrong: no outcome
    invoice = fake.explain_invoice("in_1")
    assert_type(invoice, InvoiceExplanation)
    assert_type(invoice.lines[0], ExplainedLine)
    assert_type(invoice.lines[0].credits[0], Credit)
    billing = fake.explain_billing("tokens", "cus_1")
    assert_type(billing, BillingExplanation)
    assert_type(billing.of("event"), list[Billing])


def asked(fake: FakeStripe) -> None:
    assert_type(fake.journal, Exchanges)
    assert_type(fake.journal.find(path="/v1/*", status=200), Exchanges)
    assert_type(fake.journal[-1], Exchange)
    assert_type(fake.journal[-1].error, dict[str, Any] | None)
    assert_type(fake.journal[-1].answer, Any)
    assert_type(fake.journal[-1].headers, dict[str, str] | None)
    assert_type(fake.journal[-1].request_headers, dict[str, str] | None)
    assert_type(fake.journal[-1].no_answer, str | None)
    assert_type(fake.dropped_events, list[Dropped])


def failing(fake: FakeStripe) -> None:
    fake.fail_next("POST /v1/billing/meter_events", status=429, times=2)
    fake.fail_next("POST /v1/billing/meter_events", staus=429)  # wrong: a misspelt argument
    fake.chaos(seed=1, rate=0.1)
    stub = fake.stub("POST /v1/quotes", json={"id": "qt_1"}, times=1)
    assert_type(stub, Stub)
    assert_type(stub.calls, list[StubbedCall])
    assert_type(fake.unstruck, Unstrucks)
    assert_type(fake.unstruck[0], Unstruck)
    with fake.checkpoint():
        fake.restore(fake.snapshot())


def visiting(fake: FakeStripe) -> None:
    assert_type(fake.complete_checkout("cs_1"), dict[str, Any])
    assert_type(fake.complete_checkout("cs_1", "pm_card_visa", email="a@example.com", name="Ada"), dict[str, Any])
    fake.complete_checkout("cs_1", cart="pm_card_visa")  # wrong: a misspelt argument
    assert_type(fake.expire_checkout("cs_1", account="sk_test_a"), dict[str, Any])


def restricting(fake: FakeStripe) -> None:
    fake.restrict_key("rk_test_a", {"billing_meter": "write"}, account="sk_test_a")
    fake.restrict_key("rk_test_a", permissions="metering")
    fake.restrict_key("rk_test_a", ["customer_read"])  # wrong: a list in the place of a dict
    fake.unrestrict_key("rk_test_a")
    assert_type(fake.restricted_keys, list[RestrictedKey])
    assert_type(fake.restricted_keys[0]["permissions"], dict[str, str])
    assert_type(fake.needed_permissions, dict[str, str])
    assert_type(fake.permissions_needed_by("rk_test_a"), dict[str, str])


def notified(fake: FakeStripe) -> None:
    assert_type(fake.webhooks, Webhooks)
    inbox = fake.webhooks.collect("customer.created")
    assert_type(inbox, Inbox)
    assert_type(inbox[0], Notification)
    assert_type(list(inbox), list[Notification])
    assert_type(inbox.types, list[str])
    assert_type(inbox[0].json, dict[str, Any])
    assert_type(fake.webhooks.tries[0], Try)
    assert_type(fake.webhooks.tries[0].outcome, Outcome)
    assert_type(fake.webhooks.unheard, list[Unheard])

    def handler(notification: Notification) -> int:
        return len(notification.body)

    assert_type(fake.webhooks.deliver_to(handler), Inbox)
    fake.webhooks.deliver_to(lambda _notification: None)


async def decorated(fake: FakeStripe) -> None:
    @fake.intercept()
    def bill(customer: str, *, tokens: int) -> str:
        return customer * tokens

    assert_type(bill("cus_1", tokens=2), str)
    bill(1, tokens=2)  # wrong: a number for a text

    @fake.intercept()
    async def bill_later(customer: str) -> str:
        return customer

    assert_type(await bill_later("cus_1"), str)

    with fake.intercept(), fake.freeze_process():
        pass


def spoken_to(fake: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient(fake.api_key, http_client=fake.http_client())
