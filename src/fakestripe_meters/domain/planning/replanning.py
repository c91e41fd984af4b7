"""How a schedule is changed: what is to come, and the phase that its subscription is in.

Documented in: https://docs.stripe.com/billing/subscriptions/subscription-schedules.
"""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.encoding import encode
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import arranged
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.planning import attributes
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.planning import entering
from fakestripe_meters.domain.planning import making
from fakestripe_meters.domain.planning.phases import Reader
from fakestripe_meters.domain.planning.phases import defaults_of
from fakestripe_meters.domain.planning.schedule_terms import LaterPhase
from fakestripe_meters.domain.planning.schedule_terms import UpdateSchedule
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.subscription_phases import Phase
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscription_schedules import render
from fakestripe_meters.domain.subscribing import changing
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.times import check_ahead

UPDATED = ("subscription_schedule.updated", "customer.subscription.updated")
"""The events of an update that come first."""


@observed("the order of the events (tabledog/stripe-timelines)")
def update(account: Account, schedule: Schedule, params: UpdateSchedule) -> None:
    """Change a schedule and, if its current phase changes, its subscription; or raise StripeError, changing nothing."""
    ending.check_running(schedule, "update", "updated")
    metadata = merged(schedule.metadata, params.metadata)
    before, former = render(account, schedule), schedule.phase
    customer = customers.kept(account, schedule.customer)
    if params.default_settings is not None:
        schedule.defaults = defaults_of(account, customer, params.default_settings, "default_settings")
    if params.phases:
        _replace(account, schedule, params.phases)
    schedule.metadata = metadata
    schedule.end_behavior = params.end_behavior or schedule.end_behavior
    making.check_end(account, schedule)
    with arranged(account, UPDATED):
        if schedule.status == "not_started" and schedule.turns_at <= account.now:
            entering.begin(account, schedule)
        elif schedule.phase is not None and (params.phases or params.default_settings or params.end_behavior):
            began = former is None or schedule.phase.start == former.start
            behavior = params.proration_behavior if began else None
            _apply(account, schedule, schedule.phase, behavior, began=began)
        publish_update(account, "subscription_schedule.updated", before, render(account, schedule))
    entering.plan(account, schedule)


@documented("an update of the current phase is one of its subscription, prorated as the request says")
@inferred("a phase that begins by an update is prorated as it says itself")
def _apply(account: Account, schedule: Schedule, phase: Phase, behavior: Prorations | None, *, began: bool) -> None:
    subscription = ending.subscription_of(account, schedule)
    if subscription is not None and subscription.living:
        params = attributes.update(account, schedule, phase, subscription, behavior=behavior, began=began)
        changing.update(account, subscription, params)


def _replace(account: Account, schedule: Schedule, given: Sequence[LaterPhase]) -> None:
    """Put phases in the place of the current one and of those to come, or raise StripeError 400."""
    if all(each.start_date is None for each in given):
        raise errors.subscription_schedules.no_start()
    past, skipped = _past_of(schedule, given)
    first = _first_start(account, schedule, given, skipped)
    subscription = ending.subscription_of(account, schedule)
    anchor = first if subscription is None else subscription.billing_cycle_anchor
    reader = Reader(account, customers.kept(account, schedule.customer), schedule.billing_mode, schedule.defaults)
    found = reader.read(given, first, anchor, skipped)
    schedule.phases, former = [*past, *found], schedule.phase
    path = f"phases[{skipped}]"
    if former is None:
        _check_not_begun(account, found, path)
        return
    if found[0].currency != former.currency:
        raise errors.prices.only_supports(f"{path}[items]", found[0].currency, former.currency)
    if encode(found[0].added) != encode(former.added):
        raise errors.unserved.param(f"{path}[add_invoice_items]")
    schedule.current = len(past)
    if found[0].end < account.now:
        raise errors.subscription_schedules.ends_before_it_begins(f"{path}[end_date]")
    if found[0].end == account.now and len(found) == 1:
        raise errors.unserved.param(f"{path}[end_date]")
    if found[0].end == account.now:
        schedule.current = len(past) + 1


def _past_of(schedule: Schedule, given: Sequence[LaterPhase]) -> tuple[list[Phase], int]:
    """Return the phases that are past, and how many of them a request repeats at its beginning."""
    past = list(schedule.phases[: schedule.current or 0])
    starts = {phase.start for phase in past}
    repeated = [each.start_date in starts for each in given]
    skipped = repeated.index(False) if False in repeated else len(given)
    if skipped == len(given):
        raise errors.subscription_schedules.start_moved("phases[0][start_date]")
    return past, skipped


def _first_start(account: Account, schedule: Schedule, given: Sequence[LaterPhase], skipped: int) -> int:
    """Return when the first of the phases begins that are not past, or raise StripeError 400 if that is moved."""
    start, path = given[skipped].start_date, f"phases[{skipped}][start_date]"
    if schedule.phase is None:
        if start is None:
            return schedule.phases[0].start
        return account.now if isinstance(start, str) else start
    if start not in (None, schedule.phase.start):
        raise errors.subscription_schedules.start_moved(path)
    return schedule.phase.start


def _check_not_begun(account: Account, found: Sequence[Phase], path: str) -> None:
    check_ahead(account, found[0].start, f"{path}[start_date]")
    if found[0].end <= account.now:
        raise errors.subscription_schedules.ends_before_it_begins(f"{path}[end_date]")
    if found[0].start < account.now and found[0].trial_end is not None:
        raise errors.unserved.param(f"{path}[start_date]")
