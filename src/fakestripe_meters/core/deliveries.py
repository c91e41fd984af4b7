"""Webhook destinations, the deliveries of events to them, and when a failed delivery is retried.

They are in `core/` because the world and the outbox need them; the URLs are in `resources/`.
"""

from collections.abc import Iterable
from collections.abc import Iterator
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
from fakestripe_meters.core.table import Table

EVERY_S = 12 * HOUR_S
GIVE_UP_S = 3 * DAY_S
FIRST_S = (5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S)
# inferred: the times of retries are counted from the first try.
RETRIES_S = (*FIRST_S, *range(FIRST_S[-1] + EVERY_S, GIVE_UP_S + 1, EVERY_S))
"""When a failed delivery is retried, in seconds after the first try."""

Payload = Literal["snapshot", "thin"]


@dataclass(slots=True, eq=False)
class Destination:
    """The record of a webhook endpoint (v1) or of an event destination (v2)."""

    id: str
    created_ns: int
    updated_ns: int
    payload: Payload
    url: str
    secret: str
    enabled_events: list[str]
    api_version: str | None = None
    name: str = ""
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    events_from: list[str] = field(default_factory=list)
    enabled: bool = True

    def wants(self, kind: str, payload: Payload) -> bool:
        """Whether the destination receives events of type `kind`, written as `payload`."""
        return self.enabled and self.payload == payload and matches(kind, self.enabled_events)


@dataclass(eq=False)
class Destinations(Part, name="destinations"):
    """An account's destinations: `endpoints` were made through v1, `destinations` through v2."""

    endpoints: Table[Destination] = field(default_factory=Table)
    destinations: Table[Destination] = field(default_factory=Table)

    def __iter__(self) -> Iterator[Destination]:
        """Yield all destinations, from a copy: connected accounts read them without the account's lock."""
        return iter([*self.endpoints, *self.destinations])


@dataclass(slots=True, eq=False)
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
    ready: list[str] = field(default_factory=list)
    undelivered: dict[str, int] = field(default_factory=dict)
    """By event: how many of its deliveries have not succeeded."""

    def add(self, account: Account, event: str, payload: Payload, destination: Destination) -> None:
        """Add the delivery of an event to a destination, ready to send."""
        delivery = Delivery(account.ids.new("del_"), event, payload, destination.id, account.now_ns)
        self.table.add(delivery)
        self.ready.append(delivery.id)
        self.undelivered[event] = self.undelivered.get(event, 0) + 1

    def take_ready(self) -> list[Delivery]:
        """Remove and return the deliveries to send now; from here on the caller is responsible for them."""
        taken, self.ready = self.ready, []
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


def listeners(account: Account) -> Iterator[Destination]:
    """Yield the destinations of an account's events: its own, and its platform's for connected accounts."""
    for owner, whose in ((account, "@self"), (account.platform, "@accounts")):
        destinations = owner.peek(Destinations) if owner is not None else None
        if destinations is not None:
            yield from (each for each in destinations if whose in each.events_from)


def undelivered(account: Account, event: str) -> int:
    """Return how many destinations have not received an event yet: Stripe's `pending_webhooks`."""
    deliveries = account.peek(Deliveries)
    return deliveries.undelivered.get(event, 0) if deliveries is not None else 0


def matches(kind: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches a type: the type itself, a group such as `billing.meter.*`, or `*`."""
    return any(
        pattern in (kind, "*") or (pattern.endswith(".*") and kind.startswith(pattern[:-1])) for pattern in patterns
    )


def retry(account: Account, delivery_id: str) -> None:
    """Make a failed delivery ready to send again."""
    account.part(Deliveries).ready.append(delivery_id)
