"""Why a bar is what it is: the events behind it, asked of the same ledger as the bar."""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.domain.metering.questions import Selection
from fakestripe_meters.domain.metering.questions import dimensions
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.explaining.requests import UsageRequests
from fakestripe_meters.explaining.usage import explain

AWAY = ("outside", "foreign")


def explained(
    control: Control,
    account: Account,
    meter: Meter,
    customer: str,
    *,
    within: tuple[int, int],
    filters: Mapping[str, str],
) -> dict[str, Any]:
    """Return the number, and what became of each event that could have counted."""
    start, end = within
    where = Selection(
        dimensions(meter).filters({key: [value] for key, value in filters.items()}, "meters[0][dimension_filters]"), {}
    )
    intake = account.part(Intake)
    found = explain(account, meter, customer, start, end)
    brought = UsageRequests(list(control.world.journal), account.name, meter).brought(found.events)
    events: list[dict[str, Any]] = []
    for each in found.events:
        event = intake.lookup(each.identifier)
        if event is not None and each.outcome != "dropped" and not where.passes(event.dimensions):
            continue
        if each.outcome == "dropped" and not (each.customer in (None, customer) and start <= each.timestamp < end):
            continue
        if each.outcome == "waiting" and not start <= each.timestamp < end:
            continue
        events.append(
            {
                "identifier": each.identifier,
                "timestamp": each.timestamp,
                "received": event.received_ns // SECOND_NS if event else None,
                "value": each.value,
                "fate": each.outcome,
                "why": each.why,
                "late": each.late,
                "request_id": brought.get(each.identifier, ""),
                "dimensions": dict(zip(meter.keys, event.dimensions, strict=True)) if event else {},
            }
        )
    value = intake.ledger(meter.id).total(customer, start, end, where=where.passes) or 0
    return {"value": value, "formula": meter.formula, "events": events}
