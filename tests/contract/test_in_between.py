"""What comes in between two steps of a call: nothing is lost, sent twice, or written into another world."""

import threading
from collections.abc import Callable
from threading import Event
from threading import Thread

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.journal import Journal
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import KEY
from tests.conftest import Call
from tests.delivery.test_calling_back import IN_TIME_S
from tests.delivery.test_calling_back import billing_daily
from tests.delivery.test_calling_back import in_time
from tests.delivery.test_outbox import NOW
from tests.delivery.test_outbox import receiving

CUSTOMERS = "/v1/customers"


@pytest.fixture
def call() -> Call:
    return Call(DOORS["engine"], FakeStripe(now=NOW, seed=1, limits="off"))


class Preceded:
    """A lock before which something else happens, once."""

    def __init__(self, lock: object, act: Callable[[], object]) -> None:
        self.lock, self.acts = lock, [act]

    def __enter__(self) -> None:
        if self.acts:
            self.acts.pop()()
        self.lock.__enter__()  # type: ignore[attr-defined]

    def __exit__(self, *error: object) -> None:
        self.lock.__exit__(*error)  # type: ignore[attr-defined]


# Worlds


def test_a_request_that_waits_while_the_fake_is_reset_is_in_the_journal(call: Call) -> None:
    lock = call.fake.engine.world.account(KEY).lock
    with lock:
        late = Thread(target=lambda: call.create(CUSTOMERS), daemon=True)
        late.start()
        while not call.fake.journal:
            pass
        call.fake.reset()
    late.join(IN_TIME_S)
    assert [(each.path, each.status) for each in call.fake.journal] == [(CUSTOMERS, 200)]
    assert len(call.get(CUSTOMERS).json["data"]) == 1


def test_an_account_that_is_made_while_the_fake_is_reset_is_in_the_new_world(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = call.fake.engine.world
    monkeypatch.setattr(world, "_making", Preceded(world._making, call.fake.reset))  # noqa: SLF001  to get in between
    made = call.create(CUSTOMERS)
    assert call.get(CUSTOMERS).ids == [made["id"]]


def test_an_account_of_a_world_that_is_over_can_still_be_locked(call: Call) -> None:
    world = call.fake.engine.world
    account = world.account(KEY)
    call.fake.begin(now=NOW)

    def lock() -> None:
        world.lock(account).lock.release()

    assert in_time(lock) == []


def test_a_fake_that_is_closed_while_it_begins_again_stays_closed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call.fake.engine.outbox, "forget", call.fake.close)
    with pytest.raises(Misuse, match="closed"):
        call.fake.begin(now=NOW)
    assert call.get(CUSTOMERS).status == 503


@pytest.mark.parametrize("replace", ["reset", "restore"])
def test_nobody_waits_for_a_handler_of_the_old_world(call: Call, replace: str) -> None:
    billing_daily(call)
    snapshot = call.fake.snapshot()
    arrived, gate = Event(), Event()

    def handler(_told: Notification) -> None:
        arrived.set()
        gate.wait(IN_TIME_S)

    call.fake.webhooks.deliver_to(handler, "invoice.created")
    raised: list[list[Exception]] = []
    moving = Thread(target=lambda: raised.append(in_time(lambda: call.clock.advance(86_400))), daemon=True)
    moving.start()
    assert arrived.wait(IN_TIME_S)
    if replace == "reset":
        call.fake.reset()
    else:
        call.fake.restore(snapshot)
    call.clock.advance(60)
    assert call.clock.now() == NOW + 60
    gate.set()
    moving.join(IN_TIME_S)
    ((stopped,),) = raised
    assert str(stopped).startswith("the clock was stopped on its way: ")
    assert call.clock.now() == NOW + 60


# Webhooks


def test_what_is_to_be_held_while_all_is_released_is_sent(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = call.fake.webhooks.collect()
    call.fake.webhooks.hold()
    kept = call.fake.engine.outbox.held
    preceded = Preceded(kept._condition, call.fake.webhooks.release)  # noqa: SLF001  to get in between
    monkeypatch.setattr(kept, "_condition", preceded)
    call.create(CUSTOMERS)
    assert call.fake.webhooks.held == []
    assert len(inbox) == 1


@pytest.mark.usefixtures("eager_threads")
def test_what_happens_while_webhooks_are_held_and_released_is_sent_once(call: Call) -> None:
    inbox = call.fake.webhooks.collect("customer.created")

    def work() -> None:
        for _ in range(100):
            call.create(CUSTOMERS)

    threads = [Thread(target=work, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        call.fake.webhooks.hold()
        for each in call.fake.webhooks.held[:1]:
            call.fake.webhooks.release(each)
        call.fake.webhooks.release()
    call.fake.webhooks.release()
    assert len({each.id for each in inbox}) == len(inbox) == 300


def test_after_a_pause_handlers_get_no_more(call: Call) -> None:
    got: list[str] = []

    def handler(told: Notification) -> None:
        got.append(told.id)
        call.fake.engine.pause("a test says so")

    call.fake.webhooks.deliver_to(handler)
    call.fake.webhooks.hold()
    call.create(CUSTOMERS)
    call.create(CUSTOMERS)
    call.fake.webhooks.release()
    assert len(got) == 1


def test_after_a_pause_receivers_get_no_more(call: Call) -> None:
    with receiving() as receiver:
        call.fake.webhooks.deliver_to(lambda _told: call.fake.engine.pause("a test says so"))
        call.create("/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
        others = set(threading.enumerate())
        call.create(CUSTOMERS)
        for lane in set(threading.enumerate()) - others:
            lane.join(IN_TIME_S)
        assert receiver.received == []


# What is read without a lock


@pytest.mark.usefixtures("eager_threads")
def test_a_request_that_comes_while_another_key_is_reset_is_in_the_journal() -> None:
    journal, over = Journal(), Event()

    def forget() -> None:
        while not over.is_set():
            journal.forget("sk_test_another")

    forgetting = Thread(target=forget, daemon=True)
    forgetting.start()
    for _ in range(2_000):
        journal.add(Exchange(NOW, KEY, "GET", CUSTOMERS))
    over.set()
    forgetting.join(IN_TIME_S)
    assert len(journal) == 2_000


class Vanishing(list[Entry]):
    """A list that another thread empties just after somebody has seen that it holds something."""

    def __len__(self) -> int:
        length = super().__len__()
        self.clear()
        return length


def test_the_next_work_can_be_looked_up_while_another_thread_does_it() -> None:
    agenda = Agenda()
    agenda.add(NOW, "note")
    agenda.waiting = Vanishing(agenda.waiting)
    assert agenda.next_due_ns() in (NOW, None)
