"""Events: https://docs.stripe.com/api/events."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.table import required
from fakestripe_meters.domain.events import snapshots
from fakestripe_meters.domain.events.deliveries import is_old
from fakestripe_meters.domain.events.deliveries import recent
from fakestripe_meters.domain.events.deliveries import undelivered
from fakestripe_meters.domain.events.destinations import matches
from fakestripe_meters.domain.events.snapshots import Event
from fakestripe_meters.domain.events.snapshots import Events
from fakestripe_meters.domain.events.thin import check_types
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/events"


class ListEvents(ListParams):
    """Which events to list."""

    created: int | Range | None = any_integer(default=None)
    delivery_success: bool | None = param(
        default=None, doc="Whether every webhook was delivered: false lists those that wait and those that failed."
    )
    type: str | None = param(default=None, doc="One type, or a group of them: `billing.meter.*`.")
    types: tuple[str, ...] = param(default=(), check=check_types, doc="Up to 20 types.")


resource = Resource("event", PATH, render=snapshots.render)


@resource.get()
def list_(account: Account, params: ListEvents) -> Listing:
    """List events of the last 30 days, newest first."""
    if params.type is not None and params.types:
        raise errors.params.exclusive_params(("type", "types"))
    patterns = [params.type] if params.type is not None else list(params.types)

    def wanted(event: Event) -> bool:
        return (
            not is_old(account, event.published_ns)
            and within(params.created, event.created)
            and (not patterns or matches(event.type, patterns))
            and _is_delivered(account, event, params.delivery_success)
        )

    return page(recent(account, account.part(Events).table), params, url=PATH, noun="event", where=wanted)


def _is_delivered(account: Account, event: Event, success: bool | None) -> bool:  # noqa: FBT001  None is a third value
    return success is None or success == (undelivered(account, event.id) == 0)


@resource.get("/<event_id>")
def retrieve(account: Account, params: Operation, event_id: str) -> Event:
    """Return an event of the last 30 days."""
    event = account.part(Events).table.get(event_id)
    return required(None if event is None or is_old(account, event.published_ns) else event, "event", event_id)
