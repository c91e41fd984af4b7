"""Invoice lines: from what is to be billed over a stretch of time to amounts and sentences."""

import math
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from fractions import Fraction

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import number

HALF = Fraction(1, 2)


@dataclass(slots=True, eq=False)
class Charge:
    """What is to be billed for a subscription item: one price over one stretch of time.

    `quantity` is None for metered prices, whose quantity is the usage found when the lines are drawn up. A
    licensed price can be due in `part` of the `whole` only, or be `free`: a trial, or a metered price that begins.
    """

    item: str
    price: str
    start: int
    end: int
    quantity: int | None = None
    part: int = 1
    whole: int = 1
    free: bool = False
    billed: Decimal = ZERO
    """So much of the usage was billed before the period's end."""
    skipped: Decimal = ZERO
    """So much of the usage was billed with the period before."""


@dataclass(slots=True, eq=False)
class LineCredit:
    """Billing credits of a grant that pay for a line; no transaction while the invoice is a draft."""

    amount: int
    grant: str
    transaction: str | None = None


@dataclass(slots=True, eq=False)
class Line:
    """A line of an invoice as it is kept."""

    id: str
    amount: int
    description: str | None
    start: int
    end: int
    quantity: Decimal
    unit_amount: Decimal | None
    price: str | None
    product: str | None
    subscription: str | None
    item: str | None = None
    invoice_item: str | None = None
    metered: bool = False
    tier: int | None = None
    proration: bool = False
    discountable: bool = True
    metadata: dict[str, str] = field(default_factory=dict)
    credits: list[LineCredit] = field(default_factory=list)


def draw_up(account: Account, charge: Charge, *, customer: str, subscription: str, prefix: str) -> list[Line]:
    """The lines of a charge, priced by what is known now. Ids begin with `prefix` and are always the same."""
    price = prices.kept(account, charge.price)
    billed = bill(account, charge, quantity(account, charge, customer))
    lines = [
        Line(
            id=line_id(prefix, f"{charge.item}/{charge.price}/{charge.start}/{line.tier}/{line.flat}"),
            amount=_amount(line, charge),
            description=_description(account, price, line, charge),
            start=charge.start,
            end=charge.end,
            quantity=line.quantity,
            unit_amount=Decimal(0) if charge.free else line.unit_amount,
            price=price.id,
            product=price.product,
            subscription=subscription,
            item=charge.item,
            metered=price.metered,
            tier=line.tier,
        )
        for line in billed
    ]
    return lines[:1] if charge.free else lines


def bill(account: Account, charge: Charge, used: Decimal) -> tuple[pricing.Line, ...]:
    """A charge for so much as arithmetic."""
    tariff = prices.kept(account, charge.price).tariff
    return pricing.bill_rest(tariff, used, charge.billed) if charge.billed else pricing.bill(tariff, used)


def line_id(prefix: str, key: str) -> str:
    """`il_…`, or for previews `il_tmp_…`; `prefix` goes on with what the id is derived from."""
    kind, _, invoice = prefix.partition("/")
    return kind + tail(f"{invoice}/{key}", 24)


def render(line: Line, *, invoice: str, currency: str) -> Tree:
    """A line as Stripe shows it."""
    return {
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "currency": currency,
        "description": line.description,
        "discount_amounts": [],
        "discountable": line.discountable,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": dict(line.metadata),
        "parent": _parent(line),
        "period": {"end": line.end, "start": line.start},
        "pretax_credit_amounts": [_render_credit(credit) for credit in line.credits],
        "pricing": render_pricing(line.price, line.product, line.unit_amount),
        "quantity": int(line.quantity),
        "quantity_decimal": number(line.quantity),
        "subscription": line.subscription,
        "subtotal": line.amount,
        "taxes": [],
    }


def render_pricing(price: str | None, product: str | None, unit_amount: Decimal | None) -> Tree | None:
    """What a line or an invoice item costs per unit; null for a bare amount."""
    if price is None:
        return None
    return {
        "price_details": {"price": price, "product": product},
        "type": "price_details",
        "unit_amount_decimal": prices.amount_decimal(unit_amount),
    }


def quantity(account: Account, charge: Charge, customer: str) -> Decimal:
    """What a charge is for: so many of a licensed price, or the usage known now of a metered one."""
    price = prices.kept(account, charge.price)
    if charge.quantity is not None:
        return Decimal(charge.quantity)
    if charge.free or price.meter is None:
        return ZERO
    used = account.part(Intake).ledger(price.meter).total(customer, charge.start, charge.end) or ZERO
    return EXACT.subtract(used, charge.skipped)


def _amount(line: pricing.Line, charge: Charge) -> int:
    if charge.free:
        return 0
    return line.rounded if charge.part == charge.whole else prorated(line.amount, charge.part, charge.whole)


def prorated(amount: Decimal, part: int, whole: int) -> int:
    """So much of an amount, half a unit up, exactly. Not negative."""
    return math.floor(Fraction(amount) * part / whole + HALF)


def _description(account: Account, price: Price, line: pricing.Line, charge: Charge) -> str:
    product = products.kept(account, price.product)
    if charge.free and not price.metered:
        return f"Trial period for {product.name}"
    every = pricing.cadence(price.recurring.interval, price.recurring.interval_count) if price.recurring else ""
    return pricing.describe(
        line, product=product.name, currency=price.currency, every=every, unit_label=product.unit_label
    )


def _parent(line: Line) -> Tree:
    if line.item is None:
        details = {
            "invoice_item": line.invoice_item,
            "proration": line.proration,
            "proration_details": {"credited_items": None},
            "subscription": line.subscription,
        }
        return {
            "invoice_item_details": details,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    details = {
        "invoice_item": line.invoice_item,
        "proration": line.proration,
        "proration_details": {"credited_items": None},
        "subscription": line.subscription,
        "subscription_item": line.item,
    }
    return {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}


def _render_credit(credit: LineCredit) -> Tree:
    return {
        "amount": credit.amount,
        "credit_balance_transaction": credit.transaction,
        "discount": None,
        "type": "credit_balance_transaction",
    }
