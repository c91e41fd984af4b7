"""Subscription items: how they are stored and shown. A subscription stores its own items."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal
from typing import Any
from typing import cast

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.periods import Period
from fakestripe_meters.core.periods import check_period
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.wire.tree import Tree


@record
class Debit:
    """Time of an item that was charged in advance: a change within the period may give it back.

    `amount` was charged for `whole` seconds; None if that was the price.
    """

    price: str
    quantity: int
    start: int
    end: int
    whole: int
    amount: int | None = None
    invoice: str | None = None
    """The invoice that charged it with the period; None if an invoice item did, or if that is not known."""
    invoice_item: str | None = None
    """The proration that charged it."""

    def __post_init__(self) -> None:
        """Raise ValueError for a part of nothing, or for a time that is none."""
        if self.whole < 1:
            msg = f"whole must be at least 1, not {self.whole}"
            raise ValueError(msg)
        check_period(self.start, self.end)


@record
class Item:
    """A price that is subscribed to. Its usage counts under the current price from `since` on.

    Of that usage, `billed` is on invoices from before the period's end, and tiers continue from there.
    """

    id: str
    created: int
    price: str
    quantity: int | None
    since: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    usage_gte: int | None = None
    billed: Decimal = ZERO
    skipped: Decimal = ZERO
    """How much of the usage was billed with the period before: in snapshots of older releases only."""
    opened: int | None = None
    """The earliest timestamp that counts, if that is before `since`; None if it is `since`."""
    closed: Cut | None = None
    """What changes within the period have closed: it does not count any more."""
    interval: Interval = "month"
    interval_count: int = 1
    period_start: int = 0
    period_end: int = 0
    discounts: Sequence[str] = ()
    debits: Sequence[Debit] = ()
    """What was charged in advance for the present and later, oldest first, and not given back."""
    tax_rates: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for an interval without length, or for a period that is none."""
        Cycle(0, self.interval, self.interval_count)
        check_period(self.period_start, self.period_end)

    @property
    def cadence(self) -> tuple[Interval, int]:
        """How often it is billed."""
        return self.interval, self.interval_count

    @property
    def period(self) -> Period:
        """Its billing period, or its trial."""
        return Period(self.period_start, self.period_end)

    @property
    def earliest(self) -> int:
        """The earliest timestamp that counts: where the last period ended by time, in Unix seconds."""
        return self.since if self.opened is None else self.opened

    def count_from(self, start: int) -> None:
        """Count, and bill, the usage with a timestamp from `start` on, where a period begins by time."""
        self.since, self.opened, self.closed = start, None, None
        self.billed = self.skipped = ZERO

    def count_after(self, cut: Cut, earliest: int) -> None:
        """Count, and bill, the usage with a timestamp from `earliest` on that a cut has not closed."""
        self.since, self.opened, self.closed = cut.instant, earliest, cut
        self.billed = self.skipped = ZERO


def check_any(items: Sequence[Item], whose: str) -> None:
    """Raise ValueError for a subscription, or for a change of one, that leaves it without items."""
    if not items:
        msg = f"{whose} has no items"
        raise ValueError(msg)


def with_debit(tree: dict[str, Json], anchor: Json) -> dict[str, Json]:
    """Add to an item of an older snapshot what its period was charged in advance: its price at the time."""
    found: dict[str, Any] = {name: tree.get(name) for name in ("price", "quantity", "period_start", "period_end")}
    start, end = found["period_start"], found["period_end"]
    try:
        full = Cycle(*cast("Any", (anchor, tree["interval"], tree["interval_count"]))).period(start)
        empty = found["quantity"] is None or start >= end
    except (KeyError, TypeError, ValueError):  # a snapshot that was changed by hand, which is refused later
        return tree
    if empty:
        return tree
    whole = full.end - full.start
    debit = {"price": found["price"], "quantity": found["quantity"], "start": start, "end": end, "whole": whole}
    return tree | {"debits": [debit]}


def render(account: Account, item: Item, subscription_id: str) -> Tree:
    """Return an item of a subscription as Stripe shows it; on a metered price it has no quantity."""
    price = prices.kept(account, item.price)
    tree: Tree = {
        "id": item.id,
        "object": "subscription_item",
        "billing_thresholds": None if item.usage_gte is None else {"usage_gte": item.usage_gte},
        "created": item.created,
        "current_period_end": item.period_end,
        "current_period_start": item.period_start,
        "current_trial": None,
        "discounts": list(item.discounts),
        "metadata": dict(item.metadata),
        "plan": prices.render_plan(account, price),
        "price": prices.render(account, price),
        "quantity": item.quantity,
        "subscription": subscription_id,
        "tax_rates": tax_rates.render_all(account, item.tax_rates),
    }
    if item.quantity is None:
        del tree["quantity"]
    return tree


@observed(
    "both are there in every version, and null if there are several items (pay-rails/pay, onetimesecret/onetimesecret)"
)
@inferred("the quantity of a metered price is null")
def render_only(account: Account, items: Sequence[Item]) -> Tree:
    """Return the plan and the quantity of the only item of a subscription."""
    if len(items) != 1:
        return {"plan": None, "quantity": None}
    (item,) = items
    return {"plan": prices.render_plan(account, prices.kept(account, item.price)), "quantity": item.quantity}
