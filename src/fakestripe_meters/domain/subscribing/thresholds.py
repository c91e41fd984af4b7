"""Billing thresholds: usage that crosses one is invoiced before its period ends.

Source: https://docs.stripe.com/billing/subscriptions/usage-based/thresholds.
"""

# inferred: the invoice of a threshold is finalized at once. Thresholds are checked when usage becomes visible, and
# compared with the usage that was not yet invoiced, before credits.

from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Threshold
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles

# documented: thresholds do not apply to trials.
COUNTING = frozenset({"active", "past_due"})


def any_of(account: Account, customer: str) -> bool:
    """Return whether a customer has a subscription with a threshold."""
    return any(map(_has_one, account.part(Subscriptions).of(customer)))


def watch(account: Account, event: UsageEvent) -> None:
    """Invoice the customer's subscriptions whose threshold is crossed by an event that has just become visible."""
    for subscription in account.part(Subscriptions).of(event.customer):
        if _has_one(subscription) and subscription.status in COUNTING and _uses(account, subscription, event.meter):
            with test_clocks.time_of(account, subscription.test_clock):
                _check(account, subscription)


def _has_one(subscription: Subscription) -> bool:
    thresholds = subscription.thresholds
    by_amount = thresholds is not None and thresholds.amount_gte is not None
    return by_amount or any(item.usage_gte is not None for item in subscription.items)


def _uses(account: Account, subscription: Subscription, meter: str) -> bool:
    return any(prices.kept(account, item.price).meter == meter for item in subscription.items)


def _check(account: Account, subscription: Subscription) -> None:
    charges = charging.arrears(account, subscription, subscription.turns_at)
    used = [invoice_lines.quantity(account, charge, subscription.customer) for charge in charges]
    by_item = {charge.item: quantity for charge, quantity in zip(charges, used, strict=True)}
    crossed = {
        item.id: item.usage_gte
        for item in subscription.items
        if item.usage_gte is not None and by_item.get(item.id, ZERO) - item.billed >= item.usage_gte
    }
    amount_gte = subscription.thresholds.amount_gte if subscription.thresholds else None
    if amount_gte is not None and _accrued(account, charges, used) < amount_gte:
        amount_gte = None
    if amount_gte is not None or crossed:
        _issue(account, subscription, charges, Threshold(amount_gte, crossed))


def _accrued(account: Account, charges: list[Charge], used: list[Decimal]) -> int:
    billed = (invoice_lines.bill(account, charge, quantity) for charge, quantity in zip(charges, used, strict=True))
    return sum(line.rounded for lines in billed for line in lines)


def _issue(account: Account, subscription: Subscription, charges: list[Charge], reason: Threshold) -> None:
    before = subscriptions.render(account, subscription)
    began, until = subscription.period_start, subscription.turns_at
    if subscription.thresholds is not None and subscription.thresholds.reset_billing_cycle_anchor:
        charges = charges + _turn_over(account, subscription, until)
    else:
        _carry_on(account, subscription, until)
    invoice = cycles.draft(account, subscription, "subscription_threshold", charges, began)
    if invoice is None:  # pragma: no cover  there is usage
        return
    invoice.threshold = reason
    drafts.announce(account, invoice)
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))
    collecting.advance(account, invoice)


def _carry_on(account: Account, subscription: Subscription, until: int) -> None:
    """Record what is billed now, so that the next invoice of the period continues from there."""
    subscription.unbilled = []
    for item in _metered(account, subscription):
        item.billed = invoice_lines.quantity(account, charging.usage_of(item, until), subscription.customer)


def _turn_over(account: Account, subscription: Subscription, until: int) -> list[Charge]:
    """Begin a new period now, and return the charges that are due for it in advance.

    Usage of this very second, or reported slightly ahead of time, is billed with the old period and skipped in the new
    one.
    """
    now = account.now
    charges = cycles.begin_period(account, subscription, now, anchor=now)
    cycles.schedule(account, subscription)
    for item in _metered(account, subscription):
        item.skipped = _usage_between(account, subscription, item, now, until)
    return charges


@inferred("if the meter counts by `last`, nothing is skipped, as its value is no sum")
def _usage_between(account: Account, subscription: Subscription, item: Item, start: int, end: int) -> Decimal:
    """Return the usage of an item between two instants; zero if the meter's formula is no sum."""
    meter = prices.kept(account, item.price).meter
    if meter is None or start >= end:
        return ZERO
    ledger = account.part(Intake).ledger(meter)
    return (ledger.total(subscription.customer, start, end) if ledger.adds_up else None) or ZERO


def _metered(account: Account, subscription: Subscription) -> list[Item]:
    return [item for item in subscription.items if prices.kept(account, item.price).metered]
