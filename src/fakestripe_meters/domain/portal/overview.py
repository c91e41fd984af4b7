"""What a customer sees in the portal: subscriptions with their next invoices, and the usage so far."""

from collections.abc import Iterator
from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.undo import DryRun
from fakestripe_meters.core.zones import UTC
from fakestripe_meters.domain.metering import questions
from fakestripe_meters.domain.metering.questions import Buckets
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing.previewing import previews
from fakestripe_meters.domain.subscribing.previewing.preview_terms import CreatePreview
from fakestripe_meters.domain.subscribing.previewing.preview_terms import PreviewedAnchor
from fakestripe_meters.domain.subscribing.previewing.preview_terms import SubscriptionDetails
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.tree import Tree

SHOWN = ("active", "past_due", "paused", "trialing", "unpaid")
"""The statuses of subscriptions that the portal shows."""
MOST_INVOICES = 24


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a meter a customer has used in the current period of a subscription item."""

    meter: Meter
    value: Decimal


@inferred("one that has not been paid for the first time is not shown")
def subscriptions_of(account: Account, customer_id: str) -> list[Subscription]:
    """Return the subscriptions of a customer that go on, newest first."""
    running = account.part(Subscriptions).running(customer_id)
    return [each for each in reversed(running) if each.status in SHOWN]


def usage_of(account: Account, subscription: Subscription, item: Item) -> Usage | None:
    """Return the usage of an item in its current period; None if it bills none.

    It is what the meter's event summaries say of that time.
    """
    meter_id = prices.kept(account, item.price).meter
    if meter_id is None:
        return None
    meter = account.part(Meters).table.kept(meter_id)
    buckets = Buckets(item.period_start, item.period_end, None, UTC)
    rows = questions.rows(account, meter, subscription.customer, buckets)
    return Usage(meter, rows[0].value if rows else Decimal(0))


def next_invoice(account: Account, subscription: Subscription, change: UpdateSubscription | None = None) -> Tree | None:
    """Return the preview of a subscription's next invoice, also after a change; None if there is none.

    Nothing stays of it.
    """
    params = CreatePreview(
        subscription=subscription.id,
        subscription_details=None if change is None else _details(change),
        discounts=UNSET if change is None else change.discounts,
    )
    with DryRun():
        try:
            return previews.preview(account, params)
        except StripeError:
            if change is not None:
                raise
            return None


def _details(change: UpdateSubscription) -> SubscriptionDetails:
    anchor = change.billing_cycle_anchor
    return SubscriptionDetails(
        billing_cycle_anchor=PreviewedAnchor(type="unchanged" if anchor is None else anchor.type),
        items=change.items,
        proration_behavior=change.proration_behavior,
        trial_end=change.trial_end,
    )


@inferred("drafts are not shown")
def invoices_of(account: Account, customer_id: str) -> list[Invoice]:
    """Return the latest invoices of a customer, newest first."""
    return list(_latest(account, customer_id))


def _latest(account: Account, customer_id: str) -> Iterator[Invoice]:
    page = account.part(Invoices).table.page(
        MOST_INVOICES, where=lambda each: each.customer == customer_id and each.status != "draft"
    )
    yield from page.records
