"""Receivers that call the fake before they answer: each call is done or gets 409, and no call waits for long."""

import json
import threading
from collections.abc import Callable
from collections.abc import Iterator
from threading import Event
from threading import Thread
from typing import Any

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters.core import clock
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.delivery import outbox
from fakestripe_meters.delivery import outcome
from fakestripe_meters.delivery import traffic
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import Call
from tests.delivery.test_outbox import Act
from tests.delivery.test_outbox import Handler
from tests.delivery.test_outbox import Receiver
from tests.delivery.test_outbox import receiving
from tests.delivery.test_outbox import reply
from tests.delivery.test_outbox import reply_after
from tests.resources import shop

NOW = 1_735_689_600
DAY = 86_400
LONG_S = 300
"""A receiver's time in these tests: whoever waits for it fails the test."""
IN_TIME_S = 60
"""Until then threads end, on a machine that is busy."""
NEVER_REFUSED = [
    ("POST", "/_fakestripe/reset", {}),
    ("POST", "/_fakestripe/reset", {"account": "sk_test_fakestripe"}),
    ("POST", "/_fakestripe/flush", {}),
    ("GET", "/_fakestripe/clock", None),
    ("GET", "/_fakestripe/snapshot", None),
    ("GET", "/_fakestripe/journal", None),
    ("GET", "/_fakestripe/journal?answers=true", None),
    ("GET", "/_fakestripe/webhooks", None),
    ("POST", "/_fakestripe/webhooks/hold", {}),
    ("POST", "/_fakestripe/webhooks/settle", {}),
    ("POST", "/_fakestripe/checkpoints", {}),
    ("GET", "/_fakestripe/dropped", None),
    ("GET", "/_fakestripe/faults", None),
    ("DELETE", "/_fakestripe/faults", None),
    ("PUT", "/_fakestripe/limits", {"profile": "off"}),
    ("PUT", "/_fakestripe/lag", {"seconds": 1}),
]
REFUSED = [{"advance": 1}, {"freeze": "2026-01-01"}, {"resume": True}]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """A fake that soon refuses what waits for a delivery for which others wait too."""
    monkeypatch.setattr(clock, "PATIENCE_S", 0.02)
    monkeypatch.setattr(traffic, "PATIENCE_S", LONG_S)
    monkeypatch.setattr(traffic, "SHORT_PATIENCE_S", 0.05)
    with FakeStripe(now=NOW, seed=1, limits="off") as fake:
        fake.webhooks.timeout = LONG_S
        yield fake


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fake soon refuse whatever waits for a delivery."""
    monkeypatch.setattr(traffic, "PATIENCE_S", 0.05)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fake refuse nothing, however long a delivery takes on a machine that is busy."""
    monkeypatch.setattr(clock, "PATIENCE_S", LONG_S)
    monkeypatch.setattr(traffic, "SHORT_PATIENCE_S", LONG_S)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def call(fake: FakeStripe) -> Call:
    return Call(DOORS["engine"], fake)


class CallingReceiver:
    """A receiver's act that makes one call of the fake over HTTP before it answers."""

    def __init__(self, fake: FakeStripe, method: str, path: str, body: object) -> None:
        self.wanted = method, fake.url + path, body
        self._answers: list[tuple[int, Any]] = []
        self._answered = Event()

    @property
    def answers(self) -> list[tuple[int, Any]]:
        """Status and body of each answer, from the first on: a reset ends a move before its caller has the answer."""
        assert self._answered.wait(IN_TIME_S)
        return self._answers

    def ask(self) -> None:
        method, url, body = self.wanted
        answer = requests.request(method, url, json=body, timeout=LONG_S)
        self._answers.append((answer.status_code, answer.json()))
        self._answered.set()

    def __call__(self, handler: Handler) -> None:
        self.ask()
        reply(200)(handler)


def listen(call: Call, receiver: Receiver, *types: str) -> None:
    call.create("/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": types or ["*"]})


