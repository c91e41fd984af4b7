"""Prorations: what a change within a period credits and charges, as invoice items."""

from datetime import UTC
from datetime import datetime
from decimal import Decimal

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Credited
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@inferred(
    "unused time is credited at the current price, also in flexible billing. Stripe does otherwise: it credits what "
    "was debited, https://docs.stripe.com/billing/subscriptions/billing-mode/compare"
)
def unused(account: Account, subscription: Subscription, item: Item) -> list[InvoiceItem]:
    """Return the credit for the rest of the period."""
    items = _proration(account, subscription, item, "Unused", -1)
    for each in items:
        each.credited = _credited(account, subscription, item)
    return items


def remaining(account: Account, subscription: Subscription, item: Item) -> list[InvoiceItem]:
    """Return the charge for the rest of the period."""
    return _proration(account, subscription, item, "Remaining", 1)


def _proration(account: Account, subscription: Subscription, item: Item, word: str, sign: int) -> list[InvoiceItem]:
    if subscription.trialing or item.quantity is None:
        return []
    price = prices.kept(account, item.price)
    full = subscription.cycle_of(item).period(account.now)
    part, whole = item.period_end - account.now, full.end - full.start
    lines = pricing.bill(price.tariff, Decimal(item.quantity))
    amount = sum(invoice_lines.prorated(line.amount, part, whole) for line in lines)
    return [
        InvoiceItem(
            id=account.ids.new("ii_", 24),
            date=account.now,
            customer=subscription.customer,
            currency=price.currency,
            amount=sign * amount,
            start=account.now,
            end=item.period_end,
            description=f"{word} time on {_what(account, price, item.quantity)} after {_day(account.now)}",
            discountable=False,
            price=price.id,
            product=price.product,
            unit_amount=price.amounts.unit_amount,
            quantity=Decimal(item.quantity),
            subscription=subscription.id,
            subscription_item=item.id,
            proration=True,
            test_clock=subscription.test_clock,
        )
    ]


@observed("the credit names the line by which the time was paid (pay-rails/pay, onetimesecret/onetimesecret)")
@inferred("time that is charged by a pending invoice item has no line yet")
def _credited(account: Account, subscription: Subscription, item: Item) -> Credited | None:
    """Return the lines of the newest invoice that has charged an item for a time that includes now."""
    for invoice in reversed([*account.part(Invoices).table]):
        if invoice.subscription == subscription.id and invoice.status != "void":
            lines = [line.id for line in invoice.lines if _charges(line, item, account.now)]
            if lines:
                return Credited(invoice.id, lines)
    return None


def _charges(line: InvoiceLine, item: Item, now: int) -> bool:
    return line.item == item.id and line.price == item.price and line.amount > 0 and line.start <= now < line.end


def _what(account: Account, price: prices.Price, quantity: int) -> str:
    name = products.kept(account, price.product).name
    return name if quantity == 1 else f"{quantity} × {name}"


def _day(instant: int) -> str:
    """Return the date as `15 Jan 2025`, independent of the locale."""
    day = datetime.fromtimestamp(instant, UTC)
    return f"{day.day:02d} {MONTHS[day.month - 1]} {day.year}"
