"""The process's time and the fake's: who follows whom."""

import asyncio
import datetime as dt
import queue
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator

import freezegun.api
import pytest
import stripe
import time_machine
from freezegun import freeze_time

from fakestripe_meters import Clock
from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

KEY = "sk_test_fakestripe"
NEW_YEAR = 1_735_689_600
LATER = 1_893_456_000


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NEW_YEAR) as fake:
        yield fake


@pytest.fixture
def running() -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        yield fake


def in_a_thread(work: Callable[[], int]) -> int:
    """A thread as shallow as can be: nothing is on its stack but the work."""
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(work()))
    thread.start()
    thread.join()
    return seen[0]


# A fake beside freezegun and time-machine


def test_a_running_fake_follows_freezegun_in_every_thread(running: FakeStripe) -> None:
    with freeze_time("2030-01-01") as frozen:
        assert running.clock.now() == LATER
        assert in_a_thread(running.clock.now) == LATER
        frozen.tick(60)
        assert in_a_thread(running.clock.now) == LATER + 60
    assert running.clock.now() != LATER


def test_a_running_fake_follows_freezegun_behind_its_socket(running: FakeStripe) -> None:
    with freeze_time("2030-01-01"):
        client = stripe.StripeClient(KEY, base_addresses={"api": running.url})
        assert client.v1.customers.create({}).created == LATER


def test_a_running_fake_follows_time_machine(running: FakeStripe) -> None:
    with time_machine.travel(LATER, tick=False):
        assert running.clock.now() == LATER
        assert in_a_thread(running.clock.now) == LATER
        client = stripe.StripeClient(KEY, base_addresses={"api": running.url})
        assert client.v1.customers.create({}).created == LATER


def test_a_frozen_fake_stays_where_it_is(fake: FakeStripe) -> None:
    with freeze_time("2030-01-01"):
        assert fake.clock.now() == NEW_YEAR
    with time_machine.travel(LATER):
        assert fake.clock.now() == NEW_YEAR


def test_a_fake_that_is_made_in_frozen_time_and_frozen_stands_there() -> None:
    with freeze_time("2030-01-01T00:00:00.25"):
        clock = Clock()
        clock.freeze()
    assert clock.now_ns() == LATER * 10**9 + 250_000_000


# The process made to follow


def test_the_process_follows_the_fake(fake: FakeStripe) -> None:
    before = time.time, dt.datetime, asyncio.BaseEventLoop.time
    with fake.freeze_process():
        assert int(time.time()) == NEW_YEAR
        fake.clock.advance(90)
        assert time.time() == NEW_YEAR + 90
        assert dt.datetime.now(dt.UTC) == dt.datetime(2025, 1, 1, 0, 1, 30, tzinfo=dt.UTC)
        fake.clock.freeze("2030-01-01")
        assert time.time_ns() == LATER * 10**9
    assert (time.time, dt.datetime, asyncio.BaseEventLoop.time) == before
    assert time.time() != LATER


def test_threads_of_the_process_follow_too_and_their_waits_still_end(fake: FakeStripe) -> None:
    inspected = freezegun.api.call_stack_inspection_limit
    with fake.freeze_process():
        assert in_a_thread(lambda: int(time.time())) == NEW_YEAR
        assert in_a_thread(lambda: int(dt.datetime.now(dt.UTC).timestamp())) == NEW_YEAR
        never = threading.Condition()
        with never:
            assert not never.wait_for(lambda: False, timeout=0.001)
        with pytest.raises(queue.Empty):
            queue.Queue[int]().get(timeout=0.001)
        assert not threading.Event().wait(0.001)
    assert freezegun.api.call_stack_inspection_limit == inspected


def test_the_fake_follows_who_moves_freezegun(fake: FakeStripe) -> None:
    with fake.freeze_process() as frozen:
        frozen.tick()
        frozen.tick(0.5)
        assert frozen.tick(dt.timedelta(seconds=58, milliseconds=500)) == dt.datetime(2025, 1, 1, 0, 1)  # noqa: DTZ001  as freezegun's
        assert fake.clock.now() == time.time() == NEW_YEAR + 60
        frozen.move_to("2030-01-01")
        assert fake.clock.now() == time.time() == LATER
        assert frozen.time_to_freeze == dt.datetime(2030, 1, 1)  # noqa: DTZ001  likewise
        stripe.StripeClient(KEY, http_client=fake.http_client()).v1.customers.create()
        with pytest.raises(Misuse, match="cannot go back"):
            frozen.move_to("2025-01-01")


def test_a_resumed_clock_runs_and_the_process_with_it(fake: FakeStripe) -> None:
    with fake.freeze_process():
        fake.clock.resume()
        assert not fake.clock.frozen
        assert NEW_YEAR <= time.time() < NEW_YEAR + 60
        before = time.time_ns()
        while time.time_ns() == before:
            pass
        assert fake.clock.now_ns() > before
    assert NEW_YEAR <= fake.clock.now() < NEW_YEAR + 60


def test_the_process_is_put_back_after_an_exception(fake: FakeStripe) -> None:
    before = time.time, asyncio.BaseEventLoop.time
    with pytest.raises(LookupError), fake.freeze_process():
        raise LookupError
    assert (time.time, asyncio.BaseEventLoop.time) == before


def test_an_event_loop_still_wakes_up(fake: FakeStripe) -> None:
    async def work() -> float:
        await asyncio.sleep(0.01)
        await asyncio.wait_for(asyncio.sleep(0.01), timeout=5)
        return time.time()

    with fake.freeze_process():
        assert asyncio.run(work()) == NEW_YEAR


def test_a_thread_has_the_time_of_the_fake_and_its_waits_still_end(fake: FakeStripe) -> None:
    fake.clock.freeze("2030-01-01")
    with fake.freeze_process():
        assert in_a_thread(lambda: int(time.time())) == LATER
        assert not in_a_thread(_wait_for_nothing)


def _wait_for_nothing() -> bool:
    condition = threading.Condition()
    with condition:
        return condition.wait_for(lambda: False, 0.001)


def test_a_planned_delay_passes_under_freezegun(fake: FakeStripe) -> None:
    client = stripe.StripeClient(KEY, http_client=fake.http_client())
    fake.fail_next("POST /v1/customers", delay=0.01, times=2)
    with freeze_time("2030-01-01"):
        client.v1.customers.create({})
        asyncio.run(client.v1.customers.create_async({}))


def test_checkpoints_rewind_the_process_too(fake: FakeStripe) -> None:
    with fake.freeze_process():
        with fake.checkpoint():
            fake.clock.advance(60)
            assert time.time() == NEW_YEAR + 60
        assert time.time() == NEW_YEAR
