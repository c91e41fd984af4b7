"""`pending_invoice_item_interval`: how often waiting invoice items are invoiced, beside the billing cycle.

Documented in: https://docs.stripe.com/api/subscriptions/create.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.pending_intervals import PendingInterval
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import issuing
from fakestripe_meters.domain.subscribing.pending_interval_terms import PendingTerms
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset

REASON = "automatic_pending_invoice_item_invoice"


@inferred("the interval is counted from when it is set")
def apply(account: Account, subscription: Subscription, terms: PendingTerms | Unset | None) -> None:
    """Store how often waiting invoice items are invoiced, and schedule the first time."""
    if terms is UNSET:
        return
    if terms is None:
        subscription.pending_interval = None
        return
    end = Cycle(account.now, terms.interval, terms.interval_count).edge(1)
    subscription.pending_interval = PendingInterval(terms.interval, terms.interval_count, account.now, end)
    _schedule(account, subscription, end)


@observed("the billing reason (dj-stripe/dj-stripe#1693)")
@inferred(
    "the invoice is finalized after an hour, like others that no cycle makes; without waiting items there is none"
)
def bill(account: Account, subscription: Subscription) -> None:
    """Invoice the waiting items if that is due now; do nothing if the interval has changed meanwhile."""
    every, now = subscription.pending_interval, account.now
    if every is None or now < every.next or not subscription.living:
        return
    before = subscriptions.render(account, subscription)
    began = every.cycle.edge(every.cycle.index(now) - 1)
    every.next = every.cycle.next_edge(now)
    invoice = issuing.draft(account, subscription, REASON, [], began)
    if invoice is not None:
        issuing.announce(account, subscription, invoice)
    _schedule(account, subscription, every.next)
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))


def times_after(subscription: Subscription, due: int, until: int) -> int:
    """Return how often waiting items are invoiced after `due`, up to `until` (Unix seconds), if nothing changes."""
    every = subscription.pending_interval
    if every is None or every.next != due or not subscription.living:
        return 0
    last = until if subscription.ends_at is None else min(until, subscription.ends_at)
    return max(0, every.cycle.index(last) - every.cycle.index(due))


def _schedule(account: Account, subscription: Subscription, due: int) -> None:
    test_clocks.schedule(account, subscription.test_clock, due, Work.BILL_PENDING_ITEMS, subscription.id)
