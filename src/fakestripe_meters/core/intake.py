"""From accepted events to visible usage: identifiers, the ingestion lag, cancellations, and dropped events.

Documented in: https://docs.stripe.com/api/billing/meter-event.
"""

import heapq
from collections.abc import Mapping
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import Any

from fakestripe_meters.core import undo
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.codec import decoder
from fakestripe_meters.core.codec import wrong
from fakestripe_meters.core.dumped_events import Columns
from fakestripe_meters.core.dumped_events import EventRow
from fakestripe_meters.core.dumped_events import columns_of
from fakestripe_meters.core.dumped_events import events_of
from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.encoding import encode
from fakestripe_meters.core.identifiers import Identifiers
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.stretch import Stretch
from fakestripe_meters.core.usage import Formula
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage import Window
from fakestripe_meters.core.usage_event import Arrival
from fakestripe_meters.core.usage_event import Origin

# documented: at least 24 hours.
# inferred: an identifier stays taken for exactly 24 hours.
RESERVED_NS = DAY_S * SECOND_NS
"""How long an identifier stays taken."""
MOST_NUMBERS = 10**18
"""The numbers of events must fit into 64 bits."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """An event that was accepted with a 200 and never counted: why, what, and when (`at`, in Unix seconds)."""

    code: str
    """Why it was dropped, in one word of Stripe's, such as `meter_event_no_customer_defined`."""
    message: str
    """Why it was dropped, in a sentence."""
    event: dict[str, Any]
    """The event as it was sent."""
    at: int
    meter: str | None
    """The id of the meter; None if there is none with the event's name."""


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """A change to visible usage that the lag delays: an event begins to count or, with `cancel`, stops counting."""

    due_ns: int
    order: int
    event: UsageEvent = field(compare=False)
    cancel: bool = field(compare=False)


@dataclass(frozen=True)
class Dumped:
    """The shape of an intake in a snapshot."""

    meters: dict[str, tuple[Formula, Window | None]]
    events: list[EventRow] | Columns
    unseen: list[int]
    waiting: list[tuple[int, int, int, bool]]
    cancelled: list[int]
    dropped: list[Dropped]
    dropped_ns: dict[str, int]
    number: int
    flushed_ns: int


