"""Which usage is billed together: that of a stretch of time, less what changes within a period have closed."""

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.usage_event import UsageEvent


@dataclass(frozen=True, slots=True)
class Cut:
    """A change within a period, at `instant`, when the newest accepted event had `number`.

    It closes the usage that was accepted before it, up to and including its second. What is accepted later, or has a
    later timestamp, belongs to what begins. So it does not matter how much happens within one second.
    """

    instant: int
    number: int

    def holds(self, event: UsageEvent) -> bool:
        """Whether it closes an event."""
        return event.timestamp <= self.instant and event.number <= self.number


@dataclass(frozen=True, slots=True)
class Stretch:
    """Usage from `start` on: until `end` by timestamp, or what a cut closes; without what an earlier cut has closed.

    `start` and `end` are in Unix seconds, and `end` is excluded. The cuts of a stretch are nested: a later one holds
    everything that an earlier one does.
    """

    start: int
    end: int | Cut
    after: Cut | None

    def holds(self, event: UsageEvent) -> bool:
        """Whether an event belongs to it."""
        if event.timestamp < self.start or (self.after is not None and self.after.holds(event)):
            return False
        return self.end.holds(event) if isinstance(self.end, Cut) else event.timestamp < self.end
