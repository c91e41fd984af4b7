"""Meter events of API v2: https://docs.stripe.com/api/v2/billing/meter-event."""

from typing import Any

from fakestripe_meters.core import instants
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.instants import Instant
from fakestripe_meters.core.instants import rfc3339
from fakestripe_meters.domain.metering.ingestion import MeterEvent
from fakestripe_meters.domain.metering.ingestion import accept
from fakestripe_meters.domain.metering.ingestion import present
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

LONGEST = 100
FIELDS = 4


class CreateMeterEvent(Simple):
    """Usage of one customer at one instant."""

    event_name: str = param(max_length=LONGEST)
    payload: dict[str, str] = param(doc="Holds the meter's customer key and value key, and may hold more.")
    identifier: str | None = param(default=None, max_length=LONGEST, doc="Unique for 24 hours; made up if missing.")
    timestamp: Instant | None = param(default=None, doc="RFC 3339; now unless given.")

    @staticmethod
    def quick(_tree: Any) -> "CreateMeterEvent | None":  # noqa: ANN401  what is not as it usually is raises
        """What all streams but broken ones consist of: the four fields, and strings in them."""
        try:
            name, payload = _tree["event_name"], _tree["payload"]
            identifier, timestamp = _tree["identifier"], _tree["timestamp"]
            if len(_tree) == FIELDS and 0 < len(name) <= LONGEST and 0 < len(identifier) <= LONGEST:
                "".join([name, identifier, *payload.values()])  # TypeError unless they are strings
                instant = instants.parse(timestamp)
                event = object.__new__(CreateMeterEvent)
                event.__dict__.update(event_name=name, payload=payload, identifier=identifier, timestamp=instant)
                return event
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
        return None


def render(_account: Account, event: MeterEvent) -> Tree:
    """A meter event as API v2 shows it: it has no id."""
    return {
        "object": "v2.billing.meter_event",
        "created": rfc3339(event.created * SECOND_NS),
        "event_name": event.event_name,
        "identifier": event.identifier,
        "livemode": False,
        "payload": event.payload,
        "timestamp": rfc3339(event.timestamp * SECOND_NS),
    }


resource = Resource(
    "v2.billing.meter_event", "/v2/billing/meter_events", render=render, limit="meter_events/v2", style=v2
)


@resource.post()
def create(account: Account, params: CreateMeterEvent) -> MeterEvent:
    """Report usage. It counts for summaries once the ingestion lag is over."""
    event = meter_event(account, params)
    accept(account, event)
    return event


def meter_event(account: Account, params: CreateMeterEvent) -> MeterEvent:
    """An event with what it leaves out: an identifier of its own, and the present instant."""
    return MeterEvent(
        created=account.now,
        event_name=params.event_name,
        identifier=params.identifier or account.ids.uuid(),
        payload=params.payload,
        timestamp=present(account, params.event_name, params.payload)
        if params.timestamp is None
        else params.timestamp // SECOND_NS,
    )
