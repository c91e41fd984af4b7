"""Many meter events at once: what they share is looked up once, and ordinary events are checked quickly.

Nothing is decided here that `ingestion` would decide otherwise: every event that is not plainly valid is passed to it.
"""

from collections.abc import Iterable
from collections.abc import Mapping

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.usage_event import Arrival
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

Sent = tuple[str, dict[str, str], str | None, int | None]
"""A meter event as it was sent: the name that the meter counts, the payload, the identifier or None if it was sent
without, and the time of the usage in Unix nanoseconds, or None for now."""


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
            and not account.settings.lag_ns
        )
        self.meter_id, self.customer_key, self.value_key = (
            (meter.id, meter.customer_key, meter.value_key) if meter is not None else ("", "", "")
        )
        self.arrivals: dict[str | None, list[Arrival]] = {}
        """The events of each customer that were found valid, and are not counted yet."""

    def of(self, customer_id: str | None) -> list[Arrival] | None:
        """Return where a customer's events are collected; None if they need the full checks."""
        customer = self._customers.lookup(customer_id) if self.plain and customer_id is not None else None
        if customer is None or customer.test_clock is not None or thresholds.any_of(self._account, customer.id):
            return None
        return self.arrivals.setdefault(customer.id, [])

    def count(self) -> None:
        """Count what was collected."""
        for customer, arrivals in self.arrivals.items():
            if customer is not None and arrivals:
                origin = Origin(customer, (), self.meter_id)
                self._account.part(Intake).receive(self._account, origin, arrivals)
                arrivals.clear()


def judge_all(account: Account, events: Iterable[Sent]) -> int:
    """Count events that were sent together, or drop them; return how many have an identifier that is taken."""
    now, now_ns = account.now, account.now_ns
    oldest, newest = now - OLDEST_S, now + NEWEST_S
    intake = account.part(Intake)
    number, repeated = intake.newest_number, 0
    known: dict[str, Usual] = {}
    fresh: set[str] = set()
    for name, payload, given, instant in events:
        identifier = given or account.ids.uuid()
        timestamp = now if instant is None else instant // SECOND_NS
        usual = known.get(name)
        if usual is None:
            usual = known[name] = Usual(account, name)
        customer_id = payload.get(usual.customer_key)
        arrivals = usual.arrivals.get(customer_id)
        if arrivals is None:
            arrivals = usual.of(customer_id)
        if arrivals is not None and oldest <= timestamp <= newest and identifier not in fresh:
            text = payload.get(usual.value_key, "")
            if (
                len(text) <= MOST_DIGITS
                and text.isdecimal()
                and text.isascii()
                and not intake.holds(identifier, now_ns)
            ):
                number += 1
                fresh.add(identifier)
                arrivals.append((identifier, timestamp, number, int(text)))
                continue
        count_all(known)
        if instant is None:
            timestamp = default_timestamp(account, name, payload)
        repeated += not judge(account, MeterEvent(now, name, identifier, payload, timestamp))
        number = intake.newest_number
    count_all(known)
    return repeated


def count_all(known: Mapping[str, Usual]) -> None:
    """Count the events that were found valid so far."""
    for usual in known.values():
        usual.count()
