"""Many meter events at once: what they share is looked up once, and ordinary events are checked quickly.

Nothing is decided here that `ingestion` would decide otherwise: every event that is not plainly valid is passed to it.
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
from fakestripe_meters.domain.metering.ingestion import default_timestamp
from fakestripe_meters.domain.metering.ingestion import judge
from fakestripe_meters.domain.records.alerts import Alerts
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.domain.subscribing import thresholds


class Sent(Protocol):
    """A meter event as it was sent; `timestamp` is in nanoseconds."""

    @property
    def event_name(self) -> str:
        """The name that the meter counts."""

    @property
    def payload(self) -> dict[str, str]:
        """The customer, the value, and the dimensions."""

    @property
    def identifier(self) -> str | None:
        """The identifier of the event; None if it was sent without."""

    @property
    def timestamp(self) -> int | None:
        """The time of the usage in Unix nanoseconds; None for now."""


class Usual:
    """A meter whose ordinary events can be checked quickly, and those of its customers that are known to be valid."""

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
        """Return whose usage an event reports; None if the event needs the full checks."""
        customer = self._customers.lookup(customer_id) if self.plain and customer_id is not None else None
        if customer is None or customer.test_clock is not None or thresholds.any_of(self._account, customer.id):
            return None
        found = self.origins[customer_id] = Origin(customer.id, (), self.meter_id)
        return found


def judge_all(account: Account, events: Iterable[Sent]) -> None:
    """Count the events of a stream request, or drop them."""
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
            timestamp = default_timestamp(account, name, payload)
        judge(account, MeterEvent(now, name, identifier, payload, timestamp))
