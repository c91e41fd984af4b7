"""Scheduled work, as a priority queue of plain entries."""

import heapq
from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum

from fakestripe_meters.core import undo
from fakestripe_meters.core.late import dataclass

AUTHENTICATED, NOT_AUTHENTICATED = "succeeds", "fails"
"""What follows the id in the subject of an authentication, after a blank."""


POPPED = "popped"
"""The kind of change after which an operation takes back those of an agenda all at once."""


class Work(StrEnum):
    """The kinds of scheduled work. Snapshots contain the values, so they must not change."""

    ADVANCE_TEST_CLOCK = "test_clock.advance"
    AUTHENTICATE_PAYMENT = "payment_intent.authenticate"
    AUTHENTICATE_SETUP = "setup_intent.authenticate"
    ANNOUNCE_SCHEDULE_END = "subscription_schedule.expiring"
    BOOK_CHARGE = "charge.book"
    BILL_PENDING_ITEMS = "subscription.pending_items"
    CHANGE_PHASE = "subscription_schedule.phase"
    END_TRIAL_SOON = "subscription.trial_will_end"
    EXPIRE_CHECKOUT = "checkout_session.expire"
    EXPIRE_CREDIT_GRANT = "credit_grant.expires"
    EXPIRE_PENDING_UPDATE = "subscription.pending_update.expire"
    EXPIRE_SUBSCRIPTION = "subscription.expire"
    FINALIZE_AFTER_EVENT = "invoice.finalize_after_event"
    FINALIZE_INVOICE = "invoice.finalize"
    FIND_OVERDUE = "invoice.overdue"
    FOLLOW_PAYMENT = "payment_intent.follow"
    GIVE_UP_SUBSCRIPTION = "subscription.give_up"
    END_DISCOUNT = "discount.end"
    CHECK_THRESHOLDS = "subscription.thresholds"
    PROGRESS_REFUND = "refund.progress"
    REPORT_ERRORS = "billing.error_report"
    RESUME_COLLECTION = "subscription.resume_collection"
    RETRY_DELIVERY = "delivery.retry"
    RETRY_PAYMENT = "invoice.retry"
    SETTLE_PENDING_UPDATE = "subscription.pending_update.settle"
    SHOW_USAGE = "usage.visible"
    TURN_SUBSCRIPTION = "subscription.turn"


@dataclass(frozen=True, slots=True)
class Entry:
    """Work of one `kind` on one `subject` (an id, or nothing), due at an instant; `number` breaks ties."""

    due_ns: int
    number: int
    kind: str
    subject: str

    def __lt__(self, other: "Entry") -> bool:
        """Return whether it comes first. A heap asks often, and what a dataclass has for it takes twice as long."""
        if self.due_ns == other.due_ns:
            return self.number < other.number
        return self.due_ns < other.due_ns


@undo.record
class Agenda:
    """A queue by due time; entries with the same due time leave it in the order in which they were added.

    Entries are data, not callables, so that a snapshot can carry them. Entries are never removed: the function
    that does the work checks whether it still applies.
    """

    waiting: list[Entry] = field(default_factory=list, kw_only=True)
    """A heap by due time."""
    number: int = field(default=0, kw_only=True)
    """The number of the newest entry."""

    def add(self, due_ns: int, kind: str, subject: str = "") -> None:
        """Schedule work for the instant `due_ns`; work in the past is due at once."""
        self.number += 1
        entry = Entry(due_ns, self.number, str(kind), subject)
        if not undo.has_begun(self, POPPED):
            undo.note(self._take_out, entry)
        heapq.heappush(self.waiting, entry)

    def next_due_ns(self) -> int | None:
        """Return the instant at which the next work is due; None if there is none."""
        first = self.waiting[:1]  # in one step: this is called without the account's lock
        return first[0].due_ns if first else None

    def pop_due(self, until_ns: int) -> Entry | None:
        """Remove and return the earliest entry due at `until_ns` or before; None when there is none."""
        if self.waiting and self.waiting[0].due_ns <= until_ns:
            if undo.begins(self, POPPED):
                undo.note(self.waiting.__setitem__, slice(None), self.waiting.copy())
            return heapq.heappop(self.waiting)
        return None

    def due_by(self, until_ns: int) -> Iterator[Entry]:
        """Yield the entries due at `until_ns` or before, in no particular order, and leave them where they are."""
        places = [0]
        for place in places:  # which grows meanwhile: below an entry of the heap, none is due earlier
            if place < len(self.waiting) and self.waiting[place].due_ns <= until_ns:
                yield self.waiting[place]
                places += (2 * place + 1, 2 * place + 2)

    def entries(self) -> list[Entry]:
        """Return all entries, in the order in which they are due."""
        return sorted(self.waiting)

    def _take_out(self, entry: Entry) -> None:
        """Undo `heapq.heappush`: what made room for the newest entry, one place after another, moves back up."""
        place = len(self.waiting) - 1
        moved = self.waiting.pop()
        while moved is not entry:
            place = (place - 1) // 2
            self.waiting[place], moved = moved, self.waiting[place]
