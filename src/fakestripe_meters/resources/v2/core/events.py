"""Events of API v2: https://docs.stripe.com/api/v2/core/events; thin ones, which name an object and do not show it."""

from collections.abc import Iterator

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.instants import Instant
from fakestripe_meters.core.instants import rfc3339_exact
from fakestripe_meters.domain.events import error_reports
from fakestripe_meters.domain.events.deliveries import is_old
from fakestripe_meters.domain.events.deliveries import recent
from fakestripe_meters.domain.events.thin import ThinEvent
from fakestripe_meters.domain.events.thin import ThinEvents
from fakestripe_meters.domain.events.thin import check_types
from fakestripe_meters.domain.events.thin import render
from fakestripe_meters.framework import v2_pages
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.framework.listing import is_between
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v2/core/events"


class CreatedRange(Params):
    """Instants between bounds."""

    gt: Instant | None = param(default=None)
    gte: Instant | None = param(default=None)
    lt: Instant | None = param(default=None)
    lte: Instant | None = param(default=None)

    def bounds(self) -> Iterator[tuple[str, Instant]]:
        """Return the bounds that are given, by name."""
        return ((name, bound) for name, bound in vars(self).items() if bound is not None)

    def holds(self, instant_ns: int) -> bool:
        """Return whether an instant lies between the bounds that are given."""
        return is_between(instant_ns, **vars(self))


class ListEventsV2(v2_pages.ListParamsV2):
    """Which events to list."""

    created: CreatedRange | None = param(default=None)
    object_id: str | None = param(default=None, doc="The id of the object that the events are about.")
    types: tuple[str, ...] = param(default=(), check=check_types, doc="Up to 20 types.")


resource = Resource("v2.core.event", PATH, render=render, style=v2)
resource.due(Work.REPORT_ERRORS)(error_reports.publish)


@resource.get()
def list_(account: Account, params: ListEventsV2) -> Tree:
    """List events of the last 30 days, newest first."""
    created = params.created

    def wanted(event: ThinEvent) -> bool:
        return (
            not is_old(account, event.published_ns)
            and (not params.types or event.type in params.types)
            and (params.object_id is None or (event.related is not None and event.related.id == params.object_id))
            and (created is None or created.holds(event.created_ns))
        )

    return v2_pages.page(
        recent(account, account.part(ThinEvents).table),
        params,
        path=PATH,
        filters=list(_filters(params)),
        where=wanted,
        render=lambda event: render(account, event),
    )


@resource.get("/<event_id>")
def retrieve(account: Account, params: Simple, event_id: str) -> ThinEvent:
    """Return an event with its data."""
    event = account.part(ThinEvents).table.get(event_id)
    if event is None or is_old(account, event.published_ns):
        raise errors.objects.no_such("event", event_id)
    return event


def _filters(params: ListEventsV2) -> Iterator[tuple[str, str]]:
    if params.object_id is not None:
        yield "object_id", params.object_id
    for index, kind in enumerate(params.types):
        yield f"types[{index}]", kind
    for name, bound in params.created.bounds() if params.created else ():
        yield f"created[{name}]", rfc3339_exact(bound)
