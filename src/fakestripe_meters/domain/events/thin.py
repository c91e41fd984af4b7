"""Thin events: they name an object and do not show it.

Source: https://docs.stripe.com/api/v2/core/events.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.instants import MILLISECOND_NS
from fakestripe_meters.core.instants import rfc3339
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.events.deliveries import notify
from fakestripe_meters.domain.events.deliveries import recent
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.wire.tree import Tree

MOST_TYPES = 20


@dataclass(frozen=True, slots=True)
class Related:
    """The object that an event is about."""

    id: str
    type: str
    url: str


@record
class ThinEvent:
    """Something that happened, the object that it is about, and the request that caused it."""

    id: str
    created_ns: int
    type: str
    related: Related | None
    data: Mapping[str, Any] | None
    snapshot_event: str | None
    request_id: str | None
    idempotency_key: str | None
    published_ns: int = 0
    """The instant by the account's own clock; `created_ns` may be that of a test clock."""

    def __post_init__(self) -> None:
        """An event without the instant is from a snapshot of an older release: take `created_ns`."""
        self.published_ns = self.published_ns or self.created_ns


@dataclass(eq=False)
class ThinEvents(Part, name="v2.core.events"):
    """The thin events of an account in the last 30 days."""

    table: Table[ThinEvent] = field(default_factory=Table)


def check_types(types: tuple[str, ...], path: str) -> None:
    """Raise StripeError 400 if a filter has more than 20 types."""
    if len(types) > MOST_TYPES:
        raise errors.params.too_many(path, MOST_TYPES, "types")


def publish(
    account: Account,
    kind: str,
    related: Related | None,
    *,
    data: Mapping[str, Any] | None = None,
    snapshot_event: str | None = None,
    to: Destination | None = None,
) -> ThinEvent:
    """Publish a thin event about an object; `data` is shown only when the event is retrieved.

    By default it is delivered to all destinations that are enabled for its type; with `to`, only to that one, in any
    case.
    """
    event = ThinEvent(
        id=account.ids.new("evt_test_", 32),
        created_ns=account.now_ns - account.now_ns % MILLISECOND_NS,
        type=kind,
        related=related,
        data=data,
        snapshot_event=snapshot_event,
        request_id=account.cause.request_id,
        idempotency_key=account.cause.idempotency_key,
        published_ns=account.own_ns,
    )
    recent(account, account.part(ThinEvents).table).add(event)
    if to is None:
        notify(account, event.id, kind, "thin")
    else:
        account.part(Deliveries).add(account, event.id, "thin", to)
    return event


def notification(account: Account, event: ThinEvent) -> Tree:
    """Return an event as it is sent to a destination."""
    request = {"id": event.request_id, "idempotency_key": event.idempotency_key}
    related = event.related
    return {
        "id": event.id,
        "object": "v2.core.event",
        "context": account.name.connected,
        "created": rfc3339(event.created_ns),
        "livemode": False,
        "reason": {"type": "request", "request": request} if event.request_id else None,
        "related_object": {"id": related.id, "type": related.type, "url": related.url} if related else None,
        "type": event.type,
    }


def render(account: Account, event: ThinEvent) -> Tree:
    """Return an event as it is retrieved."""
    whole = notification(account, event) | {"changes": None, "snapshot_event": event.snapshot_event}
    return whole | {"data": event.data} if event.data is not None else whole
