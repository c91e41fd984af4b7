"""The option `tick`: after each request a frozen clock moves on a little, so that no two changes share an instant."""

from contextlib import suppress

from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.world import World


def tick(world: World) -> None:
    """Let a frozen clock move on after a request, and do what is due by then. A running clock moves by itself.

    It never waits, neither for another move of the clock nor for receivers: one of these may have made the request.
    """
    if world.clock.step(world.settings.tick_ns):
        with suppress(Conflict):  # the world was replaced meanwhile, and its time is over
            world.catch_up(world.clock.passing(), wait=False)
