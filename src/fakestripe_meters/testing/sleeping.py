"""Let code that sleeps move the emulated clock instead: a back-off then takes no time, and limits refill meanwhile."""

import asyncio
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import duration_ns

REAL_SLEEP, REAL_SLEEP_ASYNC = time.sleep, asyncio.sleep  # noqa: TID251  this module replaces them, and does not use them to wait
OTHERS = {"_pytest", "execnet", "xdist", "gunicorn", "hypercorn", "uvicorn"}
"""Packages whose own sleeps stay real: they wait for other processes, or look after a server again and again."""
ACTIVE: list["Sleeping"] = []
"""The innermost one last."""
CHANGING = Lock()


class Sleeping:
    """What becomes of sleeps within one `advance_on_sleep`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waking: WeakKeyDictionary[asyncio.AbstractEventLoop, list[int]] = WeakKeyDictionary()

    def sleep(self, seconds: float) -> None:
        """Advance the clock, and let other threads run."""
        if seconds < 0:
            message = "sleep length must be non-negative"  # as time.sleep says
            raise ValueError(message)
        REAL_SLEEP(0)
        self._clock.advance(float(seconds))

    async def sleep_async(self, delay: float) -> None:
        """Let other tasks run, and advance the clock unless one of them has done so. Whoever wakes first goes first."""
        waking = self._waking.setdefault(asyncio.get_running_loop(), [])
        until_ns = self._clock.now_ns() + duration_ns(float(delay), "delay")
        waking.append(until_ns)
        try:
            await REAL_SLEEP_ASYNC(0)
            while min(waking) < until_ns:
                await REAL_SLEEP_ASYNC(0)
            self._clock.advance(max(until_ns - self._clock.now_ns(), 0) / SECOND_NS)
        finally:
            waking.remove(until_ns)


def _sleep(seconds: float, /) -> None:
    """Stand in for `time.sleep`. Code that keeps this beyond the `with` sleeps for real."""
    active = ACTIVE[-1:]  # another thread may end it
    if active and not _of_others():
        active[0].sleep(seconds)
    else:
        REAL_SLEEP(seconds)


async def _sleep_async(delay: float, result: Any = None) -> Any:  # noqa: ANN401  as asyncio has it
    """Stand in for `asyncio.sleep`, likewise."""
    active = ACTIVE[-1:]
    if not active or _of_others() or not 0 < delay < math.inf:
        return await REAL_SLEEP_ASYNC(delay, result)
    await active[0].sleep_async(delay)
    return result


def _of_others() -> bool:
    """Whether code calls that goes on sleeping for real."""
    name = str(sys._getframe(2).f_globals.get("__name__"))  # noqa: SLF001  there is no other way to see the caller
    return name.partition(".")[0] in OTHERS


STAND_INS = {REAL_SLEEP: _sleep, REAL_SLEEP_ASYNC: _sleep_async}


@contextmanager
def sleeping_advances(clock: Clock) -> Iterator[None]:
    """Within `with`, let `time.sleep` and `asyncio.sleep` advance a clock, under any module's name `sleep` for them.

    If several are active, the innermost clock moves. When none is active any more, all names are as before, also those
    of modules that were imported meanwhile.
    """
    sleeping = Sleeping(clock)
    with CHANGING:
        _rename(STAND_INS)  # also in modules that were imported since the one around this began
        ACTIVE.append(sleeping)
    try:
        yield
    finally:
        with CHANGING:
            ACTIVE.remove(sleeping)
            if not ACTIVE:
                _rename({new: old for old, new in STAND_INS.items()})


def _rename(replaced: dict[Any, Any]) -> None:
    """Give each module that has the name `sleep` for one of these functions the other one."""
    for module in list(sys.modules.values()):
        sleep = getattr(module, "__dict__", {}).get("sleep")
        for old, new in replaced.items():
            if sleep is old:
                module.__dict__["sleep"] = new
