"""The buttons of a test clock: an hour, a day, a month, and to the next thing due."""

from collections.abc import Callable

from fakestripe_meters.control import Control
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.domain.records.test_clocks import TestClock
from fakestripe_meters.wire.schema import parse

FIELD = "advance_test_clock"


def _to_next_due(clock: TestClock) -> int:
    due_ns = clock.next_due_ns()
    if due_ns is None:
        message = "nothing is due on this test clock"
        raise Misuse(message, param=FIELD)
    return max(due_ns // SECOND_NS, clock.frozen_time + 1)


MOVES: dict[str, Callable[[TestClock], int]] = {
    "hour": lambda clock: clock.frozen_time + HOUR_S,
    "day": lambda clock: clock.frozen_time + DAY_S,
    "month": lambda clock: Cycle(clock.frozen_time, "month").edge(1),
    "due": _to_next_due,
}
"""What a button is called → to which second it advances a clock."""


def advance(control: Control, account: str, clock_id: str, by: str) -> None:
    """Advance a test clock as the API does, beside the journal and the limits.

    Raises:
        Misuse: There is no such clock or no such button, or nothing is due.
        StripeError: What the API refuses.
    """
    move = MOVES.get(by)
    if move is None:
        message = f"a test clock is advanced by {', '.join(MOVES)}"
        raise Misuse(message, param=FIELD)
    held = control.holding("test_helpers.test_clocks", clock_id, account, noun="test clock", param=FIELD)
    with held as (owner, clock):
        endpoint, path = control.engine.routes.lookup("POST", f"/v1/test_helpers/test_clocks/{clock_id}/advance")
        if endpoint is not None:  # as it always is
            endpoint.run(owner, parse(endpoint.params, {"frozen_time": str(move(clock))}), path)
