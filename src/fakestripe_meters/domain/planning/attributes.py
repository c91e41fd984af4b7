"""What a phase makes of its subscription: the parameters of a creation, or of an update."""

from collections.abc import Sequence
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.undo import DryRun
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing.one_time_prices import SignedPriceData
from fakestripe_meters.domain.invoicing.redeeming import DiscountTerms
from fakestripe_meters.domain.invoicing.redeeming import Owner
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.layouts import CustomField
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscription_phases import Addition
from fakestripe_meters.domain.records.subscription_phases import Defaults
from fakestripe_meters.domain.records.subscription_phases import Phase
from fakestripe_meters.domain.records.subscription_phases import PhaseBound
from fakestripe_meters.domain.records.subscription_phases import PhaseInvoices
from fakestripe_meters.domain.records.subscription_phases import PhaseItem
from fakestripe_meters.domain.records.subscription_phases import Reduction
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import added_items
from fakestripe_meters.domain.subscribing.added_items import AddedEnd
from fakestripe_meters.domain.subscribing.added_items import AddedItem
from fakestripe_meters.domain.subscribing.added_items import AddedPeriod
from fakestripe_meters.domain.subscribing.added_items import AddedStart
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.billing_modes import FlexibleMode
from fakestripe_meters.domain.subscribing.item_terms import ItemChanges
from fakestripe_meters.domain.subscribing.item_terms import ItemThreshold
from fakestripe_meters.domain.subscribing.item_terms import NewItem
from fakestripe_meters.domain.subscribing.subscription_terms import Anchor
from fakestripe_meters.domain.subscribing.subscription_terms import BillingThresholds
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import InvoiceSettings
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.wire.schema import UNSET


def creation(account: Account, schedule: Schedule, phase: Phase) -> CreateSubscription:
    """Return the parameters of the subscription that the first phase makes."""
    customer = customers.kept(account, schedule.customer)
    owner = Owner(customer, phase.currency, above=redeeming.above(customer))
    items = tuple(NewItem(price=each.price, **_item_terms(account, each, owner)) for each in phase.items)
    return CreateSubscription(
        billing_mode=_mode(schedule),
        customer=schedule.customer,
        items=items,
        backdate_start_date=None if phase.start >= account.now else phase.start,
        trial_end=phase.trial_end,
        cancel_at=_end_of(schedule, phase) or UNSET,
        **_shared(account, schedule, phase, owner),
    )


def _mode(schedule: Schedule) -> BillingMode:
    kept: dict[str, Any] = {"type": schedule.billing_mode}
    if schedule.billing_mode == "flexible":
        shown: dict[str, Any] = {"proration_discounts": schedule.proration_discounts}
        kept["flexible"] = FlexibleMode(**shown)
    return BillingMode(**{"flexible": None} | kept)


def update(
    account: Account,
    schedule: Schedule,
    phase: Phase,
    subscription: Subscription,
    *,
    behavior: str | None = None,
    began: bool = False,
) -> UpdateSubscription:
    """Return the update of a subscription that enters a phase or, if the phase `began` before, is changed with it.

    `behavior` is how it is prorated, by default as the phase says.
    """
    customer = customers.kept(account, subscription.customer)
    owner = Owner(
        customer,
        subscription.currency,
        subscription=subscription.id,
        present=subscription.discounts,
        above=redeeming.above(customer),
        changes=True,
    )
    shared = _shared(account, schedule, phase, owner)
    if began:
        shared["add_invoice_items"] = ()
    if behavior is not None:
        shared["proration_behavior"] = behavior
    anchor = phase.own.billing_cycle_anchor or schedule.defaults.billing_cycle_anchor
    restarts = anchor == "phase_start" and not began
    return UpdateSubscription(
        items=_changes(account, phase, subscription, owner),
        billing_cycle_anchor=Anchor(type="now") if restarts else None,
        trial_end=_trial_end(account, phase, subscription),
        **_ending(schedule, phase, subscription),
        **shared,
    )


