"""Meters: how they are stored and shown."""

from collections.abc import Sequence
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.core.usage import Formula
from fakestripe_meters.core.usage import Window
from fakestripe_meters.wire.tree import Tree


@record
class Meter:
    """A meter as stored."""

    id: str
    created: int
    display_name: str
    event_name: str
    formula: Formula
    event_time_window: Window | None
    customer_key: str
    value_key: str
    dimension_keys: Sequence[str]
    tenant_keys: Sequence[str]
    updated: int
    deactivated_at: int | None = None

    @property
    def active(self) -> bool:
        """Whether it accepts events."""
        return self.deactivated_at is None

    @property
    def keys(self) -> Sequence[str]:
        """The payload keys that split its usage into series: dimensions, then tenants."""
        return (*self.dimension_keys, *self.tenant_keys)


@dataclass(eq=False)
class Meters(Part, name="billing.meters", named_by=("meter",)):
    """All meters of an account, and the id of the active meter of each event name."""

    table: Table[Meter] = field(default_factory=Table)
    active: Index[str] = field(default_factory=Index)

    def of_event(self, event_name: str) -> Meter | None:
        """Return the active meter that counts events of that name."""
        meter_id = self.active.get(event_name)
        return self.table.get(meter_id) if meter_id is not None else None

    def archived(self, event_name: str) -> Meter | None:
        """Return the latest of the inactive meters for events of that name."""
        inactive = [meter for meter in self.table if meter.event_name == event_name and not meter.active]
        return inactive[-1] if inactive else None


def render(_account: Account, meter: Meter) -> Tree:
    """Return a meter as Stripe shows it, the preview's fields included."""
    return {
        "id": meter.id,
        "object": "billing.meter",
        "created": meter.created,
        "customer_mapping": {"event_payload_key": meter.customer_key, "type": "by_id"},
        "default_aggregation": {"formula": meter.formula},
        "dimension_payload_keys": meter.dimension_keys or None,
        "display_name": meter.display_name,
        "event_name": meter.event_name,
        "event_time_window": meter.event_time_window,
        "livemode": False,
        "status": "active" if meter.active else "inactive",
        "status_transitions": {"deactivated_at": meter.deactivated_at},
        "tenant_payload_keys": meter.tenant_keys or None,
        "updated": meter.updated,
        "value_settings": {"event_payload_key": meter.value_key},
    }


@inferred("the noun in the sentence")
def find(account: Account, meter_id: str, *, param: str = "id", status: int = 404) -> Meter:
    """Return the meter with that id, or raise `No such meter`."""
    return required(account.part(Meters).table.get(meter_id), "meter", meter_id, param=param, status=status)
