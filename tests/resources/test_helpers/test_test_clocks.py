"""Test clocks: their customers live in their time, and in no other."""

import pytest

from fakestripe_meters.core import world
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

CLOCKS = "/v1/test_helpers/test_clocks"
LONG_AGO = 1_000_000_000


def clock(call: Call, frozen_time: int = NEW_YEAR) -> str:
    created: str = call.create(CLOCKS, {"frozen_time": frozen_time})["id"]
    return created


def advance(call: Call, clock_id: str, frozen_time: int) -> None:
    assert call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": frozen_time})["frozen_time"] == frozen_time


def test_a_clock_stands_where_it_was_put(call: Call) -> None:
    created = call.create(CLOCKS, {"frozen_time": LONG_AGO, "name": "Then"})
    assert created["id"].startswith("clock_")
    assert created == {
        "id": created["id"],
        "object": "test_helpers.test_clock",
        "created": NEW_YEAR,
        "deletes_after": NEW_YEAR + 30 * DAY,
        "frozen_time": LONG_AGO,
        "livemode": False,
        "name": "Then",
        "status": "ready",
        "status_details": {},
    }
    assert call.get(f"{CLOCKS}/{created['id']}").json == created
    assert types(call) == ["test_helpers.test_clock.created"]


def test_its_customers_live_in_its_time(call: Call) -> None:
    ada = call.create("/v1/customers", {"test_clock": clock(call, LONG_AGO), "expand": ["test_clock"]})
    assert (ada["created"], ada["test_clock"]["frozen_time"]) == (LONG_AGO, LONG_AGO)
    subscription = subscribe(call, ada["id"], metered(call))
    assert (subscription["created"], subscription["test_clock"]) == (LONG_AGO, ada["test_clock"]["id"])
    created = events(call, "customer.*")
    assert {event["created"] for event in created} == {LONG_AGO}


def test_the_accounts_clock_does_not_move_them(call: Call) -> None:
    ada = customer(call, test_clock=clock(call))
    subscribe(call, ada, metered(call))
    call.clock.freeze(MARCH)
    assert invoices(call) == []


def test_advancing_settles_before_it_answers(call: Call) -> None:
    clock_id = clock(call)
    ada, bob = customer(call, test_clock=clock_id), customer(call)
    price = metered(call)
    subscription = subscribe(call, ada, price)
    subscribe(call, bob, price)
    use(call, ada, 7)
    answer = call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": FEBRUARY + HOUR})
    assert (answer["status"], answer["status_details"]) == ("ready", {})
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["total"], invoice["test_clock"]) == ("paid", 7, clock_id)
    assert (invoice["created"], invoice["status_transitions"]["paid_at"]) == (FEBRUARY, FEBRUARY + HOUR)
    assert call.get(f"/v1/subscriptions/{subscription['id']}").json["items"]["data"][0]["current_period_end"] == MARCH
    assert call.clock.now() == NEW_YEAR
    about = events(call, "test_helpers.*")
    assert [(event["type"].rpartition(".")[2], event["data"]["object"]["status"]) for event in about] == [
        ("created", "ready"),
        ("advancing", "advancing"),
        ("ready", "ready"),
    ]


# While it advances

ASYNCHRONOUS = [True, 30]


def advancing(call: Call, async_clocks: bool | float) -> tuple[str, str]:
    """A clock that is advancing by a month, and a customer on it."""
    call.fake.begin(now=NEW_YEAR, seed=1, async_clocks=async_clocks)
    clock_id = clock(call)
    ada = customer(call, test_clock=clock_id)
    subscribe(call, ada, metered(call))
    call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": FEBRUARY + HOUR})
    return clock_id, ada


def assert_underway(answer: Answer, clock_id: str) -> None:
    assert answer.status == 429
    assert {name: answer.error[name] for name in answer.error if name != "request_log_url"} == {
        "message": f"Test clock advancement underway - cannot perform modifications: {clock_id}",
        "type": "invalid_request_error",
    }


def statuses(call: Call) -> list[str]:
    """What the events about clocks show."""
    return [event["data"]["object"]["status"] for event in events(call, "test_helpers.*")]


