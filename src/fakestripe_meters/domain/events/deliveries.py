"""Deliveries of events to destinations, and when a failed delivery is retried. `delivery/` sends them.

Documented in: https://docs.stripe.com/api/events.
"""

from collections.abc import Iterable
from dataclasses import field
from typing import Literal
from typing import Protocol
from typing import TypeVar

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Record
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.domain.events.destinations import Payload
from fakestripe_meters.domain.events.destinations import listeners

KEPT_NS = 30 * DAY_S * SECOND_NS
"""How long an event can be retrieved."""

EVERY_S = 12 * HOUR_S
GIVE_UP_S = 3 * DAY_S
FIRST_S = (5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S)
AFTER_S = HOUR_S
"""How long an invoice waits after its `invoice.created` was received at last, in seconds."""
# inferred: the times of retries are counted from the first try.
RETRIES_S = (*FIRST_S, *range(FIRST_S[-1] + EVERY_S, GIVE_UP_S + 1, EVERY_S))
"""When a failed delivery is retried, in seconds after the first try."""


class Published(Record, Protocol):
    """An event of either API."""

    @property
    def published_ns(self) -> int:
        """The instant at which it was published, by the account's own clock."""


E = TypeVar("E", bound=Published)


@record
class Delivery:
    """The delivery of one event to one destination: the instant of the first try, the number of tries, the outcome.

    Its instants are those of the account's own clock.
    """

    id: str
    event: str
    payload: Payload
    destination: str
    first_ns: int
    tries: int = 0
    state: Literal["pending", "delivered", "failed", "dropped"] = "pending"


@dataclass(eq=False)
class Deliveries(Part, name="deliveries"):
    """All deliveries of an account; `ready` holds the ids of those to send now."""

    table: Table[Delivery] = field(default_factory=Table)
    ready: GrowingList[str] = field(default_factory=GrowingList)
    undelivered: Index[int] = field(default_factory=Index)
    """By event: how many of its deliveries have not succeeded."""
    failing: Index[int] = field(default_factory=Index)
    """By event: how many of its deliveries have failed and not succeeded since."""
    recovered: Index[int] = field(default_factory=Index)
    """By event that no longer fails: the second in which its last failing delivery succeeded or was given up."""
    under_way: Index[int] = field(default_factory=Index)
    """The ids of those that are being sent or held back, each with the number of its try."""

    def __post_init__(self) -> None:
        """Make ready what was under way when a snapshot was taken: its outcome is not known."""
        self.ready = GrowingList([*self.under_way, *self.ready])
        self.under_way = Index()

    def add(self, account: Account, event: str, payload: Payload, destination: Destination) -> None:
        """Add the delivery of an event to a destination, ready to send."""
        delivery = Delivery(account.ids.new("del_"), event, payload, destination.id, account.own_ns)
        self.table.add(delivery)
        self.ready.append(delivery.id)
        self.undelivered[event] = self.undelivered.get(event, 0) + 1

    def take_ready(self) -> list[Delivery]:
        """Remove and return the deliveries to send now; from here on the caller is responsible for them."""
        ready, self.ready = self.ready, GrowingList()
        taken = [delivery for each in ready if (delivery := self.table.get(each)) and delivery.state == "pending"]
        self.under_way.update({each.id: each.tries + 1 for each in taken})
        return taken

    def drop(self, delivery: Delivery) -> None:
        """Give up a delivery that is under way, before it was sent: the test has dropped it."""
        self._end(delivery)
        if delivery.state == "pending":
            delivery.state = "dropped"

    def abandon(self, account: Account, delivery: Delivery) -> None:
        """Forget a delivery that is under way and can never be sent."""
        self._end(delivery)
        if delivery.tries:
            self._stop_failing(account, delivery.event)

    def record(self, account: Account, delivery: Delivery, *, succeeded: bool) -> None:
        """Record the outcome of a try. A failure schedules the next try, until three days after the first.

        What was given up, or dropped, is delivered after all if a test sends it again.
        """
        self._end(delivery)
        if delivery.state == "delivered" or (delivery.state == "failed" and not succeeded):
            return
        delivery.tries += 1
        if succeeded:
            delivery.state = "delivered"
            if delivery.event in self.undelivered:
                self.undelivered[delivery.event] -= 1
            if delivery.tries > 1 and delivery.event in self.failing:
                self._stop_failing(account, delivery.event)
            return
        delivery.state = "pending"
        if delivery.tries == 1:
            self.failing[delivery.event] = self.failing.get(delivery.event, 0) + 1
        if delivery.tries > len(RETRIES_S):
            delivery.state = "failed"
        else:
            account.agenda.add(
                delivery.first_ns + RETRIES_S[delivery.tries - 1] * SECOND_NS, Work.RETRY_DELIVERY, delivery.id
            )

    def _end(self, delivery: Delivery) -> None:
        """Note that a delivery is no longer under way."""
        self.under_way.forget([delivery.id])

    def _stop_failing(self, account: Account, event: str) -> None:
        left = self.failing.get(event, 0) - 1
        if left > 0:
            self.failing[event] = left
        else:
            self.failing.forget([event])
            self.recovered[event] = account.own_ns // SECOND_NS
            account.agenda.add(account.own_ns + AFTER_S * SECOND_NS, Work.FINALIZE_AFTER_EVENT, event)

    def forget(self, account: Account, events: Iterable[str]) -> None:
        """Drop what is known of forgotten events, and the deliveries that are as old."""
        gone = tuple(events)
        for index in (self.undelivered, self.failing, self.recovered):
            index.forget(gone)
        self.table.forget(lambda delivery: is_old(account, delivery.first_ns))


def notify(account: Account, event: str, kind: str, payload: Payload) -> None:
    """Add deliveries of an event to all destinations that receive its type."""
    for destination in listeners(account):
        if destination.wants(kind, payload):
            account.part(Deliveries).add(account, event, payload, destination)


@documented("an event can be retrieved for 30 days")
@inferred("its age counts by the account's own clock, also if it is about an object on a test clock")
def is_old(account: Account, published_ns: int) -> bool:
    """Return whether an event that was published at that instant of the account's own clock can't be retrieved."""
    return published_ns <= account.own_ns - KEPT_NS


def recent(account: Account, table: Table[E]) -> Table[E]:
    """Return a table of events, after the old ones were dropped with all that is known of their deliveries.

    While deliveries wait to be sent, nothing is dropped: they are written from their events.
    """
    deliveries = account.peek(Deliveries)
    if deliveries is None or not deliveries.ready:
        forgotten = table.forget(lambda event: is_old(account, event.published_ns))
        if forgotten and deliveries is not None:
            deliveries.forget(account, (event.id for event in forgotten))
    return table


def undelivered(account: Account, event: str) -> int:
    """Return how many destinations have not received an event yet: Stripe's `pending_webhooks`."""
    deliveries = account.peek(Deliveries)
    return deliveries.undelivered.get(event, 0) if deliveries is not None else 0


def is_failing(account: Account, event: str) -> bool:
    """Return whether a destination has failed to receive an event so far; one that nothing was sent to has not."""
    deliveries = account.peek(Deliveries)
    return deliveries is not None and event in deliveries.failing


def recovered_at(account: Account, event: str) -> int | None:
    """Return when an event was received at last, in Unix seconds; None if no delivery of it has ever failed."""
    deliveries = account.peek(Deliveries)
    return None if deliveries is None else deliveries.recovered.get(event)


def retry(account: Account, delivery_id: str) -> None:
    """Make a failed delivery ready to send again."""
    account.part(Deliveries).ready.append(delivery_id)
