"""Deliveries of events to destinations, and when a failed delivery is retried. `delivery/` sends them."""

from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.index import Row
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.domain.events.destinations import Payload
from fakestripe_meters.domain.events.destinations import listeners

EVERY_S = 12 * HOUR_S
GIVE_UP_S = 3 * DAY_S
FIRST_S = (5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S)
# inferred: the times of retries are counted from the first try.
RETRIES_S = (*FIRST_S, *range(FIRST_S[-1] + EVERY_S, GIVE_UP_S + 1, EVERY_S))
"""When a failed delivery is retried, in seconds after the first try."""


@record
class Delivery:
    """The delivery of one event to one destination: the instant of the first try, the number of tries, the outcome."""

    id: str
    event: str
    payload: Payload
    destination: str
    first_ns: int
    tries: int = 0
    state: Literal["pending", "delivered", "failed"] = "pending"


@dataclass(eq=False)
class Deliveries(Part, name="deliveries"):
    """All deliveries of an account; `ready` holds the ids of those to send now."""

    table: Table[Delivery] = field(default_factory=Table)
    ready: Row[str] = field(default_factory=Row)
    undelivered: Index[int] = field(default_factory=Index)
    """By event: how many of its deliveries have not succeeded."""

    def add(self, account: Account, event: str, payload: Payload, destination: Destination) -> None:
        """Add the delivery of an event to a destination, ready to send."""
        delivery = Delivery(account.ids.new("del_"), event, payload, destination.id, account.now_ns)
        self.table.add(delivery)
        self.ready.append(delivery.id)
        self.undelivered[event] = self.undelivered.get(event, 0) + 1

    def take_ready(self) -> list[Delivery]:
        """Remove and return the deliveries to send now; from here on the caller is responsible for them."""
        taken, self.ready = self.ready, Row()
        return [delivery for each in taken if (delivery := self.table.get(each)) and delivery.state == "pending"]

    def record(self, account: Account, delivery: Delivery, *, succeeded: bool) -> None:
        """Record the outcome of a try. A failure schedules the next try, until three days after the first."""
        if delivery.state != "pending":
            return
        delivery.tries += 1
        if succeeded:
            delivery.state = "delivered"
            self.undelivered[delivery.event] -= 1
        elif delivery.tries > len(RETRIES_S):
            delivery.state = "failed"
        else:
            account.agenda.add(
                delivery.first_ns + RETRIES_S[delivery.tries - 1] * SECOND_NS, Work.RETRY_DELIVERY, delivery.id
            )


def notify(account: Account, event: str, kind: str, payload: Payload) -> None:
    """Add deliveries of an event to all destinations that receive its type."""
    for destination in listeners(account):
        if destination.wants(kind, payload):
            account.part(Deliveries).add(account, event, payload, destination)


def undelivered(account: Account, event: str) -> int:
    """Return how many destinations have not received an event yet: Stripe's `pending_webhooks`."""
    deliveries = account.peek(Deliveries)
    return deliveries.undelivered.get(event, 0) if deliveries is not None else 0


def retry(account: Account, delivery_id: str) -> None:
    """Make a failed delivery ready to send again."""
    account.part(Deliveries).ready.append(delivery_id)
