"""Snapshot events: what every object publishes when something happens to it, with the object as it is then.

Source: https://docs.stripe.com/api/events.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import field

from fakestripe_meters.core import flushed
from fakestripe_meters.core.account import API_VERSION
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.packed import Packed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events import thin
from fakestripe_meters.domain.events.deliveries import notify
from fakestripe_meters.domain.events.deliveries import recent
from fakestripe_meters.domain.events.deliveries import undelivered
from fakestripe_meters.domain.events.thin import Related
from fakestripe_meters.wire.tree import Tree

TWINS = {
    "billing.alert.triggered": "/v1/billing/alerts",
    "billing.credit_balance_transaction.created": "/v1/billing/credit_balance_transactions",
    "billing.credit_grant.created": "/v1/billing/credit_grants",
    "billing.credit_grant.updated": "/v1/billing/credit_grants",
    "billing.meter.created": "/v1/billing/meters",
    "billing.meter.deactivated": "/v1/billing/meters",
    "billing.meter.reactivated": "/v1/billing/meters",
    "billing.meter.updated": "/v1/billing/meters",
}
"""The events that a thin event follows, and the path of the object that it names."""


HELD: ContextVar[list["Event"] | None] = ContextVar("HELD", default=None)
"""The events that wait until they are `arranged`; None if each is published at once."""


@record
class Event:
    """Something that happened: the object as it was then, and the request that caused it."""

    id: str
    created: int
    type: str
    object: Packed
    previous_attributes: Packed | None
    request_id: str | None
    idempotency_key: str | None
    published_ns: int = 0
    """The instant by the account's own clock; `created` may be that of a test clock."""
    api_version: str = API_VERSION
    """The version in which `object` is shown, from then on."""
    number: int = 0
    """How many events there were up to this one; 0 in snapshots of older releases."""

    def __post_init__(self) -> None:
        """An event without the instant is from a snapshot of an older release: take `created`, if it is an instant."""
        self.published_ns = self.published_ns or min(max(self.created, 0), LAST_SECOND) * SECOND_NS


@dataclass(eq=False)
class Events(Part, name="events"):
    """The events of an account in the last 30 days."""

    table: Table[Event] = field(default_factory=Table)


def publish(account: Account, kind: str, subject: Tree | Packed, *, previous: Tree | None = None) -> Event:
    """Publish an event about an object, which is given as Stripe shows it now.

    `previous` holds the former values of the attributes that an update changed.
    """
    event = Event(
        id=account.ids.new(flushed.EVENT, 24),
        created=account.now,
        type=kind,
        object=subject if isinstance(subject, Packed) else Packed(subject),
        previous_attributes=None if previous is None else Packed(previous),
        request_id=account.cause.request_id,
        idempotency_key=account.cause.idempotency_key,
        published_ns=account.own_ns,
    )
    _publish(account, event)
    return event


def _publish(account: Account, event: Event) -> None:
    held = HELD.get()
    if held is not None:
        held.append(event)
        return
    event.number = flushed.count(account)
    recent(account, account.part(Events).table).add(event)
    notify(account, event.id, event.type, "snapshot")
    _publish_twin(account, event)


@contextmanager
def arranged(account: Account, order: Sequence[str]) -> Iterator[None]:
    """Publish the events of the block at its end, by the order of their types; those that it does not name come last.

    If the block raises, there are none. Within another such block, they wait for the end of that one.
    """
    held: list[Event] = []
    before = HELD.set(held)
    try:
        yield
    finally:
        HELD.reset(before)
    places = {kind: place for place, kind in enumerate(order)}
    for event in sorted(held, key=lambda each: places.get(each.type, len(places))):
        _publish(account, event)


def publish_update(account: Account, kind: str, before: Tree, after: Tree, *further: str) -> Event | None:
    """Publish that an object changed, with the former values, and return the event; None if it did not change.

    `before` has at least the attributes that may have changed.
    `further` are the types of events about the object that follow, also if it did not change.
    """
    now = after.get
    previous = {name: value for name, value in before.items() if now(name) != value}
    if not previous and not further:
        return None
    subject = Packed(after)
    event = publish(account, kind, subject, previous=previous) if previous else None
    for each in further:
        publish(account, each, subject)
    return event


def _publish_twin(account: Account, event: Event) -> None:
    """Publish the thin event that follows, if any. The one of an alert's event names the alert."""
    path = TWINS.get(event.type)
    if path is not None:
        tree = event.object.tree()
        about = tree["alert"] if event.type == "billing.alert.triggered" else tree
        related = Related(about["id"], about["object"], f"{path}/{about['id']}")
        thin.publish(account, f"v1.{event.type}", related, snapshot_event=event.id)


def render(account: Account, event: Event) -> Tree:
    """Return an event as Stripe shows it."""
    data: Tree = {"object": event.object.tree()}
    if event.previous_attributes is not None:
        data["previous_attributes"] = event.previous_attributes.tree()
    return {
        "id": event.id,
        "object": "event",
        "api_version": event.api_version,
        "created": event.created,
        "data": data,
        "livemode": False,
        "pending_webhooks": undelivered(account, event.id),
        "request": {"id": event.request_id, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }
