"""Explain a number by its events: what happened to each event that could have counted, and why."""

import datetime as dt
import heapq
from bisect import bisect_left
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Any

from fakestripe_meters.core import windows
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.tracing import Fate
from fakestripe_meters.core.tracing import Trace
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage_event import Dimensions
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.explaining.asked import EVERYTHING
from fakestripe_meters.explaining.asked import Chosen
from fakestripe_meters.explaining.asked import Range
from fakestripe_meters.explaining.explained import Explained
from fakestripe_meters.explaining.explained import Explanation
from fakestripe_meters.explaining.explained import Outcome
from fakestripe_meters.explaining.requests import UsageRequests

MOST_OTHERS = 1_000
"""Of how many other customers events are counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose usage of which meter is asked for, in which range, and which of it. The account must be locked."""

    account: Account
    meter: Meter
    customer: str
    within: Range
    chosen: Chosen = EVERYTHING

    @property
    def ledger(self) -> UsageLedger:
        """The visible usage of the meter."""
        return self.account.part(Intake).ledger(self.meter.id)

    def total(self) -> Decimal:
        """Return the usage."""
        start, end = self.within.start, self.within.end
        return self.ledger.total(self.customer, start, end, where=self.chosen.passes) or Decimal(0)

    def explained(self, senders: UsageRequests | None = None) -> Explanation:
        """Return all events of which the usage consists, or could have consisted; `senders` know their requests."""
        write, trace = _Writer(self), self._trace()
        others = [*write.waiting(anywhere=True), *write.dropped(anywhere=True), *write.elsewhere()]
        found = self._told(trace, _merged(map(write.visible, trace.since(self.within.start)), others), others)
        return found if senders is None else linked(replace(found, refused=self._refused(senders)), senders)

    def first(self, senders: UsageRequests, most: int | None = None, skip: int = 0) -> Explanation:
        """Return the first `most` events in the range after `skip`, also those that `senders` know were refused.

        Those of others, from other times and with other dimensions are only counted.
        """
        write, trace, refused = _Writer(self), self._trace(), self._refused(senders)
        others = sorted([*write.waiting(), *write.dropped(), *refused], key=_time)
        start, end = self.within.start, self.within.end

        def before(instant: int) -> int:
            return trace.before(instant) + bisect_left(others, instant, key=_time)

        begin = start + bisect_right(range(start, end), skip, key=before) - 1 if skip else start
        later = others[bisect_left(others, begin, key=_time) :]
        merged = _merged(map(write.visible, trace.since(begin)), later)
        skipped = skip - before(begin)
        events = list(islice(merged, skipped, None if most is None else skipped + most))
        found = self._told(trace, events, others, **_away(self, trace))
        return linked(replace(found, refused=refused), senders)

    def _told(self, trace: Trace, events: Iterable[Explained], others: Iterable[Explained], **away: int) -> Explanation:
        counts: Counter[Any] = Counter(
            {"counted": trace.counted, "cancelled": trace.cancelled, "overwritten": trace.overwritten}
        )
        counts.update(each.outcome for each in others)
        counts.update(away)
        return Explanation(
            self.meter,
            self.customer,
            self.within.start,
            self.within.end,
            self.total(),
            list(events),
            {outcome: number for outcome, number in counts.items() if number},
            filters={key: sorted(values) for key, values in self.chosen.filters.items()},
        )

    def _refused(self, senders: UsageRequests) -> list[Explained]:
        has_arrived, write = self.account.part(Intake).lookup, _Writer(self)
        return sorted(
            (
                each
                for each in senders.refused_reports(lambda identifier: has_arrived(identifier) is not None)
                if self.within.holds(each.timestamp) and write.is_ours(each.customer, each.dimensions)
            ),
            key=_time,
        )

    def by_day(self) -> dict[str, Decimal]:
        """Return the usage by day, such as `2025-01-31`. Days without usage are left out."""
        ledger, within = self.ledger, self.within
        span = ledger.span(self.customer)
        if span is None:
            return {}
        first, last = max(within.start, span[0]), min(within.end, span[1] + 1)
        if first >= last:
            return {}
        rows = ledger.query(self.customer, windows.edges(first, last, "day", within.zone), where=self.chosen.passes)
        return {f"{dt.datetime.fromtimestamp(row.starts_at, within.zone):%Y-%m-%d}": row.value for row in rows}

    def _trace(self) -> Trace:
        return self.ledger.trace(self.customer, self.within.start, self.within.end, where=self.chosen.passes)


def linked(explanation: Explanation, senders: UsageRequests) -> Explanation:
    """Return the same with the requests that reported the events, as far as the journal has them."""
    brought = senders.brought(explanation.events)
    events = [
        each
        if each.request_id or each.identifier not in brought
        else replace(each, request_id=brought[each.identifier])
        for each in explanation.events
    ]
    return replace(explanation, events=events)


