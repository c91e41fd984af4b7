"""How a subscription begins: from its parameters to its first period."""

from collections.abc import Callable
from collections.abc import Iterable

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Recurring
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import added_items
from fakestripe_meters.domain.subscribing import anchor_days
from fakestripe_meters.domain.subscribing import backdating
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import discount_changes
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import only_item
from fakestripe_meters.domain.subscribing import pending_interval_terms
from fakestripe_meters.domain.subscribing import pending_intervals
from fakestripe_meters.domain.subscribing import scheduled_ends
from fakestripe_meters.domain.subscribing import subscription_terms
from fakestripe_meters.domain.subscribing import trial_ends
from fakestripe_meters.domain.subscribing.composing import compose
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import SubscriptionTerms
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset

SUBSCRIPTIONS_ON_A_CLOCK = 3
LONGEST_TRIAL_S = 730 * DAY_S


def begin(
    account: Account,
    customer: Customer,
    params: CreateSubscription,
    *,
    in_checkout: bool = False,
    schedule: str | None = None,
) -> Subscription:
    """Create a subscription at its customer's time, or raise StripeError.

    `in_checkout`: the customer pays for what a Checkout page shows, and authenticates there if the card wants that.
    `schedule` is the id of the schedule that creates it.
    """
    if params.payment_behavior == "pending_if_incomplete":
        raise errors.subscriptions.pending_if_incomplete()
    _check_room(account, customer)
    changes = only_item.read(account, None, params)
    subscription = sketched(account, customer, params, changes)
    trial_ends.check_pausable(account, subscription)
    subscription.id, subscription.schedule = account.ids.new("sub_", 24), schedule
    added = added_items.read(account, params.add_invoice_items, subscription.currency)
    put_discounts(account, subscription, params, changes, added=sum(each.amount for each in added))
    if params.proration_behavior != "none":
        for item in backdating.elapsed(account, subscription):
            invoice_items.add(account, item)
    added_items.add(account, subscription, added)
    pending_intervals.apply(account, subscription, params.pending_invoice_item_interval)
    customers.settle_currency(customer, subscription.currency)
    cycles.start(
        account,
        subscription,
        prorate=params.proration_behavior != "none",
        payment_behavior=params.payment_behavior,
        off_session=bool(params.off_session),
        in_checkout=in_checkout,
    )
    return subscription


def put_discounts(
    account: Account,
    subscription: Subscription,
    params: SubscriptionTerms,
    changes: list[Change],
    *,
    added: int = 0,
    within: Callable[[str], str] = str,
) -> None:
    """Put the discounts that the parameters name on a new subscription and its items."""
    discount_changes.apply(account, subscription, params.discounts, path=within("discounts"), added=added)
    for change in changes:
        if change.made is not None:
            item_changes.apply_discounts(account, subscription, change, change.made)


def sketched(
    account: Account,
    customer: Customer,
    params: CreateSubscription,
    changes: list[Change],
    within: Callable[[str], str] = str,
) -> Subscription:
    """Return the subscription that the parameters ask for, with its items, in no table and without an id.

    `within` turns the name of a parameter into its path.
    """
    mode = params.billing_mode.type if params.billing_mode else "flexible"
    currency, recurring = compose(account, None, changes, within("items"), mode)
    if params.currency is not None and params.currency.lower() != currency:
        raise errors.prices.only_supports("currency", currency, params.currency.lower())
    check_collection(params)
    pending_interval_terms.check(params.pending_invoice_item_interval)
    scheduled_ends.check(account, params)
    now, trial_end = account.now, trial_end_of(account, params, changes, within)
    start = backdating.start_of(account, params.backdate_start_date, trials=trial_end is not None)
    anchor = _anchor(params, now if trial_end is None else trial_end, now, recurring)
    if start is not None and mode == "flexible" and anchor == now:
        anchor = start
    subscription = Subscription(
        id="",
        created=now,
        customer=customer.id,
        currency=currency,
        billing_cycle_anchor=anchor,
        items=[],
        anchor_config=anchor_days.config_of(params.billing_cycle_anchor_config),
        begun=charging.cut(account),
        metadata=merged({}, params.metadata),
        test_clock=customer.test_clock,
    )
    billing_modes.choose(subscription, params.billing_mode, within("billing_mode"))
    if trial_end is not None:
        subscription.status, subscription.trial_start, subscription.trial_end = "trialing", now, trial_end
    item_changes.keep_prices(account, changes)
    item_changes.make(account, subscription, changes)
    if start is not None:
        backdating.set_back(account, subscription, start, prorate=params.proration_behavior != "none")
    subscription_terms.apply(account, subscription, params)
    tax_terms.apply_default(account, subscription, params.default_tax_rates)
    scheduled_ends.apply(account, subscription, params)
    return subscription


