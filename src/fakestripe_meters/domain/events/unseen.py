"""What searches don't see yet: the changes that the lag hides. Events tell what the objects were before."""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.flushed import Flushed
from fakestripe_meters.core.packed import Packed
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import Event
from fakestripe_meters.domain.events.snapshots import Events


@documented(
    "new and updated objects are found after some time, usually within a minute: https://docs.stripe.com/search"
)
@inferred("the time is the ingestion lag of usage; until then an object is found as it was before")
def before_changes(account: Account, name: str) -> Mapping[str, Mapping[str, Any] | None]:
    """Return id → object as searches still see it, for each object that the lag hides changes of; None for a new one.

    They are the objects with that name (`customer`), as the events show them: a price and its plan have the same id.
    """
    if not account.settings.lag_ns:
        return {}
    flushed = account.peek(Flushed)
    seen, horizon_ns = flushed.events if flushed else 0, account.own_ns - account.settings.lag_ns
    known: dict[str, Packed] = {}
    found: dict[str, Mapping[str, Any] | None] = {}
    for event in account.part(Events).table:
        identifier = event.object.id
        if not isinstance(identifier, str) or identifier in found or event.object.object != name:
            continue
        if event.number > seen and event.published_ns > horizon_ns:
            found[identifier] = _before(event, known.get(identifier))
        else:
            known[identifier] = event.object
    return found


def _before(event: Event, known: Packed | None) -> Mapping[str, Any] | None:
    """Return what an object was before an event; `known` is what the event before shows."""
    if event.type.endswith(".created"):
        return None
    if event.previous_attributes is not None:
        return event.object.tree() | event.previous_attributes.tree()
    return (event.object if known is None else known).tree()
