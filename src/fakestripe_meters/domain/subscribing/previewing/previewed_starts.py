"""Previews of a subscription that does not exist yet: its first invoice.

Source: https://docs.stripe.com/api/invoices/create_preview.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.subscribing import backdating
from fakestripe_meters.domain.subscribing import billing_modes
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing.previewing.preview_manner import Manner
from fakestripe_meters.domain.subscribing.previewing.preview_manner import Sketch
from fakestripe_meters.domain.subscribing.previewing.preview_terms import CreatePreview
from fakestripe_meters.domain.subscribing.previewing.preview_terms import SubscriptionDetails
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.wire.schema import UNSET

SPELLED = {
    "backdate_start_date": "start_date",
    "billing_cycle_anchor": "billing_cycle_anchor",
    "cancel_at": "cancel_at",
    "cancel_at_period_end": "cancel_at_period_end",
}
"""What the parameters of a new subscription are called within those of a preview."""


def first(
    account: Account, customer: Customer, params: CreatePreview, details: SubscriptionDetails, manner: Manner
) -> Sketch:
    """Return the first invoice of a subscription to some items. Usage is billed in arrears, so the invoice has none."""
    _check_new(account, details, manner)
    recurring = params.preview_mode == "recurring"
    mode = details.billing_mode or manner.mode
    terms = CreateSubscription(
        customer=customer.id,
        items=(),
        billing_mode=mode,
        backdate_start_date=None if recurring else details.start_date,
        billing_cycle_anchor=None if recurring else details.anchor.timestamp,
        cancel_at=details.cancel_at,
        cancel_at_period_end=details.cancel_at_period_end,
        currency=params.currency,
        proration_behavior=details.proration_behavior,
        trial_end=None if recurring else details.trial_end,
    )
    billing_modes.check_clearing(mode.type if mode else "flexible", details.items)
    changes = item_changes.read(account, None, details.items, manner.within("items"))
    try:
        subscription = starting.sketched(account, customer, terms, changes, manner.within)
    except StripeError as error:
        raise _respelled(error, manner) from None
    tax_terms.apply_default(account, subscription, details.default_tax_rates, manner.within("default_tax_rates"))
    starting.put_discounts(account, subscription, terms, changes)
    prorate = details.proration_behavior != "none"
    invoice, waiting = cycles.first_invoice(account, subscription, prorate=prorate)
    items = [*waiting, *(backdating.elapsed(account, subscription) if prorate else ())]
    drafts.refresh(account, invoice, items)
    try:
        backdating.check_lines(subscription, invoice)
    except StripeError as error:
        raise _respelled(error, manner) from None
    invoice.billing_reason, invoice.subscription = "upcoming", None
    return invoice, items


def _respelled(error: StripeError, manner: Manner) -> StripeError:
    """Return an error about a parameter of a new subscription with the path that it has in a preview."""
    name = error.param or ""
    if name in SPELLED:
        error.param = manner.within(SPELLED[name])
        error.message = error.message.replace(f"`{name}`", f"`{error.param}`")
        error.mentions = tuple(error.param if each == name else each for each in error.mentions)
    return error


@observed("the refusal of an item's id (stripe/stripe-node#1843)")
def _check_new(account: Account, details: SubscriptionDetails, manner: Manner) -> None:
    """Raise StripeError for what only a subscription that exists can have, or what no preview of a new one shows."""
    if any(item.id is not None for item in details.items):
        raise errors.previews.item_of_no_subscription()
    trial = isinstance(details.trial_end, int)
    shown = {
        "billing_cycle_anchor": not (trial and details.anchor.type == "now"),
        "cancel_now": not details.cancel_now,
        "metadata": details.metadata in (UNSET, None),
        "start_date": details.start_date is None or details.start_date <= account.now,
    }
    for name, is_shown in shown.items():
        if not is_shown:
            raise errors.unserved.param(manner.within(name))
