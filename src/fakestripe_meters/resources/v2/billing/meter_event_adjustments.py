"""Meter event adjustments of API v2: https://docs.stripe.com/api/v2/billing/meter-event-adjustment."""

from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.instants import rfc3339
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.resources.billing.meter_event_adjustments import Cancel
from fakestripe_meters.resources.billing.meter_event_adjustments import cancel
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree


@dataclass(frozen=True, slots=True)
class AdjustmentV2:
    """An accepted cancellation. It has an id, but cannot be retrieved."""

    id: str
    created_ns: int
    event_name: str
    identifier: str


class CreateAdjustmentV2(Simple):
    """Cancel one event that was received within the last 24 hours."""

    event_name: str = param(max_length=100)
    type: Literal["cancel"] = param()
    cancel: Cancel = param()


@inferred("always pending, for there is no way to look again")
def render(_account: Account, adjustment: AdjustmentV2) -> Tree:
    """Return an adjustment as API v2 shows it."""
    return {
        "id": adjustment.id,
        "object": "v2.billing.meter_event_adjustment",
        "cancel": {"identifier": adjustment.identifier},
        "created": rfc3339(adjustment.created_ns),
        "event_name": adjustment.event_name,
        "livemode": False,
        "status": "pending",
        "type": "cancel",
    }


resource = Resource("v2.billing.meter_event_adjustment", "/v2/billing/meter_event_adjustments", render=render, style=v2)


@resource.post()
def create(account: Account, params: CreateAdjustmentV2) -> AdjustmentV2:
    """Cancel an event. Its usage disappears when the ingestion lag is over; its identifier stays in use."""
    cancel(account, params.event_name, params.cancel.identifier)
    return AdjustmentV2(account.ids.new("mea_test_", 24), account.now_ns, params.event_name, params.cancel.identifier)
