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
        asyncio.get_running_loop()
    except RuntimeError:  # it is trio that runs this
        from anyio.to_thread import run_sync

        await run_sync(wait, seconds)
    else:
        await asyncio.to_thread(wait, seconds)
