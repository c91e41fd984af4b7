"""What scheduled work does to its subscription, and to the schedule of that subscription."""

from collections.abc import Callable
from collections.abc import Mapping

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import DueWork
from fakestripe_meters.core.account import Repeats
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.planning import entering
from fakestripe_meters.domain.planning import mirroring
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import dropped_updates
from fakestripe_meters.domain.subscribing import paused_collection
from fakestripe_meters.domain.subscribing import pending_intervals
from fakestripe_meters.domain.subscribing import pending_updates
from fakestripe_meters.domain.subscribing import thresholds
from fakestripe_meters.domain.subscribing import trial_ends
from fakestripe_meters.domain.subscribing import trial_warnings


def _turn(account: Account, subscription: Subscription) -> None:
    """End the billing period of a subscription, or its trial, or the phase of its schedule."""
    schedule = ending.of(account, subscription)
    if schedule is not None:
        entering.turn(account, schedule)
    if not trial_ends.stop_if_due(account, subscription):
        cycles.turn(account, subscription)


def _settle(account: Account, subscription: Subscription) -> None:
    """Make a change that waited for its payment: to a schedule, it is one that was made directly."""
    with mirroring.direct_change(account, subscription):
        pending_updates.settle(account, subscription)


DONE: Mapping[Work, Callable[[Account, Subscription], None]] = {
    Work.BILL_PENDING_ITEMS: pending_intervals.bill,
    Work.CHECK_THRESHOLDS: thresholds.check,
    Work.END_TRIAL_SOON: trial_warnings.warn,
    Work.EXPIRE_PENDING_UPDATE: dropped_updates.expire,
    Work.EXPIRE_SUBSCRIPTION: cycles.expire,
    Work.GIVE_UP_SUBSCRIPTION: cycles.give_up,
    Work.RESUME_COLLECTION: paused_collection.resume,
    Work.SETTLE_PENDING_UPDATE: _settle,
    Work.TURN_SUBSCRIPTION: _turn,
}
"""What each kind of work does with its subscription."""
REPEATED: Mapping[Work, Callable[[Subscription, int, int], int]] = {
    Work.BILL_PENDING_ITEMS: pending_intervals.times_after,
    Work.TURN_SUBSCRIPTION: cycles.turns_after,
}
"""How often work repeats after one instant and up to another, in Unix seconds."""


def of(kind: Work) -> tuple[DueWork, Repeats | None]:
    """Return the function that does work of a kind, and the estimate of how often it repeats, if it does."""

    def work(account: Account, subject: str) -> None:
        subscription = account.part(Subscriptions).table.get(subject)
        if subscription is not None:
            DONE[kind](account, subscription)
            ending.follow(account, subscription)

    def repeats(account: Account, entry: Entry, until_ns: int) -> int:
        subscription = account.part(Subscriptions).table.get(entry.subject)
        if subscription is None:
            return 0
        return REPEATED[kind](subscription, entry.due_ns // SECOND_NS, until_ns // SECOND_NS)

    return work, repeats if kind in REPEATED else None
