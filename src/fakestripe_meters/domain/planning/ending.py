"""How a schedule ends: it is canceled, it leaves its subscription, or it ends with it.

Documented in: https://docs.stripe.com/api/subscription_schedules.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import arranged
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import subscription_schedules
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscription_schedules import Schedules
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import canceling
from fakestripe_meters.domain.subscribing import cycles

CANCELED = (
    "invoiceitem.created",
    "invoiceitem.updated",
    "invoice.created",
    "customer.subscription.deleted",
    "subscription_schedule.canceled",
    "invoice.updated",
)
"""The order of the events of a cancellation."""


def check_running(schedule: Schedule, deed: str, done: str) -> None:
    """Raise StripeError 400 if a schedule has ended."""
    if not schedule.running:
        raise errors.subscription_schedules.ended(deed, done, schedule.status)


@observed("the order of the events (tabledog/stripe-timelines)")
@inferred("its subscription is still named, and names it")
def cancel(account: Account, schedule: Schedule, *, invoice_now: bool, prorate: bool) -> None:
    """Cancel a schedule and its subscription, or raise StripeError 400 if it has ended."""
    check_running(schedule, "cancel", "canceled")
    subscription = subscription_of(account, schedule)
    with arranged(account, CANCELED):
        if subscription is not None and subscription.living:
            canceling.cancel(account, subscription, prorate=prorate, invoice_now=invoice_now)
        stop(account, schedule)


@observed("canceling one that has not begun: the former status and time (YumaInaura/YumaInaura#2890)")
def stop(account: Account, schedule: Schedule, *, aborted: bool = False) -> None:
    """Mark a schedule as canceled; `aborted` if its subscription ended because it was not paid."""
    before = subscription_schedules.render(account, schedule)
    schedule.status, schedule.canceled_at = "canceled", account.now
    after = subscription_schedules.render(account, schedule)
    previous = {name: value for name, value in before.items() if after[name] != value}
    if aborted:
        publish(account, "subscription_schedule.aborted", after, previous=previous)
    else:
        publish(account, "subscription_schedule.canceled", after, previous=previous)


@documented("an end that the schedule has set is taken back, unless that is to be kept")
@observed("the order of the events (tabledog/stripe-timelines)")
def release(account: Account, schedule: Schedule, *, preserve_cancel_date: bool = False) -> None:
    """Let a subscription go on without its schedule, or raise StripeError 400 if that has ended."""
    check_running(schedule, "release", "released")
    subscription = subscription_of(account, schedule)
    before = subscription_schedules.render(account, schedule)
    schedule.status, schedule.released_at = "released", account.now
    schedule.released_subscription, schedule.subscription = schedule.subscription, None
    after = subscription_schedules.render(account, schedule)
    publish_update(account, "subscription_schedule.updated", before, after)
    if subscription is not None and subscription.living:
        _let_go(account, subscription, keeps_end=preserve_cancel_date)
    publish(account, "subscription_schedule.released", after)


def _let_go(account: Account, subscription: Subscription, *, keeps_end: bool) -> None:
    before = subscriptions.render(account, subscription)
    subscription.schedule = None
    if not keeps_end and subscription.ends_at is not None:
        subscription.cancel_at, subscription.cancel_at_period_end = None, False
        subscription.canceled_at = subscription.cancellation.reason = None
        cycles.schedule(account, subscription)
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))


@inferred("a schedule whose subscription ends with it is completed, and its subscription still named")
def complete(account: Account, schedule: Schedule) -> None:
    """Mark a schedule as completed: its subscription has ended with it."""
    schedule.status, schedule.completed_at = "completed", account.now
    publish(account, "subscription_schedule.completed", subscription_schedules.render(account, schedule))


@inferred("it is canceled with the subscriptions of its customer, which it has no part in")
def cancel_all(account: Account, customer: Customer) -> None:
    """Cancel the schedules of a customer who is about to be deleted."""
    with test_clocks.time_of(account, customer.test_clock):
        for schedule in account.part(Schedules).running(customer.id):
            cancel(account, schedule, invoice_now=False, prorate=False)


@documented("it is aborted if its subscription is canceled because of unpaid invoices")
@inferred("whatever else cancels the subscription cancels it; it is completed if its last phase was to end so")
def follow(account: Account, subscription: Subscription) -> None:
    """End the schedule of a subscription that has ended."""
    schedule = of(account, subscription)
    if schedule is None or subscription.living:
        return
    if subscription.cancellation.reason == "payment_failed":
        stop(account, schedule, aborted=True)
    elif schedule.end_behavior == "cancel" and schedule.is_last and account.now >= schedule.ends_at:
        complete(account, schedule)
    else:
        stop(account, schedule)


def of(account: Account, subscription: Subscription) -> Schedule | None:
    """Return the running schedule of a subscription, if it has one."""
    if subscription.schedule is None:
        return None
    schedule = subscription_schedules.kept(account, subscription.schedule)
    return schedule if schedule.running else None


def subscription_of(account: Account, schedule: Schedule) -> Subscription | None:
    """Return the subscription of a schedule, if it has begun."""
    return None if schedule.subscription is None else account.part(Subscriptions).table.kept(schedule.subscription)
