"""Prorations: what a change within the period credits and charges, as invoice items.

An item remembers its debits: what was charged in advance for it, and where. In flexible billing mode, a credit gives
back a debit; in classic billing mode, it has the present price.
Documented in: https://docs.stripe.com/billing/subscriptions/prorations.
"""

import math
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoice_lines import Credited
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscription_items import Debit
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import proration_discounts
from fakestripe_meters.domain.subscribing.proration_discounts import Cost

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Prorating:
    """As of which second a change is prorated; None if it is not. A period that begins is charged without it."""

    at: int | None
    rest: bool = True
    """Whether what the items are afterwards is charged for the rest of the period."""


NOT_AT_ALL = Prorating(None)


def record_charges(account: Account, subscription: Subscription, invoice: Invoice) -> None:
    """Remember what an invoice charges in advance, in place of what is over."""
    for charge in invoice.charges:
        item = subscription.item(charge.item)
        if item is not None and charge.quantity is not None and not charge.free and charge.start < charge.end:
            kept = (debit for debit in item.debits if debit.end > charge.start)
            item.debits = [*kept, _debit(account, charge, charge.quantity, invoice.id)]


def _debit(account: Account, charge: Charge, quantity: int, invoice_id: str) -> Debit:
    amount = None
    if charge.part != charge.whole:
        lines = invoice_lines.bill(account, charge, Decimal(quantity))
        amount = sum(invoice_lines.amount_of(line, charge) for line in lines)
    start, end = charge.start, charge.end
    return Debit(charge.price, quantity, start, end, end - start, amount, invoice=invoice_id)


def unused(account: Account, subscription: Subscription, items: Iterable[Item], at: int | None) -> list[InvoiceItem]:
    """Return the credits for what was charged for the time after `at`; none if that is None, or in a trial."""
    if at is None or subscription.trialing:
        return []
    credit = _credit_debits if subscription.billing_mode == "flexible" else _credit_rest
    return [each for item in items for each in credit(account, subscription, item, at)]


@documented(
    "one for each debit, with what was debited: https://docs.stripe.com/billing/subscriptions/billing-mode/compare"
)
@inferred("what was voided, or deleted before it was invoiced, is not given back")
def _credit_debits(account: Account, subscription: Subscription, item: Item, at: int) -> list[InvoiceItem]:
    """Return the credits for the debits of an item, which end at `at` from now on."""
    credits = []
    for debit in item.debits:
        start = max(at, debit.start)
        if start < debit.end and not _is_void(account, debit):
            cost = proration_discounts.paid(account, item, debit) or Cost(_full(account, _with_amount(account, debit)))
            credits.append(_credit(account, subscription, item, debit, start=start, cost=cost))
    item.debits = _until(item.debits, at)
    return credits


@documented("classic billing mode: https://docs.stripe.com/billing/subscriptions/billing-mode/compare")
def _credit_rest(account: Account, subscription: Subscription, item: Item, at: int) -> list[InvoiceItem]:
    """Return the credit for the rest of the period of an item, at its present price and quantity."""
    start = max(at, item.period_start)
    if item.quantity is None or start >= charging.paid_until(subscription, item):
        return []
    debit = _planned(subscription, item, start)
    cost = proration_discounts.planned(account, subscription, item, _full(account, debit))
    credit = _credit(account, subscription, item, debit, start=start, cost=cost)
    covering = [debit for debit in item.debits if debit.start <= start < debit.end and not _is_void(account, debit)]
    if covering:
        _name_origin(account, credit, item, covering[-1])
    item.debits = _until(item.debits, at)
    return [credit]


def remaining(
    account: Account, subscription: Subscription, item: Item, at: int | None, *, earliest: int | None = None
) -> list[InvoiceItem]:
    """Return the charge for the time of the period of an item after `at`; none if that is None, or in a trial.

    By default, that is not before the period began.
    """
    end = charging.paid_until(subscription, item)
    start = end if at is None else max(at, item.period_start if earliest is None else earliest)
    if subscription.trialing or item.quantity is None or start >= end:
        return []
    debit = _planned(subscription, item, start)
    charge = proration(account, subscription, item, debit, _words(account, debit, "Remaining", start), start=start)
    cost = proration_discounts.planned(account, subscription, item, _full(account, debit))
    part = Fraction(debit.end - start, debit.whole)
    _price(account, subscription, charge, cost, part)
    billed = replace(debit, whole=debit.end - start, amount=charge.amount, invoice_item=charge.id)
    item.debits = [*item.debits, billed]
    return [charge]


