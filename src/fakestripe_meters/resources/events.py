"""Events: https://docs.stripe.com/api/events; what every object publishes when something happens to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.table import Table
from fakestripe_meters.resources._endpoint import Listing
from fakestripe_meters.resources._endpoint import ListParams
from fakestripe_meters.resources._endpoint import Operation
from fakestripe_meters.resources._endpoint import Resource
from fakestripe_meters.resources._listing import Range
from fakestripe_meters.resources._listing import page
from fakestripe_meters.resources._listing import within
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/events"
API_VERSION = "2025-08-27.preview"
"""The account's default, in whose shapes events are kept."""


@dataclass(slots=True)
class Event:
    """Something that happened: the object as it was then, and what asked for it."""

    id: str
    created: int
    type: str
    object: dict[str, Any]
    previous_attributes: dict[str, Any] | None
    request_id: str | None
    idempotency_key: str | None


@dataclass
class Events(Part, name="events"):
    """All events of an account."""

    table: Table[Event] = field(default_factory=Table)


class ListEvents(ListParams):
    """Which events to list."""

    created: int | Range | None = param(default=None)
    type: str | None = param(default=None, doc="One type, or a group of them: `billing.meter.*`.")
    types: tuple[str, ...] = param(default=(), doc="Up to 20 types.")


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
    return event


def publish_update(account: Account, kind: str, before: Tree, after: Tree) -> Event | None:
    """Tell that an object changed, and what its attributes were; nothing is told where nothing changed."""
    previous = {name: value for name, value in before.items() if after.get(name) != value}
    return publish(account, kind, after, previous=previous) if previous else None


def render(_account: Account, event: Event) -> Tree:
    """An event as Stripe shows it."""
    data: dict[str, Tree] = {"object": event.object}
    if event.previous_attributes is not None:
        data["previous_attributes"] = event.previous_attributes
    return {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
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


def matches(kind: str, patterns: Iterable[str]) -> bool:
    """Whether a type is named by one of the patterns: itself, a group such as `billing.meter.*`, or `*`."""
    return any(
        pattern in (kind, "*") or (pattern.endswith(".*") and kind.startswith(pattern[:-1])) for pattern in patterns
    )
