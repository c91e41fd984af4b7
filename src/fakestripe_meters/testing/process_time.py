"""The time of the code under test: freezegun, made to read the emulated clock, so that both stand at one instant."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from freezegun import api as freezegun

from fakestripe_meters.core.clock import Clock


class Following(freezegun.FrozenDateTimeFactory):
    """What freezegun asks for the present: the clock's. Whoever moves it moves the clock, which goes only forward.

    Called without arguments, as freezegun does, it is the present.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self) -> dt.datetime:  # noqa: D102  said above
        microseconds = self._clock.now_ns() // 1_000
        return freezegun.real_datetime(1970, 1, 1) + dt.timedelta(microseconds=microseconds)

    @property
    def time_to_freeze(self) -> dt.datetime:  # type: ignore[override]  # there it is kept, here it is asked for
        """As it is called in freezegun."""
        return self()

    def tick(self, delta: dt.timedelta | float = 1) -> dt.datetime:
        """Advance the clock."""
        self._clock.advance(delta.total_seconds() if isinstance(delta, dt.timedelta) else delta)
        return self()

    def move_to(self, target_datetime: Any) -> None:  # noqa: ANN401  whatever freezegun takes
        """Freeze the clock there."""
        self._clock.freeze(freezegun.freeze_time(target_datetime).time_to_freeze)


def _real_time(_loop: asyncio.BaseEventLoop) -> float:
    return freezegun.real_monotonic()


@contextmanager
def process_follows(clock: Clock) -> Iterator[Following]:
    """Show the process the emulated time: `time`, `datetime` and whatever else freezegun freezes.

    Event loops keep the real time, or no `asyncio.sleep` would ever end. A clock that is resumed runs by the
    machine's time, and the process with it.
    """
    freezer = freezegun.freeze_time(dt.datetime.fromtimestamp(clock.now(), dt.UTC))
    loop_time = asyncio.BaseEventLoop.time
    freezer.start()
    following = freezegun.freeze_factories[-1] = Following(clock)
    asyncio.BaseEventLoop.time = _real_time  # type: ignore[method-assign, assignment]  # named otherwise
    try:
        with clock.running_by(freezegun.real_time_ns):
            yield following
    finally:
        asyncio.BaseEventLoop.time = loop_time  # type: ignore[method-assign]
        freezer.stop()
