"""Subscription schedules: the phases that a subscription is to go through, how they are stored and shown."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.periods import check_period
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import subscription_details
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.subscription_details import Thresholds
from fakestripe_meters.wire.tree import Tree

RUNNING = frozenset({"active", "not_started"})


@record
class Reduction:
    """A discount of a phase: a coupon or a promotion code to redeem, or a discount that is there already."""

    coupon: str | None = None
    discount: str | None = None
    promotion_code: str | None = None


@record
class PhaseItem:
    """A price of a phase."""

    price: str
    quantity: int | None
    """None for a metered price."""
    discounts: Sequence[Reduction] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tax_rates: Sequence[str] = field(default_factory=list)
    usage_gte: int | None = None


@record
class PhaseBound:
    """Where the time begins or ends that an addition is for."""

    type: str
    timestamp: int | None = None


@record
class Addition:
    """What the invoice of a phase's start bills once."""

    price: str
    quantity: Decimal
    start: PhaseBound
    end: PhaseBound
    discountable: bool = True
    discounts: Sequence[Reduction] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tax_rates: Sequence[str] = field(default_factory=list)


@record
class PhaseInvoices:
    """What is printed on invoices, and when they are due."""

    custom_fields: Sequence[Mapping[str, str]] | None = None
    days_until_due: int | None = None
    description: str | None = None
    footer: str | None = None


@record
class Defaults:
    """What a phase says by default; a phase itself says the same."""

    billing_cycle_anchor: str | None = None
    collection_method: str | None = None
    default_payment_method: str | None = None
    description: str | None = None
    invoice_settings: PhaseInvoices | None = None
    thresholds: Thresholds | None = None


@record
class Phase:
    """What a subscription is to be like from one instant up to another, in Unix seconds."""

    start: int
    end: int
    currency: str
    items: Sequence[PhaseItem]
    added: Sequence[Addition] = field(default_factory=list)
    default_tax_rates: Sequence[str] = field(default_factory=list)
    discounts: Sequence[Reduction] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    """An empty value takes a key away."""
    own: Defaults = field(default_factory=Defaults)
    """What it says itself of what the schedule has defaults for."""
    proration_behavior: str = "create_prorations"
    trial_end: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a phase that ends before it begins."""
        check_period(self.start, self.end)


@record
class Schedule:
    """A schedule as stored."""

    id: str
    created: int
    customer: str
    phases: Sequence[Phase]
    billing_mode: str = "flexible"
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
            schedule.billing_mode, schedule.proration_discounts, schedule.created
        ),
        "canceled_at": schedule.canceled_at,
        "completed_at": schedule.completed_at,
        "created": schedule.created,
        "current_phase": None if phase is None else {"end_date": phase.end, "start_date": phase.start},
        "customer": schedule.customer,
        "customer_account": None,
        "default_settings": _render_defaults(schedule.defaults),
        "end_behavior": schedule.end_behavior,
        "livemode": False,
        "metadata": dict(schedule.metadata),
        "pause_schedules": [],
        "phases": [_render_phase(account, each) for each in schedule.phases],
        "released_at": schedule.released_at,
        "released_subscription": schedule.released_subscription,
        "status": schedule.status,
        "subscription": schedule.subscription,
        "test_clock": schedule.test_clock,
    }


def _render_defaults(defaults: Defaults) -> Tree:
    return {
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": defaults.billing_cycle_anchor or "automatic",
        "billing_thresholds": subscription_details.render_thresholds(defaults.thresholds),
        "collection_method": defaults.collection_method or "charge_automatically",
        "default_payment_method": defaults.default_payment_method,
        "description": defaults.description,
        "invoice_settings": _render_invoices(defaults.invoice_settings or PhaseInvoices()),
        "on_behalf_of": None,
        "transfer_data": None,
    }


def _render_invoices(settings: PhaseInvoices) -> Tree:
    fields = settings.custom_fields
    return {
        "account_tax_ids": None,
        "custom_fields": None if fields is None else [dict(each) for each in fields],
        "days_until_due": settings.days_until_due,
        "description": settings.description,
        "footer": settings.footer,
        "issuer": {"type": "self"},
    }


@observed("the order of the fields (twentyhq/twenty#16669)")
def _render_phase(account: Account, phase: Phase) -> Tree:
    return {
        "add_invoice_items": [_render_addition(account, each) for each in phase.added],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": phase.own.billing_cycle_anchor,
        "billing_thresholds": subscription_details.render_thresholds(phase.own.thresholds),
        "collection_method": phase.own.collection_method,
        "currency": phase.currency,
        "default_payment_method": phase.own.default_payment_method,
        "default_tax_rates": tax_rates.render_all(account, phase.default_tax_rates),
        "description": phase.own.description,
        "discounts": _render_reductions(phase.discounts),
        "end_date": phase.end,
        "invoice_settings": None
        if phase.own.invoice_settings is None
        else _render_invoices(phase.own.invoice_settings),
        "items": [_render_item(account, each) for each in phase.items],
        "metadata": dict(phase.metadata),
        "on_behalf_of": None,
        "proration_behavior": phase.proration_behavior,
        "start_date": phase.start,
        "transfer_data": None,
        "trial_end": phase.trial_end,
    }


@observed("an item names its plan as well (twentyhq/twenty#16669)")
def _render_item(account: Account, item: PhaseItem) -> Tree:
    tree: Tree = {
        "billing_thresholds": None if item.usage_gte is None else {"usage_gte": item.usage_gte},
        "discounts": _render_reductions(item.discounts),
        "metadata": dict(item.metadata),
        "plan": item.price,
        "price": item.price,
        "quantity": item.quantity,
        "tax_rates": tax_rates.render_all(account, item.tax_rates),
    }
    if item.quantity is None:
        del tree["quantity"]
    return tree


def _render_addition(account: Account, added: Addition) -> Tree:
    return {
        "discountable": added.discountable,
        "discounts": _render_reductions(added.discounts),
        "metadata": dict(added.metadata),
        "period": {"end": _render_bound(added.end), "start": _render_bound(added.start)},
        "price": added.price,
        "quantity": int(added.quantity),
        "tax_rates": tax_rates.render_all(account, added.tax_rates),
    }


def _render_bound(bound: PhaseBound) -> Tree:
    return {"type": bound.type} | ({} if bound.timestamp is None else {"timestamp": bound.timestamp})


def _render_reductions(reductions: Sequence[Reduction]) -> list[Tree]:
    return [
        {"coupon": each.coupon, "discount": each.discount, "promotion_code": each.promotion_code} for each in reductions
    ]
