"""Previews: https://docs.stripe.com/api/invoices/create_preview; the next invoice as it would be, and nothing done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.ids import tail
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing.item_changes import PreviewedItem
from fakestripe_meters.domain.subscribing.price_terms import check_currency
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree


class SubscriptionDetails(Params):
    """What the subscription would be."""

    cancel_at: int | Unset | None = param(default=UNSET, clearable=True, least=0, most=LAST_SECOND)
    cancel_at_period_end: bool | Unset = param(default=UNSET)
    cancel_now: bool = param(default=False)
    items: tuple[PreviewedItem, ...] = param(default=())
    proration_behavior: Prorations = param(default="create_prorations")
    start_date: int | None = param(default=None, doc="Accepted.")
    trial_end: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)


class CreatePreview(Operation):
    """Whose next invoice to preview."""

    currency: str | None = param(default=None, check=check_currency, doc="That of the subscription, if given.")
    customer: str | None = param(default=None)
    preview_mode: Literal["next", "recurring"] = param(default="next", doc="Accepted.")
    subscription: str | None = param(default=None)
    subscription_details: SubscriptionDetails | None = param(default=None)


def preview(account: Account, params: CreatePreview) -> Tree:
    """The next invoice of a subscription, or the first of one that is yet to be."""
    details = params.subscription_details or SubscriptionDetails()
    subscription: Subscription | None
    if params.subscription is not None:
        subscription = subscriptions.find(account, params.subscription, param="subscription", status=400)
        customer = customers.find(account, subscription.customer, param="subscription", status=400)
        if params.customer not in (None, customer.id):
            raise errors.of_another("customer", "subscription", "customer")
    elif params.customer is not None:
        customer = customers.find(account, params.customer, param="customer", status=400)
        subscription = None if details.items else _next_of(account, customer)
    else:
        raise errors.nothing_to_preview()
    with test_clocks.time_of(account, customer.test_clock):
        if subscription is None:
            return _shown(account, _first(account, customer, details, params.currency), ())
        if not subscription.living:
            raise errors.no_upcoming_invoice(customer.id)
        if params.currency is not None and params.currency.lower() != subscription.currency:
            raise errors.other_currency("currency", subscription.currency)
        return _next(account, _copy(subscription), details)


def _copy(subscription: Subscription) -> Subscription:
    """A subscription of which everything can change that a preview changes."""
    items = [replace(item) for item in subscription.items]
    return replace(subscription, items=items, unbilled=subscription.unbilled.copy())


def _next_of(account: Account, customer: Customer) -> Subscription:
    """inferred: of several subscriptions the one whose period ends first."""
    living = account.part(Subscriptions).running(customer.id)
    if not living:
        raise errors.no_upcoming_invoice(customer.id)
    return min(living, key=lambda each: each.turns_at)


def _first(account: Account, customer: Customer, details: SubscriptionDetails, currency: str | None) -> Invoice:
    """The first invoice of a subscription to some items. Usage is in arrears, so that it is not on it."""
    terms = CreateSubscription(customer=customer.id, items=(), trial_end=details.trial_end, currency=currency)
    changes = item_changes.read(account, None, details.items, "subscription_details[items]")
    subscription = starting.plan(account, customer, terms, changes)
    item_changes.make(account, subscription, changes, switches=True)
    charges = charging.opening(account, subscription, prorate=details.proration_behavior != "none")
    invoice = drafts.of_subscription(account, subscription, "upcoming", charges, account.now)
    return replace(invoice, subscription=None)


def _next(account: Account, subscription: Subscription, details: SubscriptionDetails) -> Tree:
    """The next invoice of a copy of a subscription, after the changes that are asked for."""
    changes = item_changes.read(account, subscription, details.items, "subscription_details[items]")
    anew = _apply(account, subscription, details)
    extra: list[InvoiceItem] = []
    if changes:
        _, recurring = item_changes.compose(account, subscription, changes)
        switches = recurring.cadence != (subscription.interval, subscription.interval_count)
        anew = anew or (switches and not subscription.trialing)
        extra = item_changes.make(account, subscription, changes, switches=anew)
        subscription.interval, subscription.interval_count = recurring.cadence
    if details.proration_behavior == "none":
        extra = []
    at = account.now if anew or details.cancel_now else subscription.turns_at
    began = subscription.period_start
    charges = charging.arrears(account, subscription, at)
    if not details.cancel_now and (anew or subscription.ends_at != at):
        charges += _following(account, subscription, at, anew=anew)
    invoice = drafts.of_subscription(account, subscription, "upcoming", charges, began)
    invoice = replace(invoice, created=at, period_end=at, automatically_finalizes_at=at + drafts.GRACE_S)
    invoice.items = [item.id for item in drafts.waiting(account, subscription)]
    return _shown(account, invoice, extra)


def _apply(account: Account, subscription: Subscription, details: SubscriptionDetails) -> bool:
    """Change when a copy ends, and when its trial does; whether a period would begin at once."""
    if details.cancel_at_period_end is not UNSET:
        subscription.cancel_at_period_end = details.cancel_at_period_end
    if details.cancel_at is not UNSET:
        subscription.cancel_at = details.cancel_at
    if details.trial_end is None:
        return False
    trial_end = starting.check_trial_end(account, details.trial_end)
    if trial_end is not None:
        subscription.status, subscription.trial_end, subscription.period_end = "trialing", trial_end, trial_end
        subscription.billing_cycle_anchor = trial_end
    return trial_end is None and subscription.trialing


def _following(account: Account, subscription: Subscription, at: int, *, anew: bool) -> list[Charge]:
    """What the period after this one would cost in advance."""
    if anew:
        subscription.billing_cycle_anchor = at
    subscription.status = "active"
    cycles.begin_period(subscription, at, subscription.cycle.next_edge(at))
    return charging.ahead(account, subscription)


def _shown(account: Account, invoice: Invoice, extra: Sequence[InvoiceItem]) -> Tree:
    """A preview is an invoice with an id that leads nowhere."""
    invoice.preview = True
    invoice.id = f"upcoming_in_{tail(f'{invoice.subscription}/{invoice.created}', 24)}"
    drafts.refresh(account, invoice, extra)
    return invoices.render(account, invoice)
