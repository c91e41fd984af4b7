"""When a subscription is to end: Stripe's checks of it, and how it is kept."""

from collections.abc import Callable

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.subscription_terms import Ending
from fakestripe_meters.domain.subscribing.subscription_terms import PeriodEnd
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import UNSET


def check(account: Account, terms: Ending, within: Callable[[str], str] = str) -> None:
    """Raise StripeError 400 if the end is in the past or too far ahead, or if two ends are given."""
    cancel_at = terms.cancel_at
    if terms.cancel_at_period_end is True and cancel_at not in (UNSET, None):
        raise errors.params.exclusive_params((within("cancel_at"), within("cancel_at_period_end")))
    if isinstance(cancel_at, int) and cancel_at <= account.now:
        raise errors.params.in_the_past(within("cancel_at"), cancel_at)
    if isinstance(cancel_at, int):
        check_ahead(account, cancel_at, within("cancel_at"))


@documented(
    "a name becomes the time that it stands for at once: https://docs.stripe.com/billing/subscriptions/mixed-interval"
)
def apply(account: Account, subscription: Subscription, terms: Ending) -> None:
    """Store when the subscription is to end, or that it continues."""
    cancel_at = terms.cancel_at
    if terms.cancel_at_period_end is UNSET and cancel_at is UNSET:
        return
    if terms.cancel_at_period_end is not UNSET:
        subscription.cancel_at_period_end = terms.cancel_at_period_end
    if cancel_at is not UNSET:
        subscription.cancel_at = _named(subscription, cancel_at) if isinstance(cancel_at, str) else cancel_at
    ends = subscription.ends_at is not None
    subscription.canceled_at = account.now if ends else None
    subscription.cancellation.reason = "cancellation_requested" if ends else None


def _named(subscription: Subscription, name: PeriodEnd) -> int:
    """Return when the first period of an item ends, or the last one, in Unix seconds."""
    ends = [item.period_end for item in subscription.items]
    return min(ends) if name == "min_period_end" else max(ends)
