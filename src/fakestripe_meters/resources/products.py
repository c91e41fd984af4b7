"""Products: https://docs.stripe.com/api/products."""

from decimal import Decimal
from typing import Any
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.events.unseen import before_changes
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Prices
from fakestripe_meters.domain.records.products import Product
from fakestripe_meters.domain.records.products import Products
from fakestripe_meters.domain.records.products import TaxDetails
from fakestripe_meters.domain.subscribing import price_terms
from fakestripe_meters.framework import searching
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.endpoint import Found
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import SearchParams
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/products"
# inferred: the largest dimension and weight of a package.
LARGEST_PACKAGE = 1_000_000
SETTABLE = (
    "active",
    "default_price",
    "description",
    "images",
    "marketing_features",
    "name",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "tax_details",
    "unit_label",
    "url",
)


class MarketingFeature(Params):
    """A line of a pricing table."""

    name: str = param(max_length=80)


class PackageDimensions(Params):
    """Lengths in inches, and the weight in ounces."""

    height: Decimal = param(least=0, most=LARGEST_PACKAGE)
    length: Decimal = param(least=0, most=LARGEST_PACKAGE)
    weight: Decimal = param(least=0, most=LARGEST_PACKAGE)
    width: Decimal = param(least=0, most=LARGEST_PACKAGE)


class DefaultPrice(Params):
    """A price that is created together with the product."""

    currency: str = param(check=check_currency)
    currency_options: dict[str, price_terms.CurrencyTerms] | None = param(default=None)
    custom_unit_amount: price_terms.CustomTerms | None = param(default=None)
    metadata: Metadata = metadata()
    recurring: price_terms.RecurringTerms | None = param(default=None)
    tax_behavior: prices.TaxBehavior = param(default="unspecified", order=prices.TAX_BEHAVIORS)
    unit_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


class ProductTerms(Operation):
    """The parameters of a new product and of an update."""

    active: bool | Unset = param(default=UNSET)
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=40_000)
    images: tuple[str, ...] | Unset | None = param(default=UNSET, clearable=True, most_items=8)
    marketing_features: tuple[MarketingFeature, ...] | Unset | None = param(
        default=UNSET, clearable=True, most_items=15
    )
    metadata: Metadata = metadata()
    package_dimensions: PackageDimensions | Unset | None = param(default=UNSET, clearable=True)
    shippable: bool | Unset = param(default=UNSET)
    statement_descriptor: str | Unset | None = param(default=UNSET, max_length=22)
    tax_code: str | Unset | None = param(default=UNSET, clearable=True)
    tax_details: TaxDetails | Unset | None = param(default=UNSET, clearable=True)
    unit_label: str | Unset | None = param(default=UNSET, clearable=True, max_length=12)
    url: str | Unset | None = param(default=UNSET, clearable=True)


class CreateProduct(ProductTerms):
    """A new product."""

    name: str = param()
    default_price_data: DefaultPrice | None = param(default=None)
    id: str | None = param(default=None)
    type: Literal["good", "service"] = param(default="service")


class UpdateProduct(ProductTerms):
    """A change to a product."""

    default_price: str | Unset = param(default=UNSET)
    name: str | Unset = param(default=UNSET)


class ListProducts(ListParams):
    """Which products to list."""

    active: bool | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    ids: tuple[str, ...] = param(default=())
    shippable: bool | None = param(default=None)
    type: Literal["good", "service"] | None = param(default=None)
    url: str | None = param(default=None)


# documented: the fields and what each holds, in Stripe's guide to its searches.
SEARCHED = {
    **searching.tokens("active", "metadata", "shippable"),
    **searching.strings("description", "name", "url"),
}

resource = Resource(
    "product",
    PATH,
    render=products.render,
    by_id=lambda account, product_id: account.part(Products).table.get(product_id),
)


