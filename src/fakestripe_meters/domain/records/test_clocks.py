"""Test clocks, and the time that a customer has: the account's, or that of its test clock."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from dataclasses import field
from typing import Protocol
from typing import TypeVar

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.progress import Foreseen
from fakestripe_meters.core.progress import Telling
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Record
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

# observed: the noun of a test clock in `No such …` (crvouga/mockingbird).
NOUN = "billingclock"
KEPT_S = 30 * DAY_S
"""How long Stripe keeps a test clock, in seconds; this server never deletes one."""


class OnClock(Record, Protocol):
    """A record that may belong to a test clock."""

    @property
    def test_clock(self) -> str | None:
        """The id of the clock."""


R = TypeVar("R", bound=OnClock)


@record
class TestClock(Agenda):
    """A test clock as stored. It is also the scheduled work of the customers that are attached to it."""

    id: str
    created: int
    frozen_time: int
    name: str | None = None
    target: int | None = None
    """The time it is advancing to, in Unix seconds; None when it is ready."""
    left: int | None = None
    """The time that it has left, while it is advancing and its work is already done."""
    ready_ns: int = 0
    """When the last advance is over, whoever looks at it: by the account's own clock, in nanoseconds."""


@dataclass(eq=False)
class TestClocks(Part, name="test_helpers.test_clocks"):
    """All test clocks of an account."""

    table: Table[TestClock] = field(default_factory=Table)


@documented("`advancing` can be absent, as Stripe's OpenAPI says: it is only there while the clock advances")
@inferred("until then it shows the time that it has left")
def render(_account: Account, clock: TestClock) -> Tree:
    """Return a test clock as Stripe shows it."""
    advances = clock.target is not None
    return {
        "id": clock.id,
        "object": "test_helpers.test_clock",
        "created": clock.created,
        "deletes_after": clock.created + KEPT_S,
        "frozen_time": clock.frozen_time if clock.left is None else clock.left,
        "livemode": False,
        "name": clock.name,
        "status": "advancing" if advances else "ready",
        "status_details": {"advancing": {"target_frozen_time": clock.target}} if advances else {},
    }


@observed("a missing clock is a 404, also if a parameter names it (crvouga/mockingbird)")
def find(account: Account, clock_id: str, *, param: str = "id") -> TestClock:
    """Return the test clock with that id, or raise `No such billingclock`."""
    return required(account.part(TestClocks).table.get(clock_id), NOUN, clock_id, param=param)


@inferred("the id of a clock that was deleted is known")
def check_filter(account: Account, clock_id: str | None) -> None:
    """Raise StripeError 404 if the filter of a list names a clock that never existed."""
    if clock_id is not None and not account.part(TestClocks).table.knows(clock_id):
        raise errors.objects.no_such(NOUN, clock_id, param="test_clock")


def _lookup(account: Account, clock_id: str | None) -> TestClock | None:
    """Return the clock with that id; None for the account's own time, also after the clock was deleted."""
    return None if clock_id is None else account.part(TestClocks).table.get(clock_id)


def now(account: Account, clock_id: str | None) -> int:
    """Return the current time of a test clock, or of the account if there is none, in Unix seconds."""
    if clock_id is None:  # as nearly always, and this is read several times for each meter event
        return account.now
    clock = _lookup(account, clock_id)
    return account.now if clock is None else clock.frozen_time


@contextmanager
def time_of(account: Account, clock_id: str | None) -> Iterator[None]:
    """Run a block at the time of a test clock: what it creates is created then."""
    clock = _lookup(account, clock_id)
    outside_ns = account.now_ns
    if clock is not None:
        account.now_ns = clock.frozen_time * SECOND_NS
    try:
        yield
    finally:
        account.now_ns = outside_ns


@observed("what would change an object of an advancing clock is refused, also what would create one (calcom/cal.com)")
@inferred("usage is not, because Stripe takes it in by itself, and neither are previews")
def check_ready(account: Account, clock_id: str | None) -> None:
    """Raise StripeError 429 if a test clock is advancing."""
    clock = _lookup(account, clock_id)
    if clock is not None and clock.target is not None:
        raise errors.test_clocks.clock_advancing(clock.id)


@contextmanager
def changing(account: Account, clock_id: str | None) -> Iterator[None]:
    """Run a block that creates or changes objects of a test clock, at its time; StripeError 429 if it is advancing."""
    check_ready(account, clock_id)
    with time_of(account, clock_id):
        yield


def time_in(table: Callable[[Account], Table[R]]) -> Callable[[Account, str], AbstractContextManager[None]]:
    """Return what runs a block that changes a record of the table, given by its id, for `Resource(time=…)`."""

    def time(account: Account, identifier: str) -> AbstractContextManager[None]:
        record = table(account).get(identifier)
        return changing(account, None if record is None else record.test_clock)

    return time


def schedule(account: Account, clock_id: str | None, due: int, kind: str, subject: str) -> None:
    """Schedule work for an instant of a test clock's time, or of the account's, in Unix seconds."""
    agenda = _lookup(account, clock_id) or account.agenda
    agenda.add(due * SECOND_NS, kind, subject)


def run(account: Account, clock: TestClock, until: int, following: int = 0) -> None:
    """Move a clock to `until` and do the work that is scheduled up to then, each piece at its own instant.

    `following` is about how many turns of subscriptions will follow those that are scheduled.
    """
    outside_ns, cause = account.now_ns, account.cause
    foreseen = Foreseen({Work.TURN_SUBSCRIPTION}, clock.number)
    waiting = sum(1 for _ in clock.due_by(until * SECOND_NS))
    telling = Telling(account.watch.told, waiting + following)
    try:
        telling.go_on(clock.frozen_time)
        while (entry := clock.pop_due(until * SECOND_NS)) is not None:
            clock.frozen_time = max(clock.frozen_time, entry.due_ns // SECOND_NS)
            account.do_due(entry, clock.frozen_time * SECOND_NS)
            telling.did(foreseen.has(entry.kind, entry.number))
            telling.go_on(clock.frozen_time)
        clock.frozen_time = until
        telling.end(until)
    finally:
        account.now_ns, account.cause = outside_ns, cause
