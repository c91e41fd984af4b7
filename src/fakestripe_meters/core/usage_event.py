"""One reported use of a meter."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.exact import EXACT

Dimensions = tuple[str | None, ...]
Filters = Mapping[str, str | Sequence[str]]
"""By dimension, the value that usage must have, or several of which it must have one."""

Arrival = tuple[str, int, int, int]
"""An ordinary new event: identifier, timestamp, number, and a whole value of at most 15 digits. It came just now."""

by_time = attrgetter("timestamp", "number")
by_number = attrgetter("number")


class Origin(NamedTuple):
    """Where usage comes from: a customer, a value for each dimension of the meter (None if absent), and the meter."""

    customer: str
    dimensions: Dimensions
    meter: str


class UsageEvent:
    """One reported use of a meter.

    `timestamp` is in Unix seconds, `received_ns` is the instant of arrival in nanoseconds; `number` is unique and
    grows in order of arrival, and events with one number are equal. The value is `units` / 10 ** `scale`, and the
    instant of arrival a delay, as a ledger stores them (`core.usage_block`).
    """

    __slots__ = ("cancelled", "delay_ns", "identifier", "number", "origin", "scale", "timestamp", "units")

    def __init__(
        self,
        *,
        identifier: str,
        customer: str,
        timestamp: int,
        received_ns: int,
        number: int,
        value: Decimal | int = 1,
        dimensions: Dimensions = (),
        meter: str = "",
        cancelled: bool = False,
    ) -> None:
        self.identifier = identifier
        self.origin = Origin(customer, dimensions, meter)
        self.timestamp = timestamp
        self.units, self.scale = _scaled(value)
        self.delay_ns = received_ns - timestamp * SECOND_NS
        self.number = number
        self.cancelled = cancelled

    @classmethod
    def of(  # noqa: PLR0917  keyword arguments would cost a tenth of the time to accept an event
        cls, origin: Origin, identifier: str, timestamp: int, received_ns: int, number: int, value: Decimal | int
    ) -> "UsageEvent":
        """Return an event of a known origin: faster than the constructor, for streams of ten thousand events."""
        event = cls.__new__(cls)
        event.identifier = identifier
        event.origin = origin
        event.timestamp = timestamp
        event.units, event.scale = (value, 0) if type(value) is int else _scaled(value)
        event.delay_ns = received_ns - timestamp * SECOND_NS
        event.number = number
        event.cancelled = False
        return event

    @classmethod
    def stored(  # noqa: PLR0917  likewise, of the time to read one
        cls, origin: Origin, identifier: str, timestamp: int, number: int, units: int, scale: int, delay_ns: int
    ) -> "UsageEvent":
        """Return an event as it was stored; it is not cancelled."""
        event = cls.__new__(cls)
        event.identifier = identifier
        event.origin = origin
        event.timestamp = timestamp
        event.units = units
        event.scale = scale
        event.delay_ns = delay_ns
        event.number = number
        event.cancelled = False
        return event

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UsageEvent) and self.number == other.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __repr__(self) -> str:
        return f"<UsageEvent {self.identifier}: {self.value} at {self.timestamp}>"

    def named(self, identifier: str) -> "UsageEvent":  # noqa: ARG002  a block holds several
        """Return itself."""
        return self

    @property
    def customer(self) -> str:
        """The customer's id."""
        return self.origin.customer

    @property
    def dimensions(self) -> Dimensions:
        """The values of the meter's dimensions, in the meter's order; None for a dimension that the event lacks."""
        return self.origin.dimensions

    @property
    def meter(self) -> str:
        """The meter's id."""
        return self.origin.meter

    @property
    def received_ns(self) -> int:
        """The instant of arrival, in nanoseconds."""
        return self.timestamp * SECOND_NS + self.delay_ns

    @property
    def value(self) -> Decimal:
        """The exact value."""
        return unscaled(self.units, self.scale)


def unscaled(units: int, scale: int) -> Decimal:
    """Return `units` / 10 ** `scale`, unrounded."""
    return Decimal(units).scaleb(-scale, EXACT) if scale else Decimal(units)


def _scaled(value: Decimal | int) -> tuple[int, int]:
    if isinstance(value, int):
        return value, 0
    scale = max(0, -int(value.as_tuple().exponent))
    return int(value.scaleb(scale, EXACT) if scale else value), scale