@resource.post()
def create(account: Account, params: CreateProduct) -> Product:
    """Create a product, and its default price if that is given."""
    products.check_id(account, params.id, "id")
    product = Product(id=params.id or "", created=account.now, name=params.name, updated=account.now, type=params.type)
    price = _default_price(account, params.default_price_data)
    _apply(product, params)
    if price is not None:
        product.id = product.id or account.ids.new("prod_")
        price.id = product.default_price = account.ids.new("price_", 24)
        price.product = product.id
    products.add(account, product)
    if price is not None:
        prices.add(account, price)
    return product


@resource.get("/<product_id>")
def retrieve(account: Account, params: Operation, product_id: str) -> Product:
    """Return a product."""
    return products.find(account, product_id)


@resource.post("/<product_id>")
def update(account: Account, params: UpdateProduct, product_id: str) -> Product:
    """Change the given fields; an empty string clears a field."""
    product = products.find(account, product_id)
    before = products.render(account, product)
    _check_default_price(account, product, params.default_price)
    _apply(product, params)
    product.updated = account.now
    publish_update(account, "product.updated", before, products.render(account, product))
    return product


@resource.get("/search")
def search(account: Account, params: SearchParams) -> Found:
    """Search products, newest first; deleted ones are left out."""
    searched = searching.Searched(
        url=f"{PATH}/search",
        table=account.part(Products).table,
        fields=SEARCHED,
        gone=lambda product: product.deleted,
        former=before_changes(account, "product"),
    )
    return searching.search(searched, params)


@resource.get()
def list_(account: Account, params: ListProducts) -> Listing:
    """List products, newest first. Inactive ones are included unless `active` is given."""

    def wanted(product: Product) -> bool:
        return (
            not product.deleted
            and params.active in (None, product.active)
            and params.shippable in (None, product.shippable)
            and params.type in (None, product.type)
            and params.url in (None, product.url)
            and (not params.ids or product.id in params.ids)
            and within(params.created, product.created)
        )

    return page(account.part(Products).table, params, url=PATH, noun="product", where=wanted)


@resource.delete("/<product_id>")
def delete(account: Account, params: Operation, product_id: str) -> Tree:
    """Delete a product that has no prices."""
    product = products.find(account, product_id)
    if any(price.product == product.id and not price.deleted for price in account.part(Prices).table):
        raise errors.prices.product_in_use()
    publish(account, "product.deleted", products.render(account, product))
    product.deleted = True
    return {"id": product.id, "object": "product", "deleted": True}


def _default_price(account: Account, data: DefaultPrice | None) -> Price | None:
    if data is None:
        return None
    sketch = price_terms.Sketch(
        currency=data.currency,
        currency_options=data.currency_options or {},
        custom_unit_amount=data.custom_unit_amount,
        metadata=merged({}, data.metadata),
        recurring=data.recurring,
        tax_behavior=data.tax_behavior,
        unit_amount=data.unit_amount,
        unit_amount_decimal=data.unit_amount_decimal,
    )
    return price_terms.build(account, sketch, within_default_price)


def within_default_price(name: str) -> str:
    """Return the path of a price's parameter: `recurring[meter]` is `default_price_data[recurring][meter]`."""
    first, bracket, rest = name.partition("[")
    return f"default_price_data[{first}]{bracket}{rest}"


def _check_default_price(account: Account, product: Product, price_id: str | Unset) -> None:
    if price_id is UNSET:
        return
    price = prices.find(account, price_id, param="default_price", status=400)
    if price.product != product.id or not price.active:
        raise errors.prices.not_of_product("default_price")


def _apply(product: Product, params: ProductTerms) -> None:
    product.metadata = merged(product.metadata, params.metadata)  # first: if it raises, nothing has changed
    for name, value in params.given(SETTABLE):
        setattr(product, name, _stored(name, value))


def _stored(name: str, value: Any) -> object:  # noqa: ANN401  a parameter of any type
    if name in ("images", "marketing_features"):
        return [getattr(each, "name", each) for each in value or ()]
    return dict(vars(value)) if isinstance(value, Params) else value
