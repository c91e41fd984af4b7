"""An event loop on a thread of its own, for what is asynchronous among the handlers in this process.

The thread that causes an event waits for its handlers. It may itself run an event loop, such as that of a test client,
which stands still meanwhile. So handlers get a loop that runs by itself: one for each fake, from the first delivery
until the fake is closed, because what an application binds to a loop, such as a pool of connections, outlives one
notification.
"""

import asyncio
import threading
from collections.abc import Callable
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from contextvars import Context
from typing import Any
from typing import Generic
from typing import Protocol
from typing import TypeVar

from fakestripe_meters.delivery.rounds import WITHIN

NAME = "fakestripe-meters loop"
BLINKS = 25
BLINK_S = 0.02
"""A loop that does nothing for so many spells of so many real seconds is taken for blocked."""
Result = TypeVar("Result")


class Kept(Protocol):
    """What lives on the loop as long as the loop does."""

    async def end(self) -> None:
        """End it; an exception is a failure of handlers."""


Work = Callable[[dict[int, Kept]], Coroutine[Any, Any, Result]]
"""What is run on the loop. It gets what is kept there."""


class _Outcome(Generic[Result]):
    """A result, or what was raised: in a task SystemExit, for one, would end the loop."""

    def __init__(self, *result: Result, failure: BaseException | None = None) -> None:
        self._result = result
        self._failure = failure

    def get(self) -> Result:
        if self._failure is None:
            return self._result[0]
        if not isinstance(self._failure, asyncio.CancelledError):
            raise self._failure
        message = "it was cancelled before it has answered"  # CancelledError itself would cancel the caller
        raise RuntimeError(message) from self._failure


class HandlerLoop:
    """The loop, which starts when something is to be run."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._running: _Running | None = None

    @property
    def here(self) -> bool:
        """Whether the caller runs on the loop's thread."""
        running = self._running
        return running is not None and running.thread is threading.current_thread()

    @property
    def blocked(self) -> bool:
        """Whether the loop does nothing for `BLINKS` × `BLINK_S`."""
        running = self._running
        return running is not None and not running.answers()

    def run(self, work: Work[Result], timeout_s: float) -> Result:
        """Run work on the loop, in a new context, and wait for its result.

        Raises:
            TimeoutError: it takes longer than `timeout_s` real seconds. It is cancelled.
        """
        with self._starting:
            running = self._running = self._running or _Running()
        return running.run(work, timeout_s)

    def stop(self, timeout_s: float) -> list[Exception]:
        """End the loop: cancel what runs there, and wait for the thread, unless a handler calls this.

        Return the exceptions of what was kept. The next `run` starts another loop.
        """
        with self._starting:
            running, self._running = self._running, None
        if running is None:
            return []
        running.stop()
        if running.thread is threading.current_thread() or any(not each.over for each in WITHIN.get()):
            return []
        return running.join(timeout_s)


class _Running:
    """A thread with its event loop."""

    def __init__(self) -> None:
        self._kept: dict[int, Kept] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failures: list[Exception] = []
        self._end = asyncio.Event()
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self.thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self.thread.start()

    def run(self, work: Work[Result], timeout_s: float) -> Result:
        context = Context()  # a request from outside knows nothing of the caller's variables
        context.run(WITHIN.set, WITHIN.get())
        future = context.run(asyncio.run_coroutine_threadsafe, self._outcome(work), self._loop)
        try:
            outcome = future.result(timeout_s)
        except TimeoutError:
            message = f"it has not answered within {timeout_s:g} s (`webhooks.timeout`)"
            raise TimeoutError(message) from None
        except CancelledError:
            message = "the fake was closed before it has answered"
            raise RuntimeError(message) from None
        finally:
            future.cancel()
        return outcome.get()

    def answers(self) -> bool:
        """Whether the loop does anything within `BLINKS` × `BLINK_S`.

        On a busy machine one long wait could be over before the loop's thread has had a turn at all.
        """
        done = threading.Event()
        with suppress(RuntimeError):  # it is closed
            self._loop.call_soon_threadsafe(done.set)
        return any(done.wait(BLINK_S) for _ in range(BLINKS))

    def stop(self) -> None:
        with suppress(RuntimeError):  # it is closed
            self._loop.call_soon_threadsafe(self._end.set)

    def join(self, timeout_s: float) -> list[Exception]:
        self.thread.join(timeout_s)
        if self.thread.is_alive():
            message = f"the event loop of handlers has not ended within {timeout_s:g} s: something blocks it"
            self._failures.append(TimeoutError(message))
        return self._failures

    async def _outcome(self, work: Work[Result]) -> "_Outcome[Result]":
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  tells mypy
        self._tasks.add(task)
        try:
            return _Outcome(await work(self._kept))
        except BaseException as failure:
            if task.cancelling():
                raise
            return _Outcome(failure=failure)
        finally:
            self._tasks.discard(task)

    def _run(self) -> None:
        with self._runner as runner:
            runner.run(self._until_the_end(), context=Context())

    async def _until_the_end(self) -> None:
        await self._end.wait()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for kept in self._kept.values():
            try:
                await kept.end()
            except Exception as failure:  # noqa: BLE001  whoever stops the loop gets it
                self._failures.append(failure)
