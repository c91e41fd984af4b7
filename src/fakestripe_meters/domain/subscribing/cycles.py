"""The life of a subscription: it starts, its periods follow each other, its cycle restarts, it ends.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based.
"""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.cards import Answer
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import balances
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import paying
from fakestripe_meters.domain.invoicing import settling
from fakestripe_meters.domain.invoicing import standing
from fakestripe_meters.domain.paying import setups
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import backdating
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import dropped_updates
from fakestripe_meters.domain.subscribing import issuing
from fakestripe_meters.domain.subscribing import paused_collection
from fakestripe_meters.domain.subscribing import trial_warnings

PATIENCE_S = 23 * HOUR_S
"""How long a new subscription, or a change, waits for the payment of its invoice at most, in seconds."""


def start(
    account: Account,
    subscription: Subscription,
    *,
    prorate: bool,
    payment_behavior: str,
    off_session: bool,
    in_checkout: bool = False,
) -> None:
    """Start a new subscription: bill what is due in advance, and collect it at once unless the invoice is sent.

    `in_checkout`: the customer pays for what a Checkout page shows, and authenticates there if the card wants that. The
    first invoice of a schedule is collected an hour later, as any other.
    Raise StripeError 402 if the payment fails and `payment_behavior` is `error_if_incomplete`, 400 if nothing can pay.
    """
    waits, later = payment_behavior == "default_incomplete", subscription.schedule is not None
    invoice, items = first_invoice(account, subscription, prorate=prorate, in_checkout=in_checkout)
    drafts.refresh(account, invoice, items)
    backdating.check_lines(subscription, invoice)
    collected = not later and invoice.collection_method == "charge_automatically"
    charged = collected and not balances.is_too_small(invoice)
    answer: Answer | None = "passes"
    if charged and not waits:
        answer = paying.foreseen(account, subscription, off_session=off_session, authenticates=in_checkout)
    if answer is None:
        raise errors.subscriptions.no_payment_method()
    if payment_behavior == "error_if_incomplete":
        paying.check_passes(answer)
    setup = setups.prepared(account, subscription) if balances.is_too_small(invoice) and not later else None
    account.part(Subscriptions).add(subscription)
    if invoice.charges or items:
        issuing.add_draft(account, subscription, invoice, items)
    if charged and (waits or answer != "passes"):
        subscription.status = "incomplete"
        _schedule(account, subscription, account.now + PATIENCE_S, Work.EXPIRE_SUBSCRIPTION)
    publish(account, "customer.subscription.created", subscriptions.render(account, subscription))
    if setup is not None:
        setups.begin(account, setup)
    if invoice.charges or items:
        issuing.announce(account, subscription, invoice)
        if collected and waits:
            collecting.finalize(account, invoice)
        elif collected:
            collecting.advance(account, invoice, off_session=off_session, authenticates=in_checkout)
    schedule(account, subscription)
    trial_warnings.announce(account, subscription)


@inferred("a period that was over before its subscription was resumed ends when it should have, one after the other")
def turn(account: Account, subscription: Subscription) -> None:
    """End the billing period or the subscription if that is due now; do nothing if it has been moved meanwhile."""
    paused_collection.resume(account, subscription)  # an invoice of this second is collected again
    if not subscription.living or subscription.status == "incomplete" or account.now < subscription.turns_at:
        return
    at = subscription.turns_at
    dropped_updates.give_up(account, subscription)
    if subscription.ends_by(at):
        end(account, subscription, on_time=True, bill=subscription.status != "paused")
        return
    before = subscriptions.render(account, subscription)
    began = max(item.period_start for item in subscription.due(at))
    charges = close_period(account, subscription, at)
    invoice = issuing.draft(account, subscription, "subscription_cycle", charges, began)
    if invoice is not None:
        issuing.announce(account, subscription, invoice)
    schedule(account, subscription)
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))


def turns_after(subscription: Subscription, turn: int, until: int) -> int:
    """Return how often a subscription turns after `turn`, up to `until` (Unix seconds), if nothing changes."""
    if not subscription.living or subscription.status == "incomplete" or turn != subscription.turns_at:
        return 0
    last = until if subscription.ends_at is None else min(until, subscription.ends_at)
    return max(0, subscription.shortest.index(last) - subscription.shortest.index(turn))


@inferred("a Checkout page leaves items of the customer waiting that it does not show")
def first_invoice(
    account: Account, subscription: Subscription, *, prorate: bool, in_checkout: bool = False
) -> tuple[Invoice, list[InvoiceItem]]:
    """Return the invoice that a subscription begins with, and the waiting items that go on it; nothing is stored."""
    charges = backdating.opening(subscription, prorate=prorate)
    invoice = drafts.of_subscription(account, subscription, "subscription_create", charges, account.now)
    items = drafts.waiting(account, subscription)
    return invoice, [item for item in items if not in_checkout or item.subscription == subscription.id]


def close_period(account: Account, subscription: Subscription, at: int) -> list[Charge]:
    """End the periods that are over, begin the next ones unless the subscription ends, and return all charges."""
    items = subscription.due(at)
    charges = charging.arrears(account, subscription, at, items)
    if subscription.ends_by(at):
        return charges
    return charges + begin_period(account, subscription, at, items)


