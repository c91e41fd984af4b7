"""`pause_collection`: how long the invoices of a subscription are kept from being collected. `issuing` keeps them.

Documented in: https://docs.stripe.com/billing/subscriptions/pause-payment.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.pauses import PausedCollection
from fakestripe_meters.domain.records.pauses import Withholding
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

NAME = "pause_collection"


class PauseTerms(Params):
    """What becomes of the invoices that are made meanwhile, and when that ends."""

    behavior: Withholding = param()
    resumes_at: int | None = param(default=None, least=0, most=LAST_SECOND)


@inferred("a time that has passed is refused. What Stripe does while the subscription itself is paused is not known")
def check(account: Account, subscription: Subscription, terms: PauseTerms | Unset | None) -> None:
    """Raise StripeError if collection cannot be paused as asked for: 400, or 501 if the subscription is paused."""
    if terms is UNSET or terms is None:
        return
    if subscription.status == "paused":
        raise errors.unserved.param(NAME)
    if terms.resumes_at is not None:
        if terms.resumes_at <= account.now:
            raise errors.params.in_the_past(f"{NAME}[resumes_at]", terms.resumes_at)
        check_ahead(account, terms.resumes_at, f"{NAME}[resumes_at]")


@observed("the status stays as it is (pay-rails/pay)")
@documented("invoices that were made before are collected as they would be, and those that are made later")
def apply(account: Account, subscription: Subscription, terms: PauseTerms | Unset | None) -> None:
    """Pause the collection of the invoices that a subscription makes from now on, or collect them again."""
    if terms is UNSET:
        return
    if terms is None:
        subscription.pause_collection = None
        return
    subscription.pause_collection = PausedCollection(terms.behavior, terms.resumes_at)
    if terms.resumes_at is not None:
        clock, kind = subscription.test_clock, Work.RESUME_COLLECTION
        test_clocks.schedule(account, clock, terms.resumes_at, kind, subscription.id)


@inferred("the event is that of a pause that a request ends")
def resume(account: Account, subscription: Subscription) -> None:
    """Collect invoices again if that is due now; do nothing if the pause has been moved meanwhile."""
    pause = subscription.pause_collection
    if pause is None or pause.resumes_at is None or account.now < pause.resumes_at or not subscription.living:
        return
    before = render(account, subscription)
    subscription.pause_collection = None
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))
