"""The lines of Checkout sessions and payment links: how they are stored and shown."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.wire.tree import Tree


@record
class CheckoutTax:
    """What one tax rate comes to on a line."""

    rate: str
    amount: int
    taxable: int
    inclusive: bool = False


@record
class CheckoutAmounts:
    """What a line comes to now, in the smallest unit of the currency: 0 for usage, and during a trial."""

    subtotal: int = 0
    discount: int = 0
    tax: int = 0
    """Both the taxes that are added and those that the line contains."""
    total: int = 0
    discounts: Mapping[str, int] = field(default_factory=dict)
    """What each discount takes off, by the place in the session's `discounts`."""
    taxes: Sequence[CheckoutTax] = field(default_factory=list)


@record
class CheckoutLine:
    """Something that is bought in a session; `quantity` is None if usage is billed."""

    id: str
    price: str
    quantity: int | None
    adjustable_quantity: Mapping[str, Any] | None = None
    tax_rates: Sequence[str] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    amounts: CheckoutAmounts = field(default_factory=CheckoutAmounts)
    optional: int | None = None
    """The place in `optional_items` that the customer took it from."""


@documented("the fields, and that the description is the name of the product by default, in Stripe's OpenAPI")
@inferred("a line for usage has the amount 0, and no quantity")
def render(account: Account, line: CheckoutLine) -> Tree:
    """Return a line as Stripe shows it."""
    price = prices.kept(account, line.price)
    return {
        "id": line.id,
        "object": "item",
        "adjustable_quantity": line.adjustable_quantity,
        "amount_discount": line.amounts.discount,
        "amount_subtotal": line.amounts.subtotal,
        "amount_tax": line.amounts.tax,
        "amount_total": line.amounts.total,
        "currency": price.currency,
        "description": products.kept(account, price.product).name,
        "metadata": dict(line.metadata),
        "price": prices.render(account, price),
        "quantity": line.quantity,
    }


@documented("the fields, and that they are there if they are expanded, in Stripe's OpenAPI")
@inferred("no reason is given for a tax of a rate that is set by hand")
def render_taxes(account: Account, line: CheckoutLine) -> list[Tree]:
    """Return the taxes of a line."""
    return [
        {
            "amount": tax.amount,
            "rate": tax_rates.render(account, tax_rates.kept(account, tax.rate)),
            "taxability_reason": None,
            "taxable_amount": tax.taxable,
        }
        for tax in line.amounts.taxes
    ]