class Intake(Part, name="usage"):
    """An account's usage: the accepted events, those still hidden by the lag, and those that were dropped.

    Its changes are not noted (see `core.undo`), because that would take too long. So operations check first, and
    change usage last.
    """

    __setattr__ = undo.SET

    def __init__(self) -> None:
        self.dropped: list[Dropped] = []
        self._kinds: dict[str, tuple[Formula, Window | None]] = {}
        self._ledgers: dict[str, UsageLedger] = {}
        self._accepted = Identifiers()
        self._dropped_ns: dict[str, int] = {}
        self._waiting: list[Waiting] = []
        self._unseen: set[int] = set()
        self._cancelled: set[int] = set()
        self._number = 0
        self._flushed_ns = 0

    def open(self, meter: str, formula: Formula, window: Window | None) -> None:
        """Create the ledger of a new meter."""
        undo.note(self._kinds.pop, meter)
        undo.note(self._ledgers.pop, meter)
        self._kinds[meter] = formula, window
        self._ledgers[meter] = UsageLedger(formula, window, self._accepted)

    def ledger(self, meter: str) -> UsageLedger:
        """Return the ledger of a meter's visible usage; KeyError if the meter was never opened."""
        return self._ledgers[meter]

    def total(self, meter: str, customer: str) -> Decimal:
        """Return a customer's visible usage of a meter over all time; zero if there is none."""
        return self._ledgers[meter].lifetime(customer) or Decimal()

    def any_used(self, meter: str, customer: str, stretch: Stretch) -> bool:
        """Return whether a customer may have accepted usage in a stretch, visible or not; if not, there is none."""
        waiting = (each.event for each in self._waiting if not each.cancel)
        return self._ledgers[meter].any_used(customer, stretch) or any(
            event.meter == meter and event.customer == customer and stretch.holds(event) for event in waiting
        )

    @property
    def size(self) -> int:
        """How many events were accepted, also those that are not visible yet, or cancelled."""
        return len(self._unseen) + sum(ledger.size for ledger in self._ledgers.values())

    @property
    def newest_number(self) -> int:
        """The arrival number of the newest event."""
        return self._number

    @property
    def hidden(self) -> int:
        """How many accepted events the lag hides."""
        return len(self._unseen)

    def holds(self, identifier: str, now_ns: int, window_ns: int = RESERVED_NS) -> bool:
        """Whether an identifier is taken by an event of the last 24 hours, or of another window, counted or dropped."""
        if identifier not in self._accepted and identifier not in self._dropped_ns:
            return False
        accepted = self._accepted.event(identifier)
        free_ns = now_ns - window_ns
        if accepted is not None and accepted.received_ns > free_ns:
            return True
        dropped_ns = self._dropped_ns.get(identifier)
        return dropped_ns is not None and dropped_ns > free_ns

    def lookup(self, identifier: str) -> UsageEvent | None:
        """Return the event that was last accepted under an identifier, or None."""
        return self._accepted.event(identifier)

    def is_cancelled(self, event: UsageEvent) -> bool:
        """Whether an event's cancellation was accepted, even if the lag still hides it."""
        return event.cancelled or event.number in self._cancelled

    def accept(
        self,
        account: Account,
        origin: Origin,
        identifier: str,
        timestamp: int,
        value: Decimal | int,
    ) -> UsageEvent:
        """Accept a valid event; it counts when the lag is over."""
        self._number += 1
        event = UsageEvent.of(origin, identifier, timestamp, account.now_ns, self._number, value)
        if account.settings.lag_ns:
            self._accepted[identifier] = event
            self._change(account, event, cancel=False)
        else:
            self._ledgers[origin.meter].record(event)
        return event

    def receive(self, account: Account, origin: Origin, arrivals: list[Arrival]) -> None:
        """Accept events of one origin that arrived together, without a lag: quicker than one by one."""
        self._number = max(self._number, arrivals[-1][2])
        self._ledgers[origin.meter].receive(origin, arrivals, account.now_ns)

    def cancel(self, account: Account, event: UsageEvent) -> None:
        """Cancel an event: it stops counting when the lag is over; its identifier stays taken."""
        # inferred: the identifier of a cancelled event cannot be used again.
        self._cancelled.add(event.number)
        self._change(account, event, cancel=True)

    def drop(self, dropped: Dropped, identifier: str, now_ns: int) -> None:
        """Record an event that does not count; its identifier is taken nevertheless."""
        self.dropped.append(dropped)
        self._dropped_ns[identifier] = now_ns

    def apply_due(self, now_ns: int) -> list[UsageEvent]:
        """Apply all changes whose lag is over; return the events that began to count."""
        counted = []
        while self._waiting and self._waiting[0].due_ns <= now_ns:
            waiting = heapq.heappop(self._waiting)
            self._apply(waiting.event, cancel=waiting.cancel)
            if not waiting.cancel and not waiting.event.cancelled:
                counted.append(waiting.event)
        return counted

    def flush(self, now_ns: int) -> None:
        """End the lag of all changes at `now_ns`; the caller applies them afterwards."""
        self._flushed_ns = now_ns
        self._waiting = [replace(each, due_ns=min(each.due_ns, now_ns)) for each in sorted(self._waiting)]

    def waiting(self) -> list[Waiting]:
        """Return the changes that the lag delays, in the order in which they will be applied."""
        return sorted(self._waiting)

    def visible_until_ns(self, account: Account) -> int:
        """Return the latest instant up to which all usage is visible, in nanoseconds.

        This is the present minus the lag, or earlier while events wait that were accepted under a longer lag.
        """
        unseen = (each.event.received_ns - 1 for each in self._waiting if not each.cancel)
        horizon_ns = account.now_ns - account.settings.lag_ns
        return max(min((horizon_ns, *unseen)), self._flushed_ns)

    def dump(self) -> Json:
        """Return everything as JSON; each event stands once, in order of arrival."""
        blocks = chain.from_iterable(ledger.blocks() for ledger in self._ledgers.values())
        cancelled = chain.from_iterable(ledger.cancelled() for ledger in self._ledgers.values())
        unseen = [each.event for each in self._waiting if not each.cancel]
        return encode(
            Dumped(
                meters=self._kinds,
                events=columns_of(blocks, chain(cancelled, unseen)),
                unseen=sorted(self._unseen),
                waiting=[(each.due_ns, each.order, each.event.number, each.cancel) for each in self.waiting()],
                cancelled=sorted(self._cancelled),
                dropped=self.dropped,
                dropped_ns=self._dropped_ns,
                number=self._number,
                flushed_ns=self._flushed_ns,
            )
        )

    def load(self, tree: Json, where: str) -> None:
        """Take over a dump; raise `Misuse`, LookupError, ValueError or ArithmeticError if it is not one."""
        dumped: Dumped = decoder(Dumped)(tree, where)
        for meter, (formula, window) in dumped.meters.items():
            self.open(meter, formula, window)
        if not 0 <= dumped.number < MOST_NUMBERS:
            raise wrong("a number of at most 18 digits", dumped.number, f"{where}.number")
        self._unseen, self._cancelled = set(dumped.unseen), set(dumped.cancelled)
        changing = {number for _, _, number, _ in dumped.waiting}
        events: dict[int, UsageEvent] = {}
        for event in events_of(dumped.events, dumped.number, f"{where}.events"):
            ledger = self._ledgers[event.meter]  # hidden events need one as well: KeyError if it is missing
            if event.number in self._unseen:
                self._accepted[event.identifier] = event
            else:
                ledger.record(event)
            if event.number in changing:
                events[event.number] = event
        _check_waiting(dumped, events, f"{where}.waiting")
        self._waiting = sorted(
            Waiting(due_ns, order, events[number], cancel) for due_ns, order, number, cancel in dumped.waiting
        )
        self.dropped, self._dropped_ns = dumped.dropped, dumped.dropped_ns
        self._number, self._flushed_ns = dumped.number, dumped.flushed_ns

    def _change(self, account: Account, event: UsageEvent, *, cancel: bool) -> None:
        lag_ns = account.settings.lag_ns
        if not lag_ns:
            self._apply(event, cancel=cancel)
            return
        self._number += 1
        due_ns = account.now_ns + lag_ns
        if not cancel:
            self._unseen.add(event.number)
        heapq.heappush(self._waiting, Waiting(due_ns, self._number, event, cancel))
        account.agenda.add(due_ns, Work.SHOW_USAGE)

    def _apply(self, event: UsageEvent, *, cancel: bool) -> None:
        """Apply a change. Under a shorter lag a cancellation can overtake its event, which then never counts."""
        if not cancel:
            self._unseen.discard(event.number)
            self._ledgers[event.meter].record(event)
        elif event.number in self._unseen:
            event.cancelled = True
        else:
            self._ledgers[event.meter].cancel(event)


def _check_waiting(dumped: Dumped, events: Mapping[int, UsageEvent], where: str) -> None:
    """Raise `Misuse` unless each hidden event waits to be shown, and no other, and each is cancelled once at most."""
    shown = sorted(number for _, _, number, cancel in dumped.waiting if not cancel)
    if shown != sorted(dumped.unseen):
        raise wrong("the events that are unseen, each once", shown, where)
    cancels = [number for _, _, number, cancel in dumped.waiting if cancel]
    if len(set(cancels)) < len(cancels) or any(events[number].cancelled for number in cancels):
        raise wrong("cancellations of events that are not cancelled, each once", cancels, where)
