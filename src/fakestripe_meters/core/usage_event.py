"""One reported use of a meter, kept small: a ledger holds millions."""

from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from fakestripe_meters.core.exact import EXACT

Dimensions = tuple[str | None, ...]

# The ambient context belongs to the program under test and may round anywhere; this one never does.
_SECOND_NS = 1_000_000_000

by_time = attrgetter("timestamp", "number")
by_number = attrgetter("number")


class Origin(NamedTuple):
    """Whose usage, of what: a customer, one value (None: absent) for each dimension of the meter, and the meter."""

    customer: str
    dimensions: Dimensions
    meter: str


class UsageEvent:
    """One reported use of a meter.

    `timestamp` is in Unix seconds, `received_ns` the instant of arrival in nanoseconds; `number` is unique
    and grows with arrival. What is kept is what is small: the value as `units` / 10 ** `scale`, which takes a
    third of a Decimal, and the arrival as a delay.
    """

    __slots__ = ("_delay_ns", "cancelled", "identifier", "number", "origin", "scale", "timestamp", "units")

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
        self._delay_ns = received_ns - timestamp * _SECOND_NS
        self.number = number
        self.cancelled = cancelled

    @classmethod
    def of(  # noqa: PLR0917  by name they would cost a tenth of what it takes to accept an event
        cls, origin: Origin, identifier: str, timestamp: int, received_ns: int, number: int, value: Decimal | int
    ) -> "UsageEvent":
        """An event of a known origin, as streams bring them by the ten thousand."""
        event = cls.__new__(cls)
        event.identifier = identifier
        event.origin = origin
        event.timestamp = timestamp
        event.units, event.scale = (value, 0) if type(value) is int else _scaled(value)
        event._delay_ns = received_ns - timestamp * _SECOND_NS  # noqa: SLF001  it is one of these
        event.number = number
        event.cancelled = False
        return event

    def __repr__(self) -> str:
        return f"<UsageEvent {self.identifier}: {self.value} at {self.timestamp}>"

    @property
    def customer(self) -> str:
        """The customer's id."""
        return self.origin.customer

    @property
    def dimensions(self) -> Dimensions:
        """The values of the meter's dimensions, in the meter's order; None where the event has none."""
        return self.origin.dimensions

    @property
    def meter(self) -> str:
        """The meter's id."""
        return self.origin.meter

    @property
    def received_ns(self) -> int:
        """The instant of arrival, in nanoseconds."""
        return self.timestamp * _SECOND_NS + self._delay_ns

    @property
    def value(self) -> Decimal:
        """The exact value."""
        return exact(self.units, self.scale)


def exact(units: int, scale: int) -> Decimal:
    """Return `units` / 10 ** `scale`, unrounded."""
    return Decimal(units).scaleb(-scale, EXACT) if scale else Decimal(units)


def _scaled(value: Decimal | int) -> tuple[int, int]:
    if isinstance(value, int):
        return value, 0
    scale = max(0, -int(value.as_tuple().exponent))
    return int(value.scaleb(scale, EXACT) if scale else value), scale
