"""Changes to a running subscription: its items, its times and its other parameters; all of them, or none.

`amend` works out what a change does. An update keeps that, a preview undoes it.
"""

from collections.abc import Callable
from collections.abc import Container
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Protocol

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import added_items
from fakestripe_meters.domain.subscribing import anchoring
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import change_payments
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import ending
from fakestripe_meters.domain.subscribing import expiring
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import only_item
from fakestripe_meters.domain.subscribing import pending_intervals
from fakestripe_meters.domain.subscribing import pending_terms
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.domain.subscribing import replacing
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing import subscription_terms
from fakestripe_meters.domain.subscribing import trial_ends
from fakestripe_meters.domain.subscribing.added_items import Added
from fakestripe_meters.domain.subscribing.change_payments import Payment
from fakestripe_meters.domain.subscribing.composing import compose
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.prorations import Prorating
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.domain.subscribing.subscription_terms import Timing
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.schema import UNSET

CHANGEABLE_AFTER_END = frozenset({"metadata", "cancellation_details", "expand"})


class Plan(Timing, Protocol):
    """When things happen to a subscription that is changed: in an update or in a preview."""

    @property
    def proration_date(self) -> int | None:
        """The second as of which the change is prorated; None for now."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change that was checked: applying it cannot fail any more."""

    changes: Sequence[Change]
    behavior: Prorations
    timing: Timing | None = None
    trial_end: int | None = None
    new_period: bool = False
    """Whether a new period begins now, even if no item asks for it."""
    resets: bool = False
    """Whether the billing cycle is to begin anew now."""
    prorated_at: int | None = None
    """The second as of which it is prorated, if that is not now."""

    @property
    def ends_trial(self) -> bool:
        """Whether it ends a trial that is under way."""
        return self.new_period and self.trial_end is None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a change: prorations, which wait for an invoice, and charges, if a new period begins at once."""

    prorations: list[InvoiceItem]
    charges: list[Charge]
    period_start: int
    """The start of the period that an invoice of the change shows, in Unix seconds."""
    new_period: bool
    invoices_now: bool
    joined: bool = True
    """Whether what waits for an invoice joins the invoice of the change."""


def update(account: Account, subscription: Subscription, params: UpdateSubscription) -> None:
    """Apply an update to a subscription, or raise StripeError and change nothing."""
    _check_alive(subscription, params)
    change_payments.check(subscription, params)
    billing_modes.check_clearing(subscription.billing_mode, params.items)
    if params.trial_from_plan and params.trial_end is not None:
        raise errors.billing.trial_of_plan_and_own()
    changes = only_item.read(account, subscription, params)
    params = _with_trial_of_plan(account, subscription, changes, params)
    metadata = merged(subscription.metadata, params.metadata)
    starting.check_collection(params, subscription)
    trial_ends.check_change(subscription, params)
    pending_terms.check(params.pending_invoice_item_interval)
    added = added_items.read(account, params.add_invoice_items, subscription.currency)
    amendment = check(account, subscription, changes, params, new_period=params.restarts_cycle)
    _make_way(account, subscription, amendment)
    before, payment = render(account, subscription), change_payments.of_update(subscription, params)
    subscription.metadata = metadata
    subscription_terms.apply_reasons(subscription.cancellation, params.cancellation_details)
    subscription_terms.apply(subscription, params)
    pending_intervals.apply(account, subscription, params.pending_invoice_item_interval)
    stop = trial_ends.stop_of(account, subscription) if amendment.ends_trial else None
    if stop is not None:
        amendment = replace(amendment, new_period=False)
    _commit(account, subscription, amendment, payment, added)
    trial_ends.check_pausable(account, subscription)
    if stop is not None:
        trial_ends.stop(account, subscription, stop, early=True)
    if stop != "cancel":
        publish_update(account, "customer.subscription.updated", before, render(account, subscription))


@inferred("the trial of a plan begins with the update that asks for it, and lasts as the longest of all items")
def _with_trial_of_plan(
    account: Account, subscription: Subscription, changes: Sequence[Change], params: UpdateSubscription
) -> UpdateSubscription:
    """Return the parameters with the end of the trial that the plans have, if that is asked for."""
    if not params.trial_from_plan:
        return params
    changed = {change.item.id for change in changes if change.item}
    kept = [prices.kept(account, item.price) for item in subscription.items if item.id not in changed]
    days = starting.days_of_plans([*kept, *(each.price_after(account) for each in changes if not each.deleted)])
    given = {name: getattr(params, name) for name in UpdateSubscription.declared}
    return UpdateSubscription(**given | {"trial_end": account.now + days * DAY_S}) if days else params


def change_item(
    account: Account,
    subscription: Subscription,
    change: Change,
    behavior: Prorations,
    payment_behavior: str,
    *,
    proration_date: int | None = None,
) -> None:
    """Add, change or remove one item, or raise StripeError and change nothing."""
    if not subscription.living:
        raise errors.billing.subscription_ended()
    trial_ends.check_item_change(subscription)
    compose(account, subscription, [change], None, subscription.billing_mode)
    anchoring.check_proration_date(subscription, proration_date, "proration_date", resets=False)
    amendment = Amendment([change], behavior, prorated_at=proration_date)
    _make_way(account, subscription, amendment)
    before = render(account, subscription)
    payment = change_payments.of_item(subscription, payment_behavior, deleted=change.deleted)
    _commit(account, subscription, amendment, payment)
    trial_ends.check_pausable(account, subscription, None)
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))


def check(
    account: Account,
    subscription: Subscription,
    changes: Sequence[Change],
    timing: Plan,
    *,
    new_period: bool = False,
    within: Callable[[str], str] = str,
) -> Amendment:
    """Check a change and return it, or raise StripeError; `within` turns a parameter's name into its path."""
    trial_end, resets = None, new_period
    anchoring.check_proration_date(subscription, timing.proration_date, within("proration_date"), resets=resets)
    if timing.trial_end is not None:
        trial_end = starting.check_trial_end(account, timing.trial_end, within("trial_end"))
        new_period = new_period or trial_end is not None or subscription.trialing
    ending.check(account, timing, within)
    if changes:
        compose(account, subscription, changes, within("items"), subscription.billing_mode)
    return Amendment(changes, timing.proration_behavior, timing, trial_end, new_period, resets, timing.proration_date)


