"""Many meter events at once: what they have in common is looked up once, and what is usual is judged in one go.

Nothing is decided here that `_ingestion` would decide otherwise: whatever is not plainly good is left to it.
"""

from collections.abc import Iterable
from typing import Protocol

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.domain.metering.ingestion import MOST_DIGITS
from fakestripe_meters.domain.metering.ingestion import NEWEST_S
from fakestripe_meters.domain.metering.ingestion import OLDEST_S
from fakestripe_meters.domain.metering.ingestion import MeterEvent
from fakestripe_meters.domain.metering.ingestion import judge
from fakestripe_meters.domain.metering.ingestion import present
from fakestripe_meters.domain.records.alerts import Alerts
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.domain.subscribing import thresholds


class Sent(Protocol):
    """An event as it was sent; `timestamp` in nanoseconds."""

    @property
    def event_name(self) -> str:
        """What names the meter."""

    @property
    def payload(self) -> dict[str, str]:
        """Whose usage, and how much."""

    @property
    def identifier(self) -> str | None:
        """What names the event."""

    @property
    def timestamp(self) -> int | None:
        """When the usage was."""


class Usual:
    """A meter whose usual events can be judged quickly, and those of its customers that are known to be good."""

    def __init__(self, account: Account, event_name: str) -> None:
        meter = account.part(Meters).of_event(event_name)
        self._account = account
        self._customers = account.part(Customers)
        self.plain = (
            meter is not None
            and not meter.keys
            and meter.formula != "count"
            and not account.part(Alerts).by_meter.get(meter.id)
        )
        self.meter_id, self.customer_key, self.value_key = (
            (meter.id, meter.customer_key, meter.value_key) if meter is not None else ("", "", "")
        )
        self.origins: dict[str | None, Origin] = {}

    def origin(self, customer_id: str | None) -> Origin | None:
        """Whose usage an event reports; None if that takes a closer look."""
        customer = self._customers.present(customer_id) if self.plain and customer_id is not None else None
        if customer is None or customer.test_clock is not None or thresholds.any_of(self._account, customer.id):
            return None
        found = self.origins[customer_id] = Origin(customer.id, (), self.meter_id)
        return found


def judge_all(account: Account, events: Iterable[Sent]) -> None:
    """Let the events of a stream's call count, or drop them."""
    now, now_ns = account.now, account.now_ns
    oldest, newest = now - OLDEST_S, now + NEWEST_S
    intake = account.part(Intake)
    known: dict[str, Usual] = {}
    for event in events:
        name, payload = event.event_name, event.payload
        identifier = event.identifier or account.ids.uuid()
        timestamp = now if event.timestamp is None else event.timestamp // SECOND_NS
        usual = known.get(name)
        if usual is None:
            usual = known[name] = Usual(account, name)
        customer_id = payload.get(usual.customer_key)
        origin = usual.origins.get(customer_id) or usual.origin(customer_id)
        if origin is not None and oldest <= timestamp <= newest:
            text = payload.get(usual.value_key, "")
            if (
                len(text) <= MOST_DIGITS
                and text.isdecimal()
                and text.isascii()
                and not intake.holds(identifier, now_ns)
            ):
                intake.accept(account, origin, identifier, timestamp, int(text))
                continue
        if event.timestamp is None:
            timestamp = present(account, name, payload)
        judge(account, MeterEvent(now, name, identifier, payload, timestamp))
