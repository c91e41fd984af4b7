"""Invoice lines: how charges become lines, and how lines are stored and shown."""

import math
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.stretch import Stretch
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import line_sums
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.line_sums import LineCredit
from fakestripe_meters.domain.records.line_sums import LineDiscount
from fakestripe_meters.domain.records.line_sums import LineTax
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import number

HALF = Fraction(1, 2)


@record
class Charge:
    """What is billed for a subscription item: one price over one stretch of time.

    `quantity` is None for metered prices, whose quantity is the usage found when the lines are made. A licensed price
    can be billed for `part` of the `whole` only. A `free` charge is a trial, or a metered price at the beginning of a
    subscription.
    """

    item: str
    price: str
    start: int
    end: int
    quantity: int | None = None
    part: int = 1
    whole: int = 1
    free: bool = False
    trial: bool = False
    """Whether it shows the usage of a trial, which is free."""
    classic: bool = False
    """Whether it is worded as in classic billing mode."""
    billed: Decimal = ZERO
    """How much of the usage was billed before the period's end."""
    skipped: Decimal = ZERO
    """How much of the usage was billed with the period before: in snapshots of older releases only."""
    opened: int | None = None
    """The earliest timestamp of its usage, if that is before `start`."""
    after: Cut | None = None
    """What earlier changes within the period have closed: it is not billed here."""
    discounts: Sequence[str] = ()
    """Those of its item when it was charged."""
    tax_rates: Sequence[str] = ()
    """Those of its item when it was charged."""
    closed: Cut | None = None
    """The change that ends the usage; None if it ends by timestamp, at `end`."""
    found: Decimal | None = None
    """The quantity that does not change any more, although the invoice is a draft; None if it follows the usage."""

    def __post_init__(self) -> None:
        """Raise ValueError for a part of nothing."""
        if self.whole < 1:
            msg = f"whole must be at least 1, not {self.whole}"
            raise ValueError(msg)

    @property
    def stretch(self) -> Stretch:
        """The usage that it bills."""
        earliest = self.start if self.opened is None else self.opened
        return Stretch(earliest, self.closed or self.end, self.after)

    @property
    def key(self) -> str:
        """A string that no other charge of the invoice has."""
        key = f"{self.item}/{self.price}/{self.start}"
        return key if self.after is None else f"{key}/{self.after.number}"


@record
class Credited:
    """The lines of an invoice that a credit for unused time gives back."""

    invoice: str
    lines: Sequence[str]


@record
class InvoiceLine:
    """A line of an invoice as stored.

    It comes from the charge of a subscription's `item`, or from an `invoice_item`, which a proration is as well.
    """

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
    metadata: Mapping[str, str] = field(default_factory=dict)
    credits: Sequence[LineCredit] = ()
    credited: Credited | None = None
    discounts: Sequence[str] = ()
    """The ids of its own discounts; those of the invoice come after them."""
    taken: Sequence[LineDiscount] = ()
    """What discounts take off a proration, as decided when it was made."""
    discount_amounts: Sequence[LineDiscount] = ()
    """What its own discounts take off, then what those of the invoice do."""
    tax_rates: Sequence[str] = ()
    """The ids of its own tax rates; without any, those of the invoice apply."""
    taxes: Sequence[LineTax] = ()

    @property
    def own_discounts(self) -> int:
        """What its own discounts take off."""
        return sum(each.amount for each in self.discount_amounts[: len(self.discounts)]) if self.discounts else 0

    @property
    def discounted(self) -> int:
        """What is left of it after all discounts."""
        return self.amount - sum(each.amount for each in self.discount_amounts)


def lines_of(account: Account, charge: Charge, *, customer: str, subscription: str, prefix: str) -> list[InvoiceLine]:
    """Return the lines of a charge, priced with the usage known now. Their ids begin with `prefix` and never change."""
    price = prices.kept(account, charge.price)
    used = quantity(account, charge, customer)
    billed = [_free(account, charge, used)] if charge.free else bill(account, charge, used)
    return [
        InvoiceLine(
            id=line_id(prefix, f"{charge.key}/{line.tier}/{line.flat}"),
            amount=amount_of(line, charge),
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
            discounts=charge.discounts,
            tax_rates=charge.tax_rates,
        )
        for line in billed
    ]


