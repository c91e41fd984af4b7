"""What a change of a subscription does: it is checked, and then applied. An update keeps that, a preview undoes it.

Documented in: https://docs.stripe.com/billing/subscriptions/billing-cycle.
"""

from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Protocol

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import anchoring
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.domain.subscribing import scheduled_ends
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing import stopped_usage
from fakestripe_meters.domain.subscribing.composing import compose
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.prorations import Prorating
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.domain.subscribing.subscription_terms import Timing


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
    closes_usage: bool = False
    """Whether the usage of prices that go is charged as that of a period, as at the start of a schedule's phase."""

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
    scheduled_ends.check(account, timing, within)
    if changes:
        compose(account, subscription, changes, within("items"), subscription.billing_mode)
    return Amendment(changes, timing.proration_behavior, timing, trial_end, new_period, resets, timing.proration_date)


def amend(account: Account, subscription: Subscription, amendment: Amendment) -> Outcome:
    """Change a subscription and return the outcome; nothing else is changed."""
    began, changes = subscription.period_start, amendment.changes
    before = {item.id for item in subscription.items}
    new_period = amendment.new_period or anchoring.moves_by_itself(account, subscription, changes)
    at = None if amendment.behavior == "none" else amendment.prorated_at or account.now
    untouched = _untouched(account, subscription, changes) if new_period else []
    stay_paid = _stays_paid(subscription, amendment)
    paid = {item.id: item.period_end for item in untouched if stay_paid and item.period_end > account.now}
    stopped = stopped_usage.stop(account, subscription, stopped_usage.gone(changes))
    kept = [item for item in _untouched(account, subscription, changes) if item.id in paid or not new_period]
    shortened = [] if amendment.timing is None else _shorten(account, subscription, amendment.timing, at, kept)
    found = [*shortened]
    found += prorations.unused(account, subscription, [item for item in untouched if item.id not in paid], at)
    found += item_changes.make(account, subscription, changes, Prorating(at, rest=not new_period))
    charges: list[Charge] = []
    if new_period:
        charges = stopped_usage.close(account, subscription, stopped)
        charges += _begin_anew(account, subscription, amendment.trial_end, paid)
    elif amendment.closes_usage:
        charges = stopped_usage.close(account, subscription, stopped)
    else:
        found += stopped_usage.settle(account, subscription, stopped, amendment.behavior)
    charges += charging.added(account, subscription, before)
    ended = [] if amendment.timing is None else _end(account, subscription, amendment.timing, at)
    found += ended
    for item in untouched:
        if item.id in paid:  # after the end was stored: nothing is charged for the time after it
            found += prorations.remaining(account, subscription, item, _latest(item, paid[item.id]))
    for each in found:
        each.change = found[0].id
    at_once = amendment.behavior == "always_invoice" and (new_period or bool(changes or shortened or ended))
    return Outcome(
        prorations=found,
        charges=charges,
        period_start=account.now if amendment.resets else began,
        new_period=new_period,
        invoices_now=at_once or (new_period and (bool(charges) or not paid)),
        joined=_is_joined(subscription, amendment, new_period=new_period),
    )


@inferred("a change charges nothing for the time after an end that comes with it; in classic mode it gives that back")
def _shorten(
    account: Account, subscription: Subscription, timing: Timing, at: int | None, kept: Iterable[Item]
) -> list[InvoiceItem]:
    """Let a flexible subscription end earlier before anything is charged, and credit items that stay as they are."""
    former, end = subscription.cancel_at, timing.cancel_at
    if at is None or subscription.billing_mode == "classic" or not isinstance(end, int):
        return []
    if former is not None and former <= end:
        return []
    subscription.cancel_at = end
    return prorations.unused(account, subscription, kept, end)


def _end(account: Account, subscription: Subscription, timing: Timing, at: int | None) -> list[InvoiceItem]:
    """Store when a subscription is to end, and return the prorations of that: none if `at` is None."""
    before = [(item, charging.paid_until(subscription, item)) for item in subscription.items]
    former = subscription.cancel_at
    scheduled_ends.apply(account, subscription, timing)
    found: list[InvoiceItem] = []
    for item, end in [] if at is None else before:
        now = charging.paid_until(subscription, item)
        if now < end:
            later, subscription.cancel_at = subscription.cancel_at, former
            found += prorations.unused(account, subscription, [item], now)
            subscription.cancel_at = later
        elif now > end:
            paid = max((debit.end for debit in item.debits), default=end)
            found += prorations.remaining(account, subscription, item, max(end, paid))
    return found


def _latest(item: Item, paid: int) -> int:
    """Return up to when an item is paid, after an end that has moved was charged."""
    return max((debit.end for debit in item.debits if debit.end > paid), default=paid)


def _untouched(account: Account, subscription: Subscription, changes: Sequence[Change]) -> list[Item]:
    touched = {change.item.id for change in changes if change.item and change.moves(account)}
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
