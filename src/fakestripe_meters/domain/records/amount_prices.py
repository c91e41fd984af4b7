"""Prices of bare amounts: an invoice item that is created with an amount gets a price, and the price a product.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from dataclasses import field
from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records.prices import Amounts
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Prices
from fakestripe_meters.domain.records.products import Product
from fakestripe_meters.domain.records.products import Products
from fakestripe_meters.wire.tree import number


@dataclass(eq=False)
class AmountPrices(Part, name="amount_prices"):
    """The ids of the prices, by currency, amount and description, and those of the products, by description."""

    prices: Index[str] = field(default_factory=Index)
    products: Index[str] = field(default_factory=Index)


@observed("the price is inactive; an item with the same amount and description has the same price")
@inferred("the product is inactive and has the description as its name; neither of the two causes an event")
def of(account: Account, currency: str, amount: Decimal, description: str | None) -> Price:
    """Return the price of an amount, which is made if there is none yet."""
    made = account.part(AmountPrices)
    name = description or "Invoice item"
    key = f"{currency}/{number(amount)}/{name}"
    if key in made.prices:
        return account.part(Prices).table.kept(made.prices[key])
    price = Price(
        id=account.ids.new("price_", 24),
        created=account.now,
        currency=currency,
        product=_product(account, name),
        amounts=Amounts(unit_amount=amount),
        active=False,
    )
    account.part(Prices).table.add(price)
    made.prices[key] = price.id
    return price


def _product(account: Account, name: str) -> str:
    made = account.part(AmountPrices)
    if name not in made.products:
        product = Product(account.ids.new("prod_"), account.now, name, account.now, active=False)
        account.part(Products).table.add(product)
        made.products[name] = product.id
    return made.products[name]
