"""Control the time of the code under test: freezegun reads the emulated clock, so that both show the same time."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from freezegun import api as freezegun

from fakestripe_meters.core.clock import Clock

UNFROZEN = ["_pytest.timing"]
"""How long a test took, pytest measures in real time, also if its setup froze the process's."""

NEAREST = 1
"""How many callers freezegun looks at for one that keeps the real time, such as `threading` for its own waits.

It usually looks at five, and so it finds `threading` behind what a thread runs, such as a route of FastAPI.
"""


class Following(freezegun.FrozenDateTimeFactory):
    """What freezegun reads the time from: the emulated clock. Moving it moves the clock, by the clock's rules.

    A call without arguments, as freezegun makes, returns the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self) -> dt.datetime:  # noqa: D102  see the class
        microseconds = self._clock.now_ns() // 1_000
        return freezegun.real_datetime(1970, 1, 1) + dt.timedelta(microseconds=microseconds)

    @property
    def time_to_freeze(self) -> dt.datetime:  # type: ignore[override]  # an attribute there, a property here
        """The time of the clock, under freezegun's name for it."""
        return self()

    def tick(self, delta: dt.timedelta | float = 1) -> dt.datetime:
        """Advance the clock by a timedelta or by seconds; return its time."""
        self._clock.advance(delta.total_seconds() if isinstance(delta, dt.timedelta) else delta)
        return self()

    def move_to(self, target_datetime: Any) -> None:  # noqa: ANN401  as freezegun takes it
        """Freeze the clock at a time; `Misuse` if something has happened after that time."""
        self._clock.freeze(freezegun.freeze_time(target_datetime).time_to_freeze)


def _real_time(_loop: asyncio.BaseEventLoop) -> float:
    return freezegun.real_monotonic()


@contextmanager
def process_follows(clock: Clock) -> Iterator[Following]:
    """Show the process the emulated time, in `time`, `datetime` and whatever else freezegun freezes.

    Event loops keep the real time, or else no `asyncio.sleep` would end. If the clock is resumed, it runs with the
    machine's time, and the process's time runs with it.
    """
    freezer = freezegun.freeze_time(dt.datetime.fromtimestamp(clock.now(), dt.UTC), ignore=UNFROZEN)
    loop_time, inspected = asyncio.BaseEventLoop.time, freezegun.call_stack_inspection_limit
    freezer.start()
    following = freezegun.freeze_factories[-1] = Following(clock)
    freezegun.call_stack_inspection_limit = NEAREST
    asyncio.BaseEventLoop.time = _real_time  # type: ignore[method-assign, assignment]  # named otherwise
    try:
        with clock.running_by(freezegun.real_time_ns):
            yield following
    finally:
        freezegun.call_stack_inspection_limit = inspected
        asyncio.BaseEventLoop.time = loop_time  # type: ignore[method-assign]
        freezer.stop()
