"""A subscription's items, or its only one: `plan` and `quantity` are what a subscription took before it had items."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.item_terms import ItemTerms
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription

NAMES = ("plan", "quantity")


@observed("a recorded subscription of 2023-08-16 is created with `plan`; one of 2020-08-27 is updated with both")
@inferred("later versions take them as well, although no SDK has them")
def read(
    account: Account, subscription: Subscription | None, params: CreateSubscription | UpdateSubscription
) -> list[Change]:
    """Read the changes to the items, or the change to the only one, or raise StripeError 400."""
    named = [name for name in NAMES if getattr(params, name) is not None]
    if params.items and named:
        raise errors.params.both("items", named[0])
    if subscription is None and not params.items and params.plan is None:
        raise errors.params.missing_param("items")
    if named:
        return [_read_one(account, subscription, params, named[0])]
    return item_changes.read(account, subscription, params.items)


def _read_one(
    account: Account,
    subscription: Subscription | None,
    params: CreateSubscription | UpdateSubscription,
    named: str,
) -> Change:
    if subscription is None:
        return item_changes.read_one(account, None, ItemTerms(plan=params.plan, quantity=params.quantity), "")
    if len(subscription.items) != 1:
        raise errors.subscription_items.several_items(named)
    (item,) = subscription.items
    return item_changes.resolve(account, Change("", ItemTerms(plan=params.plan, quantity=params.quantity), item, None))
