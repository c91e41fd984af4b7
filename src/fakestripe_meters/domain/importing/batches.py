"""What the readers of usage files hand over."""

from collections.abc import Callable

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.domain.metering.streaming import Sent

MOST = 10_000
"""How many records are read before somebody is told."""
Keep = Callable[[Sent], object]
"""What takes an event."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A record that is refused: its line, or its place in an array, why, and the record as JSON."""

    row: int
    reason: str
    record: str
