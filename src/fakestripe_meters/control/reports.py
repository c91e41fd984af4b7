"""What the journal says about the rate of requests, and what there is to tell about a failing test."""

from collections import Counter
from typing import TYPE_CHECKING

from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.core.limits import PROFILES
from fakestripe_meters.delivery.webhooks import Webhooks
from fakestripe_meters.engine import Engine
from fakestripe_meters.testing import reporting
from fakestripe_meters.testing.reporting_limits import bucket_of
from fakestripe_meters.testing.reporting_limits import called
from fakestripe_meters.testing.reporting_limits import complaint
from fakestripe_meters.testing.reporting_limits import limits_of

if TYPE_CHECKING:
    from fakestripe_meters.control.plans import Plans


class Fake:
    """What a report is about."""

    def __init__(self, engine: Engine, control: "Plans") -> None:
        self.engine = engine
        self.control = control
        self.webhooks = Webhooks(engine.outbox, lambda: engine.world, lambda: engine.world)

    def report(self) -> str:
        """Return all that there is to tell as one text."""
        return reporting.report(self)


def peaks(engine: Engine) -> dict[str, int]:
    """Return the most requests in one second of emulated time, by method and URL."""
    rates = Counter((called(engine, each), each.at) for each in engine.world.journal)
    found: dict[str, int] = {}
    for (call, _), rate in rates.items():
        found[call] = max(rate, found.get(call, 0))
    return found


def peaks_by_limit(engine: Engine) -> dict[str, int]:
    """Return what one account has used of each limit, at most, also of those that are not in force.

    What counts for single objects, and calls at once, is known only while such a limit is in force.
    """
    counts: Counter[tuple[str, str, int, str | None, str | None]] = Counter()
    for each in engine.world.journal:
        for name in limits_of(engine, each, PROFILES["live"]):
            counts[name, bucket_of(engine, each, name), each.at, each.account, each.connected] += 1
    found: dict[str, int] = {}
    for (name, *_), count in counts.items():
        found[name] = max(count, found.get(name, 0))
    for account in list(engine.world.accounts.values()):
        for name, most in (account.limiter.peaks | account.flights.peaks).items():
            found[name] = max(most, found.get(name, 0))
    return {name: found[name] for name in KINDS if name in found and name != "stream"}


def too_many(engine: Engine, rates: dict[str, int]) -> list[str]:
    """Return lines about the requests that were answered with 429; none if there were none."""
    return complaint(engine, list(engine.world.journal), rates)
