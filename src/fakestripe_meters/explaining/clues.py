"""What may explain a wrong number: the events that are the difference, or else all events, as few lines."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from itertools import islice

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.printing import line
from fakestripe_meters.explaining.explained import Explained
from fakestripe_meters.explaining.explained import Explanation
from fakestripe_meters.explaining.explained import Outcome
from fakestripe_meters.explaining.requests import Sent
from fakestripe_meters.explaining.requests import UsageRequests
from fakestripe_meters.explaining.requests import number_of

SHOWN = 8
"""How many events are listed for one difference."""
ALONE = 3
"""If more events have exactly the value of the difference, that says nothing."""
PAIRED = 100
"""Among how many events two are looked for that make up the difference; among many, some always do."""
OTHERS = 3
"""How many other customers are named."""
ABSENT: tuple[Outcome, ...] = ("waiting", "cancelled", "overwritten", "dropped")
"""What events of the customer in the range do that do not count, most telling first."""


@dataclass(slots=True, eq=False)
class Row:
    """One event, or one refused report of an event, as a line."""

    timestamp: int
    value: str
    fate: str
    identifier: str | None
    weight: Decimal | None
    """What it would add to the number."""
    own: bool
    """Whether it is an event of the customer in the range, or was to be one."""

    def line(self, request: str = "") -> str:
        """Return it as one line, with the request that brought it."""
        name = f"  [{self.identifier}]" if self.identifier else ""
        return line(f"{instant(self.timestamp)}  {self.value:>8}  {self.fate}{name}{request and f'  {request}'}")


class Clues:
    """What is known of the events behind one number."""

    def __init__(self, explanation: Explanation, senders: UsageRequests) -> None:
        self._explanation = explanation
        self._formula = explanation.meter.formula
        self._refusals = senders.refused(each.identifier for each in explanation.events)
        self._refused = [self._refusal(each) for each in self._refusals if each.customer == explanation.customer]
        self._requests = senders.brought(explanation.events)

    def lines(self, expected: Decimal) -> Iterator[str]:
        """Yield the events that are the difference or, if none are, those that count and those that do not."""
        refused = [] if self._surplus(expected) > 0 else self._refused
        own = [each for each in self._explanation.events if self._in(each)]
        head, found = self._last(expected) if self._formula == "last" else self._difference(expected)
        count = len(own) + len(refused)
        if found:
            yield head
            count += sum(not row.own for row in found)
        elif count:
            yield "its events:"
            idle = [each for each in own if each.outcome != "counted"]
            found = [*self._rows(idle[:SHOWN]), *refused, *self._rows(self._explanation.of("counted")[:SHOWN])]
        yield from (f"  {row.line(self._requests.get(row.identifier or '', ''))}" for row in found[:SHOWN])
        if (left := count - len(found[:SHOWN])) > 0:
            yield f"and {left:,} more: print(fakestripe.explain({self._arguments()}))"
        if not head:
            outside = list(self._outside())
            yield from outside if outside or count else [self._of_others()]

    def _surplus(self, expected: Decimal) -> Decimal:
        return Decimal(0) if self._formula == "last" else self._explanation.value - expected

    def _difference(self, expected: Decimal) -> tuple[str, list[Row]]:
        """Return the events that are what a sum or a count has too many or too few, and how to call them."""
        surplus = self._surplus(expected)
        counted = self._explanation.of("counted")
        if surplus < 0:
            return self._among(self._absent(), -surplus)
        repeats = _repeats(counted)
        if extra := self._subset([row for group in repeats for row in self._rows(group[1:])], surplus):
            names = {row.identifier for row in extra}
            twice = [each for group in repeats if any(one.identifier in names for one in group) for each in group]
            return "the same value and time, with different identifiers; perhaps sent twice:", self._rows(twice)
        if not expected:  # all of them are too many
            return "", []
        return self._among((self._rows(pool) for pool in (self._explanation.late, counted)), surplus)

    def _among(self, pools: Iterable[list[Row]], amount: Decimal) -> tuple[str, list[Row]]:
        """Return the events that are an amount, from the first pool that has such, and how to call them."""
        for pool in pools:
            if found := self._subset(pool, amount):
                together = sum(row.weight or 0 for row in found) == amount
                which = f"these {len(found):,} together are" if together else f"each of these {len(found):,} is"
                return f"{'this is' if len(found) == 1 else which} the difference:", found
        return "", []

    def _last(self, expected: Decimal) -> tuple[str, list[Row]]:
        """Return the events that have the expected value and are not the last that counts, after that one."""
        for pool in self._absent():
            if found := [row for row in pool if row.weight == expected]:
                return f"the one that counts, and what was {expected:f}:", [
                    *self._rows(self._explanation.of("counted")),
                    *found,
                ]
        return "", []

    def _subset(self, pool: Sequence[Row], amount: Decimal) -> list[Row]:
        """Return each event that is exactly an amount, or those that are it together: all of them, or only two."""
        rows = [row for row in pool if row.weight is not None]
        if rows and sum(row.weight or 0 for row in rows) == amount:
            return rows
        if self._formula == "count":
            return []
        alone = list(islice((row for row in rows if row.weight == amount), ALONE + 1))
        if alone:
            return alone if len(alone) <= ALONE else []
        pairs = combinations(rows, 2) if len(rows) <= PAIRED else iter(())
        both = list(islice((pair for pair in pairs if sum(row.weight or 0 for row in pair) == amount), 2))
        return list(both[0]) if len(both) == 1 else []

    def _absent(self) -> Iterator[list[Row]]:
        """Yield the events that could have counted, by what they do instead."""
        explanation = self._explanation
        for fate in ABSENT:
            yield self._rows([each for each in explanation.of(fate) if self._is_own(each)])
        yield self._refused
        yield self._rows(explanation.of("outside"))
        yield self._rows(explanation.of("foreign"))

    def _is_own(self, event: Explained) -> bool:
        return event.customer == self._explanation.customer

    def _outside(self) -> Iterator[str]:
        times = sorted(instant(each.timestamp) for each in self._explanation.of("outside"))
        if times:
            yield f"outside of the range: {len(times):,}, from {times[0]} to {times[-1]}"

    def _of_others(self) -> str:
        """Return whose events there are, if this customer has none."""
        others = Counter(each.customer for each in self._explanation.events if not self._is_own(each))
        whose = [f"{count:,} of {customer}" for customer, count in others.most_common(OTHERS)]
        more = f", and of {len(others) - OTHERS:,} others" if len(others) > OTHERS else ""
        told = f"no event of this customer reached the fake; others did: {', '.join(whose)}{more}"
        if not others:
            told = "no event of this meter reached the fake"
        if self._refusals:
            told += f"; refused: {len(self._refusals):,}, at last with {_refusal_of(self._refusals[-1])}"
        return line(told)

    def _rows(self, events: Sequence[Explained]) -> list[Row]:
        return [
            Row(each.timestamp, each.value, self._fate(each), each.identifier, self._weight(each.value), self._in(each))
            for each in events
        ]

    def _in(self, event: Explained) -> bool:
        return self._is_own(event) and event.outcome != "outside"

    def _fate(self, event: Explained) -> str:
        why = event.why
        if event.outcome == "outside":
            why = "before the start" if event.timestamp < self._explanation.start else "not before the end"
        return f"{event.outcome}{', late' if event.late else ''}{why and f': {why}'}"

    def _refusal(self, sent: Sent) -> Row:
        name = "" if sent.event_name == self._explanation.meter.event_name else f" (as {sent.event_name})"
        fate = f"refused{name}: {_refusal_of(sent)}  {sent.exchange.request_id}"
        return Row(sent.timestamp, sent.value, fate, sent.identifier, self._weight(sent.value), own=True)

    def _weight(self, value: str) -> Decimal | None:
        return Decimal(1) if self._formula == "count" else number_of(value)

    def _arguments(self) -> str:
        asked = self._explanation
        meter = asked.meter.event_name if asked.meter.active else asked.meter.id
        end = f", {instant(asked.end)!r}" if asked.end < LAST_SECOND else ""
        start = f", {instant(asked.start)!r}" if asked.start or end else ""
        return f"{meter!r}, {asked.customer!r}{start}{end}"


def _repeats(events: Sequence[Explained]) -> list[list[Explained]]:
    """Return the groups of events with one value and time."""
    groups: dict[tuple[str, int], list[Explained]] = {}
    for event in events:
        groups.setdefault((event.value, event.timestamp), []).append(event)
    return [group for group in groups.values() if len(group) > 1]


def _refusal_of(sent: Sent) -> str:
    error = sent.exchange.error or {}
    return f"{sent.exchange.status or 'no answer'} {error.get('code') or error.get('message') or ''}".rstrip()
