"""Changes to a running subscription: its items, its times and its other parameters; all of them, or none.

`amend` works out what a change does. An update keeps that, a preview undoes it.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import only_item
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing import subscription_terms
from fakestripe_meters.domain.subscribing.composing import compose
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.domain.subscribing.subscription_terms import Timing
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.framework.metadata import merged

CHANGEABLE_AFTER_END = frozenset({"metadata", "cancellation_details", "expand"})


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change that was checked: applying it cannot fail any more."""

    changes: Sequence[Change]
    behavior: Prorations
    timing: Timing | None = None
    trial_end: int | None = None
    new_period: bool = False
    """Whether a new period begins now, even if no item asks for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a change: prorations, which wait for an invoice, and charges, if a new period begins at once."""

    prorations: list[InvoiceItem]
    charges: list[Charge]
    period_start: int
    """The start of the period in which the change was made, in Unix seconds."""
    new_period: bool
    invoices_now: bool


def update(account: Account, subscription: Subscription, params: UpdateSubscription) -> None:
    """Apply an update to a subscription, or raise StripeError and change nothing."""
    _check_alive(subscription, params)
    check_clearing(subscription.billing_mode, params.items)
    if params.trial_from_plan and params.trial_end is not None:
        raise errors.billing.trial_of_plan_and_own()
    changes = only_item.read(account, subscription, params)
    metadata = merged(subscription.metadata, params.metadata)
    starting.check_collection(params, subscription)
    amendment = check(account, subscription, changes, params, new_period=params.restarts_cycle)
    if params.trial_from_plan:
        raise errors.unserved.param("trial_from_plan")
    before = render(account, subscription)
    subscription.metadata = metadata
    subscription_terms.apply_reasons(subscription.cancellation, params.cancellation_details)
    subscription_terms.apply(subscription, params)
    _commit(account, subscription, amendment, params.payment_behavior)
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))


def change_item(
    account: Account, subscription: Subscription, change: Change, behavior: Prorations, payment_behavior: str
) -> None:
    """Add, change or remove one item, or raise StripeError and change nothing."""
    if not subscription.living:
        raise errors.billing.subscription_ended()
    compose(account, subscription, [change], None, subscription.billing_mode)
    before = render(account, subscription)
    _commit(account, subscription, Amendment([change], behavior), payment_behavior)
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))


def check(
    account: Account,
    subscription: Subscription,
    changes: Sequence[Change],
    timing: Timing,
    *,
    new_period: bool = False,
    within: Callable[[str], str] = str,
) -> Amendment:
    """Check a change and return it, or raise StripeError; `within` turns a parameter's name into its path."""
    trial_end = None
    if timing.trial_end is not None:
        trial_end = starting.check_trial_end(account, timing.trial_end, within("trial_end"))
        new_period = new_period or trial_end is not None or subscription.trialing
    subscription_terms.check_end(account, timing, within)
    if changes:
        compose(account, subscription, changes, within("items"), subscription.billing_mode)
    return Amendment(changes, timing.proration_behavior, timing, trial_end, new_period)


def amend(account: Account, subscription: Subscription, amendment: Amendment) -> Outcome:
    """Change a subscription and return the outcome; nothing else is changed.

    A different interval begins a new period at once, except within a trial, which continues.
    """
    began = subscription.period_start
    switches = item_changes.cadences_after(account, subscription, amendment.changes).isdisjoint(subscription.cadences)
    new_period = amendment.new_period or (switches and not subscription.trialing)
    found = _prorations(account, subscription, amendment.changes, new_period=new_period)
    if amendment.timing is not None:
        subscription_terms.apply_end(account, subscription, amendment.timing)
    charges: list[Charge] = []
    if new_period:
        anchor = amendment.trial_end or account.now
        cut = charging.cut(account)
        charges = charging.arrears(account, subscription, cut)
        charges += cycles.begin_period(
            account, subscription, account.now, anchor=anchor, trial_end=amendment.trial_end, cut=cut
        )
    return Outcome(
        prorations=[] if amendment.behavior == "none" else found,
        charges=charges,
        period_start=began,
        new_period=new_period,
        invoices_now=new_period or (amendment.behavior == "always_invoice" and bool(amendment.changes)),
    )


class Clearing(Protocol):
    """What may clear the usage of an item that is removed."""

    @property
    def clear_usage(self) -> bool:
        """Whether it does."""


@observed("the refusal in flexible mode (laravel/cashier-stripe#1819)")
@inferred("in classic mode, it has no effect: the usage is the meter's, not the item's")
def check_clearing(billing_mode: str, items: Iterable[Clearing]) -> None:
    """Raise StripeError 400 if usage is to be cleared in flexible billing mode."""
    if billing_mode == "flexible" and any(item.clear_usage for item in items):
        raise errors.billing.not_in_flexible_mode("clear_usage")


def credit_unused(account: Account, subscription: Subscription) -> None:
    """Credit everything that was paid for the rest of the period."""
    for item in _unused(account, subscription, subscription.items):
        invoice_items.add(account, item)


def _commit(account: Account, subscription: Subscription, amendment: Amendment, payment_behavior: str) -> None:
    item_changes.keep_prices(account, amendment.changes)
    turned_at = subscription.turns_at
    outcome = amend(account, subscription, amendment)
    account.part(Subscriptions).index(subscription)
    for item in outcome.prorations:
        invoice_items.add(account, item)
    if outcome.invoices_now:
        invoice = cycles.bill_now(account, subscription, outcome.charges, outcome.period_start)
        if invoice is not None:
            _check_payment(invoice, payment_behavior)
    if subscription.living and (outcome.new_period or subscription.turns_at != turned_at):
        cycles.schedule(account, subscription)
    if outcome.new_period:
        cycles.announce_trial_end(account, subscription)


@documented("what each payment behavior does with a change: https://docs.stripe.com/api/subscriptions/update")
def _check_payment(invoice: Invoice, behavior: str) -> None:
    """Raise unless a payment behavior leads to what was done with the invoice of a change: a payment was tried."""
    if not invoice.amount_due or invoice.collection_method != "charge_automatically":
        return
    if invoice.status != "paid" and behavior == "error_if_incomplete":
        raise errors.billing.card_declined()
    waits = behavior == "default_incomplete"  # for a confirmation, even if the payment would succeed
    if waits or (invoice.status != "paid" and behavior == "pending_if_incomplete"):
        raise errors.unserved.param("payment_behavior")


def _prorations(
    account: Account, subscription: Subscription, changes: Sequence[Change], *, new_period: bool
) -> list[InvoiceItem]:
    """Change the items and return the prorations.

    If a new period begins, the items that do not change are credited for the rest of the old one as well.
    """
    touched = {change.item.id for change in changes if change.item}
    untouched = [item for item in subscription.items if item.id not in touched] if new_period else []
    found = _unused(account, subscription, untouched)
    return found + item_changes.make(account, subscription, changes, prorate_rest=not new_period)


def _unused(account: Account, subscription: Subscription, items: Iterable[Item]) -> list[InvoiceItem]:
    return [credit for item in items for credit in prorations.unused(account, subscription, item)]


def _check_alive(subscription: Subscription, params: UpdateSubscription) -> None:
    if not subscription.living and _given(params) - CHANGEABLE_AFTER_END:
        raise errors.billing.subscription_ended()


def _given(params: UpdateSubscription) -> set[str]:
    """Return the names of the parameters that differ from their defaults."""
    defaults = vars(UpdateSubscription())
    return {name for name, value in vars(params).items() if value != defaults[name]}
