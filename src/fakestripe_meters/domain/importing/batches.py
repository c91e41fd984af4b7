"""The records of a usage file, some thousand at a time."""

from collections.abc import Sequence

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.domain.metering.streaming import Sent

MOST = 10_000
"""How many records are read and counted at a time."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A record that is refused: its line, or its place in an array, why, and the record as JSON."""

    row: int
    reason: str
    record: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that follow each other: the events, and what is refused."""

    sent: Sequence[Sent]
    complaints: Sequence[Complaint]
