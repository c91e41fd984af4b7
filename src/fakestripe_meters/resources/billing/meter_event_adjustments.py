"""Meter event adjustments: https://docs.stripe.com/api/billing/meter-event-adjustment."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

CANCELLABLE_NS = DAY_S * SECOND_NS


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An accepted cancellation. It has no id and cannot be retrieved."""

    event_name: str
    identifier: str


class Cancel(Params):
    """Which event to cancel."""

    identifier: str = param(max_length=100)


class CreateAdjustment(Operation):
    """Cancel one event that was received within the last 24 hours."""

    event_name: str = param(max_length=100)
    type: Literal["cancel"] = param()
    cancel: Cancel = param()


@inferred("always pending, for there is no way to look again")
def render(_account: Account, adjustment: Adjustment) -> Tree:
    """Return an adjustment as Stripe shows it."""
    return {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": adjustment.identifier},
        "event_name": adjustment.event_name,
        "livemode": False,
        "status": "pending",
        "type": "cancel",
    }


resource = Resource("billing.meter_event_adjustment", "/v1/billing/meter_event_adjustments", render=render)


@resource.post()
def create(account: Account, params: CreateAdjustment) -> Adjustment:
    """Cancel an event. Its usage disappears when the ingestion lag is over; its identifier stays in use."""
    identifier = params.cancel.identifier
    cancel(account, params.event_name, identifier)
    return Adjustment(params.event_name, identifier)


def cancel(account: Account, event_name: str, identifier: str) -> None:
    """Cancel an event by its identifier, or raise StripeError 400."""
    intake = account.part(Intake)
    event = intake.lookup(identifier)
    if event is None:
        raise errors.metering.event_not_found(identifier)
    if account.part(Meters).table.kept(event.meter).event_name != event_name:
        raise errors.metering.event_of_another_name(identifier, event_name)
    if event.received_ns < account.now_ns - CANCELLABLE_NS:
        raise errors.metering.event_received_too_long_ago(identifier)
    if intake.is_cancelled(event):
        raise errors.metering.event_cancelled_already(identifier)
    intake.cancel(account, event)
