"""The deliveries that are on their way to receivers, and the calls that wait for them.

A receiver may call the fake before it answers. A call that waits for deliveries would then wait for itself, until the
receiver's time is over: `admit` finds such calls.
"""

import threading
from collections import deque
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.locks import Condition
from fakestripe_meters.core.locks import check_delivering
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.outcome import Outcome
from fakestripe_meters.domain.events.deliveries import Delivery

PATIENCE_S = 3.0
"""How long, in real seconds, a call waits for deliveries of which one may wait for the call."""
SHORT_PATIENCE_S = 0.5
"""The same from when on another call waits for these deliveries too: then this one may well come from a receiver."""


KEPT = 10_000
SUCCESSES = range(200, 300)
Target = Callable[[Notification], Outcome]
"""Receives a notification in this process, instead of a URL."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to deliver: `at` (emulated time, Unix seconds), the notification that was sent, and the outcome."""

    at: int
    notification: Notification
    """What was sent."""
    outcome: Outcome
    """What came of it."""


class Tries:
    """The last tries, oldest first: `all`, and those of the `present` world, which a rewind takes back."""

    def __init__(self) -> None:
        self.all: deque[Try] = deque(maxlen=KEPT)
        self.present: deque[Try] = deque(maxlen=KEPT)

    def of_another_world(self, present: Iterable[Try]) -> "Tries":
        """Return the same tries, of which these are those of the world that is present from now on."""
        other = Tries()
        other.all, other.present = self.all, deque(present, maxlen=KEPT)
        return other

    def add(self, one: Try) -> None:
        """Note a try."""
        self.all.append(one)
        self.present.append(one)


@dataclass(slots=True, eq=False)
class Parcel:
    """A notification, the account that it comes from, and the delivery that it belongs to."""

    account: Account
    delivery: Delivery
    notification: Notification
    sent: bool = False
    """Whether the receiver may have it already."""


@dataclass(slots=True, eq=False)
class Targets:
    """The targets of a fake, by the destination that they belong to, and by the URLs that they replace."""

    of_listeners: dict[str, Target] = field(default_factory=dict)
    """By the id of a listener."""
    of_urls: dict[tuple[str, str | None], Target] = field(default_factory=dict)
    """By the beginning of a URL, and the API key whose webhooks they take; None for all keys."""

    def lookup(self, account: Account, destination: str, url: str) -> Target | None:
        """Return what takes the webhooks of an account to a destination; None if that is its URL.

        Among URLs the longest wins, and for one URL the target of a key.
        """
        if (target := self.of_listeners.get(destination)) is not None:
            return target
        prefixes = self.of_urls.copy()  # others may add some meanwhile
        found = [each for each in prefixes if url.startswith(each[0]) and each[1] in (None, account.name.key)]
        return prefixes[max(found, key=lambda each: (len(each[0]), each[1] is not None))] if found else None


@dataclass(slots=True)
class Lane:
    """The queue of one destination. Its thread ends when the queue is empty."""

    waiting: deque[Parcel] = field(default_factory=deque)


class Traffic:
    """The parcels that are on their way, over HTTP or to handlers in this process."""

    def __init__(self) -> None:
        self.condition = Condition()
        """Notified when a parcel has ended. It guards the queues of the outbox too."""
        self._under_way: set[Parcel] = set()
        self._handled: set[Parcel] = set()
        self._waiting: list[object] = []
        """One for each call that waits, in the order in which they came."""
        self._patient = 0
        """How many of these wait for however long it takes."""

    def begin(self, parcel: Parcel) -> None:
        """Record that a parcel waits to be sent over HTTP. The caller holds the condition."""
        self._under_way.add(parcel)

    def end(self, parcel: Parcel) -> None:
        """Note that a parcel was received or has failed."""
        with self.condition:
            self._under_way.discard(parcel)
            self.condition.notify_all()

    @contextmanager
    def handled(self, parcel: Parcel) -> Iterator[None]:
        """Note that within `with` a handler in this process has a parcel."""
        with self.condition:
            self._handled.add(parcel)
        try:
            yield
        finally:
            with self.condition:
                self._handled.discard(parcel)

    def drop(self, account: Account | None = None) -> None:
        """End the waiting for the parcels of an account, or for all of them. The caller holds the condition."""
        self._under_way = {each for each in self._under_way if account not in (None, each.account)}
        self.condition.notify_all()

    def wait(self) -> None:
        """Wait until nothing is under way over HTTP."""
        with self._counted():
            self._wait_for(lambda: not self._under_way)

    def admit(self, *, leave: bool = False) -> bool:
        """Wait until the parcels that receivers may have by now have ended; then return True.

        If that takes long, the caller may be one of these receivers. Then return False if another call waits for the
        same and the caller may `leave` it to that one; raise `Conflict` otherwise. The main thread of the process is
        never refused: it runs the test, and receivers run elsewhere.
        """
        with self._counted() as this:
            sent = self._sent()

            def ended() -> bool:
                return sent.isdisjoint(self._under_way)

            def left() -> bool:
                return self._patient > 0 or self._waiting[0] is not this

            if threading.current_thread() is threading.main_thread():
                return self._wait_for(ended)
            self.condition.wait_for(lambda: ended() or left(), PATIENCE_S)
            awaited = left()
            if self.condition.wait_for(ended, SHORT_PATIENCE_S if awaited else 0):
                return True
            if awaited and leave:
                return False
        (url, *_) = (each.notification.url for each in sent)
        message = (
            f"a webhook to {url} has not been answered yet: if its receiver makes this call, let it answer first; "
            "otherwise call again"
        )
        raise Conflict(message)

    def awaited(self) -> frozenset[object]:
        """Return what handlers in this process have now and, if calls wait for it, what receivers have over HTTP."""
        with self.condition:
            return frozenset(self._handled | (self._sent() if self._waiting else set()))

    def _sent(self) -> set[Parcel]:
        return {each for each in self._under_way if each.sent}

    def _wait_for(self, ended: Callable[[], bool]) -> bool:
        """Wait under the condition for however long it takes, and let those know who could leave it to this call."""
        self._patient += 1
        self.condition.notify_all()
        try:
            return self.condition.wait_for(ended)
        finally:
            self._patient -= 1

    @contextmanager
    def _counted(self) -> Iterator[object]:
        """Take the condition within `with`, and count a call that waits."""
        check_delivering()
        this = object()
        with self.condition:
            self._waiting.append(this)
            try:
                yield this
            finally:
                self._waiting.remove(this)
