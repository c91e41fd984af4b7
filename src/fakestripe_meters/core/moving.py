"""A move of the clock, and the scheduled work that is done on its way."""

from typing import TYPE_CHECKING

from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.progress import Foreseen
from fakestripe_meters.core.progress import Telling
from fakestripe_meters.core.progress import Told

if TYPE_CHECKING:
    from fakestripe_meters.core.account import Account
    from fakestripe_meters.core.clock import Clock
    from fakestripe_meters.core.world import World

AT_ONCE = 100
"""How many pieces of work a move does at one instant before it tells how far it is."""


@dataclass(slots=True, eq=False)
class Course:
    """What a clock does until its world is replaced or closed; `ended` then says why."""

    ended: str | None = None

    def check(self) -> None:
        """Raise `Conflict` if it has ended."""
        if self.ended is not None:
            message = f"the clock was stopped on its way: {self.ended}"
            raise Conflict(message)


@dataclass(frozen=True, slots=True)
class Move:
    """A move of a clock up to an instant, for the code that does the scheduled work on the way."""

    clock: "Clock"
    course: Course
    until_ns: int
    told: Told | None = None
    """What is told how far it is."""

    def check(self) -> None:
        """Raise `Conflict` if the world of the clock was replaced or closed since the move began."""
        self.course.check()

    def reach(self, instant_ns: int) -> None:
        """Move the clock forward to an instant unless it has passed; raise `Conflict` as `check` does."""
        self.clock.reach(instant_ns, self.course)


def expected(world: "World", until_ns: int) -> tuple[int, int]:
    """Return how much work of a world is scheduled up to an instant, and follows it, as `World.expected` says."""
    waiting = repeated = 0
    for account in list(world.accounts.values()):
        with account.lock:
            for entry in account.agenda.due_by(until_ns):
                waiting += 1
                if (repeats := world.repeats.get(entry.kind)) is not None:
                    repeated += repeats(account, entry, until_ns)
    return waiting, repeated


def catch_up(world: "World", move: Move, telling: Telling, *, wait: bool) -> None:
    """Do all scheduled work of a world that is due by the end of a move, as `World.catch_up` says."""
    send = world.courier.wait_until_sent if wait else world.courier.send_ready
    known = {account: account.agenda.number for account in list(world.accounts.values())}
    send(world)
    move.check()
    telling.go_on(world.clock.now())
    while (first := _first_due(world, move.until_ns)) is not None or world.polling:
        if _polled(world, move, None if first is None else first[1]):
            send(world)
            move.check()
            continue
        if first is None:
            return
        account, due_ns = first
        move.reach(due_ns)
        if _did_all(account, due_ns, move, telling, Foreseen(world.repeats, known.get(account, 0))):
            send(world)
            move.check()
        telling.go_on(world.clock.now())


def _polled(world: "World", move: Move, other_ns: int | None) -> bool:
    """Do a poll if that is next, and return whether it is. `other_ns` is when other work is due."""
    due_ns = world.polling.next_ns(other_ns, move.until_ns)
    if due_ns is None:
        return False
    move.reach(due_ns)
    world.polling.do(world, move, due_ns, move.until_ns + 1 if other_ns is None else other_ns)
    return True


def _did_all(account: "Account", due_ns: int, move: Move, telling: Telling, foreseen: Foreseen) -> bool:
    """Do the work of an account that is due at an instant, but not too much of it; return whether that was all.

    A request that comes before all is done does the rest.
    """
    with account.lock:
        for _ in range(AT_ONCE):
            if (entry := account.agenda.pop_due(due_ns)) is None:
                return True
            account.do_own(entry)
            telling.did(foreseen.has(entry.kind, entry.number))
            move.check()
        return (account.agenda.next_due_ns() or due_ns + 1) > due_ns


def _first_due(world: "World", until_ns: int) -> tuple["Account", int] | None:
    first: tuple[Account, int] | None = None
    for account in list(world.accounts.values()):
        due_ns = account.agenda.next_due_ns()
        if due_ns is not None and due_ns <= until_ns and (first is None or due_ns < first[1]):
            first = account, due_ns
    return first
