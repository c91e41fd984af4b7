"""How the end of a trial is announced.

Documented in: https://docs.stripe.com/billing/subscriptions/trials.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.subscriptions import Subscription

WARNING_S = 3 * DAY_S
"""How long before its end a trial is announced to end, in seconds; a shorter trial is announced at once."""


def announce(account: Account, subscription: Subscription) -> None:
    """Publish that a trial ends soon, or schedule it for three days before the end."""
    if not subscription.trialing or subscription.trial_end is None:
        return
    early = subscription.trial_end - WARNING_S
    if early <= account.now:
        warn(account, subscription)
    else:
        test_clocks.schedule(account, subscription.test_clock, early, Work.END_TRIAL_SOON, subscription.id)


def warn(account: Account, subscription: Subscription) -> None:
    """Publish that a trial ends soon, unless its end was moved since this was scheduled."""
    ends = subscription.trial_end
    if subscription.trialing and ends is not None and ends - WARNING_S <= account.now:
        publish(account, "customer.subscription.trial_will_end", subscriptions.render(account, subscription))
