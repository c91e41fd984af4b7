"""`advance_on_sleep`: code that sleeps moves the fake's clock, and nobody waits."""

import asyncio
import importlib
import math
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from types import ModuleType

import anyio
import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources import shop

NOW = 1_735_689_600
REAL = time.sleep, asyncio.sleep


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


def test_a_sleep_advances_the_clock_by_whatever_name(fake: FakeStripe) -> None:
    begun = time.monotonic()
    with fake.advance_on_sleep():
        time.sleep(30)
        globals()["sleep"](20)
        thread = threading.Thread(target=time.sleep, args=(0.5,))
        thread.start()
        thread.join()
    assert fake.clock.now_ns() == (NOW + 50) * 10**9 + 500_000_000
    assert time.monotonic() - begun < 30


def test_afterwards_all_is_as_before(fake: FakeStripe) -> None:
    with pytest.raises(LookupError), fake.advance_on_sleep():
        raise LookupError
    assert (time.sleep, asyncio.sleep) == REAL
    assert sleep is time.sleep
    time.sleep(0.001)
    asyncio.run(asyncio.sleep(0.001))
    assert fake.clock.now() == NOW


def test_modules_that_are_imported_meanwhile_sleep_for_real_afterwards(
    fake: FakeStripe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "imported_meanwhile.py").write_text(
        "from asyncio import sleep as sleep_async\nfrom time import sleep\ndef wait(by=sleep):\n    by(2)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with fake.advance_on_sleep():
        module = importlib.import_module("imported_meanwhile")
        module.sleep(5)
    assert module.sleep is time.sleep
    module.sleep(0)
    asyncio.run(module.sleep_async(0.001))
    assert fake.clock.now() == NOW + 5
    with FakeStripe(now=NOW) as other, other.advance_on_sleep():
        module.sleep(7)
        module.wait()
        asyncio.run(module.sleep_async(1))
        assert other.clock.now() == NOW + 10
    assert fake.clock.now() == NOW + 5
    del sys.modules["imported_meanwhile"]


def test_of_several_clocks_the_innermost_moves_and_they_may_end_in_any_order(fake: FakeStripe) -> None:
    with FakeStripe(now=NOW) as other:
        inner = other.advance_on_sleep()
        with fake.advance_on_sleep():
            inner.__enter__()
            time.sleep(2)
        time.sleep(3)
        inner.__exit__(None, None, None)
        assert (fake.clock.now(), other.clock.now()) == (NOW, NOW + 5)
    assert (time.sleep, asyncio.sleep) == REAL


def test_limits_refill() -> None:
    with FakeStripe(now=NOW, seed=1, limits={"global": 1}) as fake, fake.advance_on_sleep():
        call = Call(DOORS["engine"], fake)
        shop.customer(call)
        assert call.get("/v1/customers").status == 429
        time.sleep(1)
        assert call.get("/v1/customers").status == 200


def test_scheduled_work_is_done(fake: FakeStripe) -> None:
    call = Call(DOORS["engine"], fake)
    paid = fake.webhooks.collect("invoice.paid")
    shop.subscribe(call, shop.customer(call), shop.licensed(call))
    with fake.advance_on_sleep():
        time.sleep(40 * 86_400)
    assert len(paid) == 2


def test_tasks_sleep_at_the_same_time_and_wake_in_order(fake: FakeStripe) -> None:
    woken: list[int] = []

    async def task(seconds: int) -> None:
        await asyncio.sleep(seconds)
        woken.append(seconds)
        assert fake.clock.now() == NOW + seconds

    async def test() -> None:
        await asyncio.gather(*map(task, (30, 10, 20)))

    with fake.advance_on_sleep():
        asyncio.run(test())
    assert (woken, fake.clock.now()) == ([10, 20, 30], NOW + 30)


def test_an_async_sleep_is_otherwise_as_ever(fake: FakeStripe) -> None:
    others: list[str] = []

    async def other() -> None:
        others.append("ran")

    async def test() -> None:
        for delay in (0, -1, 5):
            task = asyncio.create_task(other())
            assert await asyncio.sleep(delay, "done") == "done"
            await task
        assert len(others) == 3
        for_ever = asyncio.create_task(asyncio.sleep(math.inf))
        cancelled = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        for_ever.cancel()
        cancelled.cancel()
        outcomes = await asyncio.gather(for_ever, cancelled, return_exceptions=True)
        assert [type(each) for each in outcomes] == [asyncio.CancelledError] * 2
        await anyio.sleep(7)

    with fake.advance_on_sleep():
        asyncio.run(test())
    assert fake.clock.now() == NOW + 12


def test_what_is_no_time_to_sleep_is_refused_as_ever(fake: FakeStripe) -> None:
    with fake.advance_on_sleep():
        with pytest.raises(ValueError, match="sleep length must be non-negative"):
            time.sleep(-1)
        with pytest.raises(TypeError):
            time.sleep("1")  # type: ignore[arg-type]
        with pytest.raises(Misuse, match="outside the years 1970 to 3000"):
            time.sleep(32_000_000_000)
    assert fake.clock.now() == NOW


def test_the_innermost_fake_takes_the_time(fake: FakeStripe) -> None:
    with FakeStripe(now=NOW) as inner, fake.advance_on_sleep():
        with inner.advance_on_sleep():
            time.sleep(5)
        time.sleep(3)
    assert (fake.clock.now(), inner.clock.now()) == (NOW + 3, NOW + 5)


def test_servers_and_the_test_runner_go_on_sleeping_for_real(fake: FakeStripe) -> None:
    server = ModuleType("uvicorn.server")
    exec("import time\ndef look(): time.sleep(0.001)", vars(server))
    with fake.advance_on_sleep():
        server.look()
    assert fake.clock.now_ns() == NOW * 10**9


def test_a_planned_delay_stays_real(fake: FakeStripe) -> None:
    call = Call(DOORS["engine"], fake)
    fake.fail_next("GET /v1/customers", delay=0.001)
    with fake.advance_on_sleep():
        call.get("/v1/customers")
    assert fake.clock.now() == NOW


def test_a_closed_fake_takes_no_time() -> None:
    with FakeStripe() as fake:
        pass
    with pytest.raises(Misuse, match="closed"):
        fake.advance_on_sleep()
    assert sys.modules["time"].sleep is REAL[0]
