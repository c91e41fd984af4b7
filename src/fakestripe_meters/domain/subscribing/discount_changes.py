"""The discounts of a subscription and of its items, as a request sets them."""

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing.redeeming import Given
from fakestripe_meters.domain.invoicing.redeeming import Owner
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.wire.schema import UNSET


def apply(
    account: Account,
    subscription: Subscription,
    given: Given,
    *,
    path: str = "discounts",
    added: int = 0,
    changes: bool = False,
) -> None:
    """Put the discounts that a request names on a subscription; `added` is what it adds to the next invoice."""
    if given is UNSET:
        return
    customer = customers.kept(account, subscription.customer)
    owner = Owner(
        customer,
        subscription.currency,
        subscription=subscription.id,
        present=subscription.discounts,
        above=redeeming.above(customer),
        amount=added + sum(_price_of(account, item) for item in subscription.items),
        changes=changes,
    )
    subscription.discounts = redeeming.redeem(account, owner, given, path)


def apply_to_item(
    account: Account, subscription: Subscription, item: Item, given: Given, *, path: str, changes: bool
) -> None:
    """Put the discounts that a request names on an item."""
    if given is UNSET:
        return
    customer = customers.kept(account, subscription.customer)
    owner = Owner(
        customer,
        subscription.currency,
        subscription=subscription.id,
        item=item.id,
        present=item.discounts,
        above=redeeming.above(customer, subscription),
        amount=_price_of(account, item),
        changes=changes,
    )
    item.discounts = redeeming.redeem(account, owner, given, path)


def _price_of(account: Account, item: Item) -> int:
    """Return what an item costs for a period; usage is not known yet."""
    return 0 if item.quantity is None else pricing.cost(prices.kept(account, item.price).tariff, item.quantity)
