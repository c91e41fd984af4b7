"""Test clocks: https://docs.stripe.com/api/test_clocks; customers attached to one have its time."""

from dataclasses import replace

from fakestripe_meters.core import errors
from fakestripe_meters.core import world
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Cause
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.subscription_schedules import Schedules
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.test_clocks import TestClock
from fakestripe_meters.domain.records.test_clocks import TestClocks
from fakestripe_meters.domain.records.test_clocks import find
from fakestripe_meters.domain.records.test_clocks import render
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import deleted_customers
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/test_helpers/test_clocks"
MOST_INTERVALS = 2
MOST_YEARS = 2
UNSEEN_NS = SECOND_NS
"""After how much of the account's time a clock is ready that nobody looks at."""


class CreateClock(Operation):
    """A new test clock."""

    frozen_time: int = param(least=0, most=LAST_SECOND, doc="The time that it has, in Unix seconds.")
    customer: str | None = param(default=None, doc="A customer to attach.")
    name: str | None = param(default=None, max_length=300)


class AdvanceClock(Operation):
    """The time to advance a test clock to."""

    frozen_time: int = param(least=0, most=LAST_SECOND, doc="In Unix seconds; later than the time that it has.")


class ListClocks(ListParams):
    """All test clocks."""


resource = Resource(
    "test_helpers.test_clock",
    PATH,
    render=render,
    by_id=lambda account, clock_id: account.part(TestClocks).table.get(clock_id),
)


@resource.post()
def create(account: Account, params: CreateClock) -> TestClock:
    """Create a test clock, and attach a customer that has no subscriptions yet."""
    customer = None
    if params.customer is not None:
        customer = customers.find(account, params.customer, param="customer", status=400)
        has_past = account.part(Subscriptions).of(customer.id) or account.part(Schedules).running(customer.id)
        if customer.test_clock is not None or has_past:
            raise errors.test_clocks.customer_has_past("customer")
    clock = TestClock(account.ids.new("clock_", 24), account.now, params.frozen_time, params.name)
    if customer is not None:
        customer.test_clock = clock.id
    account.part(TestClocks).table.add(clock)
    publish(account, "test_helpers.test_clock.created", render(account, clock))
    return clock


@resource.get("/<clock_id>")
def retrieve(account: Account, params: Operation, clock_id: str) -> TestClock:
    """Return a test clock. If it is advancing and `async_clocks` is true, it is ready from now on."""
    return _polled(account, find(account, clock_id))


@resource.get()
def list_(account: Account, params: ListClocks) -> Listing:
    """List test clocks, newest first. Those that are advancing are ready as if each was retrieved."""
    found = page(account.part(TestClocks).table, params, url=PATH, noun=test_clocks.NOUN)
    for clock in found.records:
        _polled(account, clock)
    return found


@resource.post("/<clock_id>/advance")
@observed("webhooks are sent while it is advancing (calcom/cal.com)")
def advance(account: Account, params: AdvanceClock, clock_id: str) -> TestClock:
    """Advance a test clock. The work scheduled until then is done before the response, which is `ready` by default."""
    clock = find(account, clock_id)
    test_clocks.check_ready(account, clock.id)
    turns = _check_target(account, clock, params.frozen_time)
    clock.target, clock.ready_ns = params.frozen_time, account.own_ns
    publish(account, "test_helpers.test_clock.advancing", render(account, clock))
    clock.left = clock.frozen_time
    test_clocks.run(account, clock, params.frozen_time, turns)
    delay = account.settings.async_clocks
    if delay is False:
        arrive(account, clock.id)
    else:
        clock.ready_ns += UNSEEN_NS if delay is True else delay
        account.agenda.add(clock.ready_ns, Work.ADVANCE_TEST_CLOCK, clock.id)
    return clock


@resource.due(Work.ADVANCE_TEST_CLOCK)
def arrive(account: Account, subject: str) -> None:
    """Make a test clock ready, unless it has begun to advance once more since this was scheduled."""
    clock = account.part(TestClocks).table.get(subject)
    if clock is not None and clock.target is not None and account.own_ns >= clock.ready_ns:
        _arrive(account, clock)


def _arrive(account: Account, clock: TestClock) -> None:
    if clock.target is not None:
        test_clocks.run(account, clock, clock.target)  # a snapshot of an older release may have left the work to do
        clock.target = clock.left = None
        publish(account, "test_helpers.test_clock.ready", render(account, clock))


def _polled(account: Account, clock: TestClock) -> TestClock:
    """Return a clock that somebody looks at, after it has arrived if that is what decides."""
    if account.settings.async_clocks is True:
        account.cause = Cause()  # it is not this request that makes the clock ready
        _arrive(account, clock)
    return clock


@resource.delete("/<clock_id>")
def delete(account: Account, params: Operation, clock_id: str) -> Tree:
    """Delete a test clock and its customers, whose subscriptions are canceled."""
    clock = find(account, clock_id)
    test_clocks.check_ready(account, clock.id)
    for customer in customers.attached(account, clock.id):
        ending.cancel_all(account, customer)
        deleted_customers.remove(account, customer)
    publish(account, "test_helpers.test_clock.deleted", render(account, clock))
    account.part(TestClocks).table.remove(clock.id)
    return {"id": clock.id, "object": "test_helpers.test_clock", "deleted": True}


def _check_target(account: Account, clock: TestClock, target: int) -> int:
    """Return about how many turns of subscriptions will follow the next ones up to the target, or raise StripeError."""
    if target <= clock.frozen_time:
        raise errors.test_clocks.clock_backwards(clock.frozen_time)
    living = [each for each in account.part(Subscriptions).table if each.test_clock == clock.id and each.living]
    turns = sum(cycles.turns_after(each, each.turns_at, target) for each in living)
    if account.settings.relaxed:
        if turns > world.MOST_WORK:
            raise errors.test_clocks.clock_does_too_much(turns, world.MOST_WORK)
        return turns
    if living:
        latest = min(_cycle(clock, each).edge(MOST_INTERVALS) for each in living)
        reason = "two intervals of its shortest subscription"
    else:
        latest, reason = Cycle(clock.frozen_time, "year").edge(MOST_YEARS), "two years while it has no subscription"
    if target > latest:
        raise errors.test_clocks.clock_too_far(latest, reason)
    return turns


def _cycle(clock: TestClock, subscription: Subscription) -> Cycle:
    return replace(subscription.shortest, anchor=clock.frozen_time)
