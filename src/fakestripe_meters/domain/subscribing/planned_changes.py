"""A change that was planned for an instant, as the next phase of a schedule: what is over by then is over by time.

It takes the steps of an update, but what ends with it is closed first. Its invoices wait, as those of any period.
Documented in: https://docs.stripe.com/billing/subscriptions/billing-mode/compare.
"""

from collections.abc import Sequence
from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import added_items
from fakestripe_meters.domain.subscribing import amending
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import discount_changes
from fakestripe_meters.domain.subscribing import dropped_updates
from fakestripe_meters.domain.subscribing import issuing
from fakestripe_meters.domain.subscribing import subscription_terms
from fakestripe_meters.domain.subscribing import trial_ends
from fakestripe_meters.domain.subscribing import trial_warnings
from fakestripe_meters.domain.subscribing.amending import Amendment
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.item_terms import ItemChanges
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset

CYCLE, UPDATE = "subscription_cycle", "subscription_update"


def make(account: Account, subscription: Subscription, params: UpdateSubscription) -> None:
    """Change a subscription now, as it was planned. The parameters were checked; archived prices stay usable."""
    dropped_updates.give_up(account, subscription)
    before = render(account, subscription)
    changes = [_read(account, subscription, terms) for terms in params.items]
    added = added_items.read(account, params.add_invoice_items, subscription.currency)
    over = [item for item in subscription.items if item.period_end <= account.now]
    began = max(item.period_start for item in over or subscription.items)
    usage = _close(account, subscription, over)
    classic = subscription.billing_mode == "classic"
    if _is_apart(account, subscription, params, usage):  # with the discounts of the time that it is for
        _draft(account, subscription, CYCLE, usage, began, items=[])
        usage = []
    _store(account, subscription, params)
    amendment = _amendment(subscription, params, changes, closes_usage=classic or bool(over))
    stop = trial_ends.stop_of(account, subscription) if amendment.ends_trial else None
    if stop is not None:
        amendment = replace(amendment, new_period=False)
    outcome = amending.amend(account, subscription, amendment)
    account.part(Subscriptions).index(subscription)
    for item in outcome.prorations:
        invoice_items.add(account, item)
    own = outcome.prorations + added_items.add(account, subscription, added)
    charges = outcome.charges
    if classic:
        of_usage = [charge for charge in charges if _is_usage(charge)]
        _draft(account, subscription, CYCLE, of_usage, began, items=[])
        charges = [charge for charge in charges if not _is_usage(charge)]
    if not outcome.new_period:
        charges = charges + _begin(account, subscription)
    charges = _retaxed(subscription, usage) + charges
    alone = added_items.invoiced_alone(subscription, added, amendment.behavior)
    if over or outcome.invoices_now or alone or any(map(_is_usage, charges)):
        reason = CYCLE if over or any(map(_is_usage, charges)) else UPDATE
        _draft(account, subscription, reason, charges, began, items=None if over or outcome.joined else own)
    if stop is not None:
        trial_ends.stop(account, subscription, stop, early=True)
    cycles.schedule(account, subscription)
    if amendment.trial_end is not None:
        trial_warnings.announce(account, subscription)
    if subscription.living:
        publish_update(account, "customer.subscription.updated", before, render(account, subscription))


def _read(account: Account, subscription: Subscription, terms: ItemChanges) -> Change:
    """Read a change that was checked when it was planned."""
    item = None if terms.id is None else subscription.item(terms.id)
    price = None if item else prices.kept(account, terms.price or "")
    change = Change("", terms, item, price, deleted=terms.deleted)
    change.rates = None if terms.tax_rates is UNSET else list(terms.tax_rates or ())
    return change


def _close(account: Account, subscription: Subscription, over: Sequence[Item]) -> list[Charge]:
    """End the periods that are over, or the trial, and return the charges for their usage."""
    charges = charging.arrears(account, subscription, account.now, over)
    cycles.count_anew(account, subscription, over, account.now, None)
    if over and subscription.trialing:
        subscription.status = "active"
    return charges


@documented("in classic mode it is; in flexible mode, usage has the discounts of the phase before")
@inferred("if the phases have other discounts, usage has an invoice of its own in flexible mode, too")
def _is_apart(
    account: Account, subscription: Subscription, params: UpdateSubscription, usage: Sequence[Charge]
) -> bool:
    """Return whether the usage of the periods that are over has an invoice of its own."""
    if any(charge.free for charge in usage):
        return False
    present = [discounts.kept(account, each) for each in subscription.discounts]
    wanted = () if isinstance(params.discounts, Unset) else params.discounts or ()
    same = params.discounts is UNSET or (
        len(present) == len(wanted)
        and all(
            terms.discount == discount.id
            or (terms.coupon == discount.coupon and discount.promotion_code is None)
            or (terms.promotion_code is not None and terms.promotion_code == discount.promotion_code)
            for terms, discount in zip(wanted, present, strict=True)
        )
    )
    return subscription.billing_mode == "classic" or not same


def _begin(account: Account, subscription: Subscription) -> list[Charge]:
    """Begin a period of each item whose period is over; the billing cycle continues."""
    due = [item for item in subscription.items if item.period_end <= account.now]
    return cycles.begin_period(account, subscription, account.now, due) if due else []


def _amendment(
    subscription: Subscription, params: UpdateSubscription, changes: Sequence[Change], *, closes_usage: bool
) -> Amendment:
    trial_end = params.trial_end if isinstance(params.trial_end, int) else None
    ends = params.trial_end is not None and subscription.trialing
    return Amendment(
        changes,
        params.proration_behavior,
        timing=params,
        trial_end=trial_end,
        new_period=params.restarts_cycle or trial_end is not None or ends,
        resets=params.restarts_cycle,
        closes_usage=closes_usage,
    )


def _store(account: Account, subscription: Subscription, params: UpdateSubscription) -> None:
    subscription.metadata = merged(subscription.metadata, params.metadata)
    subscription_terms.apply(account, subscription, params)
    if params.default_tax_rates is not UNSET:
        subscription.default_tax_rates = list(params.default_tax_rates or ())
    discount_changes.apply(account, subscription, params.discounts, changes=True)


def _is_usage(charge: Charge) -> bool:
    return charge.quantity is None and not charge.free


@documented("in flexible mode, usage gets the tax rates of the next phase")
@inferred("those of its item, or the default ones if the item goes")
def _retaxed(subscription: Subscription, charges: Sequence[Charge]) -> list[Charge]:
    rates = {item.id: item.tax_rates for item in subscription.items}
    return [replace(charge, tax_rates=rates.get(charge.item, [])) for charge in charges]


@documented(
    "in classic mode, usage has an invoice of its own; in flexible mode there is one invoice. An invoice of a phase's "
    "start waits for finalization, with usage as long as that of a period"
)
@inferred("its reason: a cycle if it bills usage or a period is over, else an update")
def _draft(
    account: Account,
    subscription: Subscription,
    reason: str,
    charges: list[Charge],
    began: int,
    *,
    items: Sequence[InvoiceItem] | None,
) -> None:
    issuing.bill_now(account, subscription, charges, began, items=items, reason=reason)
