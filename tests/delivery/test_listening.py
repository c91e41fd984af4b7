"""Inboxes and handlers of a test: whom they hear, that the API shows none, and what a restore does to them."""

import json
import threading
from collections.abc import Iterator

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import Call

NOW = 1_735_689_600
HOUR, DAY = 3_600, 86_400
KEY, OTHER = "sk_test_application_1234", "sk_test_another_5678"
CONNECTED = {"Stripe-Account": "acct_connected"}
HOOKS = "http://localhost/hooks"
METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
IN_TIME_S = 60
"""Until then threads do their work, on a machine that is busy."""


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1, limits="off") as fake:
        yield fake


@pytest.fixture
def call(fake: FakeStripe) -> Call:
    return Call(DOORS["engine"], fake)


def named(notifications: object) -> list[str]:
    return [each.json["data"]["object"]["name"] for each in notifications]  # type: ignore[attr-defined]


def test_an_inbox_hears_accounts_that_are_made_later_too(call: Call) -> None:
    call.create("/v1/customers", {"name": "too early"})
    inbox = call.fake.webhooks.collect("customer.created")
    call.create("/v1/customers", {"name": "default"})
    call.create("/v1/customers", {"name": "application"}, key=KEY)
    call.create("/v1/customers", {"name": "connected"}, key=KEY, headers=CONNECTED)
    call.create("/v1/customers", {"name": "restricted"}, key="rk_test_restricted")
    assert named(inbox) == ["default", "application", "connected", "restricted"]
    assert [each.account for each in inbox] == [
        "sk_test_******ripe",
        "sk_test_************1234",
        "acct_connected",
        "rk_test_******cted",
    ]


def test_a_handler_hears_every_account_and_thin_events_too(call: Call) -> None:
    heard: list[str] = []
    call.fake.webhooks.deliver_to(lambda each: heard.append(each.type))
    thin = call.fake.webhooks.collect("v1.billing.meter.*", thin=True)
    call.create("/v1/billing/meters", METER, key=KEY)
    call.create("/v1/billing/meters", METER, key=OTHER, headers=CONNECTED)
    assert heard == ["billing.meter.created"] * 2
    assert [(each.type, each.json["context"]) for each in thin] == [
        ("v1.billing.meter.created", None),
        ("v1.billing.meter.created", "acct_connected"),
    ]


def test_a_key_limits_an_inbox_to_its_account_and_those_connected_to_it(call: Call) -> None:
    inbox = call.fake.webhooks.collect("customer.created", key=KEY)
    call.create("/v1/customers", {"name": "default"})
    call.create("/v1/customers", {"name": "other's"}, key=OTHER, headers=CONNECTED)
    call.create("/v1/customers", {"name": "own"}, key=KEY)
    call.create("/v1/customers", {"name": "connected"}, key=KEY, headers=CONNECTED)
    assert named(inbox) == ["own", "connected"]


def test_an_event_of_a_connected_account_says_whose_it_is_also_if_the_platform_has_done_nothing(call: Call) -> None:
    inbox = call.fake.webhooks.collect("customer.created")
    call.create("/v1/customers", key=KEY, headers=CONNECTED)
    call.create("/v1/customers", key=KEY)
    assert [each.json.get("account") for each in inbox] == ["acct_connected", None]


def test_an_inbox_and_an_endpoint_hear_an_event_once_each(call: Call) -> None:
    heard: list[str] = []
    call.fake.webhooks.stand_in(HOOKS, lambda each: heard.append(each.type))
    inbox = call.fake.webhooks.collect()
    call.create("/v1/webhook_endpoints", {"url": HOOKS, "enabled_events": ["*"], "connect": True}, key=KEY)
    call.create("/v1/customers", key=KEY, headers=CONNECTED)
    assert (inbox.types, heard) == (["customer.created"], ["customer.created"])


def test_a_key_limits_what_a_function_stands_in_for(call: Call) -> None:
    heard: list[str] = []
    for name in (None, KEY):
        made = {"url": f"{HOOKS}/{name}", "enabled_events": ["customer.created"]}
        call.create("/v1/webhook_endpoints", made, key=name or OTHER)
    call.fake.webhooks.stand_in(HOOKS, lambda each: heard.append(f"every {each.account}"))
    call.fake.webhooks.stand_in(HOOKS, lambda each: heard.append(f"its {each.account}"), key=KEY)
    call.create("/v1/customers", key=OTHER)
    call.create("/v1/customers", key=KEY)
    assert heard == ["every sk_test_********5678", "its sk_test_************1234"]


def test_nothing_of_an_inbox_is_in_the_api(call: Call) -> None:
    inboxes = call.fake.webhooks.collect(), call.fake.webhooks.collect(thin=True, key=KEY)
    call.create("/v1/customers", key=KEY)
    assert call.get("/v1/webhook_endpoints", key=KEY).json["data"] == []
    assert call.get("/v2/core/event_destinations", key=KEY).json["data"] == []
    for inbox in inboxes:
        assert call.get(f"/v1/webhook_endpoints/{inbox.id}", key=KEY).status == 404
    assert call.get("/v1/events", key=KEY).json["data"][0]["pending_webhooks"] == 0


