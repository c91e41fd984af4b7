"""`fake.webhooks`: receive webhooks in a test, and control when and how they are sent."""

from collections.abc import Callable
from collections.abc import Coroutine
from typing import TYPE_CHECKING
from typing import Any

from fakestripe_meters.core import checks
from fakestripe_meters.core import printing
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery import apps
from fakestripe_meters.delivery import fate
from fakestripe_meters.delivery import handlers
from fakestripe_meters.delivery.handlers import Answer
from fakestripe_meters.delivery.handlers import Handler
from fakestripe_meters.delivery.inbox import Inbox
from fakestripe_meters.delivery.inbox import Unheard
from fakestripe_meters.delivery.inbox import unheard
from fakestripe_meters.delivery.into_wsgi import into_wsgi
from fakestripe_meters.delivery.listeners import new_listener
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.outbox import Outbox
from fakestripe_meters.delivery.traffic import Try
from fakestripe_meters.domain.events import addresses

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Webhooks:
    """The webhooks of a fake: a test receives them, watches the tries, and decides about order and fate.

    By default an event is sent to the endpoints and event destinations that were created with the API, if they are on
    this machine. A reset undoes whatever is set here.
    """

    def __init__(self, outbox: Outbox, world: Callable[[], World], last_world: Callable[[], World]) -> None:
        self._outbox = outbox
        self._world = world
        self._last_world = last_world
        """The same, also when the fake is closed."""

    def __repr__(self) -> str:
        tries, held, failures = len(self.tries), len(self.held), len(self.failures)
        return f"<Webhooks: {printing.counted(tries, 'try', 'tries')}, {held:,} held, {failures:,} failed>"

    @property
    def timeout(self) -> float:
        """How many real seconds a receiver has to answer, 10 by default. It is at most a day."""
        return self._outbox.timeout_s

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        fate.set_timeout(self._outbox, seconds, "timeout")

    @property
    def tries(self) -> list[Try]:
        """Every try so far, oldest first: `at` (Unix seconds), `notification`, and `outcome` (`status` or `error`)."""
        return list(self._outbox.tries.all)

    @property
    def inboxes(self) -> list[Inbox]:
        """What `collect` and `deliver_to` have returned, oldest first."""
        return list(self._outbox.inboxes)

    @property
    def unheard(self) -> list[Unheard]:
        """The events that nobody listened to: `type`, `account`, `count`, and whether they are `thin`."""
        return unheard(list(self._last_world().accounts.values()))

    def allow(self, *hosts: str) -> None:
        """Allow these hosts as receivers of webhooks. By default, webhooks are sent to this machine only."""
        fate.allow(self._world(), hosts)

    # Receiving without HTTP

    def collect(self, *types: str, thin: bool = False, secret: str | None = None, key: str | None = None) -> Inbox:
        """Return an inbox that collects events of these types, or of all types if none are given.

        The arguments are those of `deliver_to`.
        """
        return self.deliver_to(_collect, *types, thin=thin, secret=secret, key=key)

    def deliver_to(
        self, handler: Handler, *types: str, thin: bool = False, secret: str | None = None, key: str | None = None
    ) -> Inbox:
        """Call `handler` with each event of these types, or of all types if none are given; return an inbox.

        The events are those of every account, also of accounts that requests make later. With `key`, they are those of
        this API key's account and of the accounts that are connected to it. The thread that causes an event calls the
        handler; an async one runs on an event loop of its own, and the thread waits. An exception, or a status other
        than 2xx, goes to `failures`. With `thin`, the events are those of API v2, as thin notifications. `secret` signs
        (by default a new one).

        Raises:
            Misuse: no event has one of the types, or another argument makes no sense.
        """
        handlers.check(handler)
        world = self._world()
        listener = new_listener(world, types, thin=thin, secret=secret, key=key)
        inbox = Inbox(listener)

        def take(notification: Notification) -> Answer | Coroutine[Any, Any, Answer]:
            inbox.received.append(notification)
            return handler(notification)

        self._outbox.targets.of_listeners[inbox.id] = handlers.guarded(
            take, self.failures, self._wait, handlers.name_of(handler)
        )
        self._outbox.inboxes.append(inbox)
        world.listeners.append(listener)
        return inbox

    def stand_in(self, url: str, handler: Handler, *, key: str | None = None) -> None:
        """Call `handler` instead of sending to `url`, or to any URL that begins with it.

        That holds for all endpoints and event destinations there, of every account. With `key`, it holds for the
        webhooks of this API key's account and of the accounts that are connected to it.

        Raises:
            Misuse: `url` cannot be the beginning of a URL, or another argument makes no sense.
        """
        handlers.check(handler)
        scopes = self._world().scopes
        name = _beginning(url), None if key is None else scopes.account_of(checks.api_key(key, "key"))
        self._outbox.targets.of_urls[name] = handlers.guarded(handler, self.failures, self._wait)

    def app(self, app: "WSGIApplication | apps.App", url: str = "http://localhost/") -> Handler:
        """Return a WSGI or ASGI application as a handler: each notification is a POST to the path of `url`."""
        if apps.is_asgi(app):
            return self.asgi(app, url)
        apps.check_wsgi(app, url)
        return into_wsgi(app, url)

    def asgi(self, app: apps.App, url: str = "http://localhost/", *, lifespan: bool = False) -> Handler:
        """Return an ASGI application as a handler: each notification is a POST to the path of `url`.

        The application runs on an event loop of its own, so it may also be called from within a running one. By
        default it gets requests only, as from the test clients. With `lifespan` it is also started before the first
        notification, and shut down when the fake is closed.
        """
        from fakestripe_meters.delivery.into_asgi import into_asgi

        apps.check_asgi(app, url)
        return into_asgi(
            app, url, self._outbox.rounds.loop, lambda: self.timeout, lifespan=checks.flag(lifespan, "lifespan")
        )

    def _wait(self, coroutine: Coroutine[Any, Any, Answer]) -> Answer:
        """Run what an async handler has returned."""

        async def work(_kept: object) -> Answer:
            return await coroutine

        return self._outbox.rounds.loop.run(work, self.timeout)

    @property
    def failures(self) -> list[Exception]:
        """The failures of handlers in this process, which the end of the test raises. Clear the list to ignore them."""
        return self._outbox.failures

    def raise_failures(self) -> None:
        """Raise the failures of handlers, if any, and forget them; several come as an `ExceptionGroup`."""
        self._outbox.raise_failures()

    # Order and fate

    def hold(self, *types: str) -> None:
        """Send nothing from now on, or no notifications of these types: they wait in `held` until `release` or `drop`.

        What an earlier call holds back stays held back. `Misuse` if no event has one of the types.
        """
        fate.hold(self._outbox, types)

    @property
    def held(self) -> list[Notification]:
        """The notifications that wait, in the order in which they would have been sent."""
        return [parcel.notification for parcel in self._outbox.held.parcels]

    def release(self, *notifications: Notification) -> None:
        """Send held notifications now, in the given order; without arguments, send all and hold no more.

        Wait until they were delivered or have failed. `Misuse` if one of them is not held: then none is sent.
        """
        world = self._world()  # raises if the fake is closed, before anything is taken out of `held`
        _check(notifications, "release")
        ids = [each.id for each in notifications] or None
        fate.release(self._outbox, world, ids, param="notifications")

    def drop(self, *notifications: Notification) -> None:
        """Discard held notifications: they are never sent. `Misuse` if one of them is not held: then all are kept."""
        _check(notifications, "drop")
        fate.drop(self._outbox, [each.id for each in notifications], param="notifications")

    def repeat(self, *notifications: Notification) -> None:
        """Send notifications once more, in the given order, signed again, as Stripe may do at any time.

        Wait until they were delivered or have failed. `Misuse` if one of them cannot be sent again: then none is sent.
        """
        _check(notifications, "repeat")
        fate.repeat(self._outbox, self._world(), notifications, param="notifications")

    def settle(self) -> None:
        """Send all webhooks that are ready, and wait until they were delivered or have failed."""
        fate.settle(self._outbox, self._world())


def _collect(_notification: Notification) -> None:
    """Take it."""


def _beginning(url: object) -> str:
    """Return what can be the beginning of a receiver's URL; raise `Misuse` for anything else."""
    beginning = checks.text(url, "url")
    try:
        addresses.parse(f"{beginning}any" if beginning in ("http://", "https://") else beginning)
    except ValueError:
        raise checks.refused("url", "the beginning of a URL, such as 'https://shop.example/'", url) from None
    return beginning


def _check(notifications: tuple[object, ...], call: str) -> None:
    """Raise `Misuse` unless all of these are notifications."""
    for each in notifications:
        if not isinstance(each, Notification):
            several = isinstance(each, Inbox | list | tuple)
            apart = f", each as an argument of its own: {call}(*several)" if several else ""
            raise Misuse(f"{call} takes notifications{apart}, not {quoted(each)}", param="notifications")