@documented(
    "what a phase says counts, then what the schedule says by default, "
    "https://docs.stripe.com/billing/subscriptions/subscription-schedules"
)
def _shared(account: Account, schedule: Schedule, phase: Phase, owner: Owner) -> dict[str, Any]:
    own, default = phase.own, schedule.defaults
    settings = _settings(own, default)
    sent = (own.collection_method or default.collection_method) == "send_invoice"
    thresholds = own.thresholds or default.thresholds
    additions = (_added(account, each, phase, owner) for each in phase.added)
    return {
        "add_invoice_items": tuple(each for each in additions if each is not None),
        "billing_thresholds": None
        if thresholds is None
        else BillingThresholds(
            amount_gte=thresholds.amount_gte, reset_billing_cycle_anchor=thresholds.reset_billing_cycle_anchor
        ),
        "collection_method": "send_invoice" if sent else "charge_automatically",
        "days_until_due": settings.days_until_due if sent else None,
        "default_payment_method": _method(account, owner, own.default_payment_method or default.default_payment_method),
        "default_tax_rates": tuple(phase.default_tax_rates),
        "description": own.description or default.description,
        "discounts": _discounts(account, owner, phase.discounts),
        "invoice_settings": InvoiceSettings(
            custom_fields=None
            if settings.custom_fields is None
            else tuple(CustomField(**each) for each in settings.custom_fields),
            description=settings.description,
            footer=settings.footer,
        ),
        "metadata": dict(phase.metadata) or UNSET,
        "proration_behavior": phase.proration_behavior,
    }


def _settings(own: Defaults, default: Defaults) -> PhaseInvoices:
    first, second = own.invoice_settings or PhaseInvoices(), default.invoice_settings or PhaseInvoices()
    days = second.days_until_due if first.days_until_due is None else first.days_until_due
    return PhaseInvoices(
        custom_fields=second.custom_fields if first.custom_fields is None else first.custom_fields,
        days_until_due=days,
        description=first.description or second.description,
        footer=first.footer or second.footer,
    )


@documented(
    "the end is set when the last phase begins, https://docs.stripe.com/billing/subscriptions/subscription-schedules"
)
def _end_of(schedule: Schedule, phase: Phase) -> int | None:
    """Return when a subscription is to end that is in a phase; None if it goes on."""
    return phase.end if schedule.end_behavior == "cancel" and phase is schedule.phases[-1] else None


def _ending(schedule: Schedule, phase: Phase, subscription: Subscription) -> dict[str, Any]:
    wanted = _end_of(schedule, phase)
    if wanted == subscription.ends_at:
        return {}
    return {"cancel_at": wanted} | ({"cancel_at_period_end": False} if subscription.cancel_at_period_end else {})


@documented("a phase without a trial ends one, https://docs.stripe.com/billing/subscriptions/subscription-schedules")
def _trial_end(account: Account, phase: Phase, subscription: Subscription) -> Any:  # noqa: ANN401  as the parameter
    if phase.trial_end is not None and phase.trial_end > account.now:
        return None if subscription.trialing and subscription.trial_end == phase.trial_end else phase.trial_end
    ends = subscription.trialing and (subscription.trial_end or 0) > account.now
    return "now" if ends else None


@inferred("a phase's item is the subscription's with the same price; other items go, and new ones come")
def _changes(account: Account, phase: Phase, subscription: Subscription, owner: Owner) -> tuple[ItemChanges, ...]:
    present = {item.price: item for item in subscription.items}
    wanted = {each.price for each in phase.items}
    gone = [ItemChanges(id=item.id, deleted=True) for item in subscription.items if item.price not in wanted]
    found = []
    for each in phase.items:
        item = present.get(each.price)
        terms = _item_terms(account, each, owner, item)
        if item is None:
            found.append(ItemChanges(price=each.price, **terms))
        elif _differs(account, each, item):
            found.append(ItemChanges(id=item.id, **terms))
    return (*found, *gone)


