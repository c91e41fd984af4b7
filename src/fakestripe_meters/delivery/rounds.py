"""Rounds: what a thread hands to handlers in this process, one item after another, so that handlers are not nested.

A handler's own calls may make more items ready. They join the round, also if the handler makes the calls in tasks or
worker threads, which take over its context.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from typing import Any
from typing import Generic
from typing import TypeVar

if TYPE_CHECKING:
    from fakestripe_meters.delivery.handler_loop import HandlerLoop

Item = TypeVar("Item")


class Round(Generic[Item]):
    """What one thread hands over until nothing is left, and how often handlers have moved the clock meanwhile."""

    def __init__(self, first: Item) -> None:
        self.moves = 0
        self.over = False
        self._waiting = deque([first])
        self._lock = threading.Lock()

    def add(self, item: Item) -> bool:
        """Hand over one more item; return False if the round is over."""
        with self._lock:
            if not self.over:
                self._waiting.append(item)
            return not self.over

    def __iter__(self) -> Iterator[Item]:
        """Yield each item when it is its turn. When there is none, the round is over."""
        while True:
            with self._lock:
                if not self._waiting:
                    self.over = True
                    return
                item = self._waiting.popleft()
            yield item


WITHIN: ContextVar[tuple[Round[Any], ...]] = ContextVar("WITHIN", default=())
"""The rounds within which the code runs, the outermost first: several fakes may call each other's handlers."""


class Rounds(Generic[Item]):
    """The rounds that are under way in one fake, and the event loop on which asynchronous handlers run."""

    def __init__(self) -> None:
        self._under_way: list[Round[Item]] = []
        self._loop: HandlerLoop | None = None

    @property
    def loop(self) -> "HandlerLoop":
        """The event loop of handlers; it starts when it is used."""
        from fakestripe_meters.delivery.handler_loop import HandlerLoop  # asyncio takes time to load

        if self._loop is None:
            self._loop = HandlerLoop()
        return self._loop

    def stop_loop(self, timeout_s: float) -> list[Exception]:
        """End the event loop: see `HandlerLoop.stop`."""
        return [] if self._loop is None else self._loop.stop(timeout_s)

    @property
    def on_loop(self) -> bool:
        """Whether the caller runs on the event loop, which should not wait for anything."""
        return self._loop is not None and self._loop.here

    @property
    def here(self) -> Round[Item] | None:
        """The round of which a handler has called this."""
        return next((each for each in WITHIN.get() if each in self._under_way and not each.over), None)

    @property
    def full(self) -> bool:
        """Whether a new round could not begin now: a handler on the event loop would have to wait for itself."""
        return self.on_loop or (bool(self._under_way) and self._loop is not None and self._loop.blocked)

    def join(self, item: Item) -> bool:
        """Add an item to a round that is under way; return False if there is none."""
        return any(each.add(item) for each in self._under_way.copy())

    @contextmanager
    def begun(self, first: Item) -> Iterator[Iterator[Item]]:
        """Begin a round, and yield the items to be handed over within `with`."""
        this = Round(first)
        self._under_way.append(this)
        token = WITHIN.set((*WITHIN.get(), this))
        try:
            yield iter(this)
        finally:
            this.over = True
            WITHIN.reset(token)
            self._under_way.remove(this)
