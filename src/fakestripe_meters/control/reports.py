"""What the journal says about the rate of requests, and what there is to tell about a failing test."""

from collections import Counter
from typing import TYPE_CHECKING

from fakestripe_meters.delivery.webhooks import Webhooks
from fakestripe_meters.engine import Engine
from fakestripe_meters.testing import reporting
from fakestripe_meters.testing.reporting_limits import called
from fakestripe_meters.testing.reporting_limits import complaint

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


def too_many(engine: Engine, rates: dict[str, int]) -> list[str]:
    """Return lines about the requests that were answered with 429; none if there were none."""
    return complaint(engine, list(engine.world.journal), rates)
