"""Billing thresholds: usage that crosses one is invoiced before its period ends.

Source: https://docs.stripe.com/billing/subscriptions/usage-based/thresholds.
"""

# inferred: the invoice of a threshold is finalized at once. Thresholds are checked when usage becomes visible, and
# compared with the usage that was not yet invoiced, before discounts, credits and taxes.
# documented: with `reset_billing_cycle_anchor`, the period ends as it does by time.
# inferred: usage that is cancelled after a threshold with `reset_billing_cycle_anchor` is not credited. Without it,
# the period's last invoice bills the usage of the whole period less what was billed, and can be negative.

from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_details import Threshold
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import dropped_updates
from fakestripe_meters.domain.subscribing import issuing

# documented: thresholds do not apply to trials.
COUNTING = frozenset({"active", "past_due"})


def any_of(account: Account, customer: str) -> bool:
    """Return whether a customer has a subscription with a threshold."""
    return any(map(_has_one, account.part(Subscriptions).of(customer)))


@inferred("usage with a timestamp in the future crosses a threshold at its timestamp")
def watch(account: Account, event: UsageEvent) -> None:
    """Invoice the customer's subscriptions whose threshold is crossed by an event that has just become visible."""
    for subscription in account.part(Subscriptions).of(event.customer):
        if not _has_one(subscription) or not _uses(account, subscription, event.meter):
            continue
        with test_clocks.time_of(account, subscription.test_clock):
            if event.timestamp <= account.now:
                check(account, subscription)
            else:
                work = Work.CHECK_THRESHOLDS
                test_clocks.schedule(account, subscription.test_clock, event.timestamp, work, subscription.id)


def check(account: Account, subscription: Subscription) -> None:
    """Invoice a subscription whose threshold is crossed now."""
    if counts(subscription):
        cycles.turn(account, subscription)  # a period that ends in this second ends first, whatever was scheduled first
    if counts(subscription):
        _invoice_if_crossed(account, subscription)


def counts(subscription: Subscription) -> bool:
    """Return whether a subscription has a threshold that its usage may cross."""
    return _has_one(subscription) and subscription.status in COUNTING


def _has_one(subscription: Subscription) -> bool:
    thresholds = subscription.thresholds
    by_amount = thresholds is not None and thresholds.amount_gte is not None
    return by_amount or any(item.usage_gte is not None for item in subscription.items)


def _uses(account: Account, subscription: Subscription, meter: str) -> bool:
    return any(prices.kept(account, item.price).meter == meter for item in subscription.items)


def _invoice_if_crossed(account: Account, subscription: Subscription) -> None:
    cut = charging.cut(account)
    replaced, charges = subscription.unbilled, charging.current(account, subscription, cut)
    used = [invoice_lines.quantity(account, charge, subscription.customer) for charge in (*replaced, *charges)]
    by_item = {charge.item: quantity for charge, quantity in zip(charges, used[len(replaced) :], strict=True)}
    crossed = {
        item.id: item.usage_gte
        for item in subscription.items
        if item.usage_gte is not None and by_item.get(item.id, ZERO) - item.billed >= item.usage_gte
    }
    charges = [*replaced, *charges]
    amount_gte = subscription.thresholds.amount_gte if subscription.thresholds else None
    if amount_gte is not None and _accrued(account, charges, used) < amount_gte:
        amount_gte = None
    if amount_gte is not None or crossed:
        _issue(account, subscription, charges, Threshold(amount_gte, crossed), cut)


def _accrued(account: Account, charges: list[Charge], used: list[Decimal]) -> int:
    billed = (invoice_lines.bill(account, charge, quantity) for charge, quantity in zip(charges, used, strict=True))
    return sum(line.rounded for lines in billed for line in lines)


def _issue(account: Account, subscription: Subscription, charges: list[Charge], reason: Threshold, cut: Cut) -> None:
    dropped_updates.give_up(account, subscription)
    before = subscriptions.render(account, subscription)
    began = subscription.period_start
    if subscription.thresholds is not None and subscription.thresholds.reset_billing_cycle_anchor:
        charges = charges + cycles.begin_period(account, subscription, account.now, anchor=account.now, cut=cut)
        cycles.schedule(account, subscription)
    else:
        _carry_on(account, subscription, cut)
    invoice = issuing.draft(account, subscription, "subscription_threshold", charges, began)
    if invoice is None:  # pragma: no cover  there is usage
        return
    invoice.threshold = reason
    issuing.announce(account, subscription, invoice)
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))
    if invoice.auto_advance:
        collecting.advance(account, invoice)


def _carry_on(account: Account, subscription: Subscription, cut: Cut) -> None:
    """Record what is billed now, so that the next invoice of the period continues from there."""
    subscription.unbilled = []
    for item in charging.metered(account, subscription.items):
        item.billed = invoice_lines.quantity(account, charging.usage_of(item, cut), subscription.customer)
