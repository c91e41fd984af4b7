"""Previews: the next invoice as it would be. The changes that lead to it are made, in an operation that is undone.

Source: https://docs.stripe.com/api/invoices/create_preview.
"""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.layouts import Address
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import canceling
from fakestripe_meters.domain.subscribing import changing
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import previewed_items
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.changing import Amendment
from fakestripe_meters.domain.subscribing.preview_terms import CreatePreview
from fakestripe_meters.domain.subscribing.preview_terms import CustomerDetails
from fakestripe_meters.domain.subscribing.preview_terms import PreviewedAnchor
from fakestripe_meters.domain.subscribing.preview_terms import SubscriptionDetails
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.tree import Tree


class Manner(NamedTuple):
    """How a preview is asked for, and what of its invoice is shown."""

    within: Callable[[str], str] = lambda name: f"subscription_details[{name}]"
    """Turns the name of a parameter about the subscription into its path."""
    show: Callable[[Account, Invoice], Tree] = invoices.render
    status_of_none: int = 400
    """The status of the answer if there is nothing to preview."""
    mode: BillingMode | None = None
    """The billing mode of a new subscription, unless the request names one."""

    @property
    def is_upcoming(self) -> bool:
        """Whether it is an upcoming invoice: without a subscription, then, it is the next one of the customer."""
        return self.mode is not None


AS_PREVIEW = Manner()
Sketch = tuple[Invoice, Sequence[InvoiceItem]]
"""An invoice that is in no table, and the items that wait for it."""


def preview(account: Account, params: CreatePreview, manner: Manner = AS_PREVIEW) -> Tree:
    """Return the next invoice of a subscription, or the first invoice of one that does not exist yet."""
    subscription = None
    if params.subscription is not None:
        subscription = subscriptions.find(account, params.subscription, param="subscription", status=400)
    customer = _customer_of(account, params, subscription)
    with test_clocks.time_of(account, customer.test_clock if customer else None):
        customer = _as_it_would_be(account, customer, params.customer_details)
        invoice, waiting = _sketched(account, params, customer, subscription, manner)
        items = previewed_items.add(account, invoice, waiting, params.invoice_items)
        return _shown(account, invoice, [] if params.preview_mode == "recurring" else items, manner)


def _customer_of(account: Account, params: CreatePreview, subscription: Subscription | None) -> Customer | None:
    """Return the customer whose invoice is previewed; None if the request names none."""
    if subscription is None:
        named = params.customer
        return None if named is None else customers.find(account, named, param="customer", status=400)
    customer = customers.find(account, subscription.customer, param="subscription", status=400)
    if params.customer not in (None, customer.id):
        raise errors.objects.of_another("customer", "subscription", "customer")
    return customer


@documented("a preview needs no customer, and shows an id of one (docs.stripe.com/invoicing/preview)")
def _as_it_would_be(account: Account, customer: Customer | None, details: CustomerDetails | None) -> Customer:
    """Return a customer as the details describe it, or a new one."""
    if customer is None:
        customer = Customer(account.ids.new("cus_"), account.now)
        account.part(Customers).table.add(customer)
    if details is None:
        return customer
    if details.address is not UNSET:
        customer.address = dict(vars(details.address)) if isinstance(details.address, Address) else None
    if details.shipping is not UNSET:
        customer.shipping = details.shipping.stored if isinstance(details.shipping, Shipping) else None
    if details.tax_exempt is not UNSET:
        customer.tax_exempt = details.tax_exempt or "none"
    return customer


def _sketched(
    account: Account, params: CreatePreview, customer: Customer, subscription: Subscription | None, manner: Manner
) -> Sketch:
    """Return the invoice that a request previews, and the items that wait for it."""
    details = params.subscription_details or SubscriptionDetails()
    _check_anchor(details.anchor, manner.within("billing_cycle_anchor"))
    if subscription is None and details.items:
        return _first(account, customer, params, details, manner)
    if subscription is None and params.customer is not None and (manner.is_upcoming or not params.invoice_items):
        subscription = _next_of(account, customer)
    if subscription is None and params.invoice_items:
        return _one_off(account, customer, params)
    if subscription is None and params.customer is None:
        raise errors.billing.nothing_to_preview()
    if subscription is None or not subscription.living:
        raise errors.billing.no_upcoming_invoice(customer.id, manner.status_of_none)
    if params.currency is not None and params.currency.lower() != subscription.currency:
        raise errors.prices.only_supports("currency", subscription.currency, params.currency.lower())
    return _next(account, subscription, params, details, manner)


def _check_anchor(anchor: PreviewedAnchor, path: str) -> None:
    """Raise StripeError 400 if there is a time without its type, or the reverse."""
    where, kind = f"{path}[timestamp]", f"`{path}[type]=timestamp`"
    if anchor.type == "timestamp" and anchor.timestamp is None:
        raise errors.params.needed_with(where, kind)
    if anchor.type != "timestamp" and anchor.timestamp is not None:
        raise errors.params.not_with(where, kind)


@inferred("of several subscriptions, the one whose period ends first is shown")
def _next_of(account: Account, customer: Customer) -> Subscription | None:
    """Return the subscription of a customer that is invoiced next, if there is one."""
    living = account.part(Subscriptions).running(customer.id)
    return min(living, key=lambda each: each.turns_at, default=None)


@documented("what `invoice_items` alone show (docs.stripe.com/invoicing/preview)")
@inferred("other items of the customer that wait are not on it")
def _one_off(account: Account, customer: Customer, params: CreatePreview) -> Sketch:
    """Return an invoice of no subscription."""
    stated = params.currency or previewed_items.currency_of(account, params.invoice_items)
    invoice = Invoice(
        id="",
        created=account.now,
        customer=customer.id,
        currency=(stated or customers.currency_of(customer)).lower(),
        billing_reason="upcoming",
        period_start=account.now,
        period_end=account.now,
        auto_advance=False,
        test_clock=customer.test_clock,
    )
    drafts.take_over(account, invoice, None)
    return invoice, ()


