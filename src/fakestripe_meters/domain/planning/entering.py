"""How the phases of a schedule follow each other: the first makes the subscription, and each other one changes it."""

from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.undo import Atomic
from fakestripe_meters.domain.events.snapshots import arranged
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.planning import attributes
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.subscription_phases import Phase
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscription_schedules import render
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import planned_changes
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing import trial_ends

ENTERED = ("subscription_schedule.updated", "customer.subscription.updated")
"""The events that come first when a phase begins."""
WARNING_S = 7 * DAY_S
"""How long before its end a schedule is announced to end, in seconds."""


def begin(account: Account, schedule: Schedule) -> None:
    """Create the subscription of a schedule, or raise StripeError."""
    customer = customers.kept(account, schedule.customer)
    params = attributes.creation(account, schedule, schedule.phases[0])
    subscription = starting.begin(account, customer, params, schedule=schedule.id)
    schedule.subscription, schedule.status, schedule.current = subscription.id, "active", 0
    plan(account, schedule)


def plan(account: Account, schedule: Schedule) -> None:
    """Schedule when the next phase begins or the schedule ends, and when its end is announced."""
    clock = schedule.test_clock
    test_clocks.schedule(account, clock, schedule.turns_at, Work.CHANGE_PHASE, schedule.id)
    soon = schedule.ends_at - WARNING_S
    if schedule.is_last and soon > account.now:
        test_clocks.schedule(account, clock, soon, Work.ANNOUNCE_SCHEDULE_END, schedule.id)


@documented("seven days before its end, https://docs.stripe.com/api/events/types")
@inferred("there is none for a last phase of less than that")
def announce_end(account: Account, schedule: Schedule) -> None:
    """Publish that a schedule ends soon, unless its end was moved since this was scheduled."""
    if schedule.status == "active" and schedule.is_last and schedule.ends_at - WARNING_S == account.now:
        publish(account, "subscription_schedule.expiring", render(account, schedule))


def turn(account: Account, schedule: Schedule) -> None:
    """Begin the next phase or end the schedule, if that is due now; do nothing if it has been moved meanwhile."""
    if not schedule.running or account.now < schedule.turns_at:
        return
    if schedule.status == "not_started":
        _begin_later(account, schedule)
        return
    subscription = ending.subscription_of(account, schedule)
    if subscription is None or not subscription.living:
        return
    if trial_ends.stop_if_due(account, subscription):
        ending.follow(account, subscription)
    elif not schedule.is_last:
        _enter_next(account, schedule, subscription)
    elif schedule.end_behavior == "renew":
        _renew(schedule, subscription)
        _enter_next(account, schedule, subscription)
    elif schedule.end_behavior != "cancel":
        ending.release(account, schedule)
    elif subscription.ends_by(account.now):
        cycles.turn(account, subscription)
        ending.follow(account, subscription)


@inferred("a schedule whose subscription cannot be created when it is to begin is canceled, as aborted")
def _begin_later(account: Account, schedule: Schedule) -> None:
    before = render(account, schedule)
    try:
        with Atomic():
            begin(account, schedule)
    except StripeError:
        ending.stop(account, schedule, aborted=True)
    else:
        publish_update(account, "subscription_schedule.updated", before, render(account, schedule))


@inferred("the order of the events of a phase's start: the schedule's, the subscription's, those of invoices")
def _enter_next(account: Account, schedule: Schedule, subscription: Subscription) -> None:
    before = render(account, schedule)
    schedule.current = (schedule.current or 0) + 1
    phase = schedule.phases[schedule.current]
    with arranged(account, ENTERED):
        publish_update(account, "subscription_schedule.updated", before, render(account, schedule))
        planned_changes.make(account, subscription, attributes.update(account, schedule, phase, subscription))
    plan(account, schedule)


@inferred("`renew` repeats the last phase, for as many periods")
def _renew(schedule: Schedule, subscription: Subscription) -> None:
    last = schedule.phases[-1]
    end = _repeated(subscription.shortest, last)
    trial_end = None if last.trial_end is None else min(end, last.end + last.trial_end - last.start)
    schedule.phases = [*schedule.phases, replace(last, start=last.end, end=end, trial_end=trial_end)]


def _repeated(cycle: Cycle, phase: Phase) -> int:
    """Return the end of a phase that follows one, and is as long: in whole periods if it has such."""
    first, last = cycle.index(phase.start), cycle.index(phase.end)
    if (cycle.edge(first), cycle.edge(last)) == (phase.start, phase.end):
        return cycle.edge(2 * last - first)
    return 2 * phase.end - phase.start


def turns_after(schedule: Schedule, instant: int, until: int) -> int:
    """Return how often a schedule turns after `instant`, up to `until` (Unix seconds), if nothing changes."""
    if not schedule.running or instant != schedule.turns_at:
        return 0
    found = sum(instant < phase.end <= until for phase in schedule.phases)
    last = schedule.phases[-1]
    if schedule.end_behavior == "renew" and last.end <= until:
        found += (until - last.end) // (last.end - last.start)
    return found
