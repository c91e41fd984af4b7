"""The ticker: while a clock runs, it does scheduled work when it is due, without any request."""

import threading
from contextlib import suppress

from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.world import World

TICK_S = 0.1
"""How often, in real seconds, a running clock is checked, so that due webhooks are sent without any request."""


class Ticker:
    """A thread that looks at the clock of one world at a time."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._threads = threading.local()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    @property
    def here(self) -> bool:
        """Whether the caller is this thread: time alone has passed."""
        return getattr(self._threads, "ticks", False)

    def watch(self, world: World) -> None:
        """Start, unless it has."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, args=(world, self._stopped), name="fakestripe-meters ticker", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Stop soon."""
        with self._starting:
            self._stopped.set()
            self._stopped, self._thread = threading.Event(), None

    def _run(self, world: World, stopped: threading.Event) -> None:
        self._threads.ticks = True
        with suppress(Conflict):  # the world was replaced
            while not stopped.wait(TICK_S) and not world.clock.frozen:
                world.catch_up(world.clock.passing())
