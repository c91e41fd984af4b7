"""What becomes of each event, worked out from the story alone: it belongs to the first closing that takes it."""

from dataclasses import dataclass
from dataclasses import field

BEFORE = "before the subscription began"
AFTER = "after the subscription ended"
PRICELESS = "without a price"
TRIAL = "in a trial"
DISCARDED = "ended without an invoice"
LATE = "after finalization"
CANCELLED = "cancelled"
REPLACED = "after its price was replaced or removed"
IN_CLASSIC = "replaced or removed in classic mode"
WITHOUT_PRORATIONS = "replaced or removed without prorations"
PAUSED = "while paused"
UNBILLED_PAUSE = "paused without billing it"
PENDING = "not billed yet"


@dataclass(eq=False)
class Bill:
    """An invoice: made at a step of the story, and finalized at an instant."""

    step: int
    finalized: int

    def has(self, happened: int, step: int) -> bool:
        """Whether it was finalized after something else: at the same instant, what was scheduled first comes first."""
        return (happened, step) < (self.finalized, self.step)


@dataclass(eq=False)
class Event:
    """One event as it was sent. `lag` is how long it, and its cancellation, stay hidden."""

    identifier: str
    value: int
    meter: str
    timestamp: int
    accepted: int
    step: int
    lag: int
    cancelled: tuple[int, int] | None = None
    """When, and at which step."""

    def counts_on(self, bill: Bill) -> bool:
        return bill.has(self.accepted + self.lag, self.step) and not self.gone_by(bill)

    def gone_by(self, bill: Bill) -> bool:
        return self.cancelled is not None and bill.has(self.cancelled[0] + self.lag, self.cancelled[1])


@dataclass(eq=False)
class Closing:
    """What ends a stretch of usage: time, at an edge, or an act, or both.

    An edge takes what has an earlier timestamp. An act takes what was accepted before its step, up to its second.
    """

    instant: int
    step: int
    edge: bool
    act: bool
    price: str
    reason: str
    bill: Bill | None
    in_part: list[tuple[int, Bill]]
    """The thresholds that billed a part of it before, each with its instant."""
    late: str = LATE
    """Why an event that it takes is not billed if it comes after the bill."""
    items: frozenset[str] = frozenset()
    """The invoice items that bill it, if items do; they may wait for an invoice for ever."""
    waits: bool = False
    """Whether they do."""

    def takes(self, event: Event) -> bool:
        if self.edge and event.timestamp < self.instant:
            return True
        return self.act and event.step < self.step and event.timestamp <= self.instant

    def fate(self, event: Event) -> tuple[str, str]:
        """The price that an event is billed under, or none and the reason."""
        if self.bill is None or (self.waits and event.counts_on(self.bill)):
            # What the last threshold has billed stays billed, even if the rest is not.
            parts = [bill for instant, bill in self.in_part if event.timestamp <= instant and event.step < bill.step]
            return (self.price, "") if parts and event.counts_on(parts[-1]) else ("", self.reason)
        if event.counts_on(self.bill):
            return self.price, ""
        return "", CANCELLED if event.gone_by(self.bill) else self.late


@dataclass(eq=False)
class Chain:
    """The usage of one meter as one subscription counts it: closed again and again, until the end."""

    meter: str
    price: str = ""
    """The price that counts now; none while the subscription has none of the meter."""
    closings: list[Closing] = field(default_factory=list)
    in_part: list[tuple[int, Bill]] = field(default_factory=list)

    def begin(self, price: str, instant: int, step: int, reason: str) -> None:
        self.close(instant, step, edge=True, reason=reason)
        self.price = price

    def close(
        self,
        instant: int,
        step: int,
        *,
        edge: bool = False,
        act: bool = True,
        reason: str = "",
        bill: Bill | None = None,
    ) -> Closing:
        closing = Closing(instant, step, edge, act, self.price, reason, bill, self.in_part)
        self.closings.append(closing)
        self.in_part = []
        return closing

    def fate(self, event: Event, otherwise: str) -> tuple[str, str]:
        found = next((each for each in self.closings if each.takes(event)), None)
        return found.fate(event) if found else ("", otherwise)
