"""One-time prices, as a request names or describes them."""

from collections.abc import Callable
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.prices import TAX_BEHAVIORS
from fakestripe_meters.domain.records.prices import Amounts
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import TaxBehavior
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

AMOUNTS = ("unit_amount", "unit_amount_decimal")


class LinePriceData(Params):
    """A one-time price that is created together with a line; its `product_data` is not served."""

    currency: str = param(check=check_currency)
    product: str | None = param(default=None)
    tax_behavior: TaxBehavior = param(default="unspecified", order=TAX_BEHAVIORS)
    unit_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


class PriceData(LinePriceData):
    """A one-time price that is created together with the item."""

    product: str = param()


class SignedPriceData(PriceData):
    """A one-time price, or a credit, that is created together with the item."""

    unit_amount: int | None = param(default=None, least=-MOST_OF_PRICE, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(
        default=None, least=-MOST_OF_PRICE, most=MOST_OF_PRICE, check=check_decimals
    )


def named(account: Account, price_id: str, path: str, *, also_inactive: bool = False) -> Price:
    """Return the one-time price with that id, or raise StripeError 400 if there is none, or if it is not active."""
    price = prices.find(account, price_id, param=path, status=400)
    if price.recurring is not None:
        raise errors.prices.price_of_wrong_type(path, "recurring", "one_time")
    if not price.active and not also_inactive:
        raise errors.objects.inactive(path, "price")
    return price


@inferred("such a price can be used again, unless it is negative")
def described(account: Account, data: LinePriceData, within: Callable[[str], str]) -> Price:
    """Return the price that a request describes, in no table yet, or raise StripeError 400.

    `within` turns the name of a parameter of the description into its path.
    """
    if data.product is None:
        raise errors.params.missing_param(within("product"))
    product = products.find(account, data.product, param=within("product"), status=400)
    names = [within(name) for name in AMOUNTS if getattr(data, name) is not None]
    if not names:
        raise errors.prices.no_amount()
    if len(names) > 1:
        raise errors.params.exclusive_params(names)
    exact = data.unit_amount_decimal if data.unit_amount is None else Decimal(data.unit_amount)
    return Price(
        id="",
        created=account.now,
        currency=data.currency.lower(),
        product=product.id,
        amounts=Amounts(unit_amount=exact, tax_behavior=data.tax_behavior),
        active=exact is not None and exact >= 0,
    )


def amount(price: Price, quantity: Decimal) -> int:
    """Return what a quantity costs, in the currency's smallest unit; negative for a credit."""
    return pricing.cost(price.tariff, quantity)
