"""What `fake.webhooks` refuses, at the line of the test: an inbox that would stay empty costs an hour."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from unittest.mock import AsyncMock
from unittest.mock import Mock

import pytest
from flask import Flask

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.delivery.handlers import HandlerFailed
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import Call

NEVER = "Stripe has events of the type {!r}, but the fake never sends one: the inbox would stay empty"
WANTED = "handler must be a function that takes a notification, "


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now="2025-01-01", seed=1) as fake:
        yield fake


@pytest.fixture
def call(fake: FakeStripe) -> Call:
    return Call(DOORS["engine"], fake)


def refused(param: str, act: Callable[[], object]) -> str:
    with pytest.raises(Misuse) as misuse:
        act()
    assert misuse.value.param == param
    return str(misuse.value)


@pytest.mark.parametrize(
    ("kind", "thin", "message"),
    [
        ("customer.create", False, "no event has the type 'customer.create'; did you mean 'customer.created'?"),
        ("invoices.*", False, "no event has the type 'invoices.*'; did you mean 'invoice.*'?"),
        ("customer", False, "no event has the type 'customer'; did you mean 'customer.updated'?"),
        (
            "",
            False,
            (
                "no event has the type ''; the first word of a type is billing, billing_portal, charge, checkout, "
                "coupon, credit_note, customer, data_management, invoice, invoice_payment, invoiceitem, "
                "payment_intent, payment_link, payment_method, plan, price, product, promotion_code, refund, "
                "setup_intent, subscription_schedule, tax_rate, or test_helpers"
            ),
        ),
        (
            "v1.billing.meter.error_report_trigered",
            True,
            (
                "no event has the type 'v1.billing.meter.error_report_trigered'; did you mean "
                "'v1.billing.meter.error_report_triggered'?"
            ),
        ),
        ("charge.dispute.created", False, NEVER.format("charge.dispute.created")),
        ("payout.*", False, NEVER.format("payout.*")),
        ("v1.charge.dispute.created", True, NEVER.format("v1.charge.dispute.created")),
        (
            "v1.billing.meter.created",
            False,
            "'v1.billing.meter.created' is the type of a thin event, as API v2 has them: give thin=True",
        ),
        (
            "billing.meter.created",
            True,
            "with thin=True the type is 'v1.billing.meter.created', not 'billing.meter.created'",
        ),
        (
            "customer.*",
            True,
            "no thin event that the fake sends has the type 'customer.*': leave out thin=True, and write 'customer.*'",
        ),
        ("v1.customer.created", False, "the type is 'customer.created', not 'v1.customer.created'"),
        (
            "v2.core.event_destination.ping",
            True,
            "'v2.core.event_destination.ping' is only sent to the event destination that is pinged, never to an inbox",
        ),
        (7, False, "types must be event types such as 'customer.created', not 7"),
        (
            ["customer.created"],
            False,
            (
                "types must be event types such as 'customer.created', each as an argument of its own, not "
                "['customer.created']"
            ),
        ),
    ],
)
def test_a_type_that_no_event_can_have(fake: FakeStripe, kind: str, message: str, *, thin: bool) -> None:
    assert refused("types", lambda: fake.webhooks.collect("*", kind, thin=thin)) == message
    assert refused("types", lambda: fake.webhooks.deliver_to(lambda _told: None, kind, thin=thin)) == message
    assert fake.webhooks.inboxes == []


@pytest.mark.parametrize(
    "kind", ["*", "customer.*", "customer.subscription.*", "billing.alert.recovered", "invoice.paid"]
)
def test_types_and_groups_that_events_can_have(fake: FakeStripe, kind: str) -> None:
    assert fake.webhooks.collect(kind).wanted == (kind,)


class App:
    """An ASGI application."""

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (
            "http://localhost:8000/hook",
            (
                "not 'http://localhost:8000/hook': for a receiver over HTTP, create a webhook endpoint; to call a "
                "function in its place, use stand_in"
            ),
        ),
        (None, "not None"),
        (200, "not 200"),
        (Flask("shop"), "not a WSGI application: give webhooks.app(application, url)"),
        (App(), "not an ASGI application: give webhooks.asgi(application, url)"),
        (lambda: 200, "and this cannot be called with one argument: too many positional arguments"),
        (
            lambda one, two: (one, two),
            "and this cannot be called with one argument: missing a required argument: 'two'",
        ),
    ],
    ids=["url", "none", "number", "wsgi", "asgi", "no argument", "two arguments"],
)
def test_what_is_no_handler(fake: FakeStripe, handler: Callable[[Notification], None], message: str) -> None:
    assert refused("handler", lambda: fake.webhooks.deliver_to(handler)) == WANTED + message
    assert refused("handler", lambda: fake.webhooks.stand_in("http://localhost/", handler)) == WANTED + message


@pytest.mark.parametrize(
    "handler",
    [print, [].append, Mock(return_value=None), AsyncMock(return_value=204)],
    ids=["function", "method", "mock", "async"],
)
def test_whatever_can_be_called_with_a_notification_is_a_handler(
    call: Call, handler: Callable[[Notification], None]
) -> None:
    call.fake.webhooks.deliver_to(handler)
    call.create("/v1/customers")
    call.fake.webhooks.raise_failures()


@pytest.mark.parametrize("answer", ["ok", ("", 204), True, 200.0, b""])
def test_what_is_no_status_is_a_failure_and_sent_again(call: Call, answer: object) -> None:
    answers = [answer, 200]
    call.fake.webhooks.deliver_to(lambda _notification: answers.pop(0))  # type: ignore[arg-type,return-value]
    call.create("/v1/customers")
    message = f"the handler <lambda> returned {answer!r} for customer.created, not a status such as 200, or None"
    with pytest.raises(HandlerFailed, match=f"^{re.escape(message)}$"):
        call.fake.webhooks.raise_failures()
    call.clock.advance(300)
    assert [each.outcome.error for each in call.fake.webhooks.tries] == [message, ""]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": ""}, "key must be a full test key, sk_test_… or rk_test_…, not ''"),
        ({"key": "sk_test_****1234"}, "key must be a full test key, sk_test_… or rk_test_…, not 'sk_test_****1234'"),
        ({"key": "acct_1"}, "key must be a full test key, sk_test_… or rk_test_…, not '******'"),
        ({"key": 7}, "key must be a string, not 7"),
        ({"secret": ""}, "secret must be a string that is not empty, or None for a new one, not ''"),
        ({"secret": b"whsec_1"}, "secret must be a string, not an object of the type bytes"),
        ({"secret": "whsec_\ud800"}, "secret must be a string that UTF-8 can write, not this one"),
        ({"thin": "yes"}, "thin must be true or false, not 'yes'"),
    ],
    ids=str,
)
def test_options_of_an_inbox_that_make_no_sense(fake: FakeStripe, options: dict[str, str], message: str) -> None:
    (name,) = options
    assert refused(name, lambda: fake.webhooks.collect(**options)) == message  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["", "shop.example/hook", "//shop.example/", "ftp://shop.example/", "http://a b/", 7])
def test_what_cannot_be_the_beginning_of_a_receivers_url(fake: FakeStripe, url: str) -> None:
    assert "url must be " in refused("url", lambda: fake.webhooks.stand_in(url, print))


def test_a_function_stands_in_for_the_webhooks_of_a_full_test_key(fake: FakeStripe) -> None:
    assert "key must be " in refused("key", lambda: fake.webhooks.stand_in("http://", print, key="sk_live_1234"))


@pytest.mark.parametrize("url", ["http://[", "http://localhost:70000/", "http://localhost:x/", "/a\nb", "/\ud800", 7])
def test_what_cannot_be_the_url_of_an_application(fake: FakeStripe, url: str) -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        """Answer nothing."""

    def of_wsgi(_environ: object, _start_response: object) -> list[bytes]:
        return []

    assert "url must be " in refused("url", lambda: fake.webhooks.asgi(app, url))
    assert "url must be " in refused("url", lambda: fake.webhooks.app(of_wsgi, url))


@pytest.mark.parametrize(
    "host", ["http://hooks.internal", "hooks.internal:8000", "hooks.internal/path", "", 7, ["a"], "*", "a\0b"]
)
def test_what_is_no_host(fake: FakeStripe, host: str) -> None:
    assert "hosts must be " in refused("hosts", lambda: fake.webhooks.allow("hooks.internal", host))
    assert fake.engine.world.settings.webhook_hosts == ()
    assert "webhook_hosts must be " in refused("webhook_hosts", lambda: FakeStripe(webhook_hosts=[host]))


@pytest.mark.parametrize("host", ["hooks.internal", "Hooks_1.INTERNAL.", "10.0.0.7", "::1", "[fe80::1]"])
def test_what_is_a_host(fake: FakeStripe, host: str) -> None:
    fake.webhooks.allow(host)
    assert fake.engine.world.settings.webhook_hosts == (host.lower(),)


@pytest.mark.parametrize("act", ["release", "drop", "repeat"])
def test_what_takes_notifications_takes_each_as_an_argument(call: Call, act: str) -> None:
    inbox = call.fake.webhooks.collect()
    call.create("/v1/customers")
    for several in (inbox, list(inbox), tuple(inbox)):
        message = refused("notifications", lambda: getattr(call.fake.webhooks, act)(several))  # noqa: B023
        assert message.startswith(f"{act} takes notifications, each as an argument of its own: {act}(*several), not ")
    for other in (inbox[0].id, inbox[0].json, None):
        message = refused("notifications", lambda: getattr(call.fake.webhooks, act)(other))  # noqa: B023
        assert message.startswith(f"{act} takes notifications, not ")
