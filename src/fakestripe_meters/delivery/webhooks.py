"""`fake.webhooks`: what is sent to whom, and a test's power over it."""

from collections.abc import Callable
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.deliveries import Destination
from fakestripe_meters.core.deliveries import Destinations
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery.into_wsgi import into_wsgi
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.outbox import SUCCESSES
from fakestripe_meters.delivery.outbox import Outbox
from fakestripe_meters.delivery.outbox import Parcel
from fakestripe_meters.delivery.outbox import Target
from fakestripe_meters.delivery.outbox import Try
from fakestripe_meters.delivery.sending import Outcome

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

OK = 200
HOST = "http://webhooks.localhost"
Handler = Callable[[Notification], int | None]
"""What takes a notification within the process: it answers with a status, or with nothing, which is 200."""


class HandlerFailed(AssertionError):  # noqa: N818  it says what happened
    """A handler within the process answered something else than 2xx."""


class Inbox:
    """What was delivered to a place of a test's own, oldest first; `secret` verifies it."""

    def __init__(self, destination: Destination) -> None:
        self.id = destination.id
        self.url = destination.url
        self.secret = destination.secret
        self.received: list[Notification] = []

    def __iter__(self) -> Iterator[Notification]:
        return iter(list(self.received))

    def __len__(self) -> int:
        return len(self.received)

    def __getitem__(self, index: int) -> Notification:
        return self.received[index]

    @property
    def types(self) -> list[str]:
        """The types of the events."""
        return [each.type for each in self.received]


class Webhooks:
    """Everything about deliveries that a test can see and decide. A reset forgets it all."""

    def __init__(self, outbox: Outbox, world: Callable[[], World]) -> None:
        self._outbox = outbox
        self._world = world
        self._numbers = count(1)

    @property
    def timeout(self) -> float:
        """For how many seconds a receiver is waited for."""
        return self._outbox.timeout_s

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            message = f"timeout takes a number of seconds over zero, not {seconds!r}"
            raise Misuse(message, param="timeout")
        self._outbox.timeout_s = float(seconds)

    @property
    def tries(self) -> list[Try]:
        """Every attempt so far, oldest first: `at`, `notification`, and `outcome` with its `status` or `error`."""
        return list(self._outbox.tries)

    def allow(self, *hosts: str) -> None:
        """Let webhooks be sent to these hosts, too. Without it they go nowhere but to this machine."""
        settings = self._world().settings
        settings.webhook_hosts = (*settings.webhook_hosts, *[host.lower() for host in hosts])

    # Receiving without HTTP

    def collect(self, *types: str, thin: bool = False, secret: str | None = None, key: str | None = None) -> Inbox:
        """Collect the events of these types (all, without any) instead of sending them anywhere."""
        return self.deliver_to(lambda _notification: OK, *types, thin=thin, secret=secret, key=key)

    def deliver_to(
        self, handler: Handler, *types: str, thin: bool = False, secret: str | None = None, key: str | None = None
    ) -> Inbox:
        """Call `handler` with each event of these types (all, without any), from the thread that brought it about.

        What it raises is kept in `failures`, and so is that it answered something else than 2xx.
        """
        destination = self._destination(types or ("*",), thin=thin, secret=secret, key=key)
        inbox = Inbox(destination)

        def take(notification: Notification) -> int | None:
            inbox.received.append(notification)
            return handler(notification)

        self.stand_in(destination.url, take)
        return inbox

    def stand_in(self, url: str, handler: Handler) -> None:
        """Call `handler` instead of sending to `url`, or to what begins so: whoever made that endpoint."""
        self._outbox.targets[url] = self._guarded(handler)

    def app(self, app: "WSGIApplication", url: str = "http://localhost/") -> Handler:
        """A WSGI application as a handler: it is sent a POST to the path of `url`."""
        return into_wsgi(app, url)

    @property
    def failures(self) -> list[Exception]:
        """How handlers within the process have failed; clear it to forgive them."""
        return self._outbox.failures

    def raise_failures(self) -> None:
        """Raise what handlers have failed with, once."""
        self._outbox.raise_failures()

    # Order and fate

    def hold(self) -> None:
        """From now on send nothing: it waits in `held`."""
        self._outbox.holding = True

    @property
    def held(self) -> list[Notification]:
        """What waits, in the order in which it would have been sent."""
        return [parcel.notification for parcel in self._outbox.held]

    def release(self, *notifications: Notification) -> None:
        """Send held notifications now, in the order given; without any, send all and hold no more."""
        parcels = [self._take(each) for each in notifications]
        if not notifications:
            self._outbox.holding = False
            parcels, self._outbox.held = self._outbox.held, []
        self._outbox.send(parcels)
        self.settle()

    def drop(self, *notifications: Notification) -> None:
        """Let held notifications get lost on their way."""
        for each in notifications:
            self._take(each)

    def repeat(self, notification: Notification) -> None:
        """Send once more what was sent before, as Stripe may do at any time; signed anew."""
        found = self._outbox.find(self._world(), notification.id)
        if found is None:
            message = f"there was no delivery {notification.id}"
            raise Misuse(message)
        self._outbox.send([Parcel(*found, notification)])
        self.settle()

    def settle(self) -> None:
        """Return when everything that is to be sent was taken or refused."""
        self._outbox.wait_until_sent(self._world())

    def _take(self, notification: Notification) -> Parcel:
        for parcel in self._outbox.held:
            if parcel.notification.id == notification.id:
                self._outbox.held.remove(parcel)
                return parcel
        message = f"the notification {notification.id} is not held"
        raise Misuse(message)

    def _destination(self, types: tuple[str, ...], *, thin: bool, secret: str | None, key: str | None) -> Destination:
        world = self._world()
        account = world.account(key or keys.DEFAULT_KEY)
        with account.lock:
            world.enter(account)
            destination = Destination(
                id=account.ids.new("ed_test_", 32) if thin else account.ids.new("we_", 24),
                created_ns=account.now_ns,
                updated_ns=account.now_ns,
                payload="thin" if thin else "snapshot",
                url=f"{HOST}/{next(self._numbers)}/",
                secret=secret or account.ids.new("whsec_", 32),
                enabled_events=list(types),
                events_from=["@self"],
            )
            _table(account, thin=thin).add(destination)
        return destination

    def _guarded(self, handler: Handler) -> Target:
        def take(notification: Notification) -> Outcome:
            try:
                status = handler(notification)
            except Exception as failure:  # noqa: BLE001  it is kept
                self.failures.append(failure)
                return Outcome(None, f"{type(failure).__name__}: {failure}")
            status = OK if status is None else status
            if status not in SUCCESSES:
                message = f"the handler of {notification.url} answered {status} to {notification.type}"
                self.failures.append(HandlerFailed(message))
            return Outcome(status)

        return take


def _table(account: Account, *, thin: bool) -> Table[Destination]:
    destinations = account.part(Destinations)
    return destinations.destinations if thin else destinations.endpoints
