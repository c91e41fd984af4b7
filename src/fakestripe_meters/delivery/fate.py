"""Order and fate of webhooks, as a test decides them: in Python, over HTTP, and on the page."""

from collections.abc import Sequence

from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery import event_types
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.outbox import Outbox
from fakestripe_meters.delivery.traffic import Parcel
from fakestripe_meters.domain.events.deliveries import Deliveries

LONGEST_S = 86_400


def hold(outbox: Outbox, types: tuple[object, ...]) -> None:
    """Hold notifications of these types back from now on, or all of them if none are given."""
    outbox.held.hold(event_types.check_either(types))


def release(outbox: Outbox, world: World, ids: Sequence[str] | None, *, param: str) -> list[Parcel]:
    """Send held notifications in this order, or all, and hold no more; wait for their outcome, and return them."""
    outbox.admit()
    if outbox.held.types:
        outbox.send_ready(world)  # what a restored world has ready is held back too
    parcels = outbox.held.take_all() if ids is None else outbox.held.take(ids, param)
    outbox.send(parcels)
    outbox.wait_until_sent(world)
    return parcels


def drop(outbox: Outbox, ids: Sequence[str], *, param: str) -> list[Parcel]:
    """Discard held notifications, and return them: they are never sent."""
    parcels = outbox.held.take(ids, param)
    for parcel in parcels:
        with parcel.account.lock:
            parcel.account.part(Deliveries).drop(parcel.delivery)
    return parcels


def repeat(outbox: Outbox, world: World, notifications: Sequence[Notification], *, param: str) -> list[Parcel]:
    """Send notifications once more, in this order; wait for their outcome, and return them."""
    outbox.admit()
    parcels = [_again(outbox, world, each, param) for each in notifications]
    outbox.send(parcels)
    outbox.wait_until_sent(world)
    return parcels


def settle(outbox: Outbox, world: World) -> None:
    """Send all webhooks that are ready, and wait for their outcome, unless another call already does."""
    waits = outbox.admit(leave=True)
    (outbox.wait_until_sent if waits else outbox.send_ready)(world)


def set_timeout(outbox: Outbox, seconds: object, param: str) -> None:
    """Set how many real seconds a receiver has to answer."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_S:
        raise checks.refused(param, f"a number of seconds above zero, and at most {LONGEST_S}", seconds)
    outbox.timeout_s = float(seconds)


def allow(world: World, hosts: object) -> None:
    """Allow more hosts as receivers."""
    settings = world.settings
    settings.webhook_hosts = (*settings.webhook_hosts, *checks.hosts(hosts, "hosts"))


def _again(outbox: Outbox, world: World, notification: Notification, param: str) -> Parcel:
    """Return a notification that was sent as a parcel; raise `Misuse` if it cannot be sent again."""
    for account in list(world.accounts.values()):
        deliveries = account.peek(Deliveries)
        delivery = None if deliveries is None else deliveries.table.get(notification.id)
        if delivery is None:
            continue
        if outbox.reaches(account, notification):
            return Parcel(account, delivery, notification)
        message = f"the notification {notification.id} cannot be repeated: nobody receives {notification.place}"
        raise Misuse(message, param=param)
    message = f"no notification {notification.id} was sent in the last 30 days"
    raise Misuse(message, param=param)