def _time(event: Explained) -> int:
    return event.timestamp


def _merged(visible: Iterator[Explained], others: Iterable[Explained]) -> Iterator[Explained]:
    return heapq.merge(visible, sorted(others, key=_time), key=_time)


def _away(asked: Asked, trace: Trace) -> dict[str, int]:
    """Return how many visible events are filtered out, outside of the range, and of other customers."""
    ledger, customer, within = asked.ledger, asked.customer, asked.within
    ours = ledger.trace(customer, within.start, within.end).size
    others = (each for each in islice(ledger.customers(), MOST_OTHERS) if each != customer)
    return {
        "filtered": ours - trace.size,
        "outside": ledger.size_of(customer) - ours,
        "foreign": sum(ledger.trace(each, within.start, within.end).size for each in others),
    }


class _Writer:
    """Writes events as what became of them."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._dimensions: dict[Dimensions, Mapping[str, str]] = {}
        found = asked.account.part(Customers).table.get(asked.customer)
        self._has_own_time = found is not None and found.test_clock is not None

    def visible(self, fate: Fate) -> Explained:
        """Return an event in the range, with its fate."""
        event, by = fate
        if event.cancelled:
            return self._of(event, "cancelled")
        if by is not None:
            return self._of(event, "overwritten", f"by {by.identifier}")
        return self._of(event, "counted")

    def elsewhere(self) -> Iterator[Explained]:
        """Yield the visible events that were not asked for."""
        asked = self._asked
        for event in asked.ledger:
            if event.customer != asked.customer:
                if asked.within.holds(event.timestamp):
                    yield self._of(event, "foreign", f"of {event.customer}")
            elif not asked.within.holds(event.timestamp):
                yield self._of(event, "outside")
            elif not asked.chosen.passes(event.dimensions):
                yield self._of(event, "filtered")

    def waiting(self, *, anywhere: bool = False) -> Iterator[Explained]:
        """Yield the events that the lag hides: of the range, or of any time."""
        asked, now_ns = self._asked, self._asked.account.now_ns
        for waiting in asked.account.part(Intake).waiting():
            event = waiting.event
            ours = event.meter == asked.meter.id and event.customer == asked.customer and not waiting.cancel
            if ours and asked.chosen.passes(event.dimensions) and (anywhere or asked.within.holds(event.timestamp)):
                seconds = -(-(waiting.due_ns - now_ns) // SECOND_NS)
                yield self._of(event, "waiting", f"visible in {seconds} s, or after flush()")

    def dropped(self, *, anywhere: bool = False) -> Iterator[Explained]:
        """Yield what was dropped: of the range, and of this customer or of nobody; or all of the meter."""
        asked = self._asked
        for each in asked.account.part(Intake).dropped:
            if each.event.get("event_name") != asked.meter.event_name:
                continue
            found = self._dropped(each)
            ours = asked.within.holds(found.timestamp) and self.is_ours(found.customer, found.dimensions)
            if anywhere or ours:
                yield found

    def is_ours(self, customer: str | None, payload: Mapping[str, object]) -> bool:
        """Return whether an event that did not count was of the customer, or of nobody who exists."""
        known = self._asked.account.part(Customers).table
        ours = customer == self._asked.customer or known.get(str(customer)) is None
        return ours and self._asked.chosen.may_pass(payload)

    def _dropped(self, dropped: Dropped) -> Explained:
        event, meter = dropped.event, self._asked.meter
        payload = event["payload"]
        return Explained(
            identifier=event["identifier"],
            customer=payload.get(meter.customer_key),
            timestamp=event["timestamp"],
            value=str(payload.get(meter.value_key, "")),
            outcome="dropped",
            why=f"{dropped.code}: {dropped.message}",
            received=dropped.at,
            dimensions={key: str(payload[key]) for key in meter.keys if key in payload},
        )

    def _of(self, event: UsageEvent, outcome: Outcome, why: str = "") -> Explained:
        in_range = outcome in ("counted", "cancelled", "overwritten")
        return Explained(
            identifier=event.identifier,
            customer=event.customer,
            timestamp=event.timestamp,
            value=f"{event.value:f}",
            outcome=outcome,
            why=why,
            late=in_range and not self._has_own_time and event.received_ns >= self._asked.within.end * SECOND_NS,
            received=event.received_ns // SECOND_NS,
            dimensions=self._named(event.dimensions),
        )

    def _named(self, values: Dimensions) -> Mapping[str, str]:
        known = self._dimensions.get(values)
        if known is None:
            pairs = zip(self._asked.meter.keys, values, strict=True)
            known = self._dimensions[values] = {key: value for key, value in pairs if value is not None}
        return known