def _planned(subscription: Subscription, item: Item, start: int) -> Debit:
    """Return what is charged for the rest of the period of an item as it is now."""
    full = subscription.cycle_of(item).period(item.period_start)
    return Debit(item.price, item.quantity or 0, start, charging.paid_until(subscription, item), full.end - full.start)


def _with_amount(account: Account, debit: Debit) -> Debit:
    """Return a debit with what was charged: by default its price, each line of it rounded."""
    if debit.amount is not None:
        return debit
    return replace(debit, amount=pricing.cost(prices.kept(account, debit.price).tariff, debit.quantity))


def _until(debits: Sequence[Debit], at: int) -> list[Debit]:
    """Return debits without the time that was given back."""
    return [debit if debit.end <= at else replace(debit, end=at) for debit in debits if debit.start < at]


def _is_void(account: Account, debit: Debit) -> bool:
    invoice_id = debit.invoice
    if debit.invoice_item is not None:
        item = account.part(InvoiceItems).table.get(debit.invoice_item)
        if item is None:
            return True
        invoice_id = item.invoice
    invoice = account.part(Invoices).table.get(invoice_id or "")
    return invoice is not None and invoice.status == "void"


@observed("the credit names the line by which the time was paid (pay-rails/pay, onetimesecret/onetimesecret)")
def _name_origin(account: Account, credit: InvoiceItem, item: Item, debit: Debit) -> None:
    """Record on a credit what it gives back, as far as that is known."""
    charge = account.part(InvoiceItems).table.get(debit.invoice_item or "")
    if charge is not None and charge.invoice is None:
        credit.credited_item = charge.id
        return
    invoice = account.part(Invoices).table.get((charge.invoice if charge else debit.invoice) or "")
    if invoice is None:
        return
    if charge is not None:
        credit.credited = Credited(invoice.id, [invoice_lines.line_id(invoice.line_prefix, charge.id)])
    else:
        lines = [line.id for line in invoice.lines if line.item == item.id and line.start == debit.start]
        credit.credited = Credited(invoice.id, lines)


def _credit(
    account: Account, subscription: Subscription, item: Item, debit: Debit, *, start: int, cost: Cost
) -> InvoiceItem:
    """Return what gives back a debit, of which the whole time did cost that much, from `start` on."""
    credit = proration(account, subscription, item, debit, _words(account, debit, "Unused", start), start=start)
    part = -Fraction(debit.end - start, debit.whole)
    _price(account, subscription, credit, cost, part)
    _name_origin(account, credit, item, debit)
    return credit


def _price(account: Account, subscription: Subscription, item: InvoiceItem, cost: Cost, part: Fraction) -> None:
    """Give a proration a part of what a whole time costs."""
    gross, net = rounded(cost.gross * part), rounded(cost.net * part)
    proration_discounts.apply(account, subscription, item, cost, gross=gross, net=net)


def proration(
    account: Account, subscription: Subscription, item: Item, debit: Debit, description: str, *, start: int
) -> InvoiceItem:
    """Return the proration of a debit from `start` on, in no table yet and without its amount."""
    price = prices.kept(account, debit.price)
    return InvoiceItem(
        id=account.ids.new("ii_", 24),
        date=account.now,
        customer=subscription.customer,
        currency=price.currency,
        amount=0,
        start=start,
        end=debit.end,
        description=description,
        discountable=False,
        price=price.id,
        product=price.product,
        unit_amount=price.amounts.unit_amount,
        quantity=Decimal(debit.quantity),
        subscription=subscription.id,
        subscription_item=item.id,
        proration=True,
        tax_rates=item.tax_rates,
        test_clock=subscription.test_clock,
    )


def _full(account: Account, debit: Debit) -> Fraction:
    """Return what the whole of a debit came to or, if that is not said, what its price is exactly."""
    if debit.amount is not None:
        return Fraction(debit.amount)
    return pricing.exact_cost(prices.kept(account, debit.price).tariff, debit.quantity)


@observed("half a cent is rounded down: a credit becomes larger, a charge smaller (Kiln-AI/stripe_world)")
def rounded(amount: Fraction) -> int:
    """Return the nearest whole amount."""
    return math.ceil(amount - HALF)


def _words(account: Account, debit: Debit, word: str, start: int) -> str:
    return f"{word} time on {what(account, debit)} after {date(start)}"


def what(account: Account, debit: Debit) -> str:
    """Return what was charged, in the words of a description: `2 × Seat`."""
    name = products.kept(account, prices.kept(account, debit.price).product).name
    return name if debit.quantity == 1 else f"{debit.quantity} × {name}"


def date(instant: int) -> str:
    """Return the date as `15 Jan 2025`, independent of the locale."""
    day = datetime.fromtimestamp(instant, UTC)
    return f"{day.day:02d} {MONTHS[day.month - 1]} {day.year}"
