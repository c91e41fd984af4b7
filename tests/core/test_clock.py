"""The emulated clock, running or frozen."""

import datetime as dt
from collections.abc import Callable
from threading import Event
from threading import Thread
from typing import NoReturn

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import duration_ns
from fakestripe_meters.core.clock import instant_ns
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.moving import Move

NEW_YEAR = 1735689600
YEAR_3000 = 32_503_680_000


def test_a_clock_with_a_first_instant_stands_frozen_there() -> None:
    clock = Clock("2025-01-01T00:00:00Z")
    assert clock.frozen
    assert clock.now() == NEW_YEAR
    assert clock.now_ns() == NEW_YEAR * SECOND_NS


def test_a_clock_without_one_runs_with_the_process() -> None:
    with freeze_time("2030-01-01") as process:
        clock = Clock()
        assert not clock.frozen
        assert clock.now() == 1893456000
        process.tick(5)
        assert clock.now() == 1893456005


# Instants


@pytest.mark.parametrize(
    "when",
    [
        NEW_YEAR,
        float(NEW_YEAR),
        str(NEW_YEAR),
        f"{NEW_YEAR}.0",
        "2025-01-01",
        "2025-01-01T00:00:00",
        "2025-01-01 00:00:00Z",
        "2025-01-01T01:00:00+01:00",
        "2024-12-31T19:00:00-05:00",
        "2025-01-01t00:00:00z",
        "20250101T000000Z",
        "2025-01-01T0530+0530",
        "2025-01-01T14+14",
        "2025-W01-3",
        dt.datetime(2025, 1, 1),  # noqa: DTZ001  naive is UTC
        dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2025, 1, 1, 5, 30, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
    ],
)
def test_an_instant_can_be_said_in_many_ways(when: float | str | dt.datetime) -> None:
    assert instant_ns(when) == NEW_YEAR * SECOND_NS


@pytest.mark.parametrize(
    ("when", "nanoseconds"),
    [
        (0, 0),
        ("0.000000001", 1),
        ("1735689600.123456789", 1_735_689_600_123_456_789),
        (1735689600.5, 1_735_689_600_500_000_000),
        ("2025-01-01T00:00:00.000001Z", 1_735_689_600_000_001_000),
        (YEAR_3000, YEAR_3000 * SECOND_NS),
    ],
)
def test_fractions_of_a_second_are_exact(when: float | str, nanoseconds: int) -> None:
    assert instant_ns(when) == nanoseconds


@pytest.mark.parametrize(
    "when",
    [
        "",
        "now",
        "yesterday",
        "2025-13-01",
        "2025-01-01T25:00:00",
        "2025-01-01T24:00:00",
        "2025-01-01T23:59:60Z",
        "2025-01-01T00:00:00+24:00",
        "2025-01-01T00:00:00+25:00",
        "2025-01-01T00:00:00-00:60",
        "2025-01-01T00:00:00+01:02:03",
        "2025-01-01x00:00:00Z",
        "2025-02-29",
        "0000-01-01",
        " 2025-01-01",
        "2025-01-01T00:00:00Z\n",
        "١٧٣٥٦٨٩٦٠٠",
        "1e9",
        "0x10",
        "nan",
        float("nan"),
        float("inf"),
        True,
        None,
        [],
        {},
        b"2025-01-01",
    ],
)
def test_what_is_no_instant_is_misuse(when: object) -> None:
    with pytest.raises(Misuse, match="a time must be ISO 8601 or Unix seconds, not "):
        instant_ns(when)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "date"),
    [
        ("1970", "1970-01-01"),
        ("2024", "2024-01-01"),
        ("2999", "2999-01-01"),
        ("2024-02", "2024-02-01"),
        ("202402", "2024-02-01"),
        ("20240229", "2024-02-29"),
    ],
)
def test_a_string_that_looks_like_a_part_of_a_date_is_no_number_of_seconds(when: str, date: str) -> None:
    with pytest.raises(Misuse) as caught:
        instant_ns(when)
    assert str(caught.value) == f"an instant needs a year, a month and a day, such as {date}, not {when!r}"


@pytest.mark.parametrize("when", ["0", "1969", "3000", "202413", "20240001", "2024.5", "02024", 2024, 20240229, 2024.0])
def test_what_looks_like_no_date_is_a_number_of_seconds_and_so_is_every_number(when: str | float) -> None:
    assert instant_ns(when) == float(when) * SECOND_NS


