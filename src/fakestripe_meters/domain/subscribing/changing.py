"""How a subscription changes while it runs: its items, its times, what it says; all of it, or nothing."""

from collections.abc import Iterable

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.subscriptions import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing import subscription_terms
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import apply_reasons
from fakestripe_meters.framework.metadata import merged

STILL_CHANGES = frozenset({"metadata", "cancellation_details", "expand"})
"""What can be said of a subscription that is over."""


def change(account: Account, subscription: Subscription, params: UpdateSubscription) -> None:
    """Do what an update asks for."""
    _check_alive(subscription, params)
    changes = item_changes.read(account, subscription, params.items)
    metadata = merged(subscription.metadata, params.metadata)
    trial_end = starting.check_trial_end(account, params.trial_end) if params.trial_end is not None else None
    starting.check_collection(params, subscription)
    subscription_terms.check_end(account, params)
    ends_trial = params.trial_end is not None and (trial_end is not None or subscription.trialing)
    before = render(account, subscription)
    anew = rearrange(
        account,
        subscription,
        changes,
        prorate=params.proration_behavior != "none",
        anew=params.begins_anew or ends_trial,
    )
    subscription.metadata = metadata
    apply_reasons(subscription.cancellation, params.cancellation_details)
    subscription_terms.apply(account, subscription, params)
    subscription_terms.apply_end(account, subscription, params)
    if anew:
        cycles.begin_anew(account, subscription, anchor=trial_end or account.now, trial_end=trial_end)
    elif params.proration_behavior == "always_invoice" and changes:
        cycles.bill_now(account, subscription, [], subscription.period_start)
    if subscription.living:
        cycles.schedule(account, subscription)
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))


def rearrange(
    account: Account, subscription: Subscription, changes: list[Change], *, prorate: bool, anew: bool = False
) -> bool:
    """Make item changes, and note prorations; whether the period then begins anew.

    It does so for another interval, except within a trial, which goes on.
    """
    if changes:
        _currency, recurring = item_changes.compose(account, subscription, changes)
        switches = recurring.cadence != (subscription.interval, subscription.interval_count)
        anew = anew or (switches and not subscription.trialing)
    touched = {change.item.id for change in changes if change.item}
    untouched = [item for item in subscription.items if item.id not in touched] if anew else []
    found = _unused(account, subscription, untouched)
    found += item_changes.make(account, subscription, changes, switches=anew)
    if changes:
        subscription.interval, subscription.interval_count = recurring.cadence
    account.part(Subscriptions).index(subscription)
    if prorate:
        for item in found:
            invoice_items.enter(account, item)
    return anew


def give_back(account: Account, subscription: Subscription) -> None:
    """Note a credit for all that was paid for the rest of the period."""
    for item in _unused(account, subscription, subscription.items):
        invoice_items.enter(account, item)


def _unused(account: Account, subscription: Subscription, items: Iterable[Item]) -> list[InvoiceItem]:
    return [credit for item in items for credit in prorations.unused(account, subscription, item)]


def _check_alive(subscription: Subscription, params: UpdateSubscription) -> None:
    if not subscription.living and _said(params) - STILL_CHANGES:
        raise errors.subscription_ended("updated")


def _said(params: UpdateSubscription) -> set[str]:
    """The parameters that are not as they would be unsaid."""
    unsaid = vars(UpdateSubscription())
    return {name for name, value in vars(params).items() if value != unsaid[name]}