def _free(account: Account, charge: Charge, used: Decimal) -> pricing.PricedLine:
    """Return the only line of a free charge."""
    first = bill(account, charge, used)[0]
    return first if used == first.quantity else replace(first, quantity=max(ZERO, used), tier=None)


def bill(account: Account, charge: Charge, used: Decimal) -> tuple[pricing.PricedLine, ...]:
    """Return the priced lines of a charge for the usage or quantity `used`."""
    tariff = prices.kept(account, charge.price).tariff
    return pricing.bill_rest(tariff, used, charge.billed) if charge.billed else pricing.bill(tariff, used)


def line_id(prefix: str, key: str) -> str:
    """Return `il_…`, or `il_tmp_…` for previews; what follows in `prefix` is hashed into the id."""
    kind, _, invoice = prefix.partition("/")
    return kind + tail(f"{invoice}/{key}", 24)


def render(line: InvoiceLine, *, invoice: str, currency: str) -> Tree:
    """Return a line as Stripe shows it."""
    return {
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "currency": currency,
        "description": line.description,
        "discount_amounts": line_sums.render_discounts(line.discount_amounts) if line.discount_amounts else [],
        "discountable": line.discountable,
        "discounts": list(line.discounts),
        "invoice": invoice,
        "livemode": False,
        "metadata": dict(line.metadata),
        "parent": _parent(line),
        "period": {"end": line.end, "start": line.start},
        "pretax_credit_amounts": line_sums.render_pretax(line.discount_amounts, line.credits),
        "pricing": render_pricing(line.price, line.product, None if line.proration else line.unit_amount),
        "quantity": int(line.quantity),
        "quantity_decimal": number(line.quantity),
        "subtotal": line.amount,
        "taxes": line_sums.render_taxes(line.taxes) if line.taxes else [],
    }


def render_pricing(price: str | None, product: str | None, unit_amount: Decimal | None) -> Tree | None:
    """Return what a line or an invoice item costs per unit; None for an amount without a price."""
    if price is None:
        return None
    return {
        "price_details": {"price": price, "product": product},
        "type": "price_details",
        "unit_amount_decimal": prices.amount_decimal(unit_amount),
    }


def quantity(account: Account, charge: Charge, customer: str) -> Decimal:
    """Return the quantity of a charge: that of a licensed price, or the visible usage of a metered one."""
    price = prices.kept(account, charge.price)
    if charge.quantity is not None:
        return Decimal(charge.quantity)
    if charge.found is not None:
        return charge.found
    if (charge.free and not charge.trial) or price.meter is None:
        return ZERO
    used = account.part(Intake).ledger(price.meter).used(customer, charge.stretch)
    return EXACT.subtract(used, charge.skipped)


def amount_of(line: pricing.PricedLine, charge: Charge) -> int:
    """Return what a line of a charge comes to."""
    if charge.free:
        return 0
    return line.rounded if charge.part == charge.whole else prorated(line.amount, charge.part, charge.whole)


def prorated(amount: Decimal, part: int, whole: int) -> int:
    """Return `part / whole` of an amount that is not negative, exactly, and rounded half up."""
    return math.floor(Fraction(amount) * part / whole + HALF)


def _description(account: Account, price: Price, line: pricing.PricedLine, charge: Charge) -> str:
    product = products.kept(account, price.product)
    if charge.free and (charge.trial or not price.metered):
        units = pricing.units(line.quantity, product.unit_label)
        if not charge.classic:
            return f"Free trial for {units} × {product.name}"
        return f"{units} × {product.name} (Free trial)" if charge.trial else f"Trial period for {product.name}"
    every = pricing.cadence(price.recurring.interval, price.recurring.interval_count) if price.recurring else ""
    return pricing.describe(
        line, product=product.name, currency=price.currency, every=every, unit_label=product.unit_label
    )


def _parent(line: InvoiceLine) -> Tree:
    if line.item is None:
        details = {
            "invoice_item": line.invoice_item,
            "proration": line.proration,
            "proration_details": {"credited_items": render_credited(line.credited)},
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
        "proration_details": {"credited_items": render_credited(line.credited)},
        "subscription": line.subscription,
        "subscription_item": line.item,
    }
    return {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}


def render_credited(credited: Credited | None) -> Tree | None:
    """Return what a credit for unused time gives back."""
    return None if credited is None else {"invoice": credited.invoice, "invoice_line_items": list(credited.lines)}
