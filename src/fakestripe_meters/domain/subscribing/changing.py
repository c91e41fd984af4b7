"""Changes to a running subscription: its items, its times and its other parameters; all of them, or none.

`amending.py` works out what a change does.
"""

from collections.abc import Sequence
from dataclasses import replace

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import billed_usage
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import added_items
from fakestripe_meters.domain.subscribing import amending
from fakestripe_meters.domain.subscribing import anchoring
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import change_payments
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import discount_changes
from fakestripe_meters.domain.subscribing import dropped_updates
from fakestripe_meters.domain.subscribing import issuing
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import only_item
from fakestripe_meters.domain.subscribing import paused_collection
from fakestripe_meters.domain.subscribing import pending_interval_terms
from fakestripe_meters.domain.subscribing import pending_intervals
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing import subscription_terms
from fakestripe_meters.domain.subscribing import trial_ends
from fakestripe_meters.domain.subscribing import trial_warnings
from fakestripe_meters.domain.subscribing.added_items import Added
from fakestripe_meters.domain.subscribing.amending import Amendment
from fakestripe_meters.domain.subscribing.change_payments import Payment
from fakestripe_meters.domain.subscribing.composing import compose
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.schema import UNSET

CHANGEABLE_AFTER_END = frozenset({"metadata", "cancellation_details", "expand"})


def update(account: Account, subscription: Subscription, params: UpdateSubscription) -> None:
    """Apply an update to a subscription, or raise StripeError and change nothing."""
    _check_alive(subscription, params)
    change_payments.check(subscription, params)
    billing_modes.check_clearing(subscription.billing_mode, params.items)
    if params.trial_from_plan and params.trial_end is not None:
        raise errors.subscriptions.trial_of_plan_and_own()
    changes = only_item.read(account, subscription, params)
    params = _with_trial_of_plan(account, subscription, changes, params)
    metadata = merged(subscription.metadata, params.metadata)
    starting.check_collection(params, subscription)
    trial_ends.check_change(subscription, params)
    pending_interval_terms.check(params.pending_invoice_item_interval)
    paused_collection.check(account, subscription, params.pause_collection)
    added = added_items.read(account, params.add_invoice_items, subscription.currency)
    amendment = amending.check(account, subscription, changes, params, new_period=params.restarts_cycle)
    _make_way(account, subscription, amendment)
    before, payment = render(account, subscription), change_payments.of_update(subscription, params)
    subscription.metadata = metadata
    subscription_terms.apply_reasons(subscription.cancellation, params.cancellation_details)
    subscription_terms.apply(account, subscription, params)
    tax_terms.apply_default(account, subscription, params.default_tax_rates)
    discount_changes.apply(account, subscription, params.discounts, changes=True)
    pending_intervals.apply(account, subscription, params.pending_invoice_item_interval)
    paused_collection.apply(account, subscription, params.pause_collection)
    stop = trial_ends.stop_of(account, subscription) if amendment.ends_trial else None
    if stop is not None:
        amendment = replace(amendment, new_period=False)
    _commit(account, subscription, amendment, payment, added)
    trial_ends.check_pausable(account, subscription)
    if stop is not None:
        trial_ends.stop(account, subscription, stop, early=True)
    if stop != "cancel":
        publish_update(account, "customer.subscription.updated", before, render(account, subscription))


@inferred("the trial of a plan begins with the update that asks for it, and lasts as the longest of all items")
def _with_trial_of_plan(
    account: Account, subscription: Subscription, changes: Sequence[Change], params: UpdateSubscription
) -> UpdateSubscription:
    """Return the parameters with the end of the trial that the plans have, if that is asked for."""
    if not params.trial_from_plan:
        return params
    changed = {change.item.id for change in changes if change.item}
    kept = [prices.kept(account, item.price) for item in subscription.items if item.id not in changed]
    days = starting.days_of_plans([*kept, *(each.price_after(account) for each in changes if not each.deleted)])
    given = {name: getattr(params, name) for name in UpdateSubscription.declared}
    return UpdateSubscription(**given | {"trial_end": account.now + days * DAY_S}) if days else params


def change_item(
    account: Account,
    subscription: Subscription,
    change: Change,
    behavior: Prorations,
    payment: Payment,
    *,
    proration_date: int | None = None,
) -> None:
    """Add, change or remove one item, or raise StripeError and change nothing."""
    if not subscription.living:
        raise errors.subscriptions.subscription_ended()
    trial_ends.check_item_change(subscription)
    compose(account, subscription, [change], None, subscription.billing_mode)
    anchoring.check_proration_date(subscription, proration_date, "proration_date", resets=False)
    amendment = Amendment([change], behavior, prorated_at=proration_date)
    _make_way(account, subscription, amendment)
    before = render(account, subscription)
    _commit(account, subscription, amendment, payment)
    trial_ends.check_pausable(account, subscription, None)
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))


def _commit(
    account: Account,
    subscription: Subscription,
    amendment: Amendment,
    payment: Payment,
    added: Sequence[Added] = (),
) -> None:
    if any(change.changes_quantity(account) for change in amendment.changes):
        account.count(subscription.id, "subscription_quantities_per_hour")
    item_changes.keep_prices(account, amendment.changes)
    turned_at = subscription.turns_at
    outcome = amending.amend(account, subscription, amendment)
    account.part(Subscriptions).index(subscription)
    for item in outcome.prorations:
        invoice_items.add(account, item)
    own = outcome.prorations + added_items.add(account, subscription, added)
    if outcome.invoices_now or added_items.invoiced_alone(subscription, added, amendment.behavior):
        items = None if outcome.joined else own
        charges = charging.found(account, subscription, outcome.charges) if outcome.new_period else outcome.charges
        invoice = issuing.bill_now(account, subscription, charges, outcome.period_start, items=items)
        if invoice is not None and outcome.new_period:
            billed_usage.note(account, invoice)
        if invoice is not None and not change_payments.collect(account, subscription, invoice, payment):
            return
    if subscription.living and (outcome.new_period or subscription.turns_at != turned_at):
        cycles.schedule(account, subscription)
    if outcome.new_period:
        trial_warnings.announce(account, subscription)


def _make_way(account: Account, subscription: Subscription, amendment: Amendment) -> None:
    """Give up the change that waits for a payment, if another one takes its place."""
    update, timing = subscription.pending_update, amendment.timing
    if update is None:
        return
    ends = UNSET if timing is None else timing.cancel_at_period_end
    conflicts = update.cancel_at_period_end is not None and ends not in (UNSET, update.cancel_at_period_end)
    if conflicts or amendment.new_period or any(change.moves(account) for change in amendment.changes):
        dropped_updates.give_up(account, subscription)


def _check_alive(subscription: Subscription, params: UpdateSubscription) -> None:
    if not subscription.living and _given(params) - CHANGEABLE_AFTER_END:
        raise errors.subscriptions.subscription_ended()


def _given(params: UpdateSubscription) -> set[str]:
    """Return the names of the parameters that differ from their defaults."""
    defaults = vars(UpdateSubscription())
    return {name for name, value in vars(params).items() if value != defaults[name]}
