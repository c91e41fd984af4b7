"""The period of an item that is added, or that gets a price with another interval."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription


@documented("periods are aligned with the anchor: https://docs.stripe.com/billing/subscriptions/billing-cycle")
@inferred(
    "the period of another interval is that of the anchor which contains now, also in a later period than the first"
)
def settle(account: Account, subscription: Subscription, item: Item) -> None:
    """Give an item the interval of its price, and a period: that of the others like it, or that of its own cycle.

    It keeps a period that it has, unless the interval changes. In a trial, all items share the time of the trial.
    """
    cadence = prices.kept(account, item.price).rhythm.cadence
    keeps = item.period_end and (cadence == item.cadence or subscription.trialing)
    item.interval, item.interval_count = cadence
    if keeps:
        return
    others = [each for each in subscription.items if each is not item]
    alike = others if subscription.trialing else [each for each in others if each.cadence == cadence]
    if alike:
        item.period_start, item.period_end = alike[0].period
    elif subscription.trialing and subscription.trial_end is not None:
        item.period_start, item.period_end = account.now, subscription.trial_end
    else:
        item.period_start, item.period_end = subscription.cycle_of(item).period(account.now)
        if not subscription.id:  # it begins now
            item.period_start = account.now
