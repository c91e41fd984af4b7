"""How a schedule is made: from phases, or from a subscription whose current period becomes the only phase.

Documented in: https://docs.stripe.com/billing/subscriptions/subscription-schedules.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.planning import entering
from fakestripe_meters.domain.planning import mirroring
from fakestripe_meters.domain.planning.phases import Reader
from fakestripe_meters.domain.planning.phases import defaults_of
from fakestripe_meters.domain.planning.schedule_terms import CreateSchedule
from fakestripe_meters.domain.records import subscription_schedules
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.subscription_phases import Defaults
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscription_schedules import Schedules
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.times import check_ahead

UNSCHEDULABLE = frozenset({"canceled", "incomplete", "incomplete_expired", "paused"})
ALONE = ("billing_mode", "customer", "default_settings", "end_behavior", "metadata", "phases", "start_date")
"""The parameters that `from_subscription` excludes."""


@inferred("each of customer, start and phases is needed")
def check_needed(params: CreateSchedule) -> None:
    """Raise StripeError 400 if a new schedule has no customer, no start or no phases."""
    for name in ("customer", "start_date", "phases"):
        if not getattr(params, name):
            raise errors.params.missing_param(name)


def from_phases(account: Account, customer: Customer, params: CreateSchedule) -> Schedule:
    """Make a schedule at its customer's time, and its subscription if it begins by now, or raise StripeError."""
    mode = params.billing_mode.type if params.billing_mode else "flexible"
    settings = params.default_settings
    defaults = Defaults() if settings is None else defaults_of(account, customer, settings, "default_settings")
    start = params.start_date if isinstance(params.start_date, int) else account.now
    check_ahead(account, start, "start_date")
    phases = Reader(account, customer, mode, defaults).read(params.phases, start, start)
    if phases[0].end <= account.now:
        raise errors.subscription_schedules.ends_before_it_begins("phases[0][end_date]")
    if start < account.now and phases[0].trial_end is not None:
        raise errors.unserved.param("start_date")
    schedule = Schedule(
        id=account.ids.new("sub_sched_", 24),
        created=account.now,
        customer=customer.id,
        phases=phases,
        billing_mode=mode,
        defaults=defaults,
        end_behavior=params.end_behavior or "release",
        metadata=merged({}, params.metadata),
        test_clock=customer.test_clock,
    )
    check_end(account, schedule)
    _choose_mode(schedule, params)
    account.part(Schedules).add(schedule)
    if start <= account.now:
        entering.begin(account, schedule)
    else:
        entering.plan(account, schedule)
    publish(account, "subscription_schedule.created", subscription_schedules.render(account, schedule))
    return schedule


def _choose_mode(schedule: Schedule, params: CreateSchedule) -> None:
    if params.billing_mode is None or params.billing_mode.flexible is None:
        return
    if schedule.billing_mode == "classic":
        raise errors.billing_modes.flexible_terms_in_classic_mode("billing_mode[flexible]")
    schedule.proration_discounts = params.billing_mode.flexible.proration_discounts or "included"


@inferred("a schedule cannot cancel a subscription later than a request could: at most five years ahead")
def check_end(account: Account, schedule: Schedule) -> None:
    """Raise StripeError 400 if a schedule is to cancel its subscription too far ahead."""
    if schedule.end_behavior == "cancel":
        check_ahead(account, schedule.ends_at, f"phases[{len(schedule.phases) - 1}][end_date]")


def check_alone(params: CreateSchedule) -> None:
    """Raise StripeError 400 if a schedule is made from a subscription, and something else is said of it."""
    for name in ALONE:
        if getattr(params, name) != params.declared[name].default:
            raise errors.subscription_schedules.set_beside_subscription(name)


@documented("its attributes become those of the schedule, and its current period the phase")
@inferred("one that is to end makes a schedule that cancels it then; its trial ends with the phase")
def from_subscription(account: Account, subscription: Subscription) -> Schedule:
    """Make the schedule of a subscription, or raise StripeError 400 if it has one or cannot have one."""
    if subscription.schedule is not None and subscription_schedules.kept(account, subscription.schedule).running:
        raise errors.subscription_schedules.attached_already(subscription.schedule)
    if subscription.status in UNSCHEDULABLE:
        raise errors.subscription_schedules.cannot_be_scheduled(subscription.status)
    if subscription.missing_payment_method == "pause" and subscription.trialing:
        raise errors.unserved.param("from_subscription")
    ends = subscription.ends_at
    schedule = Schedule(
        id=account.ids.new("sub_sched_", 24),
        created=account.now,
        customer=subscription.customer,
        phases=[mirroring.phase_of(subscription, subscription.period_start, subscription.turns_at)],
        billing_mode=subscription.billing_mode,
        current=0,
        defaults=mirroring.defaults_of(subscription),
        end_behavior="release" if ends is None else "cancel",
        proration_discounts=subscription.proration_discounts,
        status="active",
        subscription=subscription.id,
        test_clock=subscription.test_clock,
    )
    account.part(Schedules).add(schedule)
    before = subscriptions.render(account, subscription)
    subscription.schedule = schedule.id
    entering.plan(account, schedule)
    publish(account, "subscription_schedule.created", subscription_schedules.render(account, schedule))
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))
    return schedule
