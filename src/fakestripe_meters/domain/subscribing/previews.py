"""Previews: the next invoice as it would be. The changes that lead to it are made, and undone.

Source: https://docs.stripe.com/api/invoices/create_preview.
"""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from typing import NamedTuple

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.undo import DryRun
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import finalization
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import changing
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing import trial_ends
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.item_terms import PreviewedItem
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import PeriodEnd
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree


class SubscriptionDetails(Params):
    """The subscription as it would be."""

    billing_mode: BillingMode | None = param(default=None)
    cancel_at: int | PeriodEnd | Unset | None = param(
        default=UNSET, clearable=True, least=0, most=LAST_SECOND, unserved=("max_billed_until",)
    )
    cancel_at_period_end: bool | Unset = param(default=UNSET)
    cancel_now: bool = param(default=False)
    items: tuple[PreviewedItem, ...] = param(default=())
    proration_behavior: Prorations = param(default="create_prorations")
    proration_date: int | None = param(default=None, least=0, most=LAST_SECOND)
    start_date: int | None = param(default=None, least=0, most=LAST_SECOND, unserved=True)
    trial_end: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)


class CreatePreview(Operation):
    """Whose next invoice to preview."""

    currency: str | None = param(default=None, check=check_currency, doc="Must be that of the subscription.")
    customer: str | None = param(default=None)
    preview_mode: Literal["next", "recurring"] = param(default="next", unserved=("recurring",))
    subscription: str | None = param(default=None)
    subscription_details: SubscriptionDetails | None = param(default=None)


class Manner(NamedTuple):
    """How a preview is asked for, and what of its invoice is shown."""

    within: Callable[[str], str] = lambda name: f"subscription_details[{name}]"
    """Turns the name of a parameter about the subscription into its path."""
    show: Callable[[Account, Invoice], Tree] = invoices.render
    status_of_none: int = 400
    """The status of the answer if there is nothing to preview."""
    mode: BillingMode | None = None
    """The billing mode of a new subscription, unless the request names one."""


AS_PREVIEW = Manner()


def preview(account: Account, params: CreatePreview, manner: Manner = AS_PREVIEW) -> Tree:
    """Return the next invoice of a subscription, or the first invoice of one that does not exist yet."""
    details = params.subscription_details or SubscriptionDetails()
    subscription: Subscription | None
    if params.subscription is not None:
        subscription = subscriptions.find(account, params.subscription, param="subscription", status=400)
        customer = customers.find(account, subscription.customer, param="subscription", status=400)
        if params.customer not in (None, customer.id):
            raise errors.objects.of_another("customer", "subscription", "customer")
    elif params.customer is not None:
        customer = customers.find(account, params.customer, param="customer", status=400)
        subscription = None if details.items else _next_of(account, customer, manner)
    else:
        raise errors.billing.nothing_to_preview()
    with test_clocks.time_of(account, customer.test_clock), DryRun():
        if subscription is None:
            return _first(account, customer, details, params.currency, manner)
        if not subscription.living or subscription.status == "paused":
            raise errors.billing.no_upcoming_invoice(customer.id, manner.status_of_none)
        if params.currency is not None and params.currency.lower() != subscription.currency:
            raise errors.prices.only_supports("currency", subscription.currency, params.currency.lower())
        return _next(account, subscription, details, manner)


@inferred("of several subscriptions, the one whose period ends first is shown")
def _next_of(account: Account, customer: Customer, manner: Manner) -> Subscription:
    """Return the subscription of a customer that is invoiced next, or raise StripeError."""
    living = account.part(Subscriptions).running(customer.id)
    if not living:
        raise errors.billing.no_upcoming_invoice(customer.id, manner.status_of_none)
    return min(living, key=lambda each: each.turns_at)


def _first(
    account: Account, customer: Customer, details: SubscriptionDetails, currency: str | None, manner: Manner
) -> Tree:
    """Return the first invoice of a subscription to some items. Usage is billed in arrears, so the invoice has none."""
    mode = details.billing_mode or manner.mode
    terms = CreateSubscription(
        customer=customer.id,
        items=(),
        billing_mode=mode,
        currency=currency,
        trial_end=details.trial_end,
    )
    billing_modes.check_clearing(mode.type if mode else "flexible", details.items)
    changes = item_changes.read(account, None, details.items, manner.within("items"))
    subscription = starting.sketched(account, customer, terms, changes, manner.within)
    invoice, waiting = cycles.first_invoice(account, subscription, prorate=details.proration_behavior != "none")
    return _shown(account, replace(invoice, billing_reason="upcoming", subscription=None), waiting, manner)


def _next(account: Account, subscription: Subscription, details: SubscriptionDetails, manner: Manner) -> Tree:
    """Return the invoice that a change creates at once or, if it creates none, the one at the end of the period."""
    billing_modes.preview(subscription, details.billing_mode, manner.within("billing_mode"))
    billing_modes.check_clearing(subscription.billing_mode, details.items)
    changes = item_changes.read(account, subscription, details.items, manner.within("items"))
    amendment = changing.check(account, subscription, changes, details, within=manner.within)
    usage = charging.arrears(account, subscription, charging.cut(account)) if details.cancel_now else []
    if amendment.ends_trial:
        _check_going_on(account, subscription, manner)
    outcome = changing.amend(account, subscription, amendment)
    items = [*(drafts.waiting(account, subscription) if outcome.joined else ()), *outcome.prorations]
    at, began, charges = account.now, outcome.period_start, outcome.charges
    if details.cancel_now:
        charges = usage
    elif not outcome.invoices_now or not (charges or items):
        at, began = subscription.turns_at, subscription.period_start
        if not subscription.ends_by(at):
            _check_going_on(account, subscription, manner)
        charges = cycles.close_period(account, subscription, at)
    invoice = drafts.of_subscription(account, subscription, "upcoming", charges, began)
    prorated_at = details.proration_date or account.now if outcome.prorations else None
    invoice = replace(invoice, created=at, period_end=at, prorated_at=prorated_at)
    invoice.automatically_finalizes_at = at + finalization.GRACE_S
    return _shown(account, invoice, items, manner)


@observed("there is none if the end of the trial cancels the subscription (onetimesecret/onetimesecret)")
@inferred("nor if it pauses it")
def _check_going_on(account: Account, subscription: Subscription, manner: Manner) -> None:
    """Raise StripeError if the end of the trial makes no invoice, because nothing can pay it."""
    if trial_ends.stop_of(account, subscription) is not None:
        raise errors.billing.no_upcoming_invoice(subscription.customer, manner.status_of_none)


def _shown(account: Account, invoice: Invoice, items: Sequence[InvoiceItem], manner: Manner) -> Tree:
    """Return a preview as it is to be shown: an invoice with an id that cannot be retrieved."""
    invoice.preview = True
    invoice.id = f"upcoming_in_{tail(f'{invoice.subscription}/{invoice.created}', 24)}"
    drafts.refresh(account, invoice, items)
    return manner.show(account, invoice)
