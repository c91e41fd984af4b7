"""How far a move of the clock is, or the loading of a file, while it lasts."""

import json
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import NoReturn

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Progress
from fakestripe_meters import fixtures
from fakestripe_meters.core import moving
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources import shop

NOW = 1_735_689_600
HOUR, DAY = 3_600, 86_400
YEAR = 365 * DAY
CLOCKS = "/v1/test_helpers/test_clocks"


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NOW, seed=1, limits="off", relaxed=True) as fake:
        yield Call(DOORS["engine"], fake)


def sell(call: Call, subscriptions: int, **recurring: Any) -> None:  # noqa: ANN401  as `shop.licensed`
    price = shop.licensed(call, **recurring)
    for _ in range(subscriptions):
        shop.subscribe(call, shop.customer(call), price)
    call.clock.advance(2 * HOUR)


def test_a_move_tells_at_first_after_each_hundredth_part_and_at_the_end(call: Call) -> None:
    sell(call, 2, interval="day")
    told: list[Progress] = []
    call.clock.advance(YEAR, progress=told.append)
    assert [(each.done, each.total) for each in told] == [
        (0, 730),
        *((8 * part, 730) for part in range(1, 92)),
        (730, 730),
    ]
    assert [each.now for each in told] == [
        NOW + 2 * HOUR,
        *(NOW + 4 * part * DAY for part in range(1, 92)),
        NOW + 365 * DAY + 2 * HOUR,
    ]


@pytest.mark.parametrize("again", ["advance", "freeze"])
def test_a_move_with_little_to_do_tells_of_each_piece_and_one_with_nothing_tells_nothing(
    call: Call, again: str
) -> None:
    sell(call, 1, interval="day")
    told: list[Progress] = []
    moves: dict[str, Callable[[], None]] = {
        "advance": lambda: call.clock.advance(2 * DAY, progress=told.append),
        "freeze": lambda: call.clock.freeze(NOW + 2 * DAY + 2 * HOUR, progress=told.append),
    }
    call.clock.advance(HOUR, progress=told.append)
    assert told == []
    call.clock.freeze(NOW + 3 * HOUR)
    moves[again]()
    assert [each.done for each in told] == [0, 1, 2]
    assert {each.total for each in told} == {2}


def test_a_running_clock_tells_as_well() -> None:
    with FakeStripe(seed=1, limits="off") as fake:
        call = Call(DOORS["engine"], fake)
        sell(call, 1, interval="day")
        told: list[Progress] = []
        fake.clock.advance(10 * DAY, progress=told.append)
    assert [each.done for each in told] == list(range(11))


def test_much_work_at_one_instant_is_told_of_in_between(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 5)
    sell(call, 20, interval="month")
    told: list[Progress] = []
    call.clock.advance(31 * DAY, progress=told.append)
    assert [each.done for each in told] == [0, 5, 10, 15, 20]
    assert {each.now for each in told[1:4]} == {NOW + 31 * DAY}


def test_who_is_told_may_use_the_fake_and_finds_what_is_due_done(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 5)
    sell(call, 20, interval="month")
    found: list[int] = []
    page = {"limit": 100, "status": "draft"}
    call.clock.advance(
        31 * DAY, progress=lambda _progress: found.append(len(call.get("/v1/invoices", page).json["data"]))
    )
    assert found == [0, 20, 0]


def test_what_it_raises_ends_the_move_and_the_next_one_does_the_rest(call: Call) -> None:
    sell(call, 1, interval="day")

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call.clock.advance(10 * DAY, progress=stop)
    assert call.clock.now() == NOW + 3 * DAY
    assert len(call.get("/v1/invoices").json["data"]) == 4
    call.clock.freeze(NOW + 10 * DAY + 2 * HOUR)
    assert len(call.get("/v1/invoices", {"limit": 100}).json["data"]) == 11


def test_nothing_is_done_if_it_raises_at_first(call: Call) -> None:
    sell(call, 1, interval="day")
    before = call.fake.snapshot()

    def refuse(_progress: Progress) -> NoReturn:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        call.clock.advance(10 * DAY, progress=refuse)
    assert call.fake.snapshot() == before
    assert call.fake.control.clock() == {"now": NOW + 2 * HOUR, "frozen": True}


def test_the_control_plane_says_how_far_a_move_is(call: Call) -> None:
    sell(call, 1, interval="day")
    told: list[object] = []
    call.clock.advance(2 * DAY, progress=lambda _progress: told.append(call.fake.control.clock()))
    assert told == [
        {"now": NOW + 2 * HOUR, "frozen": True, "moving": {"done": 0, "total": 2}},
        {"now": NOW + DAY, "frozen": True, "moving": {"done": 1, "total": 2}},
        {"now": NOW + 2 * DAY + HOUR, "frozen": True, "moving": {"done": 2, "total": 2}},
    ]
    assert call.fake.control.clock() == {"now": NOW + 2 * DAY + 2 * HOUR, "frozen": True}


def test_who_watches_a_world_is_told_of_its_test_clocks(call: Call) -> None:
    clock = call.create(CLOCKS, {"frozen_time": NOW})["id"]
    price = shop.licensed(call, interval="day")
    shop.subscribe(call, call.create("/v1/customers", {"test_clock": clock})["id"], price)
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": NOW + 2 * HOUR})
    told: list[Progress] = []
    call.fake.engine.world.watch.told = told.append
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": NOW + 200 * DAY + 2 * HOUR})
    assert [each.done for each in told] == [*range(0, 200, 2), 200]
    assert {each.total for each in told} == {200}
    assert told[1].now == NOW + 2 * DAY


def test_who_watches_a_world_is_told_of_fixtures(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "many.json"
    entries = [{"name": f"c{number}", "path": "/v1/customers", "method": "post"} for number in range(300)]
    path.write_text(json.dumps({"fixtures": entries}), "utf-8")
    told: list[Progress] = []
    call.fake.engine.world.watch.told = told.append
    fixtures.load(call.fake, path)
    assert [each.done for each in told] == [*range(0, 300, 3), 300]
    assert {(each.total, each.now) for each in told} == {(300, NOW)}
