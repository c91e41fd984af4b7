"""Delay an answer by real seconds, even if the process's time is frozen, and without blocking an event loop."""

import asyncio
from threading import Event


def wait(seconds: float) -> None:
    """Block this thread for real seconds. An Event waits by the machine's clock, which nothing freezes."""
    if seconds:
        Event().wait(seconds)


async def wait_async(seconds: float) -> None:
    """Suspend this task for real seconds. A thread waits: an event loop under freezegun would never wake up."""
    if not seconds:
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio runs this task
        from anyio.to_thread import run_sync

        await run_sync(wait, seconds)
    else:
        await asyncio.to_thread(wait, seconds)
