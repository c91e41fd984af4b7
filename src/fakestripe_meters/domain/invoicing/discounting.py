"""Which discounts an invoice has, and when a discount is used up or over.

Documented in: https://docs.stripe.com/billing/subscriptions/coupons.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.discounts import Discount
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.wire.tree import Tree

UNDECIDED = frozenset({"draft", "open", "uncollectible"})
"""The statuses of an invoice that may still be paid."""


def of_invoice(account: Account, invoice: Invoice) -> Sequence[Discount]:
    """Return the discounts on a whole invoice, in the order in which they apply."""
    return [discounts.kept(account, each) for each in invoice.discounts]


@documented("an invoice has its subscription's, or else its customer's, https://docs.stripe.com/api/invoices/object")
@inferred("a draft keeps those that it had when it was created")
def inherited(
    account: Account, customer: Customer, subscription: Subscription | None, at: int | None = None
) -> Sequence[str]:
    """Return the ids of the discounts that a draft of a time, by default now, takes over.

    They are its subscription's, or else its customer's.
    """
    own = () if subscription is None else current(account, subscription.discounts, at)
    return own or (() if customer.discount is None else current(account, (customer.discount,), at))


def current(account: Account, ids: Sequence[str], at: int | None = None) -> Sequence[str]:
    """Return which discounts, by id, apply at a time, by default now."""
    return [each for each in ids if _applies(account, discounts.kept(account, each), at)] if ids else ()


def on_charges(account: Account, charges: Iterable[Charge], at: int | None = None) -> list[Charge]:
    """Return charges with those discounts of their items that apply at a time, by default now."""
    return [
        replace(charge, discounts=current(account, charge.discounts, at)) if charge.discounts else charge
        for charge in charges
    ]


@observed("a discount for once is not on a second invoice while the first is unpaid (Kiln-AI/stripe_world)")
def _applies(account: Account, discount: Discount, at: int | None) -> bool:
    if discount.over(account.now if at is None else at):
        return False
    holder = account.part(Invoices).table.get(discount.taken_by or "")
    return holder is None or holder.status not in UNDECIDED


def take(account: Account, invoice: Invoice) -> None:
    """Note that a new draft has its discounts for once, so that no other invoice has them meanwhile."""
    ids = [*invoice.discounts, *(each for charge in invoice.charges for each in charge.discounts)]
    for discount_id in ids:
        discount = discounts.kept(account, discount_id)
        if _is_once(account, discount):
            discount.taken_by = invoice.id


def _is_once(account: Account, discount: Discount) -> bool:
    return discounts.coupon_of(account, discount).duration == "once"


@observed("the first invoice that is paid uses it up; that of a trial does not (Kiln-AI/stripe_world)")
@inferred("nor does any other invoice that it takes nothing off, and the event is that of a discount taken away")
def use_up(account: Account, invoice: Invoice) -> None:
    """End the discounts for once that took something off a paid invoice or off its lines."""
    taken = [each.discount for line in invoice.lines for each in line.discount_amounts if each.amount]
    for discount_id in dict.fromkeys(taken):
        discount = discounts.kept(account, discount_id)
        if discount.invoice is None and discount.invoice_item is None and _is_once(account, discount):
            take_away(account, discount, quiet=invoice.billing_reason == "subscription_create")


def end_due(account: Account, discount: Discount) -> None:
    """End a discount whose months are over."""
    if not discount.gone and discount.end is not None and discount.end <= account.now:
        take_away(account, discount)


@observed("the events, after that of the object (tabledog/stripe-timelines)")
def drop_of_item(account: Account, item: InvoiceItem) -> None:
    """End the discounts of an invoice item that is deleted."""
    for discount_id in item.discounts:
        redeeming.end(account, discounts.kept(account, discount_id))


@observed("a customer's events do not say that its discount changed; its subscription's do (tabledog/stripe-timelines)")
@inferred("a subscription whose first invoice uses a discount up has no further event")
def take_away(account: Account, discount: Discount, *, quiet: bool = False) -> None:
    """Take a discount away from everything that has it, and publish that; `quiet` about subscriptions."""
    customer = customers.kept(account, discount.customer or "")
    if customer.discount == discount.id:
        customer.discount = None
    changed = []
    for subscription in account.part(Subscriptions).of(customer.id):
        lists = [subscription.discounts, *(item.discounts for item in subscription.items)]
        if any(discount.id in each for each in lists):
            changed.append((subscription, subscriptions.render(account, subscription)))
            subscription.discounts = without(subscription.discounts, discount.id)
            for item in subscription.items:
                item.discounts = without(item.discounts, discount.id)
    redeeming.end(account, discount)
    for subscription, before in () if quiet else changed:
        publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))


def without(ids: Sequence[str], gone: str) -> Sequence[str]:
    """Return ids without one of them."""
    return [each for each in ids if each != gone]


def drop(account: Account, invoice: Invoice) -> None:
    """End the discounts of a draft that is deleted, and of its items."""
    items = (account.part(InvoiceItems).table.get(each) for each in invoice.items)
    ids = [*invoice.discounts, *(each for item in items if item is not None for each in item.discounts)]
    for discount in (discounts.kept(account, each) for each in ids):
        if discount.invoice == invoice.id or discount.invoice_item is not None:
            redeeming.end(account, discount)


def delete(account: Account, discount: Discount) -> Tree:
    """End a discount on request, and return what is answered."""
    shown = discounts.render(account, discount)
    redeeming.end(account, discount)
    del shown["end"]
    first = {name: shown.pop(name) for name in ("id", "object")}
    return {**first, **dict(sorted({**shown, "deleted": True}.items()))}
