"""Let code that sleeps move the emulated clock instead: a back-off then takes no time, and limits refill meanwhile."""

import asyncio
import math
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import duration_ns

REAL = time.sleep, asyncio.sleep  # noqa: TID251  this module replaces them, and does not use them to wait
OTHERS = {"_pytest", "execnet", "xdist", "gunicorn", "hypercorn", "uvicorn"}
"""Packages whose own sleeps stay real: they wait for other processes, or look after a server again and again."""


class Sleeping:
    """What stands in for `time.sleep` and `asyncio.sleep`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sleep, self._sleep_async = REAL
        self._waking: WeakKeyDictionary[asyncio.AbstractEventLoop, list[int]] = WeakKeyDictionary()

    def sleep(self, seconds: float, /) -> None:
        """Advance the clock, and let other threads run."""
        if _of_others():
            self._sleep(seconds)
            return
        if seconds < 0:
            message = "sleep length must be non-negative"  # as time.sleep says
            raise ValueError(message)
        self._sleep(0)
        self._clock.advance(float(seconds))

    async def sleep_async(self, delay: float, result: Any = None) -> Any:  # noqa: ANN401  as asyncio has it
        """Let other tasks run, and advance the clock unless one of them has done so. Whoever wakes first goes first."""
        if _of_others() or not 0 < delay < math.inf:
            return await self._sleep_async(delay, result)
        waking = self._waking.setdefault(asyncio.get_running_loop(), [])
        until_ns = self._clock.now_ns() + duration_ns(float(delay), "delay")
        waking.append(until_ns)
        try:
            await self._sleep_async(0)
            while min(waking) < until_ns:
                await self._sleep_async(0)
            self._clock.advance(max(until_ns - self._clock.now_ns(), 0) / SECOND_NS)
        finally:
            waking.remove(until_ns)
        return result


def _of_others() -> bool:
    """Whether code calls that goes on sleeping for real."""
    name = str(sys._getframe(2).f_globals.get("__name__"))  # noqa: SLF001  there is no other way to see the caller
    return name.partition(".")[0] in OTHERS


@contextmanager
def sleeping_advances(clock: Clock) -> Iterator[None]:
    """Within `with`, let `time.sleep` and `asyncio.sleep` advance a clock, under any module's name `sleep` for them."""
    standing_in = Sleeping(clock)
    replaced = [(time.sleep, standing_in.sleep), (asyncio.sleep, standing_in.sleep_async)]  # noqa: TID251  as above
    with ExitStack() as stack:
        for module in list(sys.modules.values()):
            sleep = getattr(module, "__dict__", {}).get("sleep")
            for old, new in replaced:
                if sleep is old:
                    stack.enter_context(patch.object(module, "sleep", new))
        yield