def amend(account: Account, subscription: Subscription, amendment: Amendment) -> Outcome:
    """Change a subscription and return the outcome; nothing else is changed."""
    began, changes = subscription.period_start, amendment.changes
    prices_before = {item.id: item.price for item in subscription.items}
    new_period = amendment.new_period or anchoring.moves_by_itself(account, subscription, changes)
    at = None if amendment.behavior == "none" else amendment.prorated_at or account.now
    untouched = _untouched(subscription, changes) if new_period else []
    paid = {item.id: item.period_end for item in untouched if _stays_paid(subscription, amendment)}
    stopped = replacing.stop(account, subscription, replacing.gone(changes))
    found = prorations.unused(account, subscription, [item for item in untouched if item.id not in paid], at)
    found += item_changes.make(account, subscription, changes, Prorating(at, rest=not new_period))
    charges: list[Charge] = []
    if new_period:
        charges = replacing.close(account, subscription, stopped)
        charges += _begin_anew(account, subscription, amendment.trial_end, paid)
        extended = [item for item in untouched if item.id in paid]
        found += [
            each for item in extended for each in prorations.remaining(account, subscription, item, paid[item.id])
        ]
    else:
        found += replacing.settle(account, subscription, stopped, amendment.behavior)
    charges += charging.added(account, subscription, prices_before)
    if amendment.timing is not None:
        ending.apply(account, subscription, amendment.timing)
    for each in found:
        each.change = found[0].id
    at_once = amendment.behavior == "always_invoice" and (new_period or bool(changes))
    return Outcome(
        prorations=found,
        charges=charges,
        period_start=account.now if amendment.resets else began,
        new_period=new_period,
        invoices_now=at_once or (new_period and (bool(charges) or not paid)),
        joined=_is_joined(subscription, amendment, new_period=new_period),
    )


