"""When a change begins the billing cycle anew, and as of which second it is prorated.

Documented in: https://docs.stripe.com/billing/subscriptions/billing-cycle.
"""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.item_changes import Change


@observed("flexible billing mode keeps the anchor, whatever changes (pay-rails/pay, onetimesecret/onetimesecret)")
@documented("that, and what moves it in classic billing mode")
@inferred("a trial continues")
def moves_by_itself(account: Account, subscription: Subscription, changes: Sequence[Change]) -> bool:
    """Return whether changes begin the billing cycle anew without being asked to."""
    if subscription.billing_mode == "flexible" or subscription.trialing or not changes:
        return False
    after = _cadences_after(account, subscription, changes)
    return after.isdisjoint(subscription.cadences) or _begins_to_cost(account, subscription, changes)


def _cadences_after(
    account: Account, subscription: Subscription, changes: Sequence[Change]
) -> set[tuple[Interval, int]]:
    """Return how often the items are billed after the changes."""
    changed = {change.item.id for change in changes if change.item}
    kept = {item.cadence for item in subscription.items if item.id not in changed}
    return kept | {change.price_after(account).rhythm.cadence for change in changes if not change.deleted}


def _begins_to_cost(account: Account, subscription: Subscription, changes: Sequence[Change]) -> bool:
    """Return whether all prices were of zero, and another comes. A quantity of zero is no price of zero."""
    before = [prices.kept(account, item.price) for item in subscription.items]
    after = [change.price_after(account) for change in changes if not change.deleted]
    return all(map(_is_zero, before)) and not all(map(_is_zero, after))


def _is_zero(price: prices.Price) -> bool:
    tiers = [(tier.unit_amount or tier.flat_amount) for tier in price.amounts.tiers]
    return not price.amounts.unit_amount and not any(tiers)


@observed("a date before the period is refused (bitwarden/server#4118), one ahead of now is not (Kiln-AI/stripe_world)")
@inferred(
    "the sentence is what a program's comment quotes. The period is that of the subscription: what several periods "
    "share"
)
def check_proration_date(subscription: Subscription, date: int | None, path: str, *, resets: bool) -> None:
    """Raise StripeError 400 if a change cannot be prorated as of a date, 501 if no rule of Stripe's is known for it."""
    if date is None:
        return
    if resets:
        raise errors.billing_cycles.proration_date_and_anchor(path)
    backdated = subscription.started is not None and subscription.started <= date
    if backdated and date < subscription.period_start <= subscription.created:
        raise errors.unserved.param(path)
    if not subscription.period_start <= date <= subscription.period_end:
        raise errors.billing_cycles.proration_date_outside(path)
