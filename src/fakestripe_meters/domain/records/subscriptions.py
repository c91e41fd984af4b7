"""Subscriptions: how they are stored and shown. Their items are in `subscription_items.py`."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.periods import within_calendar
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import anchor_configs
from fakestripe_meters.domain.records import layouts
from fakestripe_meters.domain.records import pending_intervals
from fakestripe_meters.domain.records import pending_updates
from fakestripe_meters.domain.records import subscription_details
from fakestripe_meters.domain.records import subscription_items
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.anchor_configs import AnchorConfig
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.layouts import Layout
from fakestripe_meters.domain.records.pending_intervals import PendingInterval
from fakestripe_meters.domain.records.pending_updates import PendingUpdate
from fakestripe_meters.domain.records.subscription_details import Cancellation
from fakestripe_meters.domain.records.subscription_details import Thresholds
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.waived_usage import Settled
from fakestripe_meters.domain.records.waived_usage import Waived
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import list_within

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
    unbilled: Sequence[Charge] = field(default_factory=list)
    """Usage under prices that were replaced or removed, for the next invoice: in snapshots of older releases only."""
    settled: Sequence[Settled] = field(default_factory=list)
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
    default_tax_rates: Sequence[str] = field(default_factory=list)
    description: str | None = None
    discounts: Sequence[str] = field(default_factory=list)
    ended_at: int | None = None
    invoice_description: str | None = None
    latest_invoice: str | None = None
    layout: Layout = field(default_factory=Layout)
    metadata: Mapping[str, str] = field(default_factory=dict)
    payment_method_options: Mapping[str, Mapping[str, Any] | None] | None = None
    payment_method_types: Sequence[str] | None = None
    pending_interval: PendingInterval | None = None
    pending_setup_intent: str | None = None
    pending_update: PendingUpdate | None = None
    save_default_payment_method: str = "off"
    schedule: str | None = None
    test_clock: str | None = None
    thresholds: Thresholds | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    missing_payment_method: str = "create_invoice"
    waived: Sequence[Waived] = field(default_factory=list)
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
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": subscription.billing_cycle_anchor,
        "billing_cycle_anchor_config": anchor_configs.render(subscription.anchor_config),
        "billing_mode": subscription_details.render_billing_mode(
            subscription.billing_mode,
            subscription.proration_discounts,
            subscription.billing_mode_since or subscription.created,
        ),
        "billing_schedules": [],
        "billing_thresholds": subscription_details.render_thresholds(subscription.thresholds),
        "cancel_at": subscription.ends_at,
        "cancel_at_period_end": subscription.cancel_at_period_end,
        "canceled_at": subscription.canceled_at,
        "cancellation_details": subscription_details.render_cancellation(subscription.cancellation),
        "collection_method": subscription.collection_method,
        "created": subscription.created,
        "currency": subscription.currency,
        "customer": subscription.customer,
        "customer_account": None,
        "days_until_due": subscription.days_until_due,
        "default_payment_method": subscription.default_payment_method,
        "default_source": None,
        "default_tax_rates": tax_rates.render_all(account, subscription.default_tax_rates),
        "description": subscription.description,
        "discounts": list(subscription.discounts),
        "ended_at": subscription.ended_at,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": layouts.render_custom_fields(subscription.layout),
            "description": subscription.invoice_description,
            "footer": subscription.layout.footer,
            "issuer": {"type": "self"},
        },
        "items": render_items(account, subscription),
        "latest_invoice": subscription.latest_invoice,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": dict(subscription.metadata),
        "next_pending_invoice_item_invoice": pending_intervals.next_of(
            subscription.pending_interval, living=subscription.living
        ),
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": subscription.payment_method_options,
            "payment_method_types": subscription.payment_method_types,
            "save_default_payment_method": subscription.save_default_payment_method,
        },
        "pending_invoice_item_interval": pending_intervals.render(subscription.pending_interval),
        "pending_setup_intent": subscription.pending_setup_intent,
        "pending_update": pending_updates.render(account, subscription.pending_update, subscription.id),
        **subscription_items.render_only(account, subscription.items),
        "schedule": subscription.schedule,
        "start_date": subscription.created if subscription.started is None else subscription.started,
        "status": subscription.status,
        "status_details": subscription_details.render_pause(subscription.status, subscription.trial_end),
        "test_clock": subscription.test_clock,
        "transfer_data": None,
        "trial_end": subscription.trial_end,
        "trial_settings": subscription_details.render_trial_settings(subscription.missing_payment_method),
        "trial_start": subscription.trial_start,
    }


def render_items(account: Account, subscription: Subscription) -> Tree:
    """Return the items as a list within their subscription."""
    items = [subscription_items.render(account, item, subscription.id) for item in subscription.items]
    return list_within(items, f"/v1/subscription_items?subscription={subscription.id}")