def test_ids_with_a_seed_do_not_depend_on_inboxes() -> None:
    made = []
    for inboxes in (0, 2):
        fake = FakeStripe(now=NOW, seed=1)
        call = Call(DOORS["engine"], fake)
        for thin in range(inboxes):
            fake.webhooks.collect(thin=bool(thin))
        endpoint = call.create("/v1/webhook_endpoints", {"url": HOOKS, "enabled_events": ["customer.created"]})
        customer, event = call.create("/v1/customers"), call.get("/v1/events").ids
        made.append((endpoint["id"], endpoint["secret"], customer["id"], event))
        fake.close()
    assert made[0] == made[1]


def test_inboxes_with_a_seed_have_the_same_ids_and_secrets_each_time() -> None:
    inboxes = [FakeStripe(seed=1).webhooks.collect() for _ in range(2)]
    assert len({(each.id, each.url, each.secret) for each in inboxes}) == 1
    fake = FakeStripe(seed=1)
    several = [fake.webhooks.collect() for _ in range(3)]
    assert len({each.id for each in several}) == len({each.secret for each in several}) == 3


def test_a_reset_of_one_key_leaves_inboxes_alone(call: Call) -> None:
    inboxes = call.fake.webhooks.collect("customer.created"), call.fake.webhooks.collect("customer.created", key=KEY)
    call.create("/v1/customers", key=KEY)
    call.fake.control.reset(KEY)
    call.create("/v1/customers", key=KEY)
    assert [len(each) for each in inboxes] == [2, 2]


def test_while_the_clock_runs_a_report_comes_without_any_request() -> None:
    real_ns = [NOW * 10**9]
    options = {"seed": 1, "async_validation": True}
    with FakeStripe(**options) as fake, fake.clock.running_by(lambda: real_ns[0]):  # type: ignore[arg-type]
        call, arrived = Call(DOORS["engine"], fake), threading.Event()
        fake.webhooks.deliver_to(lambda _report: arrived.set(), "v1.billing.meter.error_report_triggered", thin=True)
        call.create("/v1/billing/meters", METER)
        usage = {"event_name": "calls", "payload": {"stripe_customer_id": "cus_nobody", "value": "1"}}
        call.create("/v1/billing/meter_events", usage)
        real_ns[0] += 60 * 10**9
        assert arrived.wait(IN_TIME_S)


# Restores


def test_after_a_restore_an_inbox_of_this_fake_goes_on_hearing(call: Call) -> None:
    empty = call.fake.snapshot()
    inbox = call.fake.webhooks.collect("customer.created")
    call.create("/v1/customers", {"name": "before"}, key=KEY)
    call.fake.restore(empty)
    call.create("/v1/customers", {"name": "after"}, key=KEY)
    another = call.fake.webhooks.collect("customer.created")
    call.create("/v1/customers", {"name": "at last"}, key=KEY)
    assert (named(inbox), named(another)) == (["before", "after", "at last"], ["at last"])


def test_after_a_restore_functions_go_on_standing_in(call: Call) -> None:
    heard: list[str] = []
    call.create("/v1/webhook_endpoints", {"url": HOOKS, "enabled_events": ["customer.created"]})
    call.fake.webhooks.stand_in(HOOKS, lambda each: heard.append(each.type))
    call.fake.restore(call.fake.snapshot())
    call.create("/v1/customers")
    assert heard == ["customer.created"]


def test_what_was_held_before_a_restore_is_held_again(call: Call) -> None:
    inbox = call.fake.webhooks.collect("customer.created")
    call.fake.webhooks.hold()
    call.create("/v1/customers", {"name": "Ada"})
    call.fake.restore(call.fake.snapshot())
    call.fake.webhooks.settle()
    assert (len(inbox), named(call.fake.webhooks.held)) == (0, ["Ada"])
    call.fake.webhooks.release()
    assert named(inbox) == ["Ada"]


def test_a_checkpoint_leaves_an_inbox_its_tries_and_its_failures(call: Call) -> None:
    inbox = call.fake.webhooks.deliver_to(lambda _notification: 500, "customer.created")
    with call.fake.checkpoint():
        call.create("/v1/customers", {"name": "within"})
    call.create("/v1/customers", {"name": "after"})
    assert named(inbox) == named(each.notification for each in call.fake.webhooks.tries) == ["within", "after"]
    assert len(call.fake.webhooks.failures) == 2
    call.fake.webhooks.failures.clear()


def test_what_waits_for_a_retry_is_sent_to_the_inbox_after_a_restore(call: Call) -> None:
    answers = [500, 200]
    inbox = call.fake.webhooks.deliver_to(lambda _notification: answers.pop(0), "customer.created")
    call.create("/v1/customers", {"name": "Ada"})
    call.fake.restore(json.loads(json.dumps(call.fake.snapshot())))
    call.clock.advance(300)
    assert named(inbox) == ["Ada", "Ada"]