@pytest.mark.parametrize(
    "when",
    [-1, "-0.5", "1969-12-31T23:59:59Z", YEAR_3000 + 1, "9999-12-31", "0001-01-01T00:00:00+14:00", 10**17],
)
def test_an_instant_out_of_reach_is_misuse(when: int | str) -> None:
    with pytest.raises(Misuse, match="is outside the years 1970 to 3000"):
        instant_ns(when)


@given(st.text() | st.floats() | st.integers() | st.datetimes() | st.none() | st.lists(st.integers()))
def test_anything_is_an_instant_or_misuse(when: object) -> None:
    try:
        nanoseconds = instant_ns(when)  # type: ignore[arg-type]
    except Misuse:
        return
    assert 0 <= nanoseconds <= YEAR_3000 * SECOND_NS


@given(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(3000, 1, 1)))  # noqa: DTZ001  naive is UTC
def test_a_datetime_its_text_and_its_seconds_are_the_same_instant(when: dt.datetime) -> None:
    microseconds = (when - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001  as above
    assert instant_ns(when) == instant_ns(when.isoformat()) == microseconds * 1000


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan"), float("inf"), True, "5", None, [], 10**30])
def test_what_is_no_duration_is_misuse(seconds: object) -> None:
    with pytest.raises(Misuse, match="lag must be a number of seconds, zero or more, not ") as caught:
        duration_ns(seconds, "lag")  # type: ignore[arg-type]
    assert caught.value.param == "lag"


def test_a_duration_is_exact() -> None:
    assert duration_ns(0.1, "lag") == SECOND_NS // 10
    assert duration_ns(1e-05, "lag") == 10_000
    assert duration_ns(0, "lag") == 0


# Moving


def test_a_frozen_clock_is_moved_by_its_methods_alone() -> None:
    with freeze_time("2030-01-01") as process:
        clock = Clock(NEW_YEAR)
        process.tick(100)
        assert clock.now() == NEW_YEAR
    clock.advance(1.5)
    assert clock.now_ns() == NEW_YEAR * SECOND_NS + 3 * SECOND_NS // 2
    clock.advance(0)
    assert clock.now() == NEW_YEAR + 1


def test_a_running_clock_can_be_advanced_and_runs_on() -> None:
    with freeze_time("2030-01-01") as process:
        clock = Clock()
        clock.advance(3600)
        process.tick(5)
        assert clock.now() == 1893456000 + 3605
        assert not clock.frozen


def test_a_frozen_clock_resumes_from_where_it_stands() -> None:
    with freeze_time("2030-01-01") as process:
        clock = Clock(NEW_YEAR)
        process.tick(100)
        clock.resume()
        assert not clock.frozen
        assert clock.now() == NEW_YEAR
        process.tick(5)
        assert clock.now() == NEW_YEAR + 5
        clock.resume()
        assert clock.now() == NEW_YEAR + 5


def test_freezing_without_an_instant_stops_at_the_present_one() -> None:
    with freeze_time("2030-01-01") as process:
        clock = Clock()
        clock.freeze()
        process.tick(5)
        assert clock.frozen
        assert clock.now() == 1893456000


def test_a_running_clock_can_be_frozen_anywhere() -> None:
    clock = Clock()
    clock.freeze("1999-01-01")
    assert clock.now() == 915148800
    clock.resume()
    clock.freeze("2999-01-01")
    assert clock.now() == 32472144000


def test_a_clock_without_a_world_goes_back() -> None:
    clock = Clock(NEW_YEAR)
    clock.freeze(NEW_YEAR - 1)
    assert clock.now() == NEW_YEAR - 1


def test_whoever_owns_the_clock_may_refuse_that_it_goes_back() -> None:
    asked: list[int] = []

    def rewound(instant_ns: int) -> NoReturn:
        asked.append(instant_ns)
        message = "not now"
        raise Misuse(message)

    clock = Clock(NEW_YEAR, lambda _move: pytest.fail("nothing was to be done"), rewound=rewound)
    with pytest.raises(Misuse, match="not now"):
        clock.freeze(NEW_YEAR - 1)
    assert asked == [(NEW_YEAR - 1) * SECOND_NS]
    assert clock.now() == NEW_YEAR


def test_a_clock_does_not_pass_the_year_3000() -> None:
    clock = Clock(YEAR_3000)
    with pytest.raises(Misuse, match="'1 seconds from now' is outside the years"):
        clock.advance(1)
    assert clock.now() == YEAR_3000


def test_the_state_in_which_a_clock_starts_can_be_restored() -> None:
    frozen, running = Clock(NEW_YEAR), Clock()
    frozen.advance(5)
    frozen.resume()
    running.freeze(NEW_YEAR)
    for clock in (frozen, running):
        clock.restore(*clock.start)
    assert frozen.frozen
    assert frozen.now() == NEW_YEAR
    assert not running.frozen
    assert running.now() > NEW_YEAR


# Due work


def test_due_work_is_done_before_the_clock_has_moved() -> None:
    seen: list[tuple[int, int]] = []

    def apply_due(move: Move) -> None:
        seen.append((move.until_ns // SECOND_NS - NEW_YEAR, clock.now() - NEW_YEAR))

    clock = Clock(NEW_YEAR, apply_due)
    clock.advance(10)
    clock.freeze(NEW_YEAR + 20)
    assert seen == [(10, 0), (20, 10)]


@pytest.mark.parametrize("now", [NEW_YEAR, None])
def test_on_its_way_the_clock_reaches_the_instants_at_which_work_is_due(now: int | None) -> None:
    seen: list[float] = []

    def apply_due(move: Move) -> None:
        for seconds in (3, 7, 5):
            move.reach(began + seconds * SECOND_NS)
            seen.append((clock.now_ns() - began) // SECOND_NS)

    clock = Clock(now, apply_due)
    began = clock.now_ns()
    clock.advance(10)
    assert seen == [3, 7, 7]
    assert 10 <= (clock.now_ns() - began) / SECOND_NS < 60


def test_what_is_refused_does_no_work() -> None:
    clock = Clock(NEW_YEAR, lambda _move: pytest.fail("nothing was to be done"))
    for seconds in (-1, 1e12):
        with pytest.raises(Misuse):
            clock.advance(seconds)
    with pytest.raises(Misuse):
        clock.freeze(-1)


@pytest.mark.parametrize("move", [lambda clock: clock.advance(10), lambda clock: clock.freeze(NEW_YEAR + 10)])
@pytest.mark.parametrize(
    ("stop", "reason", "stands"),
    [
        (lambda clock: clock.interrupt("somebody says so"), "somebody says so", NEW_YEAR + 3),
        (lambda clock: clock.restore(5 * SECOND_NS, 0), "a snapshot was restored", 5),
        (lambda clock: clock.restore(*clock.start, because="it starts again"), "it starts again", NEW_YEAR),
    ],
)
def test_a_move_that_is_stopped_on_its_way_moves_no_further(
    move: Callable[[Clock], None], stop: Callable[[Clock], None], reason: str, stands: int
) -> None:
    def apply_due(move: Move) -> None:
        move.reach((NEW_YEAR + 3) * SECOND_NS)
        stop(clock)
        with pytest.raises(Conflict):
            move.reach((NEW_YEAR + 4) * SECOND_NS)
        with pytest.raises(Conflict):
            move.check()

    clock = Clock(NEW_YEAR, apply_due)
    with pytest.raises(Conflict, match=f"the clock was stopped on its way: {reason}"):
        move(clock)
    assert clock.now() == stands


def test_who_waits_for_a_move_that_is_stopped_does_not_move_either() -> None:
    moving, gate, raised = Event(), Event(), list[Exception]()

    def apply_due(_move: Move) -> None:
        moving.set()
        gate.wait(10)

    def advance() -> None:
        try:
            clock.advance(1)
        except Conflict as conflict:
            raised.append(conflict)

    clock = Clock(NEW_YEAR, apply_due)
    threads = [Thread(target=advance) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert moving.wait(10)
    threads[2].join(0.05)  # time for all to come
    clock.interrupt("the fake is closed")
    gate.set()
    for thread in threads:
        thread.join()
    assert len(raised) == 3
    assert clock.now() == NEW_YEAR
    clock.advance(1)
    assert clock.now() == NEW_YEAR + 1


def test_a_clock_runs_by_another_time_for_a_while() -> None:
    clock = Clock()

    def fail() -> None:
        assert clock.now() == 5
        raise LookupError

    with pytest.raises(LookupError), clock.running_by(lambda: 5 * SECOND_NS):
        fail()
    assert clock.now() > NEW_YEAR


@pytest.mark.usefixtures("eager_threads")
def test_threads_that_advance_at_once_do_not_lose_each_others_steps() -> None:
    clock = Clock(NEW_YEAR)

    def advance() -> None:
        for _ in range(250):
            clock.advance(1)

    threads = [Thread(target=advance) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == NEW_YEAR + 1000
