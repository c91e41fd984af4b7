"""Usage events in a snapshot: a column for each field, in half the bytes that a row for each event would take."""

from collections.abc import Iterable
from collections.abc import Iterator
from decimal import Decimal
from itertools import repeat
from typing import Any

from fakestripe_meters.core import codec
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.usage_block import Block
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent

EventRow = tuple[int, str, str, str, int, int, Decimal, tuple[str | None, ...], bool]
"""An event in a snapshot of the first release: the arguments of `_of_row`."""
MOST_DIGITS = 18
"""An ordinary value has no more, and no point; it is read quickly."""


@dataclass(slots=True)
class Columns:
    """The events in order of arrival. Their origins (customer, dimensions, meter) stand once each."""

    origins: list[tuple[str, tuple[str | None, ...], str]]
    origin: list[int]
    """For each event: the place of its origin in `origins`."""
    number: list[int]
    identifier: list[str]
    timestamp: list[int]
    delay_ns: list[int]
    """The instant of arrival, counted from the timestamp."""
    value: list[str]
    cancelled: list[int]
    """The numbers of the events that were cancelled."""

    def sort(self) -> None:
        """Bring the events into the order of their numbers, and the origins into that of their first events."""
        order = sorted(range(len(self.number)), key=self.number.__getitem__)
        columns: list[list[Any]] = [
            self.origin,
            self.number,
            self.identifier,
            self.timestamp,
            self.delay_ns,
            self.value,
        ]
        for column in columns:
            column[:] = map(column.__getitem__, order)
        first = {origin: place for place, origin in enumerate(dict.fromkeys(self.origin))}
        self.origins = [self.origins[origin] for origin in first]
        self.origin = [first[origin] for origin in self.origin]
        self.cancelled.sort()


def columns_of(blocks: Iterable[Block], others: Iterable[UsageEvent]) -> Columns:
    """Return the events of blocks, and others, as columns."""
    places: dict[Origin, int] = {}
    found = Columns([], [], [], [], [], [], [], [])
    for block in blocks:
        found.origin += repeat(places.setdefault(block.origin, len(places)), len(block))
        found.number += block.numbers
        found.identifier += block.identifiers
        found.timestamp += block.times
        found.delay_ns += block.delays
        found.value += (str(each.value) for each in block) if any(block.scales) else map(str, block.units)
    for event in others:
        found.origin.append(places.setdefault(event.origin, len(places)))
        found.number.append(event.number)
        found.identifier.append(event.identifier)
        found.timestamp.append(event.timestamp)
        found.delay_ns.append(event.delay_ns)
        found.value.append(str(event.value))
        if event.cancelled:
            found.cancelled.append(event.number)
    found.origins = list(places)
    found.sort()
    return found


def events_of(dumped: list[EventRow] | Columns, newest: int, where: str) -> Iterator[UsageEvent]:
    """Yield the events of a snapshot; raise `Misuse`, IndexError or ValueError if they are not valid."""
    last = 0
    for event in _of_columns(dumped, where) if isinstance(dumped, Columns) else (_of_row(*row) for row in dumped):
        if abs(event.timestamp) > LAST_SECOND:
            raise codec.wrong("with timestamps before the year 3000", event.timestamp, where)
        if not last < event.number <= newest:
            raise codec.wrong(f"with ascending numbers, from 1 to {newest}", event.number, where)
        last = event.number
        yield event


def _of_columns(columns: Columns, where: str) -> Iterator[UsageEvent]:
    origins = dict(enumerate(Origin(*each) for each in columns.origins))
    cancelled = set(columns.cancelled)
    exact = codec.decoder(Decimal)
    for origin, number, identifier, timestamp, delay_ns, value in zip(
        columns.origin,
        columns.number,
        columns.identifier,
        columns.timestamp,
        columns.delay_ns,
        columns.value,
        strict=True,
    ):
        amount = int(value) if len(value) <= MOST_DIGITS and value.isdecimal() else exact(value, f"{where}.value")
        received_ns = timestamp * SECOND_NS + delay_ns
        event = UsageEvent.of(origins[origin], identifier, timestamp, received_ns, number, amount)
        event.cancelled = number in cancelled
        yield event


def _of_row(  # noqa: PLR0917  the places of the row
    number: int,
    identifier: str,
    meter: str,
    customer: str,
    timestamp: int,
    received_ns: int,
    value: Decimal,
    dimensions: tuple[str | None, ...],
    cancelled: bool,  # noqa: FBT001  a place of the row
) -> UsageEvent:
    event = UsageEvent.of(Origin(customer, dimensions, meter), identifier, timestamp, received_ns, number, value)
    event.cancelled = cancelled
    return event