@pytest.mark.parametrize("seed", [1, 2])
def test_in_another_fake_nothing_is_sent_for_an_inbox_that_is_not_there(call: Call, seed: int) -> None:
    call.fake.webhooks.deliver_to(lambda _notification: 500, "customer.created")
    call.fake.webhooks.collect("customer.updated")
    made = call.create("/v1/customers", {"name": "Ada"})["id"]
    call.fake.webhooks.hold()
    call.create(f"/v1/customers/{made}", {"name": "Grace"})
    call.fake.webhooks.failures.clear()
    with FakeStripe(seed=seed) as other:
        other.restore(json.loads(json.dumps(call.fake.snapshot())))
        inbox = other.webhooks.collect()
        other.webhooks.settle()
        other.clock.advance(3 * DAY)
        assert (inbox.types, other.webhooks.tries, other.webhooks.held) == ([], [], [])
        Call(DOORS["engine"], other).create("/v1/customers")
        assert inbox.types == ["customer.created"]


def test_what_an_inbox_of_another_fake_received_cannot_be_repeated(call: Call) -> None:
    inbox = call.fake.webhooks.collect()
    call.create("/v1/customers")
    with FakeStripe() as other:
        other.restore(call.fake.snapshot())
        with pytest.raises(
            Misuse, match=f"{inbox[0].id} cannot be repeated: nobody receives http://webhooks.localhost/1/"
        ):
            other.webhooks.repeat(inbox[0])
        assert other.webhooks.tries == []


# What a test is told


def test_an_inbox_says_whom_and_what_it_hears_and_how_much_it_has(call: Call) -> None:
    webhooks = call.fake.webhooks
    inboxes = [
        webhooks.collect(),
        webhooks.collect("customer.created", "invoice.*", key=KEY),
        webhooks.collect("v1.billing.*", thin=True),
    ]
    call.create("/v1/customers", key=KEY)
    call.create("/v1/customers", key=OTHER)
    assert [repr(each) for each in inboxes] == [
        "<Inbox of every account: all types, 2 notifications>",
        "<Inbox of sk_test_************1234: customer.created, invoice.*, 1 notification>",
        "<Inbox of every account: v1.billing.*, thin, no notifications>",
    ]
    assert webhooks.inboxes == inboxes
    call.fake.reset()
    assert webhooks.inboxes == []


def test_a_notification_is_one_line_without_secrets(call: Call) -> None:
    heard: list[Notification] = []
    url = "http://user:password@localhost/hooks?token=abc"
    call.fake.webhooks.stand_in(url, heard.append)
    call.create("/v1/webhook_endpoints", {"url": url, "enabled_events": ["*"]}, key=KEY)
    call.create("/v1/customers", {"name": "secret"}, key=KEY)
    (told,) = heard
    line = f"<Notification {told.id}: customer.created of sk_test_************1234 to http://localhost/hooks>"
    assert (repr(told), str(told)) == (line, line)


def test_events_for_nobody_are_counted_by_type_and_account(call: Call) -> None:
    call.fake.webhooks.collect("customer.updated")
    made = call.create("/v1/customers", key=KEY)["id"]
    call.create("/v1/customers", key=KEY)
    call.create(f"/v1/customers/{made}", {"name": "Ada"}, key=KEY)
    call.create("/v1/billing/meters", METER, headers=CONNECTED)
    found = [(each.type, each.account, each.count, each.thin) for each in call.fake.webhooks.unheard]
    assert found == [
        ("customer.created", "sk_test_************1234", 2, False),
        ("billing.meter.created", "acct_connected", 1, False),
        ("v1.billing.meter.created", "acct_connected", 1, True),
    ]
    call.fake.close()
    assert len(call.fake.webhooks.unheard) == 3


def test_a_failing_handler_delays_the_invoices_of_every_account(call: Call) -> None:
    call.fake.webhooks.deliver_to(lambda each: 500 if each.type == "invoice.created" else 200)
    seat = {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "day"}, "product_data": {"name": "Seat"}}
    price, customer = call.create("/v1/prices", seat, key=KEY)["id"], call.create("/v1/customers", key=KEY)["id"]
    call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": price}]}, key=KEY)
    call.clock.advance(DAY + HOUR)
    assert call.get("/v1/invoices", key=KEY).json["data"][0]["status"] == "draft"
    call.clock.advance(3 * DAY)
    assert call.get("/v1/invoices", {"status": "draft", "limit": 100}, key=KEY).json["data"][-1]["created"] > NOW + DAY
    call.fake.webhooks.failures.clear()


def test_an_index_that_an_inbox_does_not_have_names_the_inbox(call: Call) -> None:
    inbox = call.fake.webhooks.collect("customer.created")
    message = "there is no notification 0 in <Inbox of every account: customer.created, no notifications>"
    with pytest.raises(IndexError, match=f"^{message}$"):
        inbox[0]
    assert list(inbox) == []
