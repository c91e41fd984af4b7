"""How often a subscription's waiting invoice items are invoiced: how that is stored and shown."""

from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree


@record
class PendingInterval:
    """How often waiting invoice items are invoiced, counted from when that was set."""

    interval: Interval
    interval_count: int
    since: int
    next: int
    """When they are invoiced next, in Unix seconds."""

    def __post_init__(self) -> None:
        """Raise ValueError for an interval that is none."""
        _ = self.cycle

    @property
    def cycle(self) -> Cycle:
        """The instants at which they are invoiced."""
        return Cycle(self.since, self.interval, self.interval_count)


@inferred("a subscription that has ended shows no next time")
def next_of(every: PendingInterval | None, *, living: bool) -> int | None:
    """Return when waiting items are invoiced next, in Unix seconds; None if no interval says so."""
    return every.next if every is not None and living else None


def render(every: PendingInterval | None) -> Tree | None:
    """Return an interval as Stripe shows it."""
    return None if every is None else {"interval": every.interval, "interval_count": every.interval_count}
