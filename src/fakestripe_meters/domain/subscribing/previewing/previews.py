"""Previews: the next invoice as it would be. The changes that lead to it are made, in an operation that is undone.

Source: https://docs.stripe.com/api/invoices/create_preview.
"""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import finalization
from fakestripe_meters.domain.invoicing import invoice_discounts
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import amending
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import canceling
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import trial_ends
from fakestripe_meters.domain.subscribing.amending import Amendment
from fakestripe_meters.domain.subscribing.previewing import previewed_customers
from fakestripe_meters.domain.subscribing.previewing import previewed_items
from fakestripe_meters.domain.subscribing.previewing import previewed_starts
from fakestripe_meters.domain.subscribing.previewing.preview_manner import AS_PREVIEW
from fakestripe_meters.domain.subscribing.previewing.preview_manner import Manner
from fakestripe_meters.domain.subscribing.previewing.preview_manner import Sketch
from fakestripe_meters.domain.subscribing.previewing.preview_terms import CreatePreview
from fakestripe_meters.domain.subscribing.previewing.preview_terms import SubscriptionDetails
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.times import check_timestamp
from fakestripe_meters.wire.tree import Tree


def preview(account: Account, params: CreatePreview, manner: Manner = AS_PREVIEW) -> Tree:
    """Return the next invoice of a subscription, or the first invoice of one that does not exist yet."""
    subscription = None
    if params.subscription is not None:
        subscription = subscriptions.find(account, params.subscription, param="subscription", status=400)
    customer = previewed_customers.find(account, params, subscription)
    with test_clocks.time_of(account, customer.test_clock if customer else None):
        customer = previewed_customers.as_it_would_be(account, customer, params.customer_details)
        invoice, waiting = _sketched(account, params, customer, subscription, manner)
        items = previewed_items.add(account, invoice, waiting, params.invoice_items)
        items = [] if params.preview_mode == "recurring" else items
        invoice_discounts.preview(account, invoice, items, params.discounts)
        return _shown(account, invoice, items, manner)


def _sketched(
    account: Account, params: CreatePreview, customer: Customer, subscription: Subscription | None, manner: Manner
) -> Sketch:
    """Return the invoice that a request previews, and the items that wait for it."""
    details = params.subscription_details or SubscriptionDetails()
    check_timestamp(details.anchor.type, details.anchor.timestamp, manner.within("billing_cycle_anchor"))
    if subscription is None and details.items:
        return previewed_starts.first(account, customer, params, details, manner)
    if subscription is None and details != SubscriptionDetails():
        raise errors.previews.preview_of_no_subscription(manner.within("items"))
    if subscription is None and params.customer is not None and (manner.is_upcoming or not params.invoice_items):
        subscription = _next_of(account, customer)
    if subscription is None and params.invoice_items:
        return _one_off(account, customer, params)
    if subscription is None and params.customer is None:
        raise errors.previews.nothing_to_preview()
    if subscription is None or not _goes_on(subscription, details):
        raise errors.previews.no_upcoming_invoice(customer.id, manner.status_of_none)
    if params.currency is not None and params.currency.lower() != subscription.currency:
        raise errors.prices.only_supports("currency", subscription.currency, params.currency.lower())
    return _next(account, subscription, params, details, manner)


def _goes_on(subscription: Subscription, details: SubscriptionDetails) -> bool:
    """Return whether a subscription may have another invoice: a paused one has one if it is canceled."""
    return subscription.living and (subscription.status != "paused" or details.cancel_now)


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
    tax_terms.apply_default(account, subscription, details.default_tax_rates, manner.within("default_tax_rates"))
    amendment = _checked(account, subscription, details, manner)
    if details.cancel_now:
        return _closing(account, subscription, amendment, manner)
    item_changes.keep_prices(account, amendment.changes)
    if amendment.ends_trial:
        _check_going_on(account, subscription, manner)
    outcome = amending.amend(account, subscription, amendment)
    prorated_at = details.proration_date or account.now if outcome.prorations else None
    waiting = drafts.waiting(account, subscription)
    items = [*(waiting if outcome.joined else ()), *outcome.prorations]
    if outcome.invoices_now and (outcome.charges or items) and params.preview_mode == "next":
        invoice = _dated(account, subscription, outcome.charges, outcome.period_start, account.now)
        invoice.prorated_at = prorated_at
        return invoice, items
    at = subscription.turns_at
    if not subscription.ends_by(at) and params.preview_mode == "next":
        _check_going_on(account, subscription, manner)
    began = max(item.period_start for item in subscription.due(at))
    charges, items = cycles.close_period(account, subscription, at), [*waiting, *outcome.prorations]
    if not charges and not items:
        raise errors.previews.no_upcoming_invoice(subscription.customer, manner.status_of_none)
    invoice = _dated(account, subscription, charges, began, at)
    invoice.prorated_at = prorated_at
    return invoice, items


@observed("there is none if the end of the trial cancels the subscription (onetimesecret/onetimesecret)")
@inferred("nor if it pauses it")
def _check_going_on(account: Account, subscription: Subscription, manner: Manner) -> None:
    """Raise StripeError if the end of the trial makes no invoice, because nothing can pay it."""
    if trial_ends.stop_of(account, subscription) is not None:
        raise errors.previews.no_upcoming_invoice(subscription.customer, manner.status_of_none)


def _checked(account: Account, subscription: Subscription, details: SubscriptionDetails, manner: Manner) -> Amendment:
    """Return the change that a preview makes, or raise StripeError."""
    if details.start_date is not None:
        raise errors.unserved.param(manner.within("start_date"))
    if details.anchor.type == "timestamp":
        raise errors.params.invalid_choice(manner.within("billing_cycle_anchor"), ("now", "unchanged"))
    billing_modes.check_clearing(subscription.billing_mode, details.items)
    changes = item_changes.read(account, subscription, details.items, manner.within("items"))
    return amending.check(
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
        raise errors.previews.no_upcoming_invoice(subscription.customer, manner.status_of_none)
    return _dated(account, subscription, charges, subscription.period_start, account.now), items


def _dated(account: Account, subscription: Subscription, charges: list[Charge], began: int, at: int) -> Invoice:
    """Return an invoice that is created at an instant."""
    invoice = drafts.of_subscription(account, subscription, "upcoming", charges, began)
    invoice.created = invoice.period_end = at
    customer = customers.kept(account, subscription.customer)
    invoice.discounts = discounting.inherited(account, customer, subscription, at)
    invoice.charges = discounting.on_charges(account, invoice.charges, at)
    invoice.automatically_finalizes_at = at + finalization.GRACE_S
    return invoice


def _shown(account: Account, invoice: Invoice, items: Sequence[InvoiceItem], manner: Manner) -> Tree:
    """Return a preview as it is to be shown: an invoice with an id that cannot be retrieved."""
    invoice.preview = True
    invoice.id = f"upcoming_in_{tail(f'{invoice.subscription}/{invoice.created}', 24)}"
    drafts.refresh(account, invoice, items)
    return manner.show(account, invoice)
