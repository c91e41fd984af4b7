"""A subscription as a phase: what it is like now, and how the current phase is split when that is changed directly.

Documented in: https://docs.stripe.com/billing/subscriptions/subscription-schedules.

Observed in: answers that public programs quote.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscription_phases import Defaults
from fakestripe_meters.domain.records.subscription_phases import Phase
from fakestripe_meters.domain.records.subscription_phases import PhaseInvoices
from fakestripe_meters.domain.records.subscription_phases import PhaseItem
from fakestripe_meters.domain.records.subscription_phases import Reduction
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscription_schedules import render
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.wire.schema import UNSET


def phase_of(subscription: Subscription, start: int, end: int) -> Phase:
    """Return a subscription as it is now as a phase."""
    return Phase(
        start,
        end,
        subscription.currency,
        [_item_of(item) for item in subscription.items],
        default_tax_rates=subscription.default_tax_rates,
        discounts=[Reduction(discount=each) for each in subscription.discounts],
        own=_own(subscription),
        trial_end=subscription.trial_end if subscription.trialing else None,
    )


def _item_of(item: Item) -> PhaseItem:
    return PhaseItem(
        item.price,
        item.quantity,
        discounts=[Reduction(discount=each) for each in item.discounts],
        metadata=item.metadata,
        tax_rates=item.tax_rates,
        usage_gte=item.usage_gte,
    )


@documented("which attributes of a subscription are copied to the phase, and which to the defaults as well")
def _own(subscription: Subscription) -> Defaults:
    return replace(defaults_of(subscription), billing_cycle_anchor=None, description=None, invoice_settings=None)


def defaults_of(subscription: Subscription) -> Defaults:
    """Return what a subscription says of what a schedule has defaults for."""
    settings = PhaseInvoices(
        custom_fields=subscription.layout.custom_fields,
        days_until_due=subscription.days_until_due,
        description=subscription.invoice_description,
        footer=subscription.layout.footer,
    )
    return Defaults(
        billing_cycle_anchor="automatic",
        collection_method=subscription.collection_method,
        default_payment_method=subscription.default_payment_method,
        description=subscription.description,
        invoice_settings=settings,
        thresholds=subscription.thresholds,
    )


@observed("the refusal, also of an end that is taken back (comments of public programs that quote Stripe's answers)")
@documented("a paused subscription has no schedule, so none may become paused")
def check(account: Account, subscription: Subscription, params: UpdateSubscription) -> None:
    """Raise StripeError if an update changes what only the schedule of a subscription may: 400, or 501 if unknown."""
    schedule = ending.of(account, subscription)
    if schedule is None:
        return
    if params.cancel_at is not UNSET or params.cancel_at_period_end is not UNSET:
        raise errors.subscription_schedules.manages_the_end(schedule.id)
    settings = params.trial_settings
    if settings is not None and settings.end_behavior.missing_payment_method == "pause":
        raise errors.unserved.param("trial_settings[end_behavior][missing_payment_method]")


@contextmanager
def direct_change(account: Account, subscription: Subscription) -> Iterator[None]:
    """Run a block that may change a subscription directly: its schedule ends with it, or its phase is split."""
    before = _splitting(subscription)
    yield
    schedule = ending.of(account, subscription)
    if schedule is None:
        return
    if not subscription.living:
        ending.follow(account, subscription)
    elif _splitting(subscription) != before:
        _split(account, schedule, subscription)


@inferred("the schedule is migrated with its subscription, and says so in an event of its own")
def follow_migration(account: Account, subscription: Subscription) -> None:
    """Bill the phases to come in the mode that a subscription has been migrated to."""
    schedule = ending.of(account, subscription)
    if schedule is None or schedule.billing_mode == subscription.billing_mode:
        return
    before = render(account, schedule)
    schedule.billing_mode = subscription.billing_mode
    schedule.billing_mode_since = account.now
    schedule.proration_discounts = subscription.proration_discounts
    publish_update(account, "subscription_schedule.updated", before, render(account, schedule))


@documented("direct changes of items, discounts, tax rates and trials begin another phase")
def _splitting(subscription: Subscription) -> object:
    """Return what of a subscription begins another phase if it changes."""
    if subscription.schedule is None:
        return None
    items = [
        (item.id, item.price, item.quantity, tuple(item.discounts), tuple(item.tax_rates))
        for item in subscription.items
    ]
    trial = subscription.trial_end if subscription.trialing else None
    return items, tuple(subscription.discounts), tuple(subscription.default_tax_rates), trial


@documented("what the new phase takes over from the one that it follows")
@inferred("a phase that began in the same second is changed, not split")
def _split(account: Account, schedule: Schedule, subscription: Subscription) -> None:
    """End the current phase now, and begin another that is like its subscription."""
    phase, current = schedule.phase, schedule.current
    if phase is None or current is None:
        return
    before, now = render(account, schedule), account.now
    like = phase_of(subscription, max(now, phase.start), phase.end)
    follower = replace(
        like,
        metadata=phase.metadata,
        own=replace(like.own, billing_cycle_anchor=phase.own.billing_cycle_anchor, description=phase.own.description),
        proration_behavior=phase.proration_behavior,
    )
    ended = [replace(phase, end=now)] if phase.start < now else []
    schedule.phases = [*schedule.phases[:current], *ended, follower, *schedule.phases[current + 1 :]]
    schedule.current = current + len(ended)
    publish_update(account, "subscription_schedule.updated", before, render(account, schedule))
