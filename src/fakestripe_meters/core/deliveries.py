"""Who is to be told of which events, what is on its way, and when it is tried again."""

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
RETRIES_S = (*FIRST_S, *range(FIRST_S[-1] + EVERY_S, GIVE_UP_S + 1, EVERY_S))
"""When a failed delivery is tried again, in seconds after the first try. inferred: that they count from there."""
"""The agenda's word for a delivery to try again."""

Payload = Literal["snapshot", "thin"]


@dataclass(slots=True, eq=False)
class Destination:
    """A webhook endpoint (v1) or an event destination (v2), as it is kept."""

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
        """Whether an event of that type, so written, is to go there."""
        return self.enabled and self.payload == payload and matches(kind, self.enabled_events)


@dataclass(eq=False)
class Destinations(Part, name="destinations"):
    """Everyone an account tells of events: those declared through v1, and those declared through v2."""

    endpoints: Table[Destination] = field(default_factory=Table)
    destinations: Table[Destination] = field(default_factory=Table)

    def __iter__(self) -> Iterator[Destination]:
        """All of them; a copy, for connected accounts look here without the lock."""
        return iter([*self.endpoints, *self.destinations])


@dataclass(slots=True, eq=False)
class Delivery:
    """One event on its way to one destination: how often it was tried, first when, and what came of it."""

    id: str
    event: str
    payload: Payload
    destination: str
    first_ns: int
    tries: int = 0
    state: Literal["pending", "delivered", "failed"] = "pending"


@dataclass(eq=False)
class Deliveries(Part, name="deliveries"):
    """All deliveries of an account, and those that are to be sent now."""

    table: Table[Delivery] = field(default_factory=Table)
    ready: list[str] = field(default_factory=list)
    undelivered: dict[str, int] = field(default_factory=dict)
    """How many deliveries of an event have not succeeded."""

    def add(self, account: Account, event: str, payload: Payload, destination: Destination) -> None:
        """Put an event on its way to a destination."""
        delivery = Delivery(account.ids.new("del_"), event, payload, destination.id, account.now_ns)
        self.table.add(delivery)
        self.ready.append(delivery.id)
        self.undelivered[event] = self.undelivered.get(event, 0) + 1

    def take_ready(self) -> list[Delivery]:
        """Those that are to be sent now; they are in other hands then."""
        taken, self.ready = self.ready, []
        return [delivery for each in taken if (delivery := self.table.get(each)) and delivery.state == "pending"]

    def record(self, account: Account, delivery: Delivery, *, succeeded: bool) -> None:
        """Note what came of a try: after a failure another one is put on the agenda, until three days are over."""
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
    """Put an event on its way to everyone who wants it."""
    for destination in listeners(account):
        if destination.wants(kind, payload):
            account.part(Deliveries).add(account, event, payload, destination)


def listeners(account: Account) -> Iterator[Destination]:
    """Whom an account tells of its events: its own destinations, and those of its platform for such accounts."""
    for owner, whose in ((account, "@self"), (account.platform, "@accounts")):
        destinations = owner.parts.get(Destinations) if owner is not None else None
        if isinstance(destinations, Destinations):
            yield from (each for each in destinations if whose in each.events_from)


def undelivered(account: Account, event: str) -> int:
    """How many destinations have not taken an event yet."""
    deliveries = account.parts.get(Deliveries)
    return deliveries.undelivered.get(event, 0) if isinstance(deliveries, Deliveries) else 0


def matches(kind: str, patterns: Iterable[str]) -> bool:
    """Whether a type is named by one of the patterns: itself, a group such as `billing.meter.*`, or `*`."""
    return any(
        pattern in (kind, "*") or (pattern.endswith(".*") and kind.startswith(pattern[:-1])) for pattern in patterns
    )


def retry(account: Account, delivery_id: str) -> None:
    """Send a delivery that failed once more."""
    account.part(Deliveries).ready.append(delivery_id)
