"""Meter events: https://docs.stripe.com/api/billing/meter-event."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.domain.metering.ingestion import MeterEvent
from fakestripe_meters.domain.metering.ingestion import accept
from fakestripe_meters.domain.metering.ingestion import become_visible
from fakestripe_meters.domain.metering.ingestion import present
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree


class CreateMeterEvent(Operation):
    """Usage of one customer at one instant."""

    event_name: str = param(max_length=100)
    payload: dict[str, str] = param(doc="Holds the meter's customer key and value key, and may hold more.")
    identifier: str | None = param(default=None, max_length=100, doc="Unique for 24 hours; made up if missing.")
    timestamp: int | None = param(default=None, doc="Unix seconds; now unless given.")


def render(_account: Account, event: MeterEvent) -> Tree:
    """A meter event as Stripe shows it: it has no id."""
    return {
        "object": "billing.meter_event",
        "created": event.created,
        "event_name": event.event_name,
        "identifier": event.identifier,
        "livemode": False,
        "payload": event.payload,
        "timestamp": event.timestamp,
    }


resource = Resource("billing.meter_event", "/v1/billing/meter_events", render=render, limit="meter_events")


@resource.post()
def create(account: Account, params: CreateMeterEvent) -> MeterEvent:
    """Report usage. It counts for summaries once the ingestion lag is over."""
    event = MeterEvent(
        created=account.now,
        event_name=params.event_name,
        identifier=params.identifier or account.ids.uuid(),
        payload=params.payload,
        timestamp=present(account, params.event_name, params.payload) if params.timestamp is None else params.timestamp,
    )
    accept(account, event)
    return event


@resource.due(Work.SHOW_USAGE)
def lag_is_over(account: Account, _subject: str) -> None:
    """Accepted usage begins to count."""
    become_visible(account)
