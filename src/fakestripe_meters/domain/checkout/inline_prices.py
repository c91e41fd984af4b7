"""Prices and products that are made along with a line of a Checkout session.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Callable

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout.line_terms import InlinePrice
from fakestripe_meters.domain.checkout.line_terms import InlineProduct
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.products import Product
from fakestripe_meters.domain.subscribing import price_terms
from fakestripe_meters.domain.subscribing.price_terms import RecurringTerms
from fakestripe_meters.domain.subscribing.price_terms import Sketch
from fakestripe_meters.framework.metadata import merged

WAYS = ("product", "product_data")


@documented("a product, or what describes one, is required")
@inferred("such a price and such a product are not active: they cannot be used for anything else")
def described(account: Account, data: InlinePrice, within: Callable[[str], str]) -> Price:
    """Return the price that a line describes, in no table yet, or raise StripeError 400.

    `within` turns the name of a parameter of the description into its path.
    """
    named = [within(name) for name in WAYS if getattr(data, name) is not None]
    if len(named) > 1:
        raise errors.params.exclusive_params(named)
    if not named:
        raise errors.params.need_one_of([within(name) for name in WAYS])
    if data.product is not None:
        product = products.find(account, data.product, param=within("product"), status=400)
        if not product.active:
            raise errors.objects.inactive(within("product"), "product")
    rhythm = data.recurring
    sketch = Sketch(
        currency=data.currency,
        product=data.product or "",
        active=False,
        unit_amount=data.unit_amount,
        unit_amount_decimal=data.unit_amount_decimal,
        recurring=None
        if rhythm is None
        else RecurringTerms(interval=rhythm.interval, interval_count=rhythm.interval_count),
        tax_behavior=data.tax_behavior,
    )
    price = price_terms.build(account, sketch, within)
    if data.product_data is not None:
        price.product = products.add(account, _product(account, data.product_data, within)).id
    return price


def add(account: Account, price: Price) -> Price:
    """Add a price that was described."""
    return prices.add(account, price)


def _product(account: Account, data: InlineProduct, within: Callable[[str], str]) -> Product:
    return Product(
        id="",
        created=account.now,
        name=data.name,
        updated=account.now,
        active=False,
        description=data.description,
        images=list(data.images),
        metadata=merged({}, data.metadata, f"{within('product_data')}[metadata]"),
        tax_code=data.tax_code,
        tax_details=products.details(data.tax_details),
        unit_label=data.unit_label,
    )
