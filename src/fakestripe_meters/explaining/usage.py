"""Explain a number by its events: what happened to each event that could have counted, and why."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.printing import line
from fakestripe_meters.core.usage import Fate
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.domain.records.meters import Meter

Outcome = Literal["counted", "cancelled", "overwritten", "waiting", "dropped", "outside", "foreign"]
"""An event is foreign if it is another customer's, outside if it is not in the range, waiting if not visible yet."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One event and its outcome. `timestamp` is in Unix seconds; `late` if it arrived after the end of the range."""

    identifier: str
    """The identifier of the event."""
    customer: str | None
    """The id of the customer that it names; None if it names none."""
    timestamp: int
    value: str
    """The value, as text."""
    outcome: Outcome
    """Whether it counts, or else what became of it."""
    why: str = ""
    """Why it does not count, if there is more to say."""
    late: bool = False

    def __str__(self) -> str:
        """Return one line."""
        late = ", late" if self.late else ""
        why = f": {self.why}" if self.why else ""
        return line(f"{instant(self.timestamp)}  {self.value:>8}  {self.outcome}{late}{why}  [{self.identifier}]")


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """A number with its events, for the range from `start` to `end` (Unix seconds). It prints as a table."""

    meter: Meter
    """The meter, with its `id` and `event_name`."""
    customer: str
    """The id of the customer."""
    start: int
    end: int
    value: Decimal
    """The number: the customer's usage in the range."""
    events: Sequence[Explained]
    """The events that count and those that could have counted, by time."""

    def of(self, outcome: Outcome) -> list[Explained]:
        """Return the events with one outcome."""
        return [event for event in self.events if event.outcome == outcome]

    @property
    def late(self) -> list[Explained]:
        """The events that arrived after the end of the range."""
        return [event for event in self.events if event.late]

    def __str__(self) -> str:
        return "\n".join([self._head, *(f"  {event}" for event in self.events)])

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._head}>"

    @property
    def _head(self) -> str:
        counted = f"{self.meter.formula} of {len(self.of('counted'))}"
        return line(f"{self.meter.event_name} of {self.customer}: {self.value:f} ({counted})")


def explain(account: Account, meter: Meter, customer: str, start: int, end: int) -> Explanation:
    """Explain a customer's visible usage of a meter in [start, end), Unix seconds. The account must be locked."""
    intake = account.part(Intake)
    ledger = intake.ledger(meter.id)
    events = [
        *(_visible(fate, end) for fate in ledger.events(customer, start, end)),
        *_elsewhere(ledger, customer, start, end),
        *_waiting(account, meter, customer),
        *(_dropped(each, meter) for each in intake.dropped if each.event.get("event_name") == meter.event_name),
    ]
    events.sort(key=lambda event: event.timestamp)
    value = ledger.total(customer, start, end) or Decimal(0)
    return Explanation(meter, customer, start, end, value, events)


def by_day(account: Account, meter: Meter, customer: str, start: int, end: int) -> dict[str, Decimal]:
    """Return a customer's visible usage by day, such as `2025-01-31` (in UTC). Days without usage are left out."""
    ledger = account.part(Intake).ledger(meter.id)
    span = ledger.span(customer)
    if span is None:
        return {}
    first, last = max(start, span[0]), min(end, span[1] + 1)
    midnights = range(first - first % DAY_S + DAY_S, last, DAY_S)
    rows = ledger.query(customer, [first, *midnights, last]) if first < last else []
    return {instant(row.starts_at)[:10]: row.value for row in rows}


def _visible(fate: Fate, end: int) -> Explained:
    event, by = fate
    if event.cancelled:
        return _of(event, "cancelled", end=end)
    if by is not None:
        return _of(event, "overwritten", f"by {by.identifier}", end=end)
    return _of(event, "counted", end=end)


def _elsewhere(ledger: Iterable[UsageEvent], customer: str, start: int, end: int) -> Iterator[Explained]:
    for event in ledger:
        if event.customer != customer:
            if start <= event.timestamp < end:
                yield _of(event, "foreign", f"of {event.customer}")
        elif not start <= event.timestamp < end:
            yield _of(event, "outside")


def _waiting(account: Account, meter: Meter, customer: str) -> Iterator[Explained]:
    for waiting in account.part(Intake).waiting():
        if waiting.event.meter == meter.id and waiting.event.customer == customer and not waiting.cancel:
            seconds = -(-(waiting.due_ns - account.now_ns) // SECOND_NS)
            yield _of(waiting.event, "waiting", f"visible in {seconds} s, or after flush()")


def _dropped(dropped: Dropped, meter: Meter) -> Explained:
    event = dropped.event
    payload = event["payload"]
    return Explained(
        identifier=event["identifier"],
        customer=payload.get(meter.customer_key),
        timestamp=event["timestamp"],
        value=str(payload.get(meter.value_key, "")),
        outcome="dropped",
        why=f"{dropped.code}: {dropped.message}",
    )


def _of(event: UsageEvent, outcome: Outcome, why: str = "", *, end: int | None = None) -> Explained:
    return Explained(
        identifier=event.identifier,
        customer=event.customer,
        timestamp=event.timestamp,
        value=f"{event.value:f}",
        outcome=outcome,
        why=why,
        late=end is not None and event.received_ns >= end * SECOND_NS,
    )
