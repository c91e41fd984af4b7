"""A switch that waits for the end of the period: a schedule with two phases.

Documented in: https://docs.stripe.com/customer-management/configure-portal.
"""

from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.planning import entering
from fakestripe_meters.domain.planning import making
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.subscription_phases import PhaseItem
from fakestripe_meters.domain.records.subscription_phases import Reduction
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscription_schedules import render
from fakestripe_meters.domain.records.subscriptions import Subscription


@documented("the first phase ends with the period, and the second one has the other price")
@inferred(
    "it is made from the subscription and then gets its second phase, which lasts an interval; the subscription goes "
    "on without it afterwards"
)
def plan(account: Account, subscription: Subscription, price_id: str, quantity: int | None, code: str | None) -> None:
    """Have a subscription switched when its period ends; `code` is the id of a promotion code to redeem then."""
    schedule = making.from_subscription(account, subscription)
    schedule.of_portal = True
    before = render(account, schedule)
    _add_phase(account, schedule, price_id, quantity, code)
    publish_update(account, "subscription_schedule.updated", before, render(account, schedule))
    entering.plan(account, schedule)


def _add_phase(account: Account, schedule: Schedule, price_id: str, quantity: int | None, code: str | None) -> None:
    (first,) = schedule.phases
    item = replace(first.items[0], price=price_id, quantity=quantity)
    end = Cycle(first.end, *prices.kept(account, price_id).rhythm.cadence).edge(1)
    redeemed = [] if code is None else [Reduction(promotion_code=code)]
    second = replace(
        first,
        start=first.end,
        end=end,
        items=[item],
        discounts=[*first.discounts, *redeemed],
        proration_behavior="none",
        trial_end=None,
    )
    schedule.phases = [first, second]


def next_item(schedule: Schedule) -> tuple[PhaseItem, int] | None:
    """Return what a schedule switches its subscription to, and when, in Unix seconds; None if nothing follows."""
    if schedule.current is None or schedule.is_last or schedule.phase is None:
        return None
    items = schedule.phases[schedule.current + 1].items
    return (items[0], schedule.phase.end) if len(items) == 1 else None
