"""How a subscription is paused on request: what it is billed for up to now, and nothing from then on.

Documented in: https://docs.stripe.com/billing/subscriptions/pause, https://docs.stripe.com/api/subscriptions/pause.
"""

from collections.abc import Sequence
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.pauses import Pause
from fakestripe_meters.domain.records.pauses import PauseReason
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import change_payments
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import dropped_updates
from fakestripe_meters.domain.subscribing import issuing
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.domain.subscribing import stopped_usage
from fakestripe_meters.domain.subscribing.change_payments import Payment
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param


class UsageThrough(Params):
    """Up to when usage is billed."""

    type: Literal["none", "now"] = param()


class UnusedTimeFrom(Params):
    """From when on the time is given back that was paid in advance."""

    type: Literal["item_current_period_start", "none", "now"] = param()


class BillFor(Params):
    """What the pause is billed for."""

    outstanding_usage_through: UsageThrough | None = param(default=None, doc="By default `now`.")
    unused_time_from: UnusedTimeFrom | None = param(default=None, doc="By default `now`.")


class PauseSubscription(Operation):
    """How to pause a subscription."""

    type: Literal["subscription"] = param(default="subscription")
    bill_for: BillFor | None = param(default=None)
    invoicing_behavior: Literal["invoice", "pending_invoice_item"] = param(default="pending_invoice_item")

    @property
    def bills_usage(self) -> bool:
        """Whether usage is billed."""
        through = self.bill_for.outstanding_usage_through if self.bill_for else None
        return through is None or through.type == "now"

    def gives_back_from(self, item: Item, now: int) -> int | None:
        """Return from when on time of an item is given back, in Unix seconds; None if none is."""
        unused = self.bill_for.unused_time_from if self.bill_for else None
        kind = "now" if unused is None else unused.type
        return {"item_current_period_start": item.period_start, "none": None, "now": now}[kind]


@inferred("the invoice of a pause is charged at once; if that fails, the subscription is paused nevertheless")
def pause(account: Account, subscription: Subscription, params: PauseSubscription) -> None:
    """Pause a subscription now, or raise StripeError and change nothing."""
    _check(subscription)
    dropped_updates.give_up(account, subscription)
    before, began = render(account, subscription), subscription.period_start
    found = _debits_and_credits(account, subscription, params)
    for each in found:
        each.change = found[0].id
        invoice_items.add(account, each)
    invoice = None
    if params.invoicing_behavior == "invoice" and found:
        invoice = issuing.bill_now(account, subscription, [], began)
    stop(account, subscription, "pause_requested", charging.cut(account))
    for item in subscription.items:
        item.period_end = account.now
    if invoice is not None:
        change_payments.collect(account, subscription, invoice, Payment("allow_incomplete", off_session=True))
    publish(account, "customer.subscription.paused", render(account, subscription))
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))


def stop(account: Account, subscription: Subscription, reason: PauseReason, cut: Cut | None) -> None:
    """Count usage no more, from a cut on or by time, and pause a subscription. What it owes was charged before."""
    cycles.count_anew(account, subscription, subscription.items, account.now, cut)
    subscription.status, subscription.pause = "paused", Pause(reason, account.now)
    if subscription.ends_at is not None:
        cycles.schedule(account, subscription)


@documented("the statuses, the collection method, the billing mode, and that no schedule is attached")
@inferred("one that has ended is not found, as when it is resumed")
def _check(subscription: Subscription) -> None:
    """Raise StripeError if a subscription cannot be paused: 400 or 404, or 501 if it is to end with its period."""
    if not subscription.living:
        raise errors.objects.no_such("subscription", subscription.id)
    if subscription.status in ("incomplete", "paused", "trialing"):
        raise errors.pausing.not_pausable(subscription.status)
    if subscription.collection_method != "charge_automatically":
        raise errors.pausing.invoices_are_sent("pause")
    if subscription.billing_mode != "flexible":
        raise errors.pausing.needs_flexible_mode("Pausing")
    if subscription.pause_collection is not None:
        raise errors.pausing.collection_paused()
    if subscription.schedule is not None:
        raise errors.pausing.scheduled(subscription.schedule)
    if subscription.cancel_at_period_end:
        raise errors.unserved.ending_with_its_period()


@documented("credits for time that was paid in advance, and debits for usage: by default both up to now")
def _debits_and_credits(
    account: Account, subscription: Subscription, params: PauseSubscription
) -> Sequence[InvoiceItem]:
    """Return what the pause is billed for, as invoice items in no table yet."""
    stopped = stopped_usage.stop(account, subscription, subscription.items)
    if params.bills_usage:
        found = stopped_usage.bill(account, subscription, stopped, "while paused")
    else:
        charging.waive(subscription, stopped, "paused without billing it")
        found = []
    for item in subscription.items:
        found += prorations.unused(account, subscription, [item], params.gives_back_from(item, account.now))
    return found