def test_advancing_can_be_as_asynchronous_as_stripes(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, async_clocks=True)
    clock_id = clock(call)
    ada = customer(call, test_clock=clock_id)
    subscribe(call, ada, metered(call))
    answer = call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": FEBRUARY + HOUR})
    assert (answer["status"], answer["frozen_time"]) == ("advancing", NEW_YEAR)
    assert answer["status_details"] == {"advancing": {"target_frozen_time": FEBRUARY + HOUR}}
    assert statuses(call) == ["ready", "advancing"]
    poll = call.get(f"{CLOCKS}/{clock_id}")
    assert (poll.json["status"], poll.json["frozen_time"]) == ("ready", FEBRUARY + HOUR)
    assert poll.json["status_details"] == {}
    ready = events(call, "test_helpers.*")[-1]
    assert (ready["type"], ready["request"]["id"]) == ("test_helpers.test_clock.ready", None)
    assert ready["data"]["object"] == poll.json
    assert invoices(call)[0]["status"] == "paid"


@pytest.mark.parametrize("async_clocks", ASYNCHRONOUS)
def test_nothing_of_a_clock_that_is_advancing_can_be_changed(call: Call, async_clocks: bool | float) -> None:
    clock_id, ada = advancing(call, async_clocks)
    (subscription,) = call.get("/v1/subscriptions", {"customer": ada}).ids
    (item,) = call.get("/v1/subscription_items", {"subscription": subscription}).ids
    invoice = call.get("/v1/invoices", {"customer": ada}).ids[0]
    price = call.get("/v1/prices").ids[0]
    grant = {"amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 5}}, "category": "paid"}
    scope = {"applicability_config": {"scope": {"price_type": "metered"}}}
    for method, path, params in (
        ("POST", "/v1/subscriptions", {"customer": ada, "items": [{"price": price}]}),
        ("POST", f"/v1/subscriptions/{subscription}", {"metadata": {"a": 1}}),
        ("DELETE", f"/v1/subscriptions/{subscription}", None),
        ("POST", "/v1/subscription_items", {"subscription": subscription, "price": licensed(call)}),
        ("POST", f"/v1/subscription_items/{item}", {"metadata": {"a": 1}}),
        ("DELETE", f"/v1/subscription_items/{item}", None),
        ("POST", f"/v1/customers/{ada}", {"name": "Grace"}),
        ("DELETE", f"/v1/customers/{ada}", None),
        ("POST", "/v1/customers", {"test_clock": clock_id}),
        ("POST", "/v1/invoices", {"customer": ada}),
        ("POST", f"/v1/invoices/{invoice}", {"metadata": {"a": 1}}),
        ("POST", f"/v1/invoices/{invoice}/finalize", None),
        ("POST", f"/v1/invoices/{invoice}/pay", None),
        ("POST", "/v1/invoiceitems", {"customer": ada, "amount": 5, "currency": "usd"}),
        ("POST", "/v1/billing/credit_grants", {"customer": ada, **grant, **scope}),
        ("POST", f"{CLOCKS}/{clock_id}/advance", {"frozen_time": MARCH}),
        ("DELETE", f"{CLOCKS}/{clock_id}", None),
    ):
        assert_underway(call.request(method, path, params), clock_id)


@pytest.mark.parametrize("async_clocks", ASYNCHRONOUS)
def test_what_is_read_or_used_or_of_another_clock_goes_on_meanwhile(call: Call, async_clocks: bool | float) -> None:
    _, ada = advancing(call, async_clocks)
    use(call, ada, 5)
    (made,) = call.get("/v1/subscriptions", {"customer": ada}).ids
    assert call.create("/v1/invoices/create_preview", {"subscription": made})["total"] == 5
    assert call.get(f"/v1/customers/{ada}").status == 200
    assert len(call.get("/v1/invoices", {"customer": ada}).ids) == 1
    other = clock(call)
    bob = customer(call, test_clock=other)
    call.create(f"/v1/customers/{bob}", {"name": "Bob"})
    call.create("/v1/customers")
    assert statuses(call) == ["ready", "advancing", "ready"]


def test_a_clock_that_is_ready_can_be_changed_and_advanced_again(call: Call) -> None:
    clock_id, ada = advancing(call, True)  # noqa: FBT003  it is the value of the option
    assert_underway(call.post(f"/v1/customers/{ada}", {"name": "Grace"}), clock_id)
    assert call.get(f"{CLOCKS}/{clock_id}").json["status"] == "ready"
    call.create(f"/v1/customers/{ada}", {"name": "Grace"})
    call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": MARCH})
    assert_underway(call.delete(f"{CLOCKS}/{clock_id}"), clock_id)
    assert [each["status"] for each in call.get(CLOCKS).json["data"]] == ["ready"]
    assert call.delete(f"{CLOCKS}/{clock_id}").status == 200


@pytest.mark.parametrize("async_clocks", ASYNCHRONOUS)
def test_a_repetition_with_the_same_idempotency_key_is_done_when_the_clock_is_ready(
    call: Call, async_clocks: bool | float
) -> None:
    clock_id, ada = advancing(call, async_clocks)
    change = {"name": "Grace"}
    assert_underway(call.post(f"/v1/customers/{ada}", change, idempotency_key="k"), clock_id)
    call.clock.advance(30)
    again = call.post(f"/v1/customers/{ada}", change, idempotency_key="k")
    assert (again.status, again.json["name"]) == (200, "Grace")
    assert "Idempotent-Replayed" not in again.headers


def test_a_clock_may_take_so_many_seconds_however_often_it_is_looked_at(call: Call) -> None:
    clock_id, ada = advancing(call, 30)
    for _ in range(3):
        call.clock.advance(9.9)
        poll = call.get(f"{CLOCKS}/{clock_id}").json
        assert (poll["status"], poll["frozen_time"]) == ("advancing", NEW_YEAR)
        assert call.get(CLOCKS).json["data"] == [poll]
        assert_underway(call.post(f"/v1/customers/{ada}", {"name": "Grace"}), clock_id)
    call.clock.advance(0.3)
    assert statuses(call) == ["ready", "advancing", "ready"]
    assert events(call, "test_helpers.*")[-1]["created"] == NEW_YEAR + 30
    assert call.get(f"{CLOCKS}/{clock_id}").json["frozen_time"] == FEBRUARY + HOUR
    call.create(f"/v1/customers/{ada}", {"name": "Grace"})


def test_a_clock_that_nobody_looks_at_is_ready_after_a_second(call: Call) -> None:
    _, ada = advancing(call, True)  # noqa: FBT003  it is the value of the option
    call.clock.advance(0.999)
    assert statuses(call) == ["ready", "advancing"]
    call.clock.advance(0.001)
    assert statuses(call) == ["ready", "advancing", "ready"]
    call.create(f"/v1/customers/{ada}", {"name": "Grace"})


def test_an_advance_is_not_cut_short_by_the_end_of_the_one_before(call: Call) -> None:
    clock_id, _ = advancing(call, True)  # noqa: FBT003  it is the value of the option
    call.clock.advance(0.5)
    assert call.get(f"{CLOCKS}/{clock_id}").json["status"] == "ready"
    call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": MARCH})
    call.clock.advance(0.5)
    assert statuses(call) == ["ready", "advancing", "ready", "advancing"]
    call.clock.advance(0.5)
    assert statuses(call) == ["ready", "advancing", "ready", "advancing", "ready"]


@pytest.mark.parametrize("seconds", [0, 0.0])
def test_no_seconds_are_no_wait(call: Call, seconds: float) -> None:
    clock_id, _ = advancing(call, seconds)
    assert call.get(f"{CLOCKS}/{clock_id}").json["status"] == "ready"
    assert statuses(call) == ["ready", "advancing", "ready"]


def test_receivers_are_told_while_the_clock_is_advancing_and_cannot_change_anything_then(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, async_clocks=True)
    clock_id = clock(call)
    ada = customer(call, test_clock=clock_id)
    subscription = subscribe(call, ada, licensed(call))["id"]
    answers: list[Answer] = []

    def handler(_notification: Notification) -> None:
        answers.append(call.post(f"/v1/subscriptions/{subscription}", {"metadata": {"seen": "yes"}}))

    call.fake.webhooks.deliver_to(handler, "invoice.paid")
    call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": FEBRUARY + HOUR})
    (answer,) = answers
    assert_underway(answer, clock_id)
    assert call.get(f"{CLOCKS}/{clock_id}").json["status"] == "ready"
    assert call.get(f"/v1/subscriptions/{subscription}").json["metadata"] == {}


@pytest.mark.parametrize("async_clocks", ASYNCHRONOUS)
def test_a_clock_goes_on_advancing_after_a_restore(call: Call, async_clocks: bool | float) -> None:
    clock_id, ada = advancing(call, async_clocks)
    snapshot = call.fake.snapshot()
    call.fake.begin(now=NEW_YEAR)
    call.fake.restore(snapshot)
    assert_underway(call.post(f"/v1/customers/{ada}", {"name": "Grace"}), clock_id)
    assert statuses(call) == ["ready", "advancing"]
    call.clock.advance(30)
    assert call.get(f"{CLOCKS}/{clock_id}").json["status"] == "ready"
    assert len(call.get("/v1/invoices", {"customer": ada}).ids) == 1


def test_an_advance_in_an_older_snapshot_still_has_its_work_to_do(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, async_clocks=True)
    clock_id = clock(call)
    ada = customer(call, test_clock=clock_id)
    subscribe(call, ada, metered(call))
    snapshot = call.fake.snapshot()
    account = snapshot["accounts"][0]
    (each,) = account["parts"]["test_helpers.test_clocks"]["table"]
    del each["left"], each["ready_ns"]
    each["target"] = FEBRUARY + HOUR
    account["agenda"].append([NEW_YEAR * 1_000_000_000, "test_clock.advance", clock_id])
    call.fake.restore(snapshot)
    assert len(call.get("/v1/invoices", {"customer": ada}).ids) == 1
    assert call.get(f"{CLOCKS}/{clock_id}").json["frozen_time"] == FEBRUARY + HOUR


# Clocks that are not there


def test_a_missing_clock_is_a_missing_billingclock(call: Call) -> None:
    missing = {"test_clock": "clock_x"}
    for answer, param in (
        (call.get(f"{CLOCKS}/clock_x"), "id"),
        (call.post(f"{CLOCKS}/clock_x/advance", {"frozen_time": MARCH}), "id"),
        (call.delete(f"{CLOCKS}/clock_x"), "id"),
        (call.post("/v1/customers", missing), "test_clock"),
        (call.get("/v1/customers", missing), "test_clock"),
        (call.get("/v1/subscriptions", missing), "test_clock"),
    ):
        assert (answer.status, answer.error["code"]) == (404, "resource_missing")
        assert (answer.error["message"], answer.error["param"]) == ("No such billingclock: 'clock_x'", param)
    cursor = call.get(CLOCKS, {"starting_after": "clock_x"})
    assert (cursor.status, cursor.error["message"]) == (400, "No such billingclock: 'clock_x'")


def test_a_clock_that_was_deleted_has_no_customers(call: Call) -> None:
    clock_id = clock(call)
    customer(call, test_clock=clock_id)
    call.delete(f"{CLOCKS}/{clock_id}")
    assert call.get("/v1/customers", {"test_clock": clock_id}).ids == []


# What it does


def test_a_clock_does_the_work_that_its_world_was_given(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    world = call.fake.engine.world
    turned: list[str] = []
    given = {**world.due_work, Work.TURN_SUBSCRIPTION: lambda _account, subject: turned.append(subject)}
    monkeypatch.setattr(world, "due_work", given)
    clock_id = clock(call)
    subscription = subscribe(call, customer(call, test_clock=clock_id), licensed(call))
    call.create(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": FEBRUARY})
    assert turned == [subscription["id"]]


def test_usage_is_judged_by_the_clock(call: Call) -> None:
    clock_id = clock(call, LONG_AGO)
    ada = customer(call, test_clock=clock_id)
    made = subscribe(call, ada, metered(call))
    use(call, ada, 3)
    use(call, ada, 4, LONG_AGO + 60)
    for at in (NEW_YEAR, LONG_AGO - 36 * DAY, LONG_AGO + 301):
        payload = {"stripe_customer_id": ada, "value": 1}
        refused = call.post("/v1/billing/meter_events", {"event_name": "calls", "payload": payload, "timestamp": at})
        assert refused.status == 400
    assert call.create("/v1/invoices/create_preview", {"subscription": made["id"]})["total"] == 7


def test_usage_of_api_v2_is_judged_by_the_clock_too(call: Call) -> None:
    clock_id = clock(call, LONG_AGO)
    ada = customer(call, test_clock=clock_id)
    made = subscribe(call, ada, metered(call))
    body = f'{{"event_name": "calls", "payload": {{"stripe_customer_id": "{ada}", "value": "5"}}}}'
    answer = call.post("/v2/billing/meter_events", body, headers={"Content-Type": "application/json"})
    assert answer.status == 200
    assert answer.json["timestamp"].startswith("2001-09-09T01:46:40")
    assert call.create("/v1/invoices/create_preview", {"subscription": made["id"]})["total"] == 5


@pytest.mark.parametrize("target", [NEW_YEAR, NEW_YEAR - 1, -1, 10**18])
def test_a_clock_moves_forward_only(call: Call, target: int) -> None:
    clock_id = clock(call)
    refused = call.post(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": target})
    assert (refused.status, refused.error["param"]) == (400, "frozen_time")
    assert call.get(f"{CLOCKS}/{clock_id}").json["frozen_time"] == NEW_YEAR


# Stripe's caps


def test_a_clock_without_subscriptions_advances_two_years_at_most(call: Call) -> None:
    clock_id = clock(call)
    refused = call.post(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": NEW_YEAR + 730 * DAY + 1})
    assert (refused.status, refused.error["param"]) == (400, "frozen_time")
    advance(call, clock_id, NEW_YEAR + 730 * DAY)


def test_a_clock_advances_two_of_its_shortest_intervals_at_most(call: Call) -> None:
    clock_id = clock(call)
    subscribe(call, customer(call, test_clock=clock_id), licensed(call, interval="year"))
    weekly = subscribe(call, customer(call, test_clock=clock_id), licensed(call, interval="week"))
    refused = call.post(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": NEW_YEAR + 14 * DAY + 1})
    assert refused.status == 400
    advance(call, clock_id, NEW_YEAR + 14 * DAY)
    call.delete(f"/v1/subscriptions/{weekly['id']}")
    advance(call, clock_id, NEW_YEAR + 700 * DAY)


def test_a_clock_has_three_customers_with_three_subscriptions_each_at_most(call: Call) -> None:
    clock_id, price = clock(call), metered(call)
    ada, *_ = [customer(call, test_clock=clock_id) for _ in range(3)]
    refused = call.post("/v1/customers", {"test_clock": clock_id})
    assert (refused.status, refused.error["param"]) == (400, "test_clock")
    for _ in range(3):
        subscribe(call, ada, price)
    refused = call.post("/v1/subscriptions", {"customer": ada, "items": [{"price": price}]})
    assert (refused.status, refused.error["param"]) == (400, "customer")


def test_the_caps_can_be_lifted(call: Call) -> None:
    call.fake.engine.world.settings.relaxed = True
    clock_id, price = clock(call), metered(call)
    for _ in range(4):
        ada = customer(call, test_clock=clock_id)
    for _ in range(4):
        subscribe(call, ada, price)
    advance(call, clock_id, NEW_YEAR + 3 * 365 * DAY)
    assert len(invoices(call, subscription=call.get("/v1/subscriptions", {"customer": ada}).ids[0])) == 36


def test_without_the_caps_too_much_work_at_once_is_refused_before_it_begins(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    call.fake.engine.world.settings.relaxed = True
    monkeypatch.setattr(world, "MOST_WORK", 30)
    clock_id, daily = clock(call), licensed(call, interval="day")
    for _ in range(3):
        subscribe(call, customer(call, test_clock=clock_id), daily)
    before = call.get(f"{CLOCKS}/{clock_id}").json
    refused = call.post(f"{CLOCKS}/{clock_id}/advance", {"frozen_time": NEW_YEAR + 12 * DAY})
    assert (refused.status, refused.error["param"]) == (400, "frozen_time")
    assert refused.error["message"] == (
        "This would end about 33 billing periods, and 30 is the most for one call: "
        "advance the test clock in smaller steps."
    )
    assert call.get(f"{CLOCKS}/{clock_id}").json == before
    advance(call, clock_id, NEW_YEAR + 11 * DAY)
    advance(call, clock_id, NEW_YEAR + 12 * DAY)
    assert len(invoices(call)) == 3 * 13


# Attach, list, delete


def test_a_customer_without_subscriptions_can_be_attached(call: Call) -> None:
    ada = customer(call)
    clock_id = call.create(CLOCKS, {"frozen_time": NEW_YEAR, "customer": ada})["id"]
    assert call.get(f"/v1/customers/{ada}").json["test_clock"] == clock_id
    bob = customer(call)
    subscribe(call, bob, metered(call))
    for wrong in (ada, bob, "cus_x"):
        refused = call.post(CLOCKS, {"frozen_time": NEW_YEAR, "customer": wrong})
        assert (refused.status, refused.error["param"]) == (400, "customer")
    assert call.get(CLOCKS).ids == [clock_id]


def test_lists_leave_out_who_lives_on_a_clock(call: Call) -> None:
    clock_id, price = clock(call), metered(call)
    ada, bob = customer(call, test_clock=clock_id), customer(call)
    hers, his = subscribe(call, ada, price)["id"], subscribe(call, bob, price)["id"]
    assert call.get("/v1/customers").ids == [bob]
    assert call.get("/v1/customers", {"test_clock": clock_id}).ids == [ada]
    assert call.get("/v1/subscriptions").ids == [his]
    assert call.get("/v1/subscriptions", {"test_clock": clock_id}).ids == [hers]
    assert call.get("/v1/subscriptions", {"customer": ada}).ids == [hers]


def test_clocks_are_listed_newest_first(call: Call) -> None:
    first, second = clock(call), clock(call)
    assert call.get(CLOCKS).ids == [second, first]
    assert call.get(CLOCKS, {"limit": 1}).json["has_more"] is True


def test_a_deleted_clock_takes_its_customers_along(call: Call) -> None:
    clock_id = clock(call, LONG_AGO)
    ada = customer(call, test_clock=clock_id)
    subscription = subscribe(call, ada, metered(call, meter(call)))["id"]
    deleted = call.delete(f"{CLOCKS}/{clock_id}").json
    assert deleted == {"id": clock_id, "object": "test_helpers.test_clock", "deleted": True}
    assert call.get(f"/v1/customers/{ada}").json["deleted"] is True
    canceled = call.get(f"/v1/subscriptions/{subscription}").json
    assert (canceled["status"], canceled["ended_at"]) == ("canceled", LONG_AGO)
    assert types(call)[-3:] == [
        "customer.subscription.deleted",
        "customer.deleted",
        "test_helpers.test_clock.deleted",
    ]
    assert call.get(f"{CLOCKS}/{clock_id}").status == 404
    assert call.create(f"/v1/subscriptions/{subscription}", {"metadata": {"a": "1"}})["metadata"] == {"a": "1"}


def test_a_snapshot_carries_a_clock_and_what_waits_for_its_time(call: Call) -> None:
    clock_id = clock(call)
    ada = customer(call, test_clock=clock_id)
    subscribe(call, ada, metered(call))
    use(call, ada, 7)
    snapshot = call.fake.snapshot()
    advance(call, clock_id, FEBRUARY + HOUR)
    call.fake.restore(snapshot)
    assert invoices(call) == []
    advance(call, clock_id, FEBRUARY + HOUR)
    assert [invoice["total"] for invoice in invoices(call)] == [7]