@documented(
    "in classic mode, the start of a later trial is not shown. In flexible mode, a trial that continues has no lines "
    "for items that do not change: https://docs.stripe.com/billing/subscriptions/billing-mode/compare"
)
@inferred("a trial whose end is moved is one trial, also where its usage is shown")
def begin_period(
    account: Account,
    subscription: Subscription,
    at: int,
    items: Sequence[Item] | None = None,
    *,
    anchor: int | None = None,
    trial_end: int | None = None,
    cut: Cut | None = None,
) -> list[Charge]:
    """Begin a period of some items, by default all, or a trial, at an instant; return the charges in advance for it.

    By default the billing cycle continues; with `anchor` it is counted from there. A trial in progress ends, unless it
    continues until `trial_end`. With `cut`, a change begins the period; otherwise, time does.
    """
    items = subscription.items if items is None else items
    continues = subscription.trialing and trial_end is not None
    if not continues:
        count_anew(account, subscription, items, at, cut)
    if anchor is not None:
        subscription.billing_cycle_anchor, subscription.anchor_config = anchor, None
    if trial_end is not None:
        subscription.trial_start = subscription.trial_start if continues or _keeps_start(subscription) else at
        subscription.status, subscription.trial_end = "trialing", trial_end
    elif subscription.trialing:
        subscription.status, subscription.trial_end = "active", at
    ends: dict[Cycle, int] = {}
    for item in items:
        cycle = subscription.cycle_of(item)
        if cycle not in ends:
            ends[cycle] = trial_end or cycle.next_edge(at)
        item.period_start, item.period_end = at, ends[cycle]
    return [] if continues and subscription.billing_mode == "flexible" else charging.ahead(subscription, items)


def _keeps_start(subscription: Subscription) -> bool:
    return subscription.billing_mode == "classic" and subscription.trial_start is not None


def count_anew(account: Account, subscription: Subscription, items: Sequence[Item], at: int, cut: Cut | None) -> None:
    """Begin to count the usage of a new period, after the charges for the old one were made."""
    subscription.unbilled = []
    if subscription.trialing:
        charging.waive_trial(subscription, charging.metered(account, items), at if cut is None else cut)
    for item in items:
        if cut is None:
            item.count_from(at)
        else:
            item.count_after(cut, at if subscription.trialing else item.earliest)


@observed("a cancellation makes an invoice of zero if nothing was used yet, and in a trial (bencherdev/bencher#951)")
def closing_charges(account: Account, subscription: Subscription, until: int | Cut) -> list[Charge]:
    """Return the charges of the last invoice; if a change ends the subscription, some for each metered price."""
    charges = charging.arrears(account, subscription, until)
    if charges or not isinstance(until, Cut):
        return charges
    return [charging.usage_of(item, until) for item in charging.metered(account, subscription.items)]


@observed(
    "a subscription that ends with its period bills its usage on a last invoice, as after any cycle; one that is "
    "canceled at once bills it only if the request says so (runs in a sandbox, 2026)"
)
def end(account: Account, subscription: Subscription, *, on_time: bool, bill: bool) -> None:
    """Cancel a subscription now, with `bill` invoice its usage so far; `on_time` if its period or its trial is over."""
    dropped_updates.give_up(account, subscription)
    now = account.now
    until = now if on_time else charging.cut(account)
    paused = subscription.paused is not None
    charges = closing_charges(account, subscription, until) if bill and not paused else []
    charging.close(account, subscription, until, billed=bill and not paused)
    subscription.status, subscription.ended_at = "canceled", now
    subscription.canceled_at = subscription.canceled_at or now
    invoice = _closing_invoice(account, subscription, charges, at_once=not on_time) if bill else None
    standing.stop_collecting(account, subscription, but=invoice)
    if invoice is not None:
        if not on_time:
            drafts.count(account, subscription)
        issuing.announce(account, subscription, invoice)
    publish(account, "customer.subscription.deleted", subscriptions.render(account, subscription))


def _closing_invoice(
    account: Account, subscription: Subscription, charges: list[Charge], *, at_once: bool
) -> Invoice | None:
    reason, began = "subscription_cycle", subscription.period_start
    return issuing.draft(account, subscription, reason, charges, began, closes_at_once=at_once)


@documented("the reason of the cancellation, in Stripe's OpenAPI")
@inferred("its usage since the period began is not billed, and an end that it was to have later is reset")
def give_up(account: Account, subscription: Subscription) -> None:
    """Cancel a subscription because its invoice was not paid."""
    subscription.cancellation.reason = "payment_failed"
    subscription.cancel_at, subscription.cancel_at_period_end = None, False
    end(account, subscription, on_time=False, bill=False)


def expire(account: Account, subscription: Subscription) -> None:
    """Expire a subscription whose first invoice was not paid in time, and void that invoice."""
    if subscription.status != "incomplete":
        return
    invoice = account.part(Invoices).table.get(subscription.latest_invoice or "")
    if invoice is not None and invoice.status == "open":
        settling.void(account, invoice)
    charging.close(account, subscription, charging.cut(account), billed=False)
    subscription.ended_at = account.now
    standing.change_status(account, subscription, "incomplete_expired")


def schedule(account: Account, subscription: Subscription) -> None:
    """Schedule the end of a subscription's period, or its own end if that comes first."""
    _schedule(account, subscription, subscription.turns_at, Work.TURN_SUBSCRIPTION)


def _schedule(account: Account, subscription: Subscription, due: int, kind: Work) -> None:
    test_clocks.schedule(account, subscription.test_clock, due, kind, subscription.id)
