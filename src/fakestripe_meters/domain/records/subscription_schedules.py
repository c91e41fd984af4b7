"""Subscription schedules: how they are stored, found and shown. `subscription_phases` has their phases."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import subscription_details
from fakestripe_meters.domain.records import subscription_phases
from fakestripe_meters.domain.records.subscription_phases import Defaults
from fakestripe_meters.domain.records.subscription_phases import Phase
from fakestripe_meters.wire.tree import Tree

RUNNING = frozenset({"active", "not_started"})


@record
class Schedule:
    """A schedule as stored."""

    id: str
    created: int
    customer: str
    phases: Sequence[Phase]
    billing_mode: str = "flexible"
    billing_mode_since: int | None = None
    """When its subscription was migrated, in Unix seconds; None if it never was."""
    canceled_at: int | None = None
    completed_at: int | None = None
    current: int | None = None
    """The index of the phase that the subscription is in; None if it is in none."""
    defaults: Defaults = field(default_factory=Defaults)
    end_behavior: str = "release"
    metadata: Mapping[str, str] = field(default_factory=dict)
    proration_discounts: str = "included"
    released_at: int | None = None
    released_subscription: str | None = None
    status: str = "not_started"
    subscription: str | None = None
    test_clock: str | None = None
    of_portal: bool = False
    """Whether the customer has made it, by a switch in the portal that waits, and may take it back there."""

    def __post_init__(self) -> None:
        """Raise ValueError for a schedule without phases, or whose current phase is none of them."""
        if not self.phases or (self.current is not None and not 0 <= self.current < len(self.phases)):
            msg = f"{self.id} has no phase with the number {self.current}"
            raise ValueError(msg)

    @property
    def running(self) -> bool:
        """Whether it has begun, or is to begin, and has not ended."""
        return self.status in RUNNING

    @property
    def phase(self) -> Phase | None:
        """The phase that the subscription is in."""
        return None if self.current is None else self.phases[self.current]

    @property
    def turns_at(self) -> int:
        """When the next phase begins, or the schedule ends, in Unix seconds."""
        return self.phases[0].start if self.phase is None else self.phase.end

    @property
    def ends_at(self) -> int:
        """When the last phase ends, in Unix seconds."""
        return self.phases[-1].end

    @property
    def is_last(self) -> bool:
        """Whether no phase follows the current one."""
        return self.current == len(self.phases) - 1


@dataclass(eq=False)
class Schedules(Part, name="subscription_schedules", named_by=("schedule",)):
    """All schedules of an account, by customer."""

    table: Table[Schedule] = field(default_factory=Table)
    by_customer: Index[tuple[str, ...]] = field(default_factory=Index)

    def add(self, schedule: Schedule) -> None:
        """Add a new schedule."""
        self.table.add(schedule)
        self.by_customer[schedule.customer] = (*self.by_customer.get(schedule.customer, ()), schedule.id)

    def running(self, customer_id: str) -> list[Schedule]:
        """Return a customer's schedules that have not ended, oldest first."""
        found = (self.table.kept(schedule_id) for schedule_id in self.by_customer.get(customer_id, ()))
        return [schedule for schedule in found if schedule.running]


@inferred("the noun of its error")
def find(account: Account, schedule_id: str, *, param: str = "id", status: int = 404) -> Schedule:
    """Return the schedule with that id, or raise `No such subscription_schedule`."""
    return required(
        account.part(Schedules).table.get(schedule_id), "subscription_schedule", schedule_id, param=param, status=status
    )


def kept(account: Account, schedule_id: str) -> Schedule:
    """Return the schedule that a subscription names."""
    return account.part(Schedules).table.kept(schedule_id)


def render(account: Account, schedule: Schedule) -> Tree:
    """Return a schedule as Stripe shows it."""
    phase = schedule.phase if schedule.status == "active" else None
    return {
        "id": schedule.id,
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": subscription_details.render_billing_mode(
            schedule.billing_mode, schedule.proration_discounts, schedule.billing_mode_since or schedule.created
        ),
        "canceled_at": schedule.canceled_at,
        "completed_at": schedule.completed_at,
        "created": schedule.created,
        "current_phase": None if phase is None else {"end_date": phase.end, "start_date": phase.start},
        "customer": schedule.customer,
        "customer_account": None,
        "default_settings": subscription_phases.render_defaults(schedule.defaults),
        "end_behavior": schedule.end_behavior,
        "livemode": False,
        "metadata": dict(schedule.metadata),
        "pause_schedules": [],
        "phases": [subscription_phases.render_phase(account, each) for each in schedule.phases],
        "released_at": schedule.released_at,
        "released_subscription": schedule.released_subscription,
        "status": schedule.status,
        "subscription": schedule.subscription,
        "test_clock": schedule.test_clock,
    }
