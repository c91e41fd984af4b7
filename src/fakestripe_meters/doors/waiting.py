"""How a door holds up an answer: in real seconds, whatever the clocks say, and without stopping an event loop."""

import asyncio
from threading import Event


def wait(seconds: float) -> None:
    """Hold this thread up. An Event waits by the machine's clock, which no freezing of time reaches."""
    if seconds:
        Event().wait(seconds)


async def wait_async(seconds: float) -> None:
    """Hold this task up. It waits in a thread: an event loop under freezegun would never wake up."""
    if not seconds:
        return
    try:
        from anyio.to_thread import run_sync
    except ImportError:
        await asyncio.to_thread(wait, seconds)
    else:
        await run_sync(wait, seconds)
