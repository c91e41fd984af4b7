"""From an accepted event to visible usage: identifiers, the ingestion lag, cancellation, and what was dropped."""

import heapq
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND
from fakestripe_meters.core.usage import Dimensions
from fakestripe_meters.core.usage import Formula
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage import Window

RESERVED_NS = DAY_S * SECOND
"""For how long an identifier is taken. inferred: Stripe promises "at least 24 hours"."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Usage that was answered with 200 and never counted: why, what, and when."""

    code: str
    message: str
    event: dict[str, Any]
    at: int
    meter: str | None


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """A change to visible usage that is held back by the lag: an event comes to count, or ceases to."""

    due_ns: int
    order: int
    meter: str = field(compare=False)
    event: UsageEvent = field(compare=False)
    cancel: bool = field(compare=False)


class Intake(Part, name="usage"):
    """An account's usage: what was accepted, what of it is visible yet, and what never will be."""

    def __init__(self) -> None:
        self.dropped: list[Dropped] = []
        self._ledgers: dict[str, UsageLedger] = {}
        self._accepted: dict[str, tuple[str, UsageEvent]] = {}
        self._dropped_ns: dict[str, int] = {}
        self._waiting: list[Waiting] = []
        self._unseen: set[int] = set()
        self._cancelled: set[int] = set()
        self._number = 0
        self._flushed_ns = 0

    def open(self, meter: str, formula: Formula, window: Window | None) -> None:
        """Begin to count for a meter."""
        self._ledgers[meter] = UsageLedger(formula, window)

    def ledger(self, meter: str) -> UsageLedger:
        """The visible usage of a meter."""
        return self._ledgers[meter]

    def holds(self, identifier: str, now_ns: int) -> bool:
        """Whether an identifier is taken by an event of the last 24 hours, counted or dropped."""
        accepted = self._accepted.get(identifier)
        received_ns = accepted[1].received_ns if accepted else self._dropped_ns.get(identifier)
        return received_ns is not None and received_ns > now_ns - RESERVED_NS

    def find(self, identifier: str) -> tuple[str, UsageEvent] | None:
        """The meter and the event that an identifier was last accepted for."""
        return self._accepted.get(identifier)

    def is_cancelled(self, event: UsageEvent) -> bool:
        """Whether an event's cancellation was accepted, visible yet or not."""
        return event.cancelled or event.number in self._cancelled

    def accept(
        self,
        account: Account,
        meter: str,
        *,
        identifier: str,
        customer: str,
        timestamp: int,
        value: Decimal,
        dimensions: Dimensions,
    ) -> None:
        """Take in an event that was found good; it counts when the lag is over."""
        self._number += 1
        event = UsageEvent(
            identifier=identifier,
            customer=customer,
            timestamp=timestamp,
            received_ns=account.now_ns,
            number=self._number,
            value=value,
            dimensions=dimensions,
        )
        self._accepted[identifier] = meter, event
        self._change(account, meter, event, cancel=False)

    def cancel(self, account: Account, meter: str, event: UsageEvent) -> None:
        """Let an event's usage disappear, when the lag is over; its identifier stays taken."""
        self._cancelled.add(event.number)
        self._change(account, meter, event, cancel=True)

    def drop(self, dropped: Dropped, identifier: str, now_ns: int) -> None:
        """Note usage that does not count; its identifier is taken all the same."""
        self.dropped.append(dropped)
        self._dropped_ns[identifier] = now_ns

    def settle(self, now_ns: int) -> None:
        """Whatever's lag is over becomes visible."""
        while self._waiting and self._waiting[0].due_ns <= now_ns:
            waiting = heapq.heappop(self._waiting)
            self._apply(waiting.meter, waiting.event, cancel=waiting.cancel)

    def flush(self, now_ns: int) -> None:
        """Everything accepted becomes visible now."""
        self._flushed_ns = now_ns
        if self._waiting:
            self.settle(max(waiting.due_ns for waiting in self._waiting))

    def visible_until_ns(self, account: Account) -> int:
        """The newest instant whose usage is visible."""
        return max(account.now_ns - account.settings.lag_ns, self._flushed_ns)

    def _change(self, account: Account, meter: str, event: UsageEvent, *, cancel: bool) -> None:
        lag_ns = account.settings.lag_ns
        if not lag_ns:
            self._apply(meter, event, cancel=cancel)
            return
        self._number += 1
        due_ns = account.now_ns + lag_ns
        if not cancel:
            self._unseen.add(event.number)
        heapq.heappush(self._waiting, Waiting(due_ns, self._number, meter, event, cancel))
        account.agenda.add(due_ns, "usage.visible")

    def _apply(self, meter: str, event: UsageEvent, *, cancel: bool) -> None:
        """A shorter lag can let a cancellation overtake its event, which then never counts."""
        if not cancel:
            self._unseen.discard(event.number)
            self._ledgers[meter].record(event)
        elif event.number in self._unseen:
            event.cancelled = True
        else:
            self._ledgers[meter].cancel(event)
