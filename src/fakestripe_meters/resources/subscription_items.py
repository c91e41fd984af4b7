"""Subscription items: https://docs.stripe.com/api/subscription_items."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.domain.planning import mirroring
from fakestripe_meters.domain.records import subscription_items
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import change_payments
from fakestripe_meters.domain.subscribing import changing
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.item_terms import ItemTerms
from fakestripe_meters.domain.subscribing.item_terms import NewItem
from fakestripe_meters.domain.subscribing.subscription_terms import PAYMENT_BEHAVIORS
from fakestripe_meters.domain.subscribing.subscription_terms import PaymentBehavior
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import LARGEST
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/subscription_items"


class UpdateItem(NewItem, Operation):
    """A change to an item."""

    off_session: bool | None = param(default=None, doc="Whether the customer is absent when it is paid.")
    payment_behavior: PaymentBehavior | None = param(default=None, order=PAYMENT_BEHAVIORS)
    proration_behavior: Prorations = param(default="create_prorations")
    proration_date: int | None = param(default=None, least=0, most=LAST_SECOND)


class CreateItem(UpdateItem):
    """A new item of a subscription."""

    subscription: str = param()


class DeleteItem(Operation):
    """How to remove an item."""

    clear_usage: bool = param(default=False, doc="Changes nothing in classic billing mode: usage belongs to meters.")
    payment_behavior: PaymentBehavior | None = param(default=None, order=PAYMENT_BEHAVIORS)
    proration_behavior: Prorations = param(default="create_prorations")
    proration_date: int | None = param(default=None, least=0, most=LAST_SECOND)


class UsageRecord(Operation):
    """Usage as it was reported before there were meters."""

    action: Literal["increment", "set"] = param(default="increment")
    quantity: int = param(least=0, most=LARGEST)
    timestamp: int | Literal["now"] = param(default="now", least=0, most=LAST_SECOND)


class ListItems(ListParams):
    """The subscription whose items to list."""

    subscription: str = param()


def render(account: Account, item: Item) -> Tree:
    """Return an item as Stripe shows it."""
    return subscription_items.render(account, item, account.part(Subscriptions).by_item[item.id])


resource = Resource(
    "subscription_item",
    PATH,
    render=render,
    by_id=lambda account, item_id: _lookup(account, item_id)[1],
    # inferred: Stripe's description has no plan, but answers have one, and `tiers` of plans can be expanded.
    expands={"plan": "plan"},
)


@resource.post()
@observed("a subscription that has ended is not found (Kiln-AI/stripe_world)")
def create(account: Account, params: CreateItem) -> Item:
    """Add a price to a subscription; its usage counts from now on."""
    subscription = subscriptions.find(account, params.subscription, param="subscription", status=400)
    if not subscription.living:
        raise errors.objects.no_such("subscription", subscription.id, param="subscription")
    change = item_changes.read_one(account, None, params, "")
    _change(account, subscription, change, params)
    # inferred: an item that waits for a payment is returned as it will be.
    return (subscription.pending_update or subscription).items[-1]


@resource.get("/<item_id>")
def retrieve(account: Account, params: Operation, item_id: str) -> Item:
    """Return a subscription item."""
    return _find(account, item_id)[1]


@resource.post("/<item_id>")
def update(account: Account, params: UpdateItem, item_id: str) -> Item:
    """Change the given fields; the usage so far is still billed under the price that counted it."""
    subscription, item = _find(account, item_id)
    change = item_changes.resolve(account, Change("", params, item, None))
    _change(account, subscription, change, params)
    return item


@resource.get()
@observed("the order, unlike that of other lists, and the URL (Kiln-AI/stripe_world)")
def list_(account: Account, params: ListItems) -> Listing:
    """List the items of one subscription, oldest first."""
    subscription = subscriptions.find(account, params.subscription, param="subscription", status=400)
    url = f"{PATH}?subscription={subscription.id}"
    return page(Table(reversed(subscription.items)), params, url=url, noun="subscription_item")


@resource.post("/<item_id>/usage_records")
def report_usage(account: Account, params: UsageRecord, item_id: str) -> Item:
    """Refuse a usage record: usage goes to meters. From 2025-03-31.basil on, Stripe does not have this call."""
    _, item = _find(account, item_id)
    raise errors.metering.not_legacy(item.id)


@resource.delete("/<item_id>")
def delete(account: Account, params: DeleteItem, item_id: str) -> Tree:
    """Remove an item from its subscription; its usage so far is billed with the period."""
    subscription, item = _find(account, item_id)
    change = Change("", ItemTerms(), item, None, deleted=True)
    billing_modes.check_clearing(subscription.billing_mode, [params])
    _change(account, subscription, change, params)
    return {"id": item.id, "object": "subscription_item", "deleted": True}


def _lookup(account: Account, item_id: str) -> tuple[Subscription | None, Item | None]:
    known = account.part(Subscriptions)
    subscription = known.table.get(known.by_item.get(item_id, ""))
    return subscription, subscription.item(item_id) if subscription else None


def _find(account: Account, item_id: str) -> tuple[Subscription, Item]:
    subscription, item = _lookup(account, item_id)
    if subscription is None or item is None:
        raise errors.objects.no_such_subscription_item(item_id)
    return subscription, item


def _change(account: Account, subscription: Subscription, change: Change, params: UpdateItem | DeleteItem) -> None:
    behavior = params.payment_behavior or "allow_incomplete"
    change_payments.check_item(subscription, change.item, params, behavior)
    payment = change_payments.of_item(
        subscription, behavior, deleted=change.deleted, off_session=bool(getattr(params, "off_session", None))
    )
    with test_clocks.changing(account, subscription.test_clock), mirroring.direct_change(account, subscription):
        changing.change_item(
            account, subscription, change, params.proration_behavior, payment, proration_date=params.proration_date
        )
