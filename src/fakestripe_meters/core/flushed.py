"""What `flush` has made visible. Usage has its own record of that (`core.intake`); this one is for searches."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass

EVENT = "evt_"
"""The prefix of events' ids: they are counted, and every change of an object that can be found is an event."""


@dataclass(eq=False)
class Flushed(Part, name="flushed"):
    """How far the last flush went."""

    events: int = 0
    """How many events there were."""


def flush(account: Account) -> None:
    """Let searches see all changes so far, even if the lag still hides them."""
    if account.settings.lag_ns:
        account.part(Flushed).events = count(account)


def count(account: Account) -> int:
    """Return how many events there have been."""
    return account.ids.counts.get(EVENT, 0)
