"""Subscriptions: https://docs.stripe.com/api/subscriptions."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.unseen import before_changes
from fakestripe_meters.domain.planning import mirroring
from fakestripe_meters.domain.planning import subscription_work
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.prices import Prices
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.subscriptions import find
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import canceling
from fakestripe_meters.domain.subscribing import changing
from fakestripe_meters.domain.subscribing import pausing
from fakestripe_meters.domain.subscribing import resuming
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing.billing_modes import Migrate
from fakestripe_meters.domain.subscribing.pausing import PauseSubscription
from fakestripe_meters.domain.subscribing.resuming import ResumeSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import CancellationDetails
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import apply_reasons
from fakestripe_meters.framework import searching
from fakestripe_meters.framework.endpoint import Found
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import SearchParams
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/subscriptions"
# observed: the order in which a refusal names them (Kiln-AI/stripe_world).
STATUSES = (
    "active",
    "past_due",
    "unpaid",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "trialing",
    "paused",
    "all",
    "ended",
)


class CancelSubscription(Operation):
    """How to cancel a subscription."""

    cancellation_details: CancellationDetails | None = param(default=None)
    invoice_now: bool = param(default=False, doc="Invoice the usage so far and the waiting items.")
    prorate: bool = param(default=False, doc="Credit the unused time.")


class AutomaticTaxFilter(Params):
    """Whether taxes are calculated automatically: for no subscription."""

    enabled: bool = param()


class ListSubscriptions(ListParams):
    """Which subscriptions to list."""

    collection_method: Literal["charge_automatically", "send_invoice"] | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    current_period_end: int | Range | None = any_integer(default=None)
    current_period_start: int | Range | None = any_integer(default=None)
    automatic_tax: AutomaticTaxFilter | None = param(default=None)
    customer: str | None = param(default=None)
    plan: str | None = param(default=None)
    price: str | None = param(default=None)
    status: (
        Literal[
            "active",
            "all",
            "canceled",
            "ended",
            "incomplete",
            "incomplete_expired",
            "past_due",
            "paused",
            "trialing",
            "unpaid",
        ]
        | None
    ) = param(default=None, order=STATUSES, doc="By default, all that are not canceled.")
    test_clock: str | None = param(default=None, doc="Without it or `customer`, those on test clocks are left out.")


# documented: the fields and what each holds, in Stripe's guide to its searches.
SEARCHED = {
    **searching.tokens("metadata", "status"),
    **searching.numbers("canceled_at", "created"),
}

resource = Resource(
    "subscription",
    PATH,
    render=render,
    by_id=lambda account, subscription_id: account.part(Subscriptions).table.get(subscription_id),
    # inferred: as the plan of an item, which Stripe's description does not have either.
    expands={"plan": "plan"},
    time=test_clocks.time_in(lambda account: account.part(Subscriptions).table),
)


@resource.post()
@observed("a customer who does not exist is a 404, unlike in other calls (Kiln-AI/stripe_world)")
def create(account: Account, params: CreateSubscription) -> Subscription:
    """Subscribe a customer to prices; what is due in advance is billed at once."""
    customer = customers.find(account, params.customer, param="customer")
    with test_clocks.changing(account, customer.test_clock):
        return starting.begin(account, customer, params)


@resource.get("/<subscription_id>")
def retrieve(account: Account, params: Operation, subscription_id: str) -> Subscription:
    """Return a subscription."""
    return find(account, subscription_id)


@resource.post("/<subscription_id>")
def update(account: Account, params: UpdateSubscription, subscription_id: str) -> Subscription:
    """Change the given fields: all of them, or none."""
    subscription = find(account, subscription_id)
    mirroring.check(account, subscription, params)
    with mirroring.direct_change(account, subscription):
        changing.update(account, subscription, params)
    return subscription


@resource.post("/<subscription_id>/migrate")
def migrate(account: Account, params: Migrate, subscription_id: str) -> Subscription:
    """Bill a subscription in flexible mode from now on."""
    subscription = find(account, subscription_id)
    billing_modes.migrate(account, subscription, params)
    mirroring.follow_migration(account, subscription)
    return subscription


@resource.post("/<subscription_id>/pause")
def pause(account: Account, params: PauseSubscription, subscription_id: str) -> Subscription:
    """Pause a subscription: until it is resumed, there are no invoices. Since 2026-09-30.endive."""
    subscription = find(account, subscription_id)
    pausing.pause(account, subscription, params)
    return subscription


@resource.post("/<subscription_id>/resume")
def resume(account: Account, params: ResumeSubscription, subscription_id: str) -> Subscription:
    """Resume a paused subscription, at once or as soon as the invoice for that is paid."""
    subscription = find(account, subscription_id)
    resuming.resume(account, subscription, params)
    return subscription


@resource.delete("/<subscription_id>")
@observed("a subscription that has ended is not found (Kiln-AI/stripe_world)")
def cancel(account: Account, params: CancelSubscription, subscription_id: str) -> Subscription:
    """Cancel a subscription at once. Without `invoice_now`, its usage so far is not billed."""
    subscription = find(account, subscription_id)
    if not subscription.living:
        raise errors.objects.no_such("subscription", subscription_id)
    apply_reasons(subscription.cancellation, params.cancellation_details)
    with mirroring.direct_change(account, subscription):
        canceling.cancel(account, subscription, prorate=params.prorate, invoice_now=params.invoice_now)
    return subscription


@resource.get("/search")
def search(account: Account, params: SearchParams) -> Found:
    """Search subscriptions, newest first, also those that have ended; those on test clocks are left out."""
    searched = searching.Searched(
        url=f"{PATH}/search",
        table=account.part(Subscriptions).table,
        fields=SEARCHED,
        aside=lambda subscription: subscription.test_clock is not None,
        former=before_changes(account, "subscription"),
    )
    return searching.search(searched, params)


@resource.get()
def list_(account: Account, params: ListSubscriptions) -> Listing:
    """List subscriptions, newest first; canceled ones only if `status` asks for them."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    check_filter(account.part(Prices).table, params.price, "price", "price")
    check_filter(account.part(Prices).table, params.plan, "plan", "plan")
    test_clocks.check_filter(account, params.test_clock)

    def wanted(subscription: Subscription) -> bool:
        return (
            _has_status(subscription, params.status)
            and (params.automatic_tax is None or not params.automatic_tax.enabled)
            and params.customer in (None, subscription.customer)
            and params.collection_method in (None, subscription.collection_method)
            and _is_of_clock(subscription, params)
            and _has_price(subscription, params.price)
            and _has_price(subscription, params.plan)
            and within(params.created, subscription.created)
            and within(params.current_period_start, subscription.period_start)
            and within(params.current_period_end, subscription.period_end)
        )

    return page(account.part(Subscriptions).table, params, url=PATH, noun="subscription", where=wanted)


for _kind in subscription_work.DONE:
    _work, _repeats = subscription_work.of(_kind)
    resource.due(_kind, repeats=_repeats)(_work)


def _has_status(subscription: Subscription, status: str | None) -> bool:
    if status is None:
        return subscription.status != "canceled"
    if status == "ended":
        return not subscription.living
    return status in ("all", subscription.status)


def _is_of_clock(subscription: Subscription, params: ListSubscriptions) -> bool:
    if params.test_clock is None and params.customer is not None:
        return True
    return subscription.test_clock == params.test_clock


def _has_price(subscription: Subscription, price_id: str | None) -> bool:
    return price_id is None or any(item.price == price_id for item in subscription.items)
