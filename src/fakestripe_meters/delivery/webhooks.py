"""`fake.webhooks`: receive webhooks in a test, and control when and how they are sent."""

from collections.abc import Callable
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from fakestripe_meters.core import checks
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery.apps import App
from fakestripe_meters.delivery.apps import check_asgi
from fakestripe_meters.delivery.apps import check_wsgi
from fakestripe_meters.delivery.apps import is_asgi
from fakestripe_meters.delivery.into_wsgi import into_wsgi
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.outbox import Outbox
from fakestripe_meters.delivery.sending import Outcome
from fakestripe_meters.delivery.traffic import SUCCESSES
from fakestripe_meters.delivery.traffic import Parcel
from fakestripe_meters.delivery.traffic import Target
from fakestripe_meters.delivery.traffic import Try
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.events.deliveries import Delivery
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.domain.events.destinations import Destinations

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

OK = 200
HOST = "http://webhooks.localhost"
Handler = Callable[[Notification], int | None]
"""Receives a notification in this process, and returns a status; None is 200."""


class HandlerFailed(AssertionError):  # noqa: N818  the name says what happened
    """A webhook handler in this process answered with another status than 2xx."""


class Inbox:
    """The notifications that a test received, oldest first: iterate, index, or take `len`. `secret` verifies them."""

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
        """The types of the events, in the same order."""
        return [each.type for each in self.received]


