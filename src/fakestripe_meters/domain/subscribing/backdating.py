"""`backdate_start_date`: a subscription that has begun before it is created, and what it is billed for that time.

Documented in: https://docs.stripe.com/billing/subscriptions/backdating,
https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing-setup.
"""

from collections.abc import Iterator
from dataclasses import replace

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscription_items import Debit
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import proration_discounts
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.framework.amounts import check_charge

PATH = "backdate_start_date"
MOST_LINES = 250


@inferred("the present second is no backdating")
def start_of(account: Account, given: int | None, *, trials: bool) -> int | None:
    """Return the start that a subscription is backdated to; None if it begins now. Raise StripeError if it cannot."""
    if given is None or given == account.now:
        return None
    if given > account.now:
        raise errors.billing_cycles.backdated_ahead(PATH)
    if trials:
        raise errors.unserved.param(PATH)
    return given


@documented("in flexible mode, the periods that are past are natural ones, and usage counts in each of them")
@documented("in classic mode, the usage since the start counts in the first period")
@inferred("without proration, the usage from before the creation does not count, in both modes")
def set_back(account: Account, subscription: Subscription, start: int, *, prorate: bool) -> None:
    """Let a new subscription have begun at `start`, or raise StripeError 400 if it would be billed for too much."""
    subscription.started = start
    flexible = subscription.billing_mode == "flexible"
    if flexible:
        for item in subscription.items:
            item.period_start = max(start, subscription.cycle_of(item).period(account.now).start)
        if prorate and sum(_periods(subscription, item) for item in subscription.items) > MOST_LINES:
            raise errors.billing_cycles.backdated_too_far(PATH, MOST_LINES)
    if prorate:
        subscription.begun = None
        for item in charging.metered(account, subscription.items):
            item.count_from(item.period_start if flexible else start)


def opening(subscription: Subscription, *, prorate: bool) -> list[Charge]:
    """Return the charges of the first invoice; in flexible mode they include those of the periods that are past."""
    if subscription.started is None:
        return charging.opening(subscription, prorate=prorate)
    if subscription.billing_mode == "classic":  # what is before the first full period is an invoice item
        return charging.opening(subscription, prorate=False)
    ahead = charging.opening(subscription, prorate=prorate)
    if not prorate:
        return [charge for charge in ahead if charge.start >= subscription.created]
    past = [charge for item in subscription.items for charge in _past(subscription, item)]
    return sorted(past, key=lambda charge: charge.start) + ahead


def check_lines(subscription: Subscription, invoice: Invoice) -> None:
    """Raise StripeError 400 if the first invoice of a backdated subscription has too many lines."""
    if subscription.started is not None and len(invoice.lines) > MOST_LINES:
        raise errors.billing_cycles.backdated_too_far(PATH, MOST_LINES)


@documented(
    "in classic mode, the time up to the first full period is one proration. It is a part of an imagined interval that "
    "begins with the start"
)
@inferred("several intervals are charged each in full; and the wording")
def elapsed(account: Account, subscription: Subscription) -> list[InvoiceItem]:
    """Return what a backdated subscription in classic mode is charged for the time before its first full period."""
    if subscription.started is None or subscription.billing_mode == "flexible":
        return []
    return [_elapsed(account, subscription, item) for item in subscription.items if item.quantity is not None]


def _elapsed(account: Account, subscription: Subscription, item: Item) -> InvoiceItem:
    price, quantity = prices.kept(account, item.price), item.quantity or 0
    start, end = subscription.started or 0, item.period_start
    if subscription.cycle_of(item).period(end) != item.period:
        end = item.period_end
    imagined = Cycle(start, *item.cadence)
    full, rest = imagined.index(end), imagined.period(end)
    whole = rest.end - rest.start
    part = full * whole + end - rest.start
    cost = proration_discounts.planned(account, subscription, item, pricing.exact_cost(price.tariff, quantity))
    gross, net = (prorations.rounded(each * part / whole) for each in (cost.gross, cost.net))
    check_charge(gross, PATH)
    debit = Debit(price.id, quantity, start, end, end - start, net)
    words = f"Time on {prorations.what(account, debit)} from {prorations.date(start)} until {prorations.date(end)}"
    charge = prorations.proration(account, subscription, item, debit, words, start=start)
    proration_discounts.apply(account, subscription, charge, cost, gross=gross, net=net)
    item.debits = [replace(debit, invoice_item=charge.id)]
    return charge


def _periods(subscription: Subscription, item: Item) -> int:
    """Return in how many natural periods an item has been, the present one included."""
    cycle = subscription.cycle_of(item)
    return cycle.index(item.period_start) - cycle.index(subscription.started or 0) + 1


def _past(subscription: Subscription, item: Item) -> Iterator[Charge]:
    """Yield the charges of the natural periods that are past, oldest first."""
    cycle, started = subscription.cycle_of(item), subscription.started or 0
    for index in range(cycle.index(started), cycle.index(item.period_start)):
        start, end = max(started, cycle.edge(index)), cycle.edge(index + 1)
        if item.quantity is None:
            yield charging.with_terms(Charge(item.id, item.price, start, end), item)
        else:
            whole = end - cycle.edge(index)
            yield charging.with_terms(Charge(item.id, item.price, start, end, item.quantity, end - start, whole), item)
