"""The option `tick`: after each request a frozen clock moves on a little."""

import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import Call
from tests.delivery.test_outbox import Handler
from tests.delivery.test_outbox import receiving
from tests.delivery.test_outbox import reply
from tests.resources import shop

NOW = 1_735_689_600
DAY = 86_400


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NOW, seed=1, limits="off", tick=1) as fake:
        yield Call(DOORS["engine"], fake)


def test_no_two_changes_share_an_instant(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    for name in ("Ada", "Grace", "Mary"):
        call.post(f"/v1/customers/{customer}", {"name": name})
    events = call.get("/v1/events").json["data"]
    assert [event["created"] for event in events] == [NOW + 3, NOW + 2, NOW + 1, NOW]


def test_whatever_is_answered_takes_a_tick(call: Call) -> None:
    fake = call.fake
    call.get("/v1/customers")
    call.get("/v1/customers/cus_none")
    call.get("/v1/unicorns")
    call.post("/v1/quotes")
    fake.fail_next("GET /v1/customers", status=500)
    call.get("/v1/customers")
    fake.stub("POST /v1/quotes", json={})
    call.post("/v1/quotes")
    assert fake.clock.now() == NOW + 6
    assert Client(fake.wsgi_app).get("/v1/customers").status_code == 401
    assert fake.clock.now() == NOW + 7


def test_the_control_plane_takes_none(call: Call) -> None:
    client = Client(call.fake.wsgi_app)
    for path in ("clock", "limits", "journal", "health", "snapshot"):
        assert client.get(f"/_fakestripe/{path}").status_code == 200
    client.post("/_fakestripe/flush")
    assert call.clock.now() == NOW


def test_by_default_a_frozen_clock_stands_still() -> None:
    with FakeStripe(now=NOW) as fake:
        Call(DOORS["engine"], fake).create("/v1/customers")
        assert fake.clock.now_ns() == NOW * 10**9


def test_a_tick_may_be_a_part_of_a_second() -> None:
    with FakeStripe(now=NOW, tick=0.001) as fake:
        call = Call(DOORS["engine"], fake)
        for _ in range(3):
            call.get("/v1/customers")
        assert fake.clock.now_ns() == NOW * 10**9 + 3 * 10**6


def test_a_running_clock_does_not_jump() -> None:
    with FakeStripe(tick=DAY) as fake:
        before = fake.clock.now()
        Call(DOORS["engine"], fake).get("/v1/customers")
        assert fake.clock.now() < before + DAY


def test_limits_refill() -> None:
    with FakeStripe(now=NOW, limits={"global": 1}, tick=1) as fake:
        call = Call(DOORS["engine"], fake)
        assert [call.get("/v1/customers").status for _ in range(3)] == [200] * 3


def test_scheduled_work_is_done_on_the_way() -> None:
    with FakeStripe(now=NOW, seed=1, limits="off", tick=DAY) as fake:
        call = Call(DOORS["engine"], fake)
        inbox = fake.webhooks.collect("invoice.paid")
        shop.subscribe(call, shop.customer(call), shop.licensed(call))
        while fake.clock.now() < NOW + 40 * DAY:
            call.get("/v1/customers", key="sk_test_other")
        assert len(inbox) == 2


def test_what_a_handler_asks_for_comes_later_and_takes_a_tick_itself(call: Call) -> None:
    seen: list[int] = []

    def handler(_notification: Notification) -> None:
        seen.append(call.clock.now())
        if len(seen) < 3:
            call.create("/v1/customers")

    call.fake.webhooks.deliver_to(handler, "customer.created")
    assert call.create("/v1/customers")["created"] == NOW
    assert seen == [NOW + 1, NOW + 2, NOW + 3]


def test_while_the_clock_moves_a_handlers_requests_do_not_lengthen_the_move(call: Call) -> None:
    call.fake.webhooks.deliver_to(lambda _told: call.get("/v1/customers").status, "invoice.*")
    shop.subscribe(call, shop.customer(call), shop.licensed(call))
    before = call.clock.now()
    call.clock.advance(40 * DAY)
    assert call.clock.now() == before + 40 * DAY


def test_a_receiver_over_http_may_make_requests(call: Call) -> None:
    """It waits for none of them, although a move of the clock waits for the receiver."""
    with receiving() as receiver:

        def act(handler: Handler) -> None:
            call.create("/v1/customers")
            reply(200)(handler)

        receiver.acts = [act]
        call.create("/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["billing.meter.created"]})
        meter = {"display_name": "A", "event_name": "a", "default_aggregation": {"formula": "sum"}}
        begun = time.monotonic()
        call.create("/v1/billing/meters", meter)
        call.clock.advance(DAY)
    assert time.monotonic() - begun < 3
    assert [each.outcome.status for each in call.fake.webhooks.tries] == [200]
    assert call.clock.now() >= NOW + DAY + 2


def test_each_request_of_several_threads_takes_a_tick(call: Call) -> None:
    def ask() -> None:
        for _ in range(25):
            call.get("/v1/customers")

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert call.clock.now() == NOW + 100


def test_the_clock_stands_at_the_end_of_its_years() -> None:
    with FakeStripe(now=LAST_SECOND - 1, tick=1) as fake:
        call = Call(DOORS["engine"], fake)
        assert [call.get("/v1/customers").status for _ in range(3)] == [200] * 3
        assert fake.clock.now() == LAST_SECOND


def test_a_handler_that_resets_starts_the_clock_anew(call: Call) -> None:
    call.fake.webhooks.deliver_to(lambda _told: call.fake.reset(), "customer.created")
    call.create("/v1/customers")
    assert call.clock.now() == NOW


def test_the_process_sees_it() -> None:
    with FakeStripe(now=NOW, tick=1) as fake, fake.freeze_process():
        Call(DOORS["engine"], fake).get("/v1/customers")
        assert time.time() == NOW + 1


def test_a_snapshot_keeps_it(call: Call) -> None:
    with FakeStripe() as other:
        other.restore(call.fake.snapshot())
        Call(DOORS["engine"], other).get("/v1/customers")
        assert other.clock.now() == NOW + 1
    tree = call.fake.snapshot()
    del tree["settings"]["tick_ns"]  # as an older release has written it
    call.fake.restore(tree)
    call.get("/v1/customers")
    assert call.clock.now() == NOW
    tree["settings"]["tick_ns"] = 10**18
    with pytest.raises(Misuse, match="tick_ns"):
        call.fake.restore(tree)


@pytest.mark.parametrize("tick", [-1, DAY + 0.5, "1", True, None, float("nan")])
def test_a_tick_is_a_number_of_seconds_up_to_a_day(tick: Any) -> None:  # noqa: ANN401  anything
    with pytest.raises(Misuse, match="tick must be a number of seconds from 0 to 86400") as caught:
        FakeStripe(tick=tick)
    assert caught.value.param == "tick"
