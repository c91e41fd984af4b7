"""Subscription schedules: https://docs.stripe.com/api/subscription_schedules."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.planning import entering
from fakestripe_meters.domain.planning import making
from fakestripe_meters.domain.planning import replanning
from fakestripe_meters.domain.planning.schedule_terms import CancelSchedule
from fakestripe_meters.domain.planning.schedule_terms import CreateSchedule
from fakestripe_meters.domain.planning.schedule_terms import ReleaseSchedule
from fakestripe_meters.domain.planning.schedule_terms import UpdateSchedule
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscription_schedules import Schedules
from fakestripe_meters.domain.records.subscription_schedules import find
from fakestripe_meters.domain.records.subscription_schedules import render
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/subscription_schedules"
STATES = ("completed_at", "released_at", "canceled_at", "scheduled")
"""The filters of a list that exclude each other, in the order in which a refusal names them."""


class ListSchedules(ListParams):
    """Which schedules to list."""

    canceled_at: int | Range | None = any_integer(default=None)
    completed_at: int | Range | None = any_integer(default=None)
    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    released_at: int | Range | None = any_integer(default=None)
    scheduled: bool | None = param(default=None, doc="Only those that have not begun.")


resource = Resource(
    "subscription_schedule",
    PATH,
    render=render,
    by_id=lambda account, schedule_id: account.part(Schedules).table.get(schedule_id),
    time=test_clocks.time_in(lambda account: account.part(Schedules).table),
)


@resource.post()
def create(account: Account, params: CreateSchedule) -> Schedule:
    """Plan the phases of a subscription; it is created when the first one begins."""
    if params.from_subscription is not None:
        making.check_alone(params)
        subscription = subscriptions.find(account, params.from_subscription, param="from_subscription", status=400)
        with test_clocks.changing(account, subscription.test_clock):
            return making.from_subscription(account, subscription)
    making.check_needed(params)
    customer = customers.find(account, params.customer or "", param="customer", status=400)
    with test_clocks.changing(account, customer.test_clock):
        return making.from_phases(account, customer, params)


@resource.get("/<schedule_id>")
def retrieve(account: Account, params: Operation, schedule_id: str) -> Schedule:
    """Return a schedule."""
    return find(account, schedule_id)


@resource.post("/<schedule_id>")
def update(account: Account, params: UpdateSchedule, schedule_id: str) -> Schedule:
    """Change a schedule. All current and future phases are sent again; what one leaves out is dropped."""
    schedule = find(account, schedule_id)
    replanning.update(account, schedule, params)
    return schedule


@resource.post("/<schedule_id>/cancel")
def cancel(account: Account, params: CancelSchedule, schedule_id: str) -> Schedule:
    """Cancel a schedule and its subscription at once."""
    schedule = find(account, schedule_id)
    ending.cancel(account, schedule, invoice_now=params.invoice_now, prorate=params.prorate)
    return schedule


@resource.post("/<schedule_id>/release")
def release(account: Account, params: ReleaseSchedule, schedule_id: str) -> Schedule:
    """Let the subscription of a schedule go on without it."""
    schedule = find(account, schedule_id)
    ending.release(account, schedule, preserve_cancel_date=params.preserve_cancel_date)
    return schedule


@resource.get()
@observed("the sentence if two states are asked for (crvouga/mockingbird)")
@inferred("those of customers on test clocks are listed, too")
def list_(account: Account, params: ListSchedules) -> Listing:
    """List schedules, newest first."""
    given = [name for name in STATES if getattr(params, name) is not None]
    if len(given) > 1:
        raise errors.params.exclusive_params(given)
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")

    def wanted(schedule: Schedule) -> bool:
        return (
            params.customer in (None, schedule.customer)
            and (not params.scheduled or schedule.status == "not_started")
            and within(params.created, schedule.created)
            and all(_is_within(getattr(params, name), getattr(schedule, name)) for name in STATES[:3])
        )

    return page(account.part(Schedules).table, params, url=PATH, noun="subscription_schedule", where=wanted)


def _is_within(bounds: int | Range | None, instant: int | None) -> bool:
    return bounds is None or (instant is not None and within(bounds, instant))


def _repeats(account: Account, entry: Entry, until_ns: int) -> int:
    schedule = account.part(Schedules).table.get(entry.subject)
    if schedule is None:
        return 0
    return entering.turns_after(schedule, entry.due_ns // SECOND_NS, until_ns // SECOND_NS)


@resource.due(Work.CHANGE_PHASE, repeats=_repeats)
def change_phase(account: Account, subject: str) -> None:
    """Begin the next phase of a schedule, or end the schedule."""
    schedule = account.part(Schedules).table.get(subject)
    if schedule is not None:
        entering.turn(account, schedule)


@resource.due(Work.ANNOUNCE_SCHEDULE_END)
def announce_end(account: Account, subject: str) -> None:
    """Publish that a schedule ends soon."""
    schedule = account.part(Schedules).table.get(subject)
    if schedule is not None:
        entering.announce_end(account, schedule)
