"""What a subscription is billed for: usage when a period is over, quantities when it begins.

Documented in: https://docs.stripe.com/billing/subscriptions/billing-mode/compare.
"""

from collections.abc import Container
from collections.abc import Iterable
from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.waived_usage import Unbilled
from fakestripe_meters.domain.records.waived_usage import Waived


@inferred(
    "a change within a period closes the usage that was accepted before it, up to and including its second. What is "
    "accepted later, or has a later timestamp, belongs to what begins"
)
def cut(account: Account) -> Cut:
    """Return what a change that happens now closes."""
    return Cut(account.now, account.part(Intake).newest_number)


@documented("the usage of a trial is shown on the invoice that its end makes")
@inferred("also if nothing was used, and if the trial is ended early; but not if the subscription ends with it")
def arrears(
    account: Account, subscription: Subscription, until: int | Cut, items: Iterable[Item] | None = None
) -> list[Charge]:
    """Return the charges for usage since the period began, under the prices that counted it; that of a trial is free.

    By default that is the usage of all items. It ends by timestamp at `until`, or with a cut. What began in the second
    of the cut is left out if it has no usage.
    """
    charges = [usage_of(item, until) for item in metered(account, subscription.items if items is None else items)]
    if subscription.trialing and isinstance(until, int) and subscription.ends_by(until):
        return []
    if subscription.trialing:
        classic = subscription.billing_mode == "classic"
        return [replace(charge, free=True, trial=True, classic=classic) for charge in charges]
    return [*subscription.unbilled, *(charge for charge in charges if is_due(account, subscription, charge))]


def current(account: Account, subscription: Subscription, until: Cut) -> list[Charge]:
    """Return the charges for usage up to a cut, under the prices of today; their lines show the whole period."""
    charges = [usage_of(item, until, subscription.end_of(item)) for item in metered(account, subscription.items)]
    return [charge for charge in charges if is_due(account, subscription, charge)]


def usage_of(item: Item, until: int | Cut, end: int | None = None) -> Charge:
    """Return the charge for the usage of an item under its current price; its lines may show another `end`."""
    return Charge(
        item.id,
        item.price,
        item.since,
        end or (until.instant if isinstance(until, Cut) else until),
        billed=item.billed,
        skipped=item.skipped,
        opened=item.opened,
        after=item.closed,
        discounts=item.discounts,
        tax_rates=item.tax_rates,
        closed=until if isinstance(until, Cut) else None,
    )


@observed("the draft that a new cycle makes is not recomputed with later usage (runs in a sandbox, 2026)")
def found(account: Account, subscription: Subscription, charges: Iterable[Charge]) -> list[Charge]:
    """Return charges with the usage that is visible now, which stays as it is."""
    counted = ((each, invoice_lines.quantity(account, each, subscription.customer)) for each in charges)
    return [each if each.quantity is not None else replace(each, found=quantity) for each, quantity in counted]


def is_due(account: Account, subscription: Subscription, charge: Charge) -> bool:
    """Return whether a charge for usage covers time, or any usage within one second."""
    return charge.start < charge.end or bool(charge.billed) or any_used(account, subscription, charge)


def any_used(account: Account, subscription: Subscription, charge: Charge) -> bool:
    """Return whether there may be usage to charge."""
    meter = prices.kept(account, charge.price).meter
    return meter is not None and account.part(Intake).any_used(meter, subscription.customer, charge.stretch)


def metered(account: Account, items: Iterable[Item]) -> list[Item]:
    """Return the items with a metered price."""
    return [item for item in items if prices.kept(account, item.price).metered]


def close(account: Account, subscription: Subscription, until: int | Cut, *, billed: bool) -> None:
    """Record what is never billed of a subscription that ends; with `billed`, that is only the usage of a trial."""
    items = metered(account, subscription.items)
    if subscription.trialing:
        waive_trial(subscription, items, until)
    elif not billed:
        discarded = [*subscription.unbilled, *(usage_of(item, until) for item in items)]
        waive(subscription, discarded, "ended without an invoice" if subscription.paused is None else "while paused")
    subscription.unbilled = []
    subscription.ended = until if isinstance(until, Cut) else None


