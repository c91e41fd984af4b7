"""Discounts of subscriptions: https://docs.stripe.com/api/discounts/subscription_delete."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.planning import mirroring
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/subscriptions/<subscription_id>/discount"

resource = Resource(
    "discount",
    PATH,
    render=discounts.render,
    time=test_clocks.time_in(lambda account: account.part(Subscriptions).table),
)


@resource.delete("")
@inferred("of several discounts, the first is deleted")
def delete(account: Account, params: Operation, subscription_id: str) -> Tree:
    """Take the discount of a subscription away."""
    subscription = subscriptions.find(account, subscription_id, param="subscription")
    if not subscription.discounts:
        raise errors.discounts.no_discount("subscription", subscription_id)
    before = subscriptions.render(account, subscription)
    first, *others = subscription.discounts
    with mirroring.direct_change(account, subscription):
        subscription.discounts = others
        answer = discounting.delete(account, discounts.kept(account, first))
        publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))
    return answer
