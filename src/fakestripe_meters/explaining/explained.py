"""A number of usage with its events, as a reader sees them."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal
from typing import Literal

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.printing import line
from fakestripe_meters.domain.records.meters import Meter

Outcome = Literal[
    "counted", "cancelled", "overwritten", "waiting", "dropped", "refused", "filtered", "outside", "foreign"
]
"""An event is foreign if it is another customer's, outside if it is not in the range, waiting if not visible yet.

It is filtered if it has other dimensions than those asked for. It is refused if its request got an error.
"""


@dataclass(frozen=True, slots=True)
class Explained:
    """One event and its outcome. `timestamp` is in Unix seconds; `late` if it arrived after the end of the range.

    The fake's clock says when an event arrives. Those of a customer with a test clock, which has a time of its own, are
    never `late`.
    """

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
    received: int | None = None
    """When it arrived, in Unix seconds; None if it never did."""
    request_id: str | None = None
    """The request that reported it, if the journal still has it."""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    """Its values of the meter's dimensions and tenants."""

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
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    """How many events have each outcome, also those that a limit leaves out."""
    refused: Sequence[Explained] = ()
    """The reports of such events that were refused, by time, if the journal still has them."""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By dimension, the values that were asked for."""

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
        counted = f"{self.meter.formula} of {self.counts.get('counted', 0)}"
        return line(f"{self.meter.event_name} of {self.customer}: {self.value:f} ({counted})")
