"""What is scheduled next, in plain words: of each kind of work, whether it still applies, and what it does then.

It is imported when somebody asks.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from itertools import islice

from fakestripe_meters.control import billing_work
from fakestripe_meters.control.answers import Scheduled
from fakestripe_meters.control.due_work import Due
from fakestripe_meters.control.due_work import Look
from fakestripe_meters.control.due_work import Told
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.printing import counted
from fakestripe_meters.core.printing import mask
from fakestripe_meters.domain.events.deliveries import RETRIES_S
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.events.error_reports import Reports
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSessions
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.domain.records.discounts import Discounts
from fakestripe_meters.domain.records.refunds import Refunds
from fakestripe_meters.domain.records.test_clocks import TestClocks


def scheduled(account: Account, agenda: Agenda, limit: int | None = None) -> list[Scheduled]:
    """Return what happens to an account as a clock moves, soonest first. The account must be locked.

    `agenda` is that of the account, or one of its test clocks.
    """
    return list(islice(_applying(account, agenda), limit))


def _applying(account: Account, agenda: Agenda) -> Iterator[Scheduled]:
    look, key = Look(account), mask(account.name.key)
    shown: set[int] = set()  # each usage event that becomes visible in a second has an entry
    for entry in _in_order(agenda):
        due = Due(look, entry)
        if entry.kind == Work.SHOW_USAGE:
            if due.at in shown:
                continue
            shown.add(due.at)
        told = TOLD[Work(entry.kind)](due)
        if told is not None:
            what, which = told
            yield Scheduled(at=due.at, what=what, object=which, account=key, account_id=account.id)


def _in_order(agenda: Agenda) -> Iterator[Entry]:
    """Yield the entries as they are due; the first few of many cost little."""
    heap = agenda.waiting.copy()
    while heap:
        yield heapq.heappop(heap)


# Payments, credits and the rest


def _always(what: str) -> Callable[[Due], Told]:
    """Tell work that follows a request at once, and is never seen waiting."""
    return lambda due: (what, due.subject.partition(" ")[0])


def _booked(due: Due) -> Told:
    charge = due.account.part(CardCharges).table.get(due.subject)
    return ("charge is booked", due.subject) if charge is not None and charge.balance_transaction is None else None


def _refunded(due: Due) -> Told:
    refund = due.account.part(Refunds).table.get(due.subject)
    words = {"pending": "refund succeeds", "succeeded": "refund fails"}
    what = None if refund is None else words.get(refund.status)
    return None if what is None else (what, due.subject)


def _discount_ends(due: Due) -> Told:
    discount = due.account.part(Discounts).table.get(due.subject)
    ends = discount is not None and not discount.gone and discount.end is not None and discount.end <= due.at
    return ("discount ends", due.subject) if ends else None


def _grant_expires(due: Due) -> Told:
    grant = due.account.part(Credits).grants.get(due.subject)
    expires = grant is not None and grant.voided_at is None and grant.expires_at == due.at
    return ("credit grant expires", due.subject) if expires else None


def _session_expires(due: Due) -> Told:
    session = due.account.part(CheckoutSessions).table.get(due.subject)
    return ("Checkout session expires", due.subject) if session is not None and session.status == OPEN else None


def _clock_arrives(due: Due) -> Told:
    clock = due.account.part(TestClocks).table.get(due.subject)
    arrives = clock is not None and clock.target is not None and clock.ready_ns <= due.due_ns
    return ("test clock is ready", due.subject) if arrives else None


def _sent_again(due: Due) -> Told:
    delivery = due.account.part(Deliveries).table.get(due.subject)
    if delivery is None or delivery.state != "pending" or not 0 < delivery.tries <= len(RETRIES_S):
        return None
    planned_ns = delivery.first_ns + RETRIES_S[delivery.tries - 1] * SECOND_NS
    return ("webhook is sent again", due.subject) if planned_ns == due.due_ns else None


def _errors_reported(due: Due) -> Told:
    meter = due.subject.partition("/")[0]
    return ("dropped usage is reported", meter) if due.subject in due.account.part(Reports).collected else None


def _visible(due: Due) -> Told:
    waiting = due.look.waiting.get(due.at, ())
    kinds, meters = Counter(each.cancel for each in waiting), {each.event.meter for each in waiting}
    words = []
    if kinds[False]:
        words.append(f"{counted(kinds[False], 'usage event')} {'becomes' if kinds[False] == 1 else 'become'} visible")
    if kinds[True]:
        words.append(f"{counted(kinds[True], 'cancellation')} {'takes' if kinds[True] == 1 else 'take'} effect")
    return (", ".join(words), meters.pop() if len(meters) == 1 else "") if words else None


TOLD: Mapping[Work, Callable[[Due], Told]] = {
    **billing_work.TOLD,
    Work.ADVANCE_TEST_CLOCK: _clock_arrives,
    Work.AUTHENTICATE_PAYMENT: _always("payment is authenticated"),
    Work.AUTHENTICATE_SETUP: _always("card is authenticated"),
    Work.BOOK_CHARGE: _booked,
    Work.EXPIRE_CHECKOUT: _session_expires,
    Work.EXPIRE_CREDIT_GRANT: _grant_expires,
    Work.FOLLOW_PAYMENT: _always("invoice follows its payment"),
    Work.END_DISCOUNT: _discount_ends,
    Work.PROGRESS_REFUND: _refunded,
    Work.REPORT_ERRORS: _errors_reported,
    Work.RETRY_DELIVERY: _sent_again,
    Work.SHOW_USAGE: _visible,
}
"""For each kind of work, what tells it."""
