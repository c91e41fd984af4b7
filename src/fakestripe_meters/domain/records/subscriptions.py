"""Subscriptions: how they are stored and shown. Their items are in `subscription_items.py`."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.periods import within_calendar
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import subscription_faces
from fakestripe_meters.domain.records import subscription_items
from fakestripe_meters.domain.records.anchor_configs import AnchorConfig
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.layouts import Layout
from fakestripe_meters.domain.records.pauses import Pause
from fakestripe_meters.domain.records.pauses import PausedCollection
from fakestripe_meters.domain.records.pauses import Withholding
from fakestripe_meters.domain.records.pending_intervals import PendingInterval
from fakestripe_meters.domain.records.pending_updates import PendingUpdate
from fakestripe_meters.domain.records.subscription_details import Cancellation
from fakestripe_meters.domain.records.subscription_details import Thresholds
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.waived_usage import Settled
from fakestripe_meters.domain.records.waived_usage import Waived
from fakestripe_meters.wire.tree import Tree

ENDED = frozenset({"canceled", "incomplete_expired"})
SHARED = ("interval", "interval_count", "period_end", "period_start")
"""What all items of a subscription shared, and the subscription stored, in older snapshots."""


@record
class Subscription:
    """A subscription as stored. Each of its items has a period."""

    id: str
    created: int
    customer: str
    currency: str
    billing_cycle_anchor: int
    items: Sequence[Item]
    unbilled: Sequence[Charge] = ()
    """Usage under prices that were replaced or removed, for the next invoice: in snapshots of older releases only."""
    settled: Sequence[Settled] = ()
    """Usage under prices that were replaced or removed within a period, which invoice items bill."""
    status: str = "active"
    anchor_config: AnchorConfig | None = None
    billing_mode: str = "flexible"
    billing_mode_since: int | None = None
    """When its billing mode was changed; None if it never was."""
    proration_discounts: str = "included"
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    cancellation: Cancellation = field(default_factory=Cancellation)
    collection_method: str = "charge_automatically"
    days_until_due: int | None = None
    default_payment_method: str | None = None
    default_tax_rates: Sequence[str] = ()
    description: str | None = None
    discounts: Sequence[str] = ()
    ended_at: int | None = None
    invoice_description: str | None = None
    latest_invoice: str | None = None
    layout: Layout = field(default_factory=Layout)
    metadata: Mapping[str, str] = field(default_factory=dict)
    pause: Pause | None = None
    """Why it is paused; None also if it is so in a snapshot of an older release."""
    pause_collection: PausedCollection | None = None
    payment_method_options: Mapping[str, Mapping[str, Any] | None] | None = None
    payment_method_types: Sequence[str] | None = None
    pending_interval: PendingInterval | None = None
    pending_setup_intent: str | None = None
    pending_update: PendingUpdate | None = None
    save_default_payment_method: str = "off"
    schedule: str | None = None
    """The schedule that manages it."""
    test_clock: str | None = None
    thresholds: Thresholds | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    missing_payment_method: str = "create_invoice"
    waived: Sequence[Waived] = ()
    """Usage that is never billed."""
    begun: Cut | None = None
    """What was accepted before it was created; None if the usage since an earlier start counts."""
    started: int | None = None
    """The start that it was backdated to, in Unix seconds."""
    ended: Cut | None = None
    """What was accepted before it was canceled; None if it ended with its period, or has not ended."""

    def __post_init__(self) -> None:
        """Raise ValueError for an anchor outside the calendar."""
        within_calendar(self.billing_cycle_anchor)

    @staticmethod
    def read_former(tree: Json) -> Json:
        """Give each item the period that all of them shared in older snapshots."""
        if not isinstance(tree, dict) or tree.keys().isdisjoint(SHARED):
            return tree
        shared = {name: tree[name] for name in SHARED if name in tree}
        items = tree.get("items")
        if isinstance(items, list):
            items = [shared | item if isinstance(item, dict) else item for item in items]
        if isinstance(items, list) and tree.get("status") != "trialing":
            anchor = tree.get("billing_cycle_anchor")
            items = [subscription_items.with_debit(each, anchor) if isinstance(each, dict) else each for each in items]
        return {name: each for name, each in tree.items() if name not in SHARED} | {"items": items}

    @property
    def living(self) -> bool:
        """Whether it has not ended."""
        return self.status not in ENDED

    @property
    def paused(self) -> Pause | None:
        """Why it is paused, and since when; None if it is not."""
        if self.status != "paused":
            return None
        return self.pause or Pause("trial_end_without_payment_method", self.trial_end or self.created)

    @property
    def trialing(self) -> bool:
        """Whether it is in a trial."""
        return self.status == "trialing"

    @property
    def period_start(self) -> int:
        """When the latest period of an item began, in Unix seconds."""
        return max(item.period_start for item in self.items)

    @property
    def period_end(self) -> int:
        """When the first period of an item, or the trial, ends, in Unix seconds."""
        return min(item.period_end for item in self.items)

    @property
    def cadences(self) -> set[tuple[Interval, int]]:
        """How often its items are billed."""
        return {item.cadence for item in self.items}

    @property
    def shortest(self) -> Cycle:
        """The billing cycle of the items that are billed most often. All periods end with one of its periods."""
        return min(map(self.cycle_of, self.items), key=lambda cycle: cycle.edge(1) - cycle.anchor)

    def cycle_of(self, item: Item) -> Cycle:
        """Return the billing cycle of an item."""
        return Cycle(self.billing_cycle_anchor, item.interval, item.interval_count)

    @property
    def ends_at(self) -> int | None:
        """When it will be canceled, in Unix seconds; None if it continues."""
        return self.period_end if self.cancel_at_period_end else self.cancel_at

    def ends_by(self, instant: int) -> bool:
        """Return whether it is to be canceled by an instant, in Unix seconds."""
        return self.ends_at is not None and self.ends_at <= instant

    @property
    def turns_at(self) -> int:
        """When its period or the subscription itself ends next, in Unix seconds; one that is paused has no period."""
        if self.status == "paused":
            return LAST_SECOND if self.ends_at is None else self.ends_at
        return self.period_end if self.ends_at is None else min(self.period_end, self.ends_at)

    def end_of(self, item: Item) -> int:
        """Return when the period of an item ends, or the subscription itself if that is earlier, in Unix seconds."""
        return item.period_end if self.ends_at is None else min(item.period_end, self.ends_at)

    def due(self, instant: int) -> list[Item]:
        """Return the items whose period is over by an instant; all of them if the subscription itself ends by then."""
        return [item for item in self.items if self.end_of(item) <= instant]

    def withholding(self, instant: int) -> Withholding | None:
        """Return what becomes of an invoice that it makes at an instant, in Unix seconds; None if it is collected."""
        pause = self.pause_collection
        ended = pause is None or (pause.resumes_at is not None and pause.resumes_at <= instant)
        return None if pause is None or ended else pause.behavior

    def item(self, item_id: str) -> Item | None:
        """Return the item with that id, if there is one."""
        return next((item for item in self.items if item.id == item_id), None)


@dataclass(eq=False)
class Subscriptions(Part, name="subscriptions", named_by=("subscription",)):
    """All subscriptions of an account, by customer, and by every item that they have or had."""

    table: Table[Subscription] = field(default_factory=Table)
    by_customer: Index[tuple[str, ...]] = field(default_factory=Index)
    by_item: Index[str] = field(default_factory=Index)

    def __post_init__(self) -> None:
        """Raise ValueError for a subscription to nothing."""
        for subscription in self.table:
            subscription_items.check_any(subscription.items, subscription.id)

    def add(self, subscription: Subscription) -> None:
        """Add a new subscription."""
        self.table.add(subscription)
        self.by_customer[subscription.customer] = (*self.by_customer.get(subscription.customer, ()), subscription.id)
        self.index(subscription)

    def index(self, subscription: Subscription) -> None:
        """Record which subscription its items belong to."""
        self.by_item.update((item.id, subscription.id) for item in subscription.items)

    def of(self, customer_id: str) -> list[Subscription]:
        """Return a customer's subscriptions, oldest first."""
        return [self.table.kept(subscription_id) for subscription_id in self.by_customer.get(customer_id, ())]

    def running(self, customer_id: str) -> list[Subscription]:
        """Return a customer's subscriptions that have not ended, oldest first."""
        return [subscription for subscription in self.of(customer_id) if subscription.living]


def find(account: Account, subscription_id: str, *, param: str = "id", status: int = 404) -> Subscription:
    """Return the subscription with that id, or raise `No such subscription`."""
    return required(
        account.part(Subscriptions).table.get(subscription_id),
        "subscription",
        subscription_id,
        param=param,
        status=status,
    )


def render(account: Account, subscription: Subscription) -> Tree:
    """Return a subscription as Stripe shows it."""
    return {
        "id": subscription.id,
        "object": "subscription",
        **subscription_faces.mode(subscription),
        **subscription_faces.end(subscription),
        **subscription_faces.payer(account, subscription),
        **subscription_faces.invoicing(subscription),
        **subscription_faces.contents(account, subscription),
        **subscription_faces.collection(subscription),
        **subscription_faces.pending(account, subscription),
        **subscription_items.render_only(account, subscription.items),
        **subscription_faces.state(subscription),
    }