def credit_unused(account: Account, subscription: Subscription) -> None:
    """Credit everything that was paid for the rest of the period, of which a paused subscription has none."""
    items = subscription.items if subscription.status != "paused" else ()
    for item in prorations.unused(account, subscription, items, account.now):
        invoice_items.add(account, item)


def _commit(
    account: Account,
    subscription: Subscription,
    amendment: Amendment,
    payment: Payment,
    added: Sequence[Added] = (),
) -> None:
    item_changes.keep_prices(account, amendment.changes)
    turned_at = subscription.turns_at
    outcome = amend(account, subscription, amendment)
    account.part(Subscriptions).index(subscription)
    for item in outcome.prorations:
        invoice_items.add(account, item)
    own = outcome.prorations + added_items.add(account, subscription, added)
    if outcome.invoices_now or added_items.invoiced_alone(subscription, added, amendment.behavior):
        items = None if outcome.joined else own
        invoice = cycles.bill_now(account, subscription, outcome.charges, outcome.period_start, items=items)
        if invoice is not None and not change_payments.collect(account, subscription, invoice, payment):
            return
    if subscription.living and (outcome.new_period or subscription.turns_at != turned_at):
        cycles.schedule(account, subscription)
    if outcome.new_period:
        cycles.announce_trial_end(account, subscription)


def _make_way(account: Account, subscription: Subscription, amendment: Amendment) -> None:
    """Give up the change that waits for a payment, if another one takes its place."""
    update, timing = subscription.pending_update, amendment.timing
    if update is None:
        return
    ends = UNSET if timing is None else timing.cancel_at_period_end
    conflicts = update.cancel_at_period_end is not None and ends not in (UNSET, update.cancel_at_period_end)
    if conflicts or amendment.new_period or any(change.moves(account) for change in amendment.changes):
        expiring.give_up(account, subscription)


def _untouched(subscription: Subscription, changes: Sequence[Change]) -> list[Item]:
    touched = {change.item.id for change in changes if change.item}
    return [item for item in subscription.items if item.id not in touched]


@observed(
    "if the billing cycle begins anew, flexible billing mode charges an item that stays as it is only for the time "
    "after that which was charged, and makes no invoice for that (Kiln-AI/stripe_world)"
)
@documented("without prorations, all of the new period is charged, although some of it was paid")
def _stays_paid(subscription: Subscription, amendment: Amendment) -> bool:
    """Return whether what was charged for items that do not change counts for the period that begins."""
    flexible = subscription.billing_mode == "flexible" and not subscription.trialing
    return flexible and amendment.resets and amendment.trial_end is None and amendment.behavior != "none"


@documented("both modes: https://docs.stripe.com/billing/subscriptions/billing-mode/compare")
def _is_joined(subscription: Subscription, amendment: Amendment, *, new_period: bool) -> bool:
    """Return whether what waits for an invoice joins the invoice of a change."""
    return subscription.billing_mode == "flexible" or not new_period or amendment.behavior != "always_invoice"


def _begin_anew(
    account: Account, subscription: Subscription, trial_end: int | None, paid: Container[str]
) -> list[Charge]:
    """Begin a period, or a trial, now, and return what is charged for it and for the usage before; not what is paid."""
    cut = charging.cut(account)
    continues = subscription.trialing and trial_end is not None
    charges = [] if continues else charging.arrears(account, subscription, cut)
    ahead = cycles.begin_period(
        account, subscription, account.now, anchor=trial_end or account.now, trial_end=trial_end, cut=cut
    )
    return charges + [charge for charge in ahead if charge.item not in paid]


def _check_alive(subscription: Subscription, params: UpdateSubscription) -> None:
    if not subscription.living and _given(params) - CHANGEABLE_AFTER_END:
        raise errors.billing.subscription_ended()


def _given(params: UpdateSubscription) -> set[str]:
    """Return the names of the parameters that differ from their defaults."""
    defaults = vars(UpdateSubscription())
    return {name for name, value in vars(params).items() if value != defaults[name]}