def in_time(work: Callable[[], object]) -> list[Exception]:
    """Do the work in another thread, which must end in time; return what it raised."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  it is looked at
            raised.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(IN_TIME_S)
    assert not thread.is_alive()
    return raised


def billing_daily(call: Call) -> None:
    shop.subscribe(call, shop.customer(call), shop.licensed(call, interval="day"))


@pytest.mark.parametrize(("method", "path", "body"), NEVER_REFUSED, ids=str)
def test_while_the_clock_moves_a_receivers_call_is_done(
    call: Call, receiver: Receiver, method: str, path: str, body: object
) -> None:
    billing_daily(call)
    listen(call, receiver, "invoice.created")
    caller = receiver.otherwise = CallingReceiver(call.fake, method, path, body)
    raised = in_time(lambda: call.clock.advance(DAY))
    assert [status for status, _ in caller.answers] == [200]
    assert [str(each) for each in raised] == (
        ["the clock was stopped on its way: the fake was reset"] if body == {} and "reset" in path else []
    )


@pytest.mark.parametrize("body", REFUSED, ids=str)
def test_while_the_clock_moves_a_receivers_move_is_refused(
    call: Call, receiver: Receiver, body: dict[str, Any]
) -> None:
    billing_daily(call)
    listen(call, receiver, "invoice.created")
    caller = receiver.otherwise = CallingReceiver(call.fake, "POST", "/_fakestripe/clock", body)
    assert in_time(lambda: call.clock.advance(3 * DAY)) == []
    message = (
        "the clock is being moved, and waits until a webhook is answered: "
        "if its receiver makes this call, let it answer first"
    )
    error = {"message": message, "param": next(iter(body))}
    if "resume" not in body:
        error["message"] = (
            f"a webhook to {receiver.url} has not been answered yet: if its receiver makes this call, "
            "let it answer first; otherwise call again"
        )
    assert caller.answers == [(409, {"error": error})] * 3
    assert (call.clock.now(), call.clock.frozen) == (NOW + 3 * DAY, True)
    assert {each.outcome.status for each in call.fake.webhooks.tries} == {200}


def test_while_the_clock_moves_a_receiver_can_take_and_restore_a_snapshot(call: Call, receiver: Receiver) -> None:
    billing_daily(call)
    listen(call, receiver, "invoice.created")
    caller = receiver.otherwise = CallingReceiver(call.fake, "PUT", "/_fakestripe/snapshot", call.fake.snapshot())
    (raised,) = in_time(lambda: call.clock.advance(DAY))
    assert isinstance(raised, Conflict)
    assert str(raised) == "the clock was stopped on its way: a snapshot was restored"
    assert caller.answers == [(200, {})]
    assert call.clock.now() == NOW


def test_while_a_flush_waits_a_receivers_flush_leaves_the_waiting_to_it(call: Call, receiver: Receiver) -> None:
    listen(call, receiver)
    arrived, gate = Event(), Event()
    caller = CallingReceiver(call.fake, "POST", "/_fakestripe/flush", {})

    def act(handler: Handler) -> None:
        arrived.set()
        gate.wait(IN_TIME_S)
        caller(handler)

    receiver.otherwise = act
    call.create("/v1/customers")
    arrived.wait(IN_TIME_S)
    flushing = Thread(target=call.fake.flush, daemon=True)
    flushing.start()
    while not call.fake.engine.outbox.awaited():
        pass
    gate.set()
    assert caller.answers == [(200, {})]
    flushing.join(IN_TIME_S)
    assert not flushing.is_alive()


def test_a_receivers_flush_leaves_the_waiting_to_a_call_that_comes_after_it(call: Call, receiver: Receiver) -> None:
    listen(call, receiver)
    inquirer = receiver.otherwise = CallingReceiver(call.fake, "POST", "/_fakestripe/flush", {})
    call.create("/v1/customers")
    while not call.fake.engine.outbox.awaited():
        pass
    call.fake.flush()
    assert inquirer.answers == [(200, {})]


@pytest.mark.usefixtures("fake", "impatient")
@pytest.mark.parametrize(
    ("path", "body"),
    [("flush", {}), ("clock", {"advance": 1}), ("clock", {"freeze": "2026-01-01"})],
    ids=str,
)
def test_a_receiver_that_would_wait_for_itself_is_refused(
    call: Call, receiver: Receiver, path: str, body: dict[str, Any]
) -> None:
    listen(call, receiver)
    caller = CallingReceiver(call.fake, "POST", f"/_fakestripe/{path}", body)
    receiver.acts = [caller]
    call.create("/v1/customers")
    ((status, answer),) = caller.answers
    assert status == 409
    assert answer["error"]["message"].startswith(f"a webhook to {receiver.url} has not been answered yet: ")
    assert answer["error"]["param"] == next(iter(body), None)
    call.fake.flush()
    assert call.clock.now() == NOW
    assert [each.outcome.status for each in call.fake.webhooks.tries] == [200]


def test_a_receiver_may_resume_the_clock_and_reset_without_a_move(call: Call, receiver: Receiver) -> None:
    listen(call, receiver)
    for path, body in (("clock", {"resume": True}), ("reset", {})):
        caller = receiver.otherwise = CallingReceiver(call.fake, "POST", f"/_fakestripe/{path}", body)
        call.create("/v1/customers")
        assert [status for status, _ in caller.answers] == [200]


@pytest.mark.usefixtures("fake", "impatient")
def test_the_test_itself_waits_for_a_slow_receiver(call: Call, receiver: Receiver) -> None:
    listen(call, receiver)

    def act(handler: Handler) -> None:
        receiver.over.wait(0.5)
        reply(200)(handler)

    receiver.otherwise = act
    call.create("/v1/customers")
    call.fake.flush()
    assert [each.outcome.status for each in call.fake.webhooks.tries] == [200]


@pytest.mark.usefixtures("fake", "patient")
def test_threads_that_advance_are_served_one_after_another(call: Call, receiver: Receiver) -> None:
    billing_daily(call)
    listen(call, receiver)
    raised: list[list[Exception]] = []
    threads = [
        Thread(target=lambda: raised.append(in_time(lambda: call.clock.advance(3 * DAY))), daemon=True)
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == [[]] * 4
    assert call.clock.now() == NOW + 12 * DAY


# Handlers in this process


@pytest.mark.parametrize(
    "back",
    [
        lambda fake: fake.flush(),
        lambda fake: fake.webhooks.settle(),
        lambda fake: fake.clock.advance(60),
        lambda fake: fake.clock.resume(),
        lambda fake: fake.snapshot(),
        lambda fake: fake.journal,
        lambda fake: fake.dropped_events,
        lambda fake: fake.control.clear_faults(),
        lambda fake: fake.control.reset("sk_test_fakestripe"),
    ],
)
def test_a_handler_may_make_every_call_while_the_clock_moves(call: Call, back: Callable[[FakeStripe], object]) -> None:
    billing_daily(call)
    seen: list[str] = []

    def handler(notification: Notification) -> None:
        back(call.fake)
        seen.append(notification.type)

    call.fake.webhooks.deliver_to(handler, "invoice.created")
    assert in_time(lambda: call.clock.advance(DAY)) == []
    assert seen == ["invoice.created"]
    call.fake.webhooks.raise_failures()


@pytest.mark.parametrize("begin", ["reset", "restore", "begin"])
def test_a_handler_that_replaces_the_world_ends_the_move(call: Call, begin: str) -> None:
    billing_daily(call)
    before = call.fake.snapshot()
    acts: dict[str, Callable[[], None]] = {
        "reset": call.fake.reset,
        "restore": lambda: call.fake.restore(before),
        "begin": lambda: call.fake.begin(now=NOW),
    }
    told: list[str] = []

    def handler(notification: Notification) -> None:
        told.append(notification.type)
        acts[begin]()

    call.fake.webhooks.deliver_to(handler)
    (raised,) = in_time(lambda: call.clock.advance(5 * DAY))
    assert isinstance(raised, Conflict)
    assert str(raised).startswith("the clock was stopped on its way: ")
    assert len(told) == 1
    assert call.clock.now() == NOW
    call.clock.advance(1)
    assert call.clock.now() == NOW + 1


def test_a_handler_that_always_advances_is_stopped(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_MOVES", 10)
    billing_daily(call)
    call.fake.webhooks.deliver_to(lambda _told: call.clock.advance(DAY), "invoice.created")
    assert in_time(lambda: call.clock.advance(DAY)) == []
    failures = call.fake.webhooks.failures
    message = (
        "webhook handlers have moved the clock 10 times, and webhooks are still left: "
        "move it after the handlers have returned"
    )
    assert {str(each) for each in failures} == {message}
    assert all(isinstance(each, Conflict) for each in failures)
    assert call.clock.now() == NOW + 11 * DAY
    failures.clear()


def test_the_moves_of_handlers_are_counted_anew_when_none_is_left(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_MOVES", 2)
    call.fake.webhooks.deliver_to(lambda _told: call.clock.advance(1), "customer.created")
    for _ in range(5):
        call.create("/v1/customers")
    assert call.clock.now() == NOW + 5
    call.fake.webhooks.raise_failures()


def test_what_a_handler_asks_over_http_is_answered(call: Call) -> None:
    billing_daily(call)
    flush = CallingReceiver(call.fake, "POST", "/_fakestripe/flush", {})
    move = CallingReceiver(call.fake, "POST", "/_fakestripe/clock", {"advance": 1})

    def handler(_told: Notification) -> None:
        flush.ask()
        move.ask()

    call.fake.webhooks.deliver_to(handler, "invoice.created")
    assert in_time(lambda: call.clock.advance(DAY)) == []
    assert [status for status, _ in flush.answers + move.answers] == [200, 409]
    call.fake.webhooks.raise_failures()


# The old world


def replacing(fake: FakeStripe) -> dict[str, Callable[[], None]]:
    snapshot = fake.snapshot()
    return {
        "reset": fake.reset,
        "restore": lambda: fake.restore(snapshot),
        "begin": lambda: fake.begin(now=NOW),
        "forget": lambda: fake.control.reset("sk_test_fakestripe"),
        "close": fake.close,
    }


@pytest.mark.parametrize("way", ["reset", "restore", "begin", "forget", "close"])
def test_nobody_waits_for_a_delivery_of_the_old_world(call: Call, receiver: Receiver, way: str) -> None:
    replace = replacing(call.fake)[way]
    listen(call, receiver)
    receiver.otherwise = reply_after(receiver.over)
    call.create("/v1/customers")
    call.create("/v1/customers")
    assert in_time(replace) == []
    assert [type(error) for error in in_time(call.fake.flush)] == ([Misuse] if way == "close" else [])
    assert in_time(lambda: call.clock.advance(1)) == []


@pytest.mark.parametrize("way", ["reset", "restore", "begin", "forget"])
def test_who_waits_already_waits_no_longer(call: Call, receiver: Receiver, way: str) -> None:
    replace = replacing(call.fake)[way]
    listen(call, receiver)
    arrived = Event()

    def act(handler: Handler) -> None:
        arrived.set()
        reply_after(receiver.over)(handler)

    receiver.otherwise = act
    call.create("/v1/customers")
    settled = Thread(target=lambda: call.fake.engine.outbox.wait_until_sent(call.fake.engine.world), daemon=True)
    settled.start()
    arrived.wait(IN_TIME_S)
    replace()
    settled.join(IN_TIME_S)
    assert not settled.is_alive()


@pytest.mark.parametrize("way", ["reset", "restore", "begin", "forget"])
@pytest.mark.parametrize("act", [reply(200), reply(500)])
def test_a_late_answer_writes_nothing_into_the_new_world(call: Call, receiver: Receiver, way: str, act: Act) -> None:
    replace = replacing(call.fake)[way]
    listen(call, receiver)
    arrived, gate = Event(), Event()
    others = set(threading.enumerate())

    def late(handler: Handler) -> None:
        arrived.set()
        gate.wait(IN_TIME_S)
        act(handler)

    receiver.otherwise = late
    call.create("/v1/customers")
    assert arrived.wait(IN_TIME_S)
    replace()
    before = json.dumps(call.fake.snapshot(), default=str)
    (lane,) = (each for each in set(threading.enumerate()) - others if "outbox" in each.name)
    gate.set()
    lane.join(IN_TIME_S)
    assert not lane.is_alive()
    assert call.fake.webhooks.tries == []
    assert call.fake.webhooks.failures == []
    assert json.dumps(call.fake.snapshot(), default=str) == before


def test_a_handlers_late_failure_is_not_the_new_worlds(call: Call) -> None:
    arrived, gate = Event(), Event()

    def handler(_told: Notification) -> None:
        arrived.set()
        gate.wait(IN_TIME_S)
        raise LookupError

    call.fake.webhooks.deliver_to(handler, "customer.created")
    creating = Thread(target=lambda: call.create("/v1/customers"), daemon=True)
    creating.start()
    assert arrived.wait(IN_TIME_S)
    call.fake.reset()
    gate.set()
    creating.join(IN_TIME_S)
    assert (call.fake.webhooks.failures, call.fake.webhooks.tries) == ([], [])


def test_a_new_delivery_does_not_queue_behind_an_old_one_to_the_same_endpoint(call: Call, receiver: Receiver) -> None:
    arrived = Event()

    def act(handler: Handler) -> None:
        arrived.set()
        reply_after(receiver.over)(handler)

    receiver.acts = [act]
    listen(call, receiver)
    call.create("/v1/customers")
    assert arrived.wait(IN_TIME_S)
    call.fake.reset()
    listen(call, receiver)
    call.create("/v1/customers")
    assert in_time(call.fake.flush) == []
    assert [each.outcome.status for each in call.fake.webhooks.tries] == [200]


def test_a_receiver_that_would_wait_for_itself_is_refused_before_its_own_time_is_over() -> None:
    assert 0 < traffic.SHORT_PATIENCE_S < traffic.PATIENCE_S < outcome.TIMEOUT_S
