"""Products: how they are stored and shown, and how prices and plans create one."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree


@record
class Product:
    """A product as stored; a deleted one stays, because invoices may name it."""

    id: str
    created: int
    name: str
    updated: int
    active: bool = True
    default_price: str | None = None
    description: str | None = None
    images: Sequence[str] = field(default_factory=list)
    marketing_features: Sequence[str] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    package_dimensions: Mapping[str, Decimal] | None = None
    shippable: bool | None = None
    statement_descriptor: str | None = None
    tax_code: str | None = None
    tax_details: Mapping[str, str | None] | None = None
    type: str = "service"
    unit_label: str | None = None
    url: str | None = None
    deleted: bool = False


@dataclass(eq=False)
class Products(Part, name="products", named_by=("product",)):
    """All products of an account."""

    table: Table[Product] = field(default_factory=Table)

    def lookup(self, product_id: str) -> Product | None:
        """Return the product with that id; None if there is none or it is deleted."""
        product = self.table.get(product_id)
        return product if product is not None and not product.deleted else None


class TaxDetails(Params):
    """How tax would be calculated. It is stored and shown; no tax is calculated."""

    performance_location: str | None = param(default=None)
    tax_code: str | None = param(default=None, clearable=True)


class ProductData(Params):
    """A product that is created together with its price."""

    name: str = param()
    active: bool = param(default=True)
    id: str | None = param(default=None)
    metadata: Metadata = metadata()
    statement_descriptor: str | None = param(default=None, max_length=22)
    tax_code: str | None = param(default=None)
    tax_details: TaxDetails | None = param(default=None)
    unit_label: str | None = param(default=None, max_length=12)


def render(_account: Account, product: Product) -> Tree:
    """Return a product as Stripe shows it."""
    return {
        "id": product.id,
        "object": "product",
        "active": product.active,
        "attributes": [],
        "created": product.created,
        "default_price": product.default_price,
        "description": product.description,
        "images": list(product.images),
        "livemode": False,
        "marketing_features": [{"name": name} for name in product.marketing_features],
        "metadata": dict(product.metadata),
        "name": product.name,
        "package_dimensions": product.package_dimensions,
        "shippable": product.shippable,
        "statement_descriptor": product.statement_descriptor,
        "tax_code": product.tax_code,
        "tax_details": product.tax_details,
        "type": product.type,
        "unit_label": product.unit_label,
        "updated": product.updated,
        "url": product.url,
    }


def find(account: Account, product_id: str, *, param: str = "id", status: int = 404) -> Product:
    """Return the product with that id; raise `No such product` if there is none or it is deleted."""
    return required(account.part(Products).lookup(product_id), "product", product_id, param=param, status=status)


def kept(account: Account, product_id: str) -> Product:
    """Return the product that another object refers to, even a deleted one."""
    return account.part(Products).table.kept(product_id)


@inferred("the id of a deleted product cannot be used again")
def check_id(account: Account, product_id: str | None, path: str) -> None:
    """Raise StripeError 400 if the id that a new product asks for is taken."""
    if product_id is not None and account.part(Products).table.knows(product_id):
        raise errors.objects.already_exists(path, "Product")


def add(account: Account, product: Product) -> Product:
    """Add a new product, with an id if it has none, and publish the event."""
    product.id = product.id or account.ids.new("prod_")
    account.part(Products).table.add(product)
    publish(account, "product.created", render(account, product))
    return product


def sketched(account: Account, data: ProductData) -> Product:
    """Return the product that a price or plan asks for, in no table yet."""
    return Product(
        id=data.id or "",
        created=account.now,
        name=data.name,
        updated=account.now,
        active=data.active,
        metadata=merged({}, data.metadata),
        statement_descriptor=data.statement_descriptor,
        tax_code=data.tax_code,
        tax_details=details(data.tax_details),
        unit_label=data.unit_label,
    )


def details(given: TaxDetails | None) -> dict[str, Any] | None:
    """Return tax details as they are stored."""
    return dict(vars(given)) if given is not None else None
