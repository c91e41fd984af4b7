"""`fake.webhooks`: notifications without HTTP, and a test's power over their order and fate."""

from collections.abc import Callable
from collections.abc import Iterator

import pytest
import stripe
from flask import Flask
from flask import request

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.delivery.handlers import HandlerFailed
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources import shop
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import subscribe
from tests.resources.v2.conftest import make

NOW = 1_735_689_600
METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


@pytest.fixture
def call(fake: FakeStripe) -> Call:
    return Call(DOORS["engine"], fake)


def customers(call: Call, *names: str) -> None:
    for name in names:
        call.create("/v1/customers", {"name": name})


def names(notifications: object) -> list[str]:
    return [each.json["data"]["object"]["name"] for each in notifications]  # type: ignore[attr-defined]


def test_notifications_are_collected_at_once(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    customers(call, "Ada")
    call.create("/v1/billing/meters", METER)
    assert inbox.types == ["customer.created", "billing.meter.created"]
    assert names([inbox[0]]) == ["Ada"]
    assert len(inbox) == 2
    event = stripe.Webhook.construct_event(inbox[1].body, inbox[1].signature, inbox.secret)
    assert event.type == "billing.meter.created"


def test_types_secret_payload_and_account_can_be_chosen(call: Call) -> None:
    snapshots = call.fake.webhooks.collect("billing.*", secret="whsec_mine")
    thin = call.fake.webhooks.collect("v1.billing.meter.created", thin=True)
    elsewhere = call.fake.webhooks.collect(key="sk_test_other")
    customers(call, "Ada")
    call.create("/v1/billing/meters", METER)
    assert (snapshots.types, snapshots.secret) == (["billing.meter.created"], "whsec_mine")
    assert thin.types == ["v1.billing.meter.created"]
    assert list(thin)[0].json["object"] == "v2.core.event"  # noqa: RUF015  the iterator is what is tried
    assert elsewhere.types == []
    call.create("/v1/customers", key="sk_test_other")
    assert elsewhere.types == ["customer.created"]


CONNECTED = {"Stripe-Account": "acct_connected"}
HOOKS = "http://localhost/hooks"


def heard(call: Call) -> list[Notification]:
    """What comes to HOOKS from now on."""
    received: list[Notification] = []
    call.fake.webhooks.stand_in(HOOKS, received.append)
    return received


def endpoint(call: Call, **params: object) -> str:
    params = {"url": HOOKS, "enabled_events": ["customer.created"], **params}
    made: str = call.create("/v1/webhook_endpoints", params)["id"]
    return made


def test_an_endpoint_for_connected_accounts_hears_of_them_and_not_of_ones_own(call: Call) -> None:
    received = heard(call)
    endpoint(call, connect=True)
    call.create("/v1/customers", {"name": "Own"})
    call.create("/v1/customers", {"name": "Theirs"}, headers=CONNECTED)
    call.create("/v1/customers", {"name": "Another's"}, key="sk_test_other", headers=CONNECTED)
    assert names(received) == ["Theirs"]
    assert list(received[0].json)[:3] == ["id", "object", "account"]
    assert received[0].json["account"] == "acct_connected"


def test_an_endpoint_of_ones_own_hears_nothing_of_connected_accounts(call: Call) -> None:
    received = heard(call)
    endpoint(call)
    call.create("/v1/customers", {"name": "Theirs"}, headers=CONNECTED)
    call.create("/v1/customers", {"name": "Own"})
    assert names(received) == ["Own"]
    assert "account" not in received[0].json


def test_a_destination_may_hear_of_both(call: Call) -> None:
    received = heard(call)
    destination = {
        "name": "All",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": ["v1.billing.meter.created"],
        "events_from": ["@self", "@accounts"],
        "webhook_endpoint": {"url": HOOKS},
    }
    make(call, "/v2/core/event_destinations", destination)
    call.create("/v1/billing/meters", METER)
    call.create("/v1/billing/meters", METER, headers=CONNECTED)
    assert [each.json["context"] for each in received] == [None, "acct_connected"]


def test_what_a_connected_account_did_not_get_rid_of_is_sent_again_also_after_a_restore(call: Call) -> None:
    answers = [500, 200]
    received = []

    def handler(notification: Notification) -> int:
        received.append(notification)
        return answers.pop(0)

    call.fake.webhooks.stand_in(HOOKS, handler)
    endpoint(call, connect=True)
    call.create("/v1/customers", headers=CONNECTED)
    call.fake.restore(call.fake.snapshot())
    call.fake.webhooks.stand_in(HOOKS, handler)
    call.clock.advance(300)
    assert [each.json["account"] for each in received] == ["acct_connected"] * 2


def in_acacia(call: Call, *, through_v2: bool) -> None:
    """A destination of snapshots in a version before basil."""
    if not through_v2:
        endpoint(call, enabled_events=["customer.subscription.created"], api_version="2025-02-24.acacia")
        return
    destination = {
        "name": "Older",
        "type": "webhook_endpoint",
        "event_payload": "snapshot",
        "snapshot_api_version": "2025-02-24.acacia",
        "enabled_events": ["customer.subscription.created"],
        "webhook_endpoint": {"url": HOOKS},
    }
    make(call, "/v2/core/event_destinations", destination)


@pytest.mark.parametrize("through_v2", [False, True])
def test_each_try_of_a_delivery_has_the_content_of_the_first_in_the_destinations_version(
    call: Call, *, through_v2: bool
) -> None:
    answers = [500, 200]
    received = []

    def handler(notification: Notification) -> int:
        received.append(notification)
        return answers.pop(0)

    call.fake.webhooks.stand_in(HOOKS, handler)
    in_acacia(call, through_v2=through_v2)
    made = subscribe(call, customer(call), licensed(call))
    call.create(f"/v1/subscriptions/{made['id']}", {"metadata": {"a": 1}})
    call.fake.restore(call.fake.snapshot())
    call.fake.webhooks.stand_in(HOOKS, handler)
    call.clock.advance(300)
    first, second = (each.json for each in received)
    assert first == second
    assert first["api_version"] == "2025-02-24.acacia"
    assert first["data"]["object"]["current_period_start"] == made["created"]
    (kept,) = call.get("/v1/events", {"type": "customer.subscription.created"}).json["data"]
    assert (kept["id"], kept["api_version"]) == (first["id"], "2025-08-27.preview")
    assert "current_period_start" not in kept["data"]["object"]


def test_a_handler_sees_the_time_at_which_it_is_told(call: Call) -> None:
    seen: list[tuple[int, int]] = []

    def handler(notification: Notification) -> None:
        made = call.create("/v1/customers", {"name": "made by the handler"})
        seen.append((notification.json["created"], made["created"]))

    call.fake.webhooks.deliver_to(handler, "invoice.created")
    shop.subscribe(call, shop.customer(call), shop.metered(call))
    seen.clear()
    call.clock.freeze("2025-03-05")
    assert seen == [(1738368000, 1738368000), (1740787200, 1740787200)]
    assert call.clock.now() == 1741132800


def test_a_handler_that_moves_the_clock_is_not_moved_back(call: Call) -> None:
    call.fake.webhooks.deliver_to(lambda _told: call.clock.freeze("2025-02-20"), "invoice.finalized")
    shop.subscribe(call, shop.customer(call), shop.metered(call))
    call.clock.freeze("2025-02-02")
    assert call.clock.now() == 1740009600


def test_a_function_is_called_before_the_answer_is_there(call: Call) -> None:
    seen: list[str] = []
    call.fake.webhooks.deliver_to(lambda notification: seen.append(notification.type), "customer.created")
    customers(call, "Ada")
    assert seen == ["customer.created"]


def test_what_a_function_does_to_the_fake_is_told_after_it(call: Call) -> None:
    seen: list[str] = []

    def handler(notification: Notification) -> None:
        seen.append(f"{notification.type} begins")
        if notification.type == "customer.created":
            call.create(f"/v1/customers/{notification.json['data']['object']['id']}", {"name": "seen"})
            call.fake.flush()
        seen.append(f"{notification.type} ends")

    call.fake.webhooks.deliver_to(handler)
    customers(call, "Ada")
    assert seen == [
        "customer.created begins",
        "customer.created ends",
        "customer.updated begins",
        "customer.updated ends",
    ]


def application(secret: str, seen: list[str]) -> Flask:
    app = Flask("shop")

    @app.post("/stripe/webhooks")
    def hook() -> tuple[str, int]:
        event = stripe.Webhook.construct_event(request.data, request.headers["Stripe-Signature"], secret)
        seen.append(f"{event.type} {request.args.get('from')} {request.host} {request.content_type}")
        return "", 204

    return app


def test_a_wsgi_application_takes_them(call: Call) -> None:
    seen: list[str] = []
    app = application("whsec_shop", seen)
    handler = call.fake.webhooks.app(app, "https://shop.example/stripe/webhooks?from=stripe")
    call.fake.webhooks.deliver_to(handler, "customer.created", secret="whsec_shop")
    customers(call, "Ada")
    assert seen == ["customer.created stripe shop.example application/json; charset=utf-8"]
    assert call.fake.webhooks.tries[0].outcome.status == 204


def test_a_function_stands_in_for_whatever_is_created_with_a_url(call: Call) -> None:
    seen: list[str] = []
    call.fake.webhooks.stand_in("https://shop.example/", lambda each: seen.append(f"shop {each.type}"))
    call.fake.webhooks.stand_in("https://shop.example/admin", lambda each: seen.append(f"admin {each.type}"))
    for path in ("hook", "admin/hook"):
        made = {"url": f"https://shop.example/{path}", "enabled_events": ["customer.created"]}
        call.create("/v1/webhook_endpoints", made)
    customers(call, "Ada")
    assert seen == ["shop customer.created", "admin customer.created"]


def test_a_handlers_failure_is_kept_and_raised(call: Call) -> None:
    def fail(_notification: Notification) -> None:
        raise KeyError("bug")

    call.fake.webhooks.deliver_to(fail)
    customers(call, "Ada")
    assert call.fake.webhooks.tries[0].outcome.error == "KeyError: 'bug'"
    with pytest.raises(KeyError, match="bug"):
        call.fake.webhooks.raise_failures()
    call.fake.webhooks.raise_failures()


def test_a_check_of_the_fake_raises_it_too(call: Call) -> None:
    call.fake.webhooks.deliver_to(lambda _notification: 400)
    customers(call, "Ada")
    with pytest.raises(HandlerFailed):
        call.fake.check()
    call.fake.check()


def test_several_failures_are_raised_together(call: Call) -> None:
    call.fake.webhooks.deliver_to(lambda _notification: 500)
    customers(call, "Ada", "Grace")
    with pytest.raises(ExceptionGroup) as failures:
        call.fake.webhooks.raise_failures()
    assert [str(each) for each in failures.value.exceptions] == [
        "the handler <lambda> answered 500 to customer.created"
    ] * 2
    assert all(isinstance(each, HandlerFailed) for each in failures.value.exceptions)


def test_the_answer_of_an_application_that_fails_is_told(call: Call) -> None:
    def app(_environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        start_response("422 Unprocessable Content", [])
        return [b"<h1 class=red>no \x1b[1mfield</h1>\n", b"'plan', " * 100]

    call.fake.webhooks.deliver_to(call.fake.webhooks.app(app, "http://localhost/hooks?from=stripe"))
    customers(call, "Ada")
    with pytest.raises(HandlerFailed) as failure:
        call.fake.webhooks.raise_failures()
    head = "POST /hooks of the application answered 422 to customer.created: no \\x1b[1mfield 'plan', 'plan',"
    assert str(failure.value).startswith(head)
    assert len(str(failure.value)) < 400
    assert [each.outcome.status for each in call.fake.webhooks.tries] == [422]


def test_an_applications_failure_is_kept_too(call: Call) -> None:
    app = application("whsec_wrong", [])
    app.testing = True
    handler = call.fake.webhooks.app(app, "http://localhost/stripe/webhooks")
    call.fake.webhooks.deliver_to(handler, secret="whsec_right")
    customers(call, "Ada")
    with pytest.raises(stripe.SignatureVerificationError):
        call.fake.webhooks.raise_failures()


def let_a_handler_fail(and_then: Exception | None = None) -> None:
    with FakeStripe(now=NOW) as fake:
        fake.webhooks.deliver_to(lambda _notification: 400)
        customers(Call(DOORS["engine"], fake), "Ada")
        if and_then is not None:
            raise and_then


def test_a_failure_nobody_looked_at_is_raised_at_the_end() -> None:
    with pytest.raises(HandlerFailed):
        let_a_handler_fail()


def test_it_does_not_hide_what_went_wrong_before() -> None:
    with pytest.raises(ZeroDivisionError):
        let_a_handler_fail(ZeroDivisionError())


def test_what_a_handler_did_not_take_is_sent_again(call: Call) -> None:
    answers = [500, 404, 200]
    inbox = call.fake.webhooks.deliver_to(lambda _notification: answers.pop(0))
    customers(call, "Ada")
    call.clock.advance(86_400)
    assert [(each.at - NOW, each.outcome.status) for each in call.fake.webhooks.tries] == [
        (0, 500),
        (300, 404),
        (1_800, 200),
    ]
    assert len({each.id for each in inbox}) == 1
    call.fake.webhooks.failures.clear()


def test_what_is_held_waits(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    call.fake.webhooks.hold()
    customers(call, "Ada", "Grace")
    call.fake.flush()
    call.clock.advance(86_400)
    assert len(inbox) == 0
    assert names(call.fake.webhooks.held) == ["Ada", "Grace"]
    call.fake.webhooks.release()
    assert names(inbox) == ["Ada", "Grace"]
    customers(call, "Mary")
    assert names(inbox) == ["Ada", "Grace", "Mary"]
    assert call.fake.webhooks.held == []


def test_what_is_held_can_be_reordered_and_lost(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    call.fake.webhooks.hold()
    customers(call, "Ada", "Grace", "Mary")
    ada, grace, mary = call.fake.webhooks.held
    call.fake.webhooks.release(mary, ada)
    assert names(inbox) == ["Mary", "Ada"]
    call.fake.webhooks.drop(grace)
    call.fake.webhooks.release()
    assert names(inbox) == ["Mary", "Ada"]
    assert call.get("/v1/events").json["data"][1]["pending_webhooks"] == 1


def test_what_is_released_one_by_one_leaves_the_rest_held(call: Call) -> None:
    call.fake.webhooks.collect()
    call.fake.webhooks.hold()
    customers(call, "Ada", "Grace")
    call.fake.webhooks.release(call.fake.webhooks.held[0])
    customers(call, "Mary")
    assert names(call.fake.webhooks.held) == ["Grace", "Mary"]


def test_what_was_sent_can_be_sent_again(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    customers(call, "Ada")
    call.fake.webhooks.repeat(inbox[0])
    call.fake.webhooks.repeat(inbox[0])
    assert names(inbox) == ["Ada"] * 3
    assert len({each.body for each in inbox}) == 1
    assert call.get("/v1/events").json["data"][0]["pending_webhooks"] == 0
    call.clock.advance(86_400)
    assert len(inbox) == 3


def test_many_are_sent_again_in_the_given_order(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    customers(call, "Ada", "Grace")
    ada, grace = inbox
    call.fake.webhooks.repeat(grace, ada, ada)
    assert names(inbox) == ["Ada", "Grace", "Grace", "Ada", "Ada"]


@pytest.mark.parametrize("act", ["release", "drop"])
def test_none_is_taken_out_if_one_of_them_is_not_held(call: Call, act: str) -> None:
    inbox = call.fake.webhooks.collect()
    customers(call, "sent")
    call.fake.webhooks.hold()
    customers(call, "Ada", "Grace")
    ada, grace = call.fake.webhooks.held
    for several in ((ada, inbox[0]), (ada, grace, ada)):
        with pytest.raises(Misuse, match=f"the webhook {several[-1].id} is not held"):
            getattr(call.fake.webhooks, act)(*several)
    assert (names(inbox), names(call.fake.webhooks.held)) == (["sent"], ["Ada", "Grace"])


def test_none_is_repeated_if_one_of_them_cannot_be(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    customers(call, "Ada")
    stranger = Notification("del_nope", "customer.created", "we_nope", "http://localhost/", "whsec", b"{}")
    with pytest.raises(Misuse, match="del_nope"):
        call.fake.webhooks.repeat(inbox[0], stranger)
    assert names(inbox) == ["Ada"]


def test_what_was_sent_more_than_thirty_days_ago_is_not_repeated(call: Call) -> None:
    inbox = call.fake.webhooks.collect("customer.created")
    call.create("/v1/customers")
    call.clock.advance(30 * 86_400)
    call.create("/v1/customers")
    with pytest.raises(Misuse, match=f"no notification {inbox[0].id} was sent in the last 30 days"):
        call.fake.webhooks.repeat(inbox[0])
    assert len(inbox) == 2


@pytest.mark.parametrize("act", ["release", "drop", "repeat"])
def test_what_is_not_there_cannot_be_sent(call: Call, act: str) -> None:
    stranger = Notification("del_nope", "customer.created", "we_nope", "http://localhost/", "whsec", b"{}")
    with pytest.raises(Misuse, match="del_nope"):
        getattr(call.fake.webhooks, act)(stranger)


@pytest.mark.parametrize("seconds", [0, -1, True, "1", None])
def test_a_timeout_is_a_number_of_seconds(call: Call, seconds: object) -> None:
    with pytest.raises(Misuse, match="timeout"):
        call.fake.webhooks.timeout = seconds  # type: ignore[assignment]


def test_a_reset_forgets_it_all(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    call.fake.webhooks.hold()
    call.fake.webhooks.allow("hooks.test")
    call.fake.webhooks.timeout = 1
    customers(call, "Ada")
    call.fake.reset()
    assert (call.fake.webhooks.held, call.fake.webhooks.tries, call.fake.webhooks.failures) == ([], [], [])
    assert call.fake.webhooks.timeout == 10
    assert call.fake.engine.world.settings.webhook_hosts == ()
    customers(call, "Ada")
    assert len(inbox) == 0


def test_begin_forgets_it_too(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    call.fake.begin(now=NOW)
    customers(call, "Ada")
    assert len(inbox) == 0
    again = call.fake.webhooks.collect()
    customers(call, "Ada")
    assert len(again) == 1


def test_events_are_listed_by_whether_every_webhook_was_delivered(call: Call) -> None:
    def delivered(success: str) -> list[str]:
        listed = call.get("/v1/events", {"delivery_success": success, "type": "customer.created"}).json["data"]
        return [each["data"]["object"]["name"] for each in listed]

    customers(call, "Nobody hears")
    heard(call)
    endpoint(call)
    customers(call, "Ada")
    call.fake.webhooks.hold()
    customers(call, "Grace", "Mary")
    assert (delivered("true"), delivered("false")) == (["Ada", "Nobody hears"], ["Mary", "Grace"])
    grace, mary = call.fake.webhooks.held
    call.fake.webhooks.drop(mary)
    call.fake.webhooks.release(grace)
    assert (delivered("true"), delivered("false")) == (["Grace", "Ada", "Nobody hears"], ["Mary"])
    assert call.get("/v1/events", {"delivery_success": "maybe"}).error["param"] == "delivery_success"