class Webhooks:
    """The webhooks of a fake: a test receives them, watches the tries, and decides about order and fate.

    By default an event is sent to the endpoints and event destinations that were created with the API, if they are on
    this machine. A reset undoes whatever is set here.
    """

    def __init__(self, outbox: Outbox, world: Callable[[], World]) -> None:
        self._outbox = outbox
        self._world = world
        self._numbers = count(1)

    @property
    def timeout(self) -> float:
        """How many real seconds a receiver has to answer, 10 by default; `Misuse` if set to zero or less."""
        return self._outbox.timeout_s

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            message = f"timeout must be a number of seconds above zero, not {seconds!r}"
            raise Misuse(message, param="timeout")
        self._outbox.timeout_s = float(seconds)

    @property
    def tries(self) -> list[Try]:
        """Every try so far, oldest first: `at` (Unix seconds), `notification`, and `outcome` (`status` or `error`)."""
        return list(self._outbox.tries)

    def allow(self, *hosts: str) -> None:
        """Allow these hosts as receivers of webhooks. By default, webhooks are sent to this machine only."""
        settings = self._world().settings
        settings.webhook_hosts = (*settings.webhook_hosts, *[host.lower() for host in hosts])

    # Receiving without HTTP

    def collect(self, *types: str, thin: bool = False, secret: str | None = None, key: str | None = None) -> Inbox:
        """Return an inbox that collects events of these types, or of all types if none are given.

        The arguments are those of `deliver_to`.
        """
        return self.deliver_to(lambda _notification: OK, *types, thin=thin, secret=secret, key=key)

    def deliver_to(
        self, handler: Handler, *types: str, thin: bool = False, secret: str | None = None, key: str | None = None
    ) -> Inbox:
        """Call `handler` with each event of these types, or of all types if none are given; return an inbox.

        The thread that causes an event calls the handler. An exception, or a status other than 2xx, goes to `failures`.
        With `thin`, the events are those of API v2, as thin notifications. `secret` signs (by default a new one), and
        `key` is the API key of the account whose events are delivered (by default the fake's own key).
        """
        destination = self._destination(types or ("*",), thin=thin, secret=secret, key=key)
        inbox = Inbox(destination)

        def take(notification: Notification) -> int | None:
            inbox.received.append(notification)
            return handler(notification)

        self.stand_in(destination.url, take)
        return inbox

    def stand_in(self, url: str, handler: Handler) -> None:
        """Call `handler` instead of sending to `url`, or to any URL that begins with it, for all endpoints there."""
        self._outbox.targets[url] = self._guarded(handler)

    def app(self, app: "WSGIApplication | App", url: str = "http://localhost/") -> Handler:
        """Return a WSGI or ASGI application as a handler: each notification is a POST to the path of `url`."""
        if is_asgi(app):
            return self.asgi(app, url)
        check_wsgi(app, url)
        return into_wsgi(app, url)

    def asgi(self, app: App, url: str = "http://localhost/", *, lifespan: bool = False) -> Handler:
        """Return an ASGI application as a handler: each notification is a POST to the path of `url`.

        The application runs on an event loop of its own, so it may also be called from within a running one. By
        default it gets requests only, as from the test clients. With `lifespan` it is also started before the first
        notification, and shut down when the fake is closed.
        """
        from fakestripe_meters.delivery.into_asgi import into_asgi

        check_asgi(app, url)
        return into_asgi(
            app, url, self._outbox.rounds.loop, lambda: self.timeout, lifespan=checks.flag(lifespan, "lifespan")
        )

    @property
    def failures(self) -> list[Exception]:
        """The failures of handlers in this process, which the end of the test raises. Clear the list to ignore them."""
        return self._outbox.failures

    def raise_failures(self) -> None:
        """Raise the failures of handlers, if any, and forget them; several come as an `ExceptionGroup`."""
        self._outbox.raise_failures()

    # Order and fate

    def hold(self) -> None:
        """Send nothing from now on: notifications wait in `held` until `release` or `drop`."""
        self._outbox.holding = True

    @property
    def held(self) -> list[Notification]:
        """The notifications that wait, in the order in which they would have been sent."""
        return [parcel.notification for parcel in self._outbox.held]

    def release(self, *notifications: Notification) -> None:
        """Send held notifications now, in the given order; without arguments, send all and hold no more.

        Wait until they were delivered or have failed. `Misuse` if one of them is not held.
        """
        self._world()  # raises if the fake is closed, before anything is taken out of `held`
        self._outbox.admit()
        parcels = [self._take(each) for each in notifications]
        self._outbox.send(parcels if notifications else self._outbox.take_all())
        self._outbox.wait_until_sent(self._world())

    def drop(self, *notifications: Notification) -> None:
        """Discard held notifications: they are never sent. `Misuse` if one of them is not held."""
        for each in notifications:
            parcel = self._take(each)
            with parcel.account.lock:
                parcel.account.part(Deliveries).drop(parcel.delivery)

    def repeat(self, notification: Notification) -> None:
        """Send a notification once more, signed again, as Stripe may do at any time; wait for the outcome."""
        self._outbox.admit()
        found = _lookup(self._world(), notification.id)
        if found is None:
            message = f"no notification {notification.id} was sent in the last 30 days"
            raise Misuse(message)
        self._outbox.send([Parcel(*found, notification)])
        self._outbox.wait_until_sent(self._world())

    def settle(self) -> None:
        """Send all webhooks that are ready, and wait until they were delivered or have failed."""
        waits = self._outbox.admit(leave=True)
        (self._outbox.wait_until_sent if waits else self._outbox.send_ready)(self._world())

    def _take(self, notification: Notification) -> Parcel:
        parcel = self._outbox.take(notification.id)
        if parcel is not None:
            return parcel
        message = f"the notification {notification.id} is not held"
        raise Misuse(message)

    def _destination(self, types: tuple[str, ...], *, thin: bool, secret: str | None, key: str | None) -> Destination:
        world = self._world()
        account = world.lock(world.account(key or keys.DEFAULT_KEY))
        try:
            world.enter(account)
            destination = Destination(
                id=account.ids.new("ed_test_", 32) if thin else account.ids.new("we_", 24),
                created_ns=account.now_ns,
                updated_ns=account.now_ns,
                payload="thin" if thin else "snapshot",
                url=self._url(world),
                secret=secret or account.ids.new("whsec_", 32),
                enabled_events=list(types),
                events_from=["@self"],
            )
            _table(account, thin=thin).add(destination)
        finally:
            account.lock.release()
        return destination

    def _url(self, world: World) -> str:
        """Return a URL that no destination has: those of a restored world may have come from another fake."""
        owners = [each.peek(Destinations) for each in list(world.accounts.values())]
        taken = {each.url for owner in owners if owner is not None for each in owner}
        return next(url for number in self._numbers if (url := f"{HOST}/{number}/") not in taken)

    def _guarded(self, handler: Handler) -> Target:
        failures = self.failures  # after a reset or in the next test, a late failure counts no more

        def take(notification: Notification) -> Outcome:
            try:
                status = handler(notification)
            except Exception as failure:  # noqa: BLE001  it is added to `failures`
                failures.append(failure)
                return Outcome(None, f"{type(failure).__name__}: {failure}")
            status = OK if status is None else status
            if status not in SUCCESSES:
                message = f"the handler of {notification.url} answered {status} to {notification.type}"
                failures.append(HandlerFailed(message))
            return Outcome(status)

        return take


def _table(account: Account, *, thin: bool) -> Table[Destination]:
    destinations = account.part(Destinations)
    return destinations.destinations if thin else destinations.endpoints


def _lookup(world: World, delivery_id: str) -> tuple[Account, Delivery] | None:
    """Return a delivery, pending or done, with its account; None if there is none with this id."""
    for account in list(world.accounts.values()):
        deliveries = account.peek(Deliveries)
        delivery = None if deliveries is None else deliveries.table.get(delivery_id)
        if delivery is not None:
            return account, delivery
    return None