@inferred("usage with a timestamp in a trial is free, also when it is reported after the trial was ended early")
def waive_trial(subscription: Subscription, items: Iterable[Item], until: int | Cut) -> None:
    """Record that the usage of items in a trial is never billed."""
    ends: list[int | Cut] = [until.instant, until] if isinstance(until, Cut) else [until]
    waive(subscription, (usage_of(item, end) for item in items for end in ends), "in a trial")


@inferred("usage with a timestamp in a pause is never billed, and neither is what is reported meanwhile or too late")
def waive_pause(subscription: Subscription, items: Iterable[Item], until: Cut) -> None:
    """Record that the usage of items is never billed that was counted since a subscription was paused."""
    waive(subscription, (usage_of(item, end) for item in items for end in (until.instant, until)), "while paused")


def waive(subscription: Subscription, charges: Iterable[Charge], reason: Unbilled) -> None:
    """Record that usage is never billed, and why."""
    subscription.waived = [*subscription.waived, *(Waived(charge, reason) for charge in charges)]


@observed("the wording of what is free in a trial, in flexible mode (pay-rails/pay)")
@documented("that in classic mode")
def ahead(subscription: Subscription, items: Iterable[Item] | None = None, *, prorate: bool = True) -> list[Charge]:
    """Return the charges for the quantities of the periods that begin: by default, those of all items.

    They are prorated if a period is shorter than its cycle; without `prorate` such a period has none.
    """
    beginning = (item for item in (subscription.items if items is None else items) if item.quantity is not None)
    whole = (item for item in beginning if prorate or subscription.trialing or not _is_clipped(subscription, item))
    return [_charge_ahead(subscription, item, prorate=prorate) for item in whole]


@documented(
    "a subscription that is to end within a period is charged up to then, in flexible mode unless it is not to be "
    "prorated: https://docs.stripe.com/billing/subscriptions/prorations"
)
def paid_until(subscription: Subscription, item: Item) -> int:
    """Return up to when an item is charged in advance, in Unix seconds."""
    return item.period_end if subscription.cancel_at is None else min(item.period_end, subscription.cancel_at)


def _is_clipped(subscription: Subscription, item: Item) -> bool:
    return subscription.cycle_of(item).period(item.period_start) != item.period


def _charge_ahead(subscription: Subscription, item: Item, *, prorate: bool) -> Charge:
    start, end = item.period
    if not subscription.trialing and (prorate or subscription.billing_mode == "classic"):
        end = paid_until(subscription, item)
    full = subscription.cycle_of(item).period(start)
    clipped = full != (start, end) and not subscription.trialing
    part, whole = (end - start, full.end - full.start) if clipped else (1, 1)
    free, classic = subscription.trialing, subscription.billing_mode == "classic"
    charge = Charge(item.id, item.price, start, end, item.quantity, part, whole, free=free, classic=classic)
    return with_terms(charge, item)


def with_terms(charge: Charge, item: Item) -> Charge:
    """Return a charge with the discounts and the tax rates of its item."""
    charge.discounts, charge.tax_rates = item.discounts, item.tax_rates
    return charge


@observed("in flexible billing it shows no metered price, in classic billing a line of zero (laravel/cashier-stripe)")
@documented("the same")
def opening(subscription: Subscription, *, prorate: bool = True) -> list[Charge]:
    """Return the charges of the first invoice."""
    charges = ahead(subscription, prorate=prorate)
    if subscription.billing_mode == "flexible":
        return charges
    return charges + [_nothing(item, item.period_start) for item in subscription.items if item.quantity is None]


@documented("in classic mode a line of zero, if the change is invoiced; none in flexible mode")
@inferred("an item that gets another metered price has none")
def added(account: Account, subscription: Subscription, before: Container[str]) -> list[Charge]:
    """Return the charges for metered items that a change has added to those `before` it, given by their ids."""
    if subscription.billing_mode == "flexible":
        return []
    counting = [item for item in subscription.items if item.quantity is None]
    return [_nothing(item, account.now) for item in counting if item.id not in before]


def _nothing(item: Item, start: int) -> Charge:
    return with_terms(Charge(item.id, item.price, start, item.period_end, free=True), item)