def _differs(account: Account, wanted: PhaseItem, item: Item) -> bool:
    """Return whether an item is to be changed, or redeems coupons."""
    return (
        (wanted.quantity, wanted.usage_gte, list(wanted.tax_rates))
        != (item.quantity, item.usage_gte, list(item.tax_rates))
        or any(item.metadata.get(key, "") != value for key, value in wanted.metadata.items())
        or bool(wanted.discounts or item.discounts)
    )


def _item_terms(account: Account, wanted: PhaseItem, owner: Owner, item: Item | None = None) -> dict[str, Any]:
    present = () if item is None else item.discounts
    above = [*owner.above, *owner.present]
    own = Owner(owner.customer, owner.currency, item="", present=present, above=above, changes=owner.changes)
    return {
        "billing_thresholds": None if wanted.usage_gte is None else ItemThreshold(usage_gte=wanted.usage_gte),
        "discounts": _discounts(account, own, wanted.discounts),
        "metadata": dict(wanted.metadata) or UNSET,
        "quantity": wanted.quantity,
        "tax_rates": tuple(wanted.tax_rates),
    }


def _discounts(account: Account, owner: Owner, wanted: Sequence[Reduction]) -> tuple[DiscountTerms, ...]:
    terms = [
        DiscountTerms(coupon=each.coupon, discount=each.discount, promotion_code=each.promotion_code) for each in wanted
    ]
    return tuple(each for each in terms if _redeems(account, owner, each))


@inferred("a coupon or a promotion code that cannot be redeemed any more when a phase begins is left out")
def _redeems(account: Account, owner: Owner, terms: DiscountTerms) -> bool:
    try:
        with DryRun():
            redeeming.named(account, owner, terms, "discounts")
    except StripeError:
        return False
    return True


@inferred("a payment method that the customer does not have any more is left out when a phase begins")
def _method(account: Account, owner: Owner, method: str | None) -> str | None:
    try:
        return methods.default_for(account, owner.customer, method, param="default_payment_method")
    except StripeError:
        return None


@inferred("a price that was archived meanwhile is billed nevertheless; one of a deleted product is left out")
def _added(account: Account, added: Addition, phase: Phase, owner: Owner) -> AddedItem | None:
    price = prices.kept(account, added.price)
    one_time = Owner(owner.customer, owner.currency, invoice_item="", above=owner.above)
    terms: dict[str, Any] = {"currency": price.currency, "product": price.product}
    terms |= {"tax_behavior": price.amounts.tax_behavior, "unit_amount_decimal": price.amounts.unit_amount}
    item = AddedItem(
        discountable=added.discountable,
        discounts=_discounts(account, one_time, added.discounts) or UNSET,
        metadata=dict(added.metadata) or UNSET,
        period=AddedPeriod(start=_start(added.start, phase), end=_end(added.end, phase)),
        price=price.id if price.active else None,
        price_data=None if price.active else SignedPriceData(**terms),
        quantity=int(added.quantity),
        tax_rates=tuple(each for each in added.tax_rates if tax_rates.kept(account, each).active) or UNSET,
    )
    try:
        with DryRun():
            added_items.read(account, (item,), phase.currency)
    except StripeError:
        return None
    return item


def _start(bound: PhaseBound, phase: Phase) -> AddedStart:
    if bound.type == "phase_start":
        return AddedStart(type="timestamp", timestamp=phase.start)
    return AddedStart(
        type="timestamp" if bound.type == "timestamp" else "max_item_period_start", timestamp=bound.timestamp
    )


def _end(bound: PhaseBound, phase: Phase) -> AddedEnd:
    if bound.type == "phase_end":
        return AddedEnd(type="timestamp", timestamp=phase.end)
    return AddedEnd(type="timestamp" if bound.type == "timestamp" else "min_item_period_end", timestamp=bound.timestamp)