def _first(
    account: Account, customer: Customer, params: CreatePreview, details: SubscriptionDetails, manner: Manner
) -> Sketch:
    """Return the first invoice of a subscription to some items. Usage is billed in arrears, so the invoice has none."""
    _check_new(details, manner)
    recurring = params.preview_mode == "recurring"
    mode = details.billing_mode or manner.mode
    terms = CreateSubscription(
        customer=customer.id,
        items=(),
        billing_mode=mode,
        billing_cycle_anchor=None if recurring else details.anchor.timestamp,
        cancel_at=details.cancel_at,
        cancel_at_period_end=details.cancel_at_period_end,
        currency=params.currency,
        trial_end=None if recurring else details.trial_end,
    )
    changing.check_clearing(mode.type if mode else "flexible", details.items)
    changes = item_changes.read(account, None, details.items, manner.within("items"))
    subscription = starting.sketched(account, customer, terms, changes, manner.within)
    invoice, waiting = cycles.first_invoice(account, subscription, prorate=details.proration_behavior != "none")
    return replace(invoice, billing_reason="upcoming", subscription=None), waiting


@observed("the refusal of an item's id (stripe/stripe-node#1843)")
def _check_new(details: SubscriptionDetails, manner: Manner) -> None:
    """Raise StripeError for what only a subscription that exists can have, or what no preview of a new one shows."""
    if any(item.id is not None for item in details.items):
        raise errors.billing.item_of_no_subscription()
    trial = isinstance(details.trial_end, int)
    shown = {
        "billing_cycle_anchor": not (trial and details.anchor.type == "now"),
        "cancel_now": not details.cancel_now,
        "metadata": details.metadata in (UNSET, None),
    }
    for name, is_shown in shown.items():
        if not is_shown:
            raise errors.unserved.param(manner.within(name))


def _next(
    account: Account,
    subscription: Subscription,
    params: CreatePreview,
    details: SubscriptionDetails,
    manner: Manner,
) -> Sketch:
    """Return the invoice that a change creates at once or, if it creates none, the one at the end of the period."""
    billing_modes.preview(subscription, details.billing_mode, manner.within("billing_mode"))
    subscription.metadata = merged(subscription.metadata, details.metadata, manner.within("metadata"))
    amendment = _checked(account, subscription, details, manner)
    if details.cancel_now:
        return _closing(account, subscription, amendment, manner)
    item_changes.keep_prices(account, amendment.changes)
    outcome = changing.amend(account, subscription, amendment)
    prorated_at = details.proration_date or account.now if outcome.prorations else None
    waiting = drafts.waiting(account, subscription)
    items = [*(waiting if outcome.joined else ()), *outcome.prorations]
    if outcome.invoices_now and (outcome.charges or items) and params.preview_mode == "next":
        invoice = _dated(account, subscription, outcome.charges, outcome.period_start, account.now)
        return replace(invoice, prorated_at=prorated_at), items
    at = subscription.turns_at
    began = max(item.period_start for item in subscription.due(at))
    charges, items = cycles.close_period(account, subscription, at), [*waiting, *outcome.prorations]
    if not charges and not items:
        raise errors.billing.no_upcoming_invoice(subscription.customer, manner.status_of_none)
    return replace(_dated(account, subscription, charges, began, at), prorated_at=prorated_at), items


def _checked(account: Account, subscription: Subscription, details: SubscriptionDetails, manner: Manner) -> Amendment:
    """Return the change that a preview makes, or raise StripeError."""
    if details.anchor.type == "timestamp":
        raise errors.params.invalid_choice(manner.within("billing_cycle_anchor"), ("now", "unchanged"))
    changing.check_clearing(subscription.billing_mode, details.items)
    changes = item_changes.read(account, subscription, details.items, manner.within("items"))
    return changing.check(
        account, subscription, changes, details, new_period=details.anchor.type == "now", within=manner.within
    )


@inferred("it prorates by default, because programs refund what such a preview shows, and not with `none`")
def _closing(account: Account, subscription: Subscription, amendment: Amendment, manner: Manner) -> Sketch:
    """Return the invoice that a cancellation makes now."""
    if amendment.changes or amendment.new_period:
        raise errors.unserved.param(manner.within("cancel_now"))
    items = drafts.waiting(account, subscription)
    if amendment.behavior != "none":
        items += canceling.unused(account, subscription, amendment.prorated_at)
    charges = cycles.closing_charges(account, subscription, charging.cut(account))
    if not charges and not items:
        raise errors.billing.no_upcoming_invoice(subscription.customer, manner.status_of_none)
    return _dated(account, subscription, charges, subscription.period_start, account.now), items


def _dated(account: Account, subscription: Subscription, charges: list[Charge], began: int, at: int) -> Invoice:
    """Return an invoice that is created at an instant."""
    invoice = drafts.of_subscription(account, subscription, "upcoming", charges, began)
    return replace(invoice, created=at, period_end=at, automatically_finalizes_at=at + drafts.GRACE_S)


def _shown(account: Account, invoice: Invoice, items: Sequence[InvoiceItem], manner: Manner) -> Tree:
    """Return a preview as it is to be shown: an invoice with an id that cannot be retrieved."""
    invoice.preview = True
    invoice.id = f"upcoming_in_{tail(f'{invoice.subscription}/{invoice.created}', 24)}"
    drafts.refresh(account, invoice, items)
    return manner.show(account, invoice)