def trial_end_of(
    account: Account, params: CreateSubscription, changes: list[Change], within: Callable[[str], str] = str
) -> int | None:
    """Return when the trial ends that the parameters ask for, in Unix seconds; None without a trial."""
    if params.trial_from_plan and (params.trial_end, params.trial_period_days) != (None, None):
        raise errors.subscriptions.trial_of_plan_and_own()
    if params.trial_end is not None and params.trial_period_days is not None:
        raise errors.params.exclusive_params(("trial_end", "trial_period_days"))
    if params.trial_end is not None:
        return check_trial_end(account, params.trial_end, within("trial_end"))
    days = params.trial_period_days
    if days is None and params.trial_from_plan:
        days = days_of_plans(change.price_after(account) for change in changes)
    return account.now + days * DAY_S if days else None


def days_of_plans(found: Iterable[Price]) -> int:
    """Return for how many days the prices of a subscription may be tried; 0 if they may not."""
    return max((price.rhythm.trial_period_days or 0 for price in found), default=0)


def check_trial_end(account: Account, trial_end: int | str, path: str = "trial_end") -> int | None:
    """Return the end of a trial in Unix seconds, None for `now`; raise StripeError 400 if past or too far away."""
    if isinstance(trial_end, str):
        return None
    if trial_end <= account.now:
        raise errors.params.in_the_past(path, trial_end)
    check_ahead(account, trial_end, path)
    if trial_end > account.now + LONGEST_TRIAL_S:
        raise errors.subscriptions.trial_too_long(path)
    return trial_end


def _anchor(params: CreateSubscription, natural: int, now: int, recurring: Recurring) -> int:
    """Return the instant that the billing cycle is counted from.

    By default that is the start, or the end of the trial.
    """
    anchor, config = params.billing_cycle_anchor, params.billing_cycle_anchor_config
    if config is not None:
        return anchor_days.of_config(config, anchor, recurring, now, trials=natural != now)
    if anchor is None:
        return natural
    if anchor <= now:
        raise errors.params.in_the_past("billing_cycle_anchor", anchor)
    if anchor < natural:
        raise errors.billing_cycles.anchor_within_trial("billing_cycle_anchor", natural)
    latest = Cycle(natural, recurring.interval, recurring.interval_count).edge(1)
    if anchor > latest:
        raise errors.billing_cycles.anchor_too_late("billing_cycle_anchor", latest)
    return anchor


def _check_room(account: Account, customer: Customer) -> None:
    if customer.test_clock is None or account.settings.relaxed:
        return
    if len(account.part(Subscriptions).running(customer.id)) >= SUBSCRIPTIONS_ON_A_CLOCK:
        raise errors.test_clocks.clock_is_full("customer", SUBSCRIPTIONS_ON_A_CLOCK, "subscriptions for each customer")


def check_collection(params: SubscriptionTerms, subscription: Subscription | None = None) -> None:
    """Raise StripeError 400 if sent invoices have no due date, or if invoices that are not sent have one."""
    method: str | Unset | None = params.collection_method
    days: int | Unset | None = params.days_until_due
    if subscription is not None:
        method = subscription.collection_method if method is UNSET else method
        days = subscription.days_until_due if days is UNSET else days
    if method == "send_invoice" and not isinstance(days, int):
        raise errors.invoices.due_date_needed(("days_until_due",))
    if method != "send_invoice" and isinstance(params.days_until_due, int):
        raise errors.invoices.due_date_not_wanted(("days_until_due",))
