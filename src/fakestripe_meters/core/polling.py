"""What is polled every five minutes of the fake's time: when, and when a poll can be left out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import machine_ns
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.moving import Move
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred

if TYPE_CHECKING:
    from fakestripe_meters.core.world import World

EVERY_NS = 5 * MINUTE_S * SECOND_NS
NEVER_NS = 2 * LAST_SECOND * SECOND_NS
"""Later than any clock goes."""
Poll = Callable[["World"], bool]
"""Looks for what is new, and returns whether there was any or will be some soon."""


@documented(
    "new files are looked for every five minutes "
    "(https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-s3)"
)
@inferred("a poll is due at each whole multiple of five minutes, so the first one comes within five of the start")
class Polling:
    """The polls of a world: each is due at a whole multiple of five minutes, and the first one after its start.

    While a clock moves, only receivers of webhooks can change what is polled, besides other programs. So a poll that
    finds nothing is followed by no other until something else happens in the fake, and then only if a webhook was sent,
    or if the move takes long. So to advance a clock by years costs no more than a few polls. Without a `poll`, none is
    ever due.
    """

    def __init__(self, poll: Poll | None) -> None:
        self._poll = poll
        self._claiming = Lock(Rank.LEAF)
        self._begun = 0
        self._idle: tuple[Move | None, int, int] = None, 0, 0
        """What the last poll that found nothing came with: its move, how many webhooks were sent, and the real time."""
        self.due_ns = NEVER_NS
        """When the next poll is due."""

    def __bool__(self) -> bool:
        return self._poll is not None

    def begin(self, now_ns: int) -> None:
        """Begin at an instant: the next poll is due after it."""
        with self._claiming:
            self._begun += 1
            self.due_ns = NEVER_NS if self._poll is None else _first_from(now_ns + 1)

    def next_ns(self, other_ns: int | None, until_ns: int) -> int | None:
        """Return when the next poll is due; None if that is after `until_ns`, or other work comes first.

        Work of the same instant comes first, too.
        """
        due_ns = self.due_ns
        return due_ns if due_ns <= until_ns and (other_ns is None or due_ns < other_ns) else None

    def do(self, world: "World", move: Move, due_ns: int, quiet_until_ns: int) -> None:
        """Do the poll of an instant, unless another thread does it. Nothing else is due before `quiet_until_ns`."""
        with self._claiming:
            begun = self._begun
            if self._poll is None or self.due_ns != due_ns:
                return
            self.due_ns = due_ns + EVERY_NS
        now = move, world.courier.tried, machine_ns()
        if not self._nothing_since(*now):
            if self._poll(world):
                return
            self._idle = now
        with self._claiming:
            if (self._begun, self.due_ns) == (begun, due_ns + EVERY_NS):
                self.due_ns = max(self.due_ns, _first_from(quiet_until_ns))

    def _nothing_since(self, move: Move, tried: int, real_ns: int) -> bool:
        """Return whether nothing can have changed since the last poll, which has found nothing."""
        idle, then, looked_ns = self._idle
        return idle is move and then == tried and real_ns - looked_ns < SECOND_NS


def _first_from(instant_ns: int) -> int:
    """Return the first instant from this one on at which a poll is due."""
    return -(-instant_ns // EVERY_NS) * EVERY_NS
