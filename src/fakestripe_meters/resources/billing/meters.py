"""Meters: https://docs.stripe.com/api/billing/meter."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage import Formula
from fakestripe_meters.core.usage import Window
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.domain.records.meters import find
from fakestripe_meters.domain.records.meters import render
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

PATH = "/v1/billing/meters"


class DefaultAggregation(Params):
    """How events are aggregated to one number."""

    formula: Formula = param(doc="`count` ignores values, `last` takes the latest in time.")


class CustomerMapping(Params):
    """Which payload key names the customer."""

    event_payload_key: str = param(max_length=100)
    type: Literal["by_id"] = param()


class ValueSettings(Params):
    """Which payload key holds the value."""

    event_payload_key: str = param(max_length=100)


class CreateMeter(Operation):
    """A new meter. Only its display name can be changed later."""

    display_name: str = param(max_length=250, doc="Not visible to the customer.")
    event_name: str = param(max_length=100, doc="Unique among the active meters.")
    default_aggregation: DefaultAggregation = param()
    customer_mapping: CustomerMapping | None = param(default=None, doc="By default `stripe_customer_id`.")
    value_settings: ValueSettings | None = param(default=None, doc="By default `value`.")
    event_time_window: Window | None = param(default=None, doc="If given, only the last event of each window counts.")
    dimension_payload_keys: tuple[str, ...] = param(default=(), max_length=100, doc="Preview: keys to group by.")
    tenant_payload_keys: tuple[str, ...] = param(default=(), max_length=100, doc="Preview: keys to group by.")


class UpdateMeter(Operation):
    """A change to a meter: only the display name can be changed."""

    display_name: str | Unset = param(default=UNSET, max_length=250)


class ListMeters(ListParams):
    """Which meters to list."""

    status: Literal["active", "inactive"] | None = param(default=None)


resource = Resource(
    "billing.meter", PATH, render=render, by_id=lambda account, meter_id: account.part(Meters).table.get(meter_id)
)


@resource.post()
def create(account: Account, params: CreateMeter) -> Meter:
    """Create a meter; its event name must not be that of another active meter."""
    _check_keys(params)
    _check_name_is_free(account, params.event_name)
    mapping, value = params.customer_mapping, params.value_settings
    meter = Meter(
        id=account.ids.new("mtr_test_", 32),
        created=account.now,
        display_name=params.display_name,
        event_name=params.event_name,
        formula=params.default_aggregation.formula,
        event_time_window=params.event_time_window,
        customer_key=mapping.event_payload_key if mapping else "stripe_customer_id",
        value_key=value.event_payload_key if value else "value",
        dimension_keys=list(params.dimension_payload_keys),
        tenant_keys=list(params.tenant_payload_keys),
        updated=account.now,
    )
    meters = account.part(Meters)
    meters.table.add(meter)
    meters.active[meter.event_name] = meter.id
    account.part(Intake).open(meter.id, meter.formula, meter.event_time_window)
    publish(account, "billing.meter.created", render(account, meter))
    return meter


@resource.get("/<meter_id>")
def retrieve(account: Account, params: Operation, meter_id: str) -> Meter:
    """Return a meter."""
    return find(account, meter_id)


@resource.get()
def list_(account: Account, params: ListMeters) -> Listing:
    """List meters, newest first."""

    def wanted(meter: Meter) -> bool:
        return params.status is None or meter.active == (params.status == "active")

    return page(account.part(Meters).table, params, url=PATH, noun="meter", where=wanted)


@resource.post("/<meter_id>")
def update(account: Account, params: UpdateMeter, meter_id: str) -> Meter:
    """Change the display name of a meter."""
    meter = find(account, meter_id)
    before = render(account, meter)
    if params.display_name is not UNSET:
        meter.display_name = params.display_name
        meter.updated = account.now
        publish_update(account, "billing.meter.updated", before, render(account, meter))
    return meter


@resource.post("/<meter_id>/deactivate")
@inferred("an inactive meter stays as it is")
def deactivate(account: Account, params: Operation, meter_id: str) -> Meter:
    """Deactivate a meter: it no longer accepts events."""
    meter = find(account, meter_id)
    if meter.active:
        before = render(account, meter)
        meter.deactivated_at = meter.updated = account.now
        del account.part(Meters).active[meter.event_name]
        publish_update(account, "billing.meter.deactivated", before, render(account, meter))
    return meter


@resource.post("/<meter_id>/reactivate")
@inferred("an active meter stays as it is, and a taken name is refused as on create")
def reactivate(account: Account, params: Operation, meter_id: str) -> Meter:
    """Reactivate a meter: it accepts events again."""
    meter = find(account, meter_id)
    if not meter.active:
        _check_name_is_free(account, meter.event_name)
        before = render(account, meter)
        meter.deactivated_at = None
        meter.updated = account.now
        account.part(Meters).active[meter.event_name] = meter.id
        publish_update(account, "billing.meter.reactivated", before, render(account, meter))
    return meter


def _check_name_is_free(account: Account, event_name: str) -> None:
    if event_name in account.part(Meters).active:
        raise errors.objects.event_name_taken(event_name)


@inferred("a payload key can be listed once only, be it as dimension or as tenant")
def _check_keys(params: CreateMeter) -> None:
    """Raise StripeError 400 if a payload key is listed twice."""
    seen: set[str] = set()
    for name in ("dimension_payload_keys", "tenant_payload_keys"):
        for index, key in enumerate(getattr(params, name)):
            if key in seen:
                raise errors.objects.payload_key_twice(f"{name}[{index}]", key)
            seen.add(key)
