"""Events: https://docs.stripe.com/api/events; what every object publishes when something happens to it."""

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.deliveries import matches
from fakestripe_meters.core.deliveries import notify
from fakestripe_meters.core.deliveries import undelivered
from fakestripe_meters.core.table import Table
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.resources.v2.core import events as thin_events
from fakestripe_meters.resources.v2.core.events import Related
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/events"
API_VERSION = "2025-08-27.preview"
"""The account's default, in whose shapes events are kept."""
MOST_TYPES = 20
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
"""The events that a thin one tells of, too, and where the object is found that it names."""


@dataclass(slots=True, eq=False)
class Event:
    """Something that happened: the object as it was then, and what asked for it."""

    id: str
    created: int
    type: str
    object: dict[str, Any]
    previous_attributes: dict[str, Any] | None
    request_id: str | None
    idempotency_key: str | None


@dataclass(eq=False)
class Events(Part, name="events"):
    """All events of an account."""

    table: Table[Event] = field(default_factory=Table)


def _check_types(types: tuple[str, ...], path: str) -> None:
    if len(types) > MOST_TYPES:
        raise errors.too_many(path, MOST_TYPES, "types")


class ListEvents(ListParams):
    """Which events to list."""

    created: int | Range | None = param(default=None)
    type: str | None = param(default=None, doc="One type, or a group of them: `billing.meter.*`.")
    types: tuple[str, ...] = param(default=(), check=_check_types, doc="Up to 20 types.")


def publish(account: Account, kind: str, subject: Tree, *, previous: dict[str, Any] | None = None) -> Event:
    """Tell that something happened to an object, given as it is shown now.

    `previous` holds the attributes an update changed, as they were.
    """
    request_id, idempotency_key = account.cause or (None, None)
    event = Event(
        id=account.ids.new("evt_", 24),
        created=account.now,
        type=kind,
        object=subject,
        previous_attributes=previous,
        request_id=request_id,
        idempotency_key=idempotency_key,
    )
    account.part(Events).table.add(event)
    notify(account, event.id, kind, "snapshot")
    _publish_twin(account, event)
    return event


def publish_update(account: Account, kind: str, before: Tree, after: Tree) -> Event | None:
    """Tell that an object changed, and what its attributes were; nothing is told where nothing changed."""
    previous = {name: value for name, value in before.items() if after.get(name) != value}
    return publish(account, kind, after, previous=previous) if previous else None


def _publish_twin(account: Account, event: Event) -> None:
    """Let a thin event follow; what an alert's event names is the alert within it."""
    path = TWINS.get(event.type)
    if path is not None:
        about = event.object["alert"] if event.type == "billing.alert.triggered" else event.object
        related = Related(about["id"], about["object"], f"{path}/{about['id']}")
        thin_events.publish(account, f"v1.{event.type}", related, snapshot_event=event.id)


def render(account: Account, event: Event) -> Tree:
    """An event as Stripe shows it."""
    data: Tree = {"object": event.object}
    if event.previous_attributes is not None:
        data["previous_attributes"] = event.previous_attributes
    return {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": data,
        "livemode": False,
        "pending_webhooks": undelivered(account, event.id),
        "request": {"id": event.request_id, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }


resource = Resource("event", PATH, render=render)


@resource.get()
def list_(account: Account, params: ListEvents) -> Listing:
    """Events, newest first."""
    if params.type is not None and params.types:
        raise errors.exclusive_params(("type", "types"))
    patterns = [params.type] if params.type is not None else list(params.types)

    def wanted(event: Event) -> bool:
        return within(params.created, event.created) and (not patterns or matches(event.type, patterns))

    return page(account.part(Events).table, params, url=PATH, noun="event", where=wanted)


@resource.get("/<event_id>")
def retrieve(account: Account, params: Operation, event_id: str) -> Event:
    """One event."""
    event = account.part(Events).table.get(event_id)
    if event is None:
        raise errors.no_such("event", event_id)
    return event
