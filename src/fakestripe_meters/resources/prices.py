"""Prices: https://docs.stripe.com/api/prices."""

from decimal import Decimal
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.periods import INTERVALS
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.domain.events.unseen import before_changes
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.prices import USAGE_TYPES
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Prices
from fakestripe_meters.domain.records.prices import UsageType
from fakestripe_meters.domain.records.products import ProductData
from fakestripe_meters.domain.records.products import Products
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
from fakestripe_meters.framework.listing import check_filter
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

PATH = "/v1/prices"


class CreatePrice(Operation):
    """A new price. What it costs and how often cannot be changed later."""

    currency: str = param(check=check_currency)
    active: bool = param(default=True)
    billing_scheme: Literal["per_unit", "tiered"] = param(default="per_unit")
    currency_options: dict[str, price_terms.CurrencyTerms] | None = param(default=None)
    custom_unit_amount: price_terms.CustomTerms | None = param(default=None)
    lookup_key: str | None = param(default=None, max_length=200)
    metadata: Metadata = metadata()
    nickname: str | None = param(default=None)
    product: str | None = param(default=None)
    product_data: ProductData | None = param(default=None)
    recurring: price_terms.RecurringTerms | None = param(default=None)
    tax_behavior: prices.TaxBehavior = param(default="unspecified", order=prices.TAX_BEHAVIORS)
    tiers: tuple[price_terms.TierTerms, ...] = param(default=())
    tiers_mode: Literal["graduated", "volume"] | None = param(default=None)
    transfer_lookup_key: bool = param(default=False)
    transform_quantity: price_terms.PackageTerms | None = param(default=None)
    unit_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


class UpdatePrice(Operation):
    """A change to a price."""

    active: bool | Unset = param(default=UNSET)
    currency_options: dict[str, price_terms.CurrencyTerms] | Unset | None = param(default=UNSET, clearable=True)
    lookup_key: str | Unset | None = param(default=UNSET, clearable=True, max_length=200)
    metadata: Metadata = metadata()
    nickname: str | Unset | None = param(default=UNSET, clearable=True)
    tax_behavior: prices.TaxBehavior | Unset = param(default=UNSET, order=prices.TAX_BEHAVIORS)
    transfer_lookup_key: bool = param(default=False)


class RecurringFilter(Params):
    """Which recurring prices to list."""

    interval: Interval | None = param(default=None, order=INTERVALS)
    meter: str | None = param(default=None)
    usage_type: UsageType | None = param(default=None, order=USAGE_TYPES)


class ListPrices(ListParams):
    """Which prices to list."""

    active: bool | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    currency: str | None = param(default=None, check=check_currency)
    lookup_keys: tuple[str, ...] = param(default=(), most_items=10)
    product: str | None = param(default=None)
    recurring: RecurringFilter | None = param(default=None)
    type: Literal["one_time", "recurring"] | None = param(default=None)


# documented: the fields and what each holds, in Stripe's guide to its searches.
SEARCHED = {
    **searching.tokens("active", "currency", "metadata", "type"),
    **searching.strings("lookup_key", "product"),
}

resource = Resource(
    "price",
    PATH,
    render=prices.render,
    by_id=lambda account, price_id: account.part(Prices).table.get(price_id),
    left_out={"currency_options": prices.render_currency_options, "tiers": prices.render_tiers},
)


@resource.post()
def create(account: Account, params: CreatePrice) -> Price:
    """Create a price, and its product if that is given in full."""
    sketch = price_terms.Sketch(
        currency=params.currency,
        product=_product_of(account, params),
        active=params.active,
        billing_scheme=params.billing_scheme,
        unit_amount=params.unit_amount,
        unit_amount_decimal=params.unit_amount_decimal,
        custom_unit_amount=params.custom_unit_amount,
        recurring=params.recurring,
        tiers=params.tiers,
        tiers_mode=params.tiers_mode,
        transform_quantity=params.transform_quantity,
        tax_behavior=params.tax_behavior,
        currency_options=params.currency_options or {},
        nickname=params.nickname,
        metadata=merged({}, params.metadata),
    )
    price = price_terms.build(account, sketch)
    _check_lookup_key(account, params.lookup_key, transfer=params.transfer_lookup_key)
    if params.product_data is not None:
        price.product = products.add(account, products.sketched(account, params.product_data)).id
    if params.lookup_key is not None:
        price.id = account.ids.new("price_", 24)
        _take_lookup_key(account, price, params.lookup_key)
    return prices.add(account, price)


@resource.get("/<price_id>")
def retrieve(account: Account, params: Operation, price_id: str) -> Price:
    """Return a price."""
    return prices.find(account, price_id, param="price")


@resource.post("/<price_id>")
def update(account: Account, params: UpdatePrice, price_id: str) -> Price:
    """Change the given fields; an empty string clears a field."""
    price = prices.find(account, price_id, param="price")
    before = prices.faces(account, price)
    changed = merged(price.metadata, params.metadata)
    options = params.currency_options
    added = price_terms.currency_options(options) if isinstance(options, dict) else {}
    if params.lookup_key is not UNSET:
        _check_lookup_key(account, params.lookup_key, transfer=params.transfer_lookup_key, own=price.id)
        _take_lookup_key(account, price, params.lookup_key)
    price.metadata = changed
    price.currency_options = {} if options is None else {**price.currency_options, **added}
    if params.active is not UNSET:
        price.active = params.active
    if params.nickname is not UNSET:
        price.nickname = params.nickname
    if params.tax_behavior is not UNSET:
        price.amounts.tax_behavior = params.tax_behavior
    prices.announce(account, price, before)
    return price


@resource.get("/search")
def search(account: Account, params: SearchParams) -> Found:
    """Search prices, newest first."""
    searched = searching.Searched(
        url=f"{PATH}/search",
        table=account.part(Prices).table,
        fields=SEARCHED,
        gone=lambda price: price.deleted,
        former=before_changes(account, "price"),
    )
    return searching.search(searched, params)


@resource.get()
def list_(account: Account, params: ListPrices) -> Listing:
    """List prices, newest first. Inactive ones are included unless `active` is given."""
    currency = params.currency.lower() if params.currency else None
    check_filter(account.part(Products).table, params.product, "product", "product")

    def wanted(price: Price) -> bool:
        return (
            not price.deleted
            and params.active in (None, price.active)
            and currency in (None, price.currency)
            and params.product in (None, price.product)
            and params.type in (None, price.type)
            and (not params.lookup_keys or price.lookup_key in params.lookup_keys)
            and (params.recurring is None or _recurs(price, params.recurring))
            and within(params.created, price.created)
        )

    return page(account.part(Prices).table, params, url=PATH, noun="price", where=wanted)


def _recurs(price: Price, wanted: RecurringFilter) -> bool:
    recurring = price.recurring
    return recurring is not None and all(
        getattr(wanted, name) in (None, getattr(recurring, name)) for name in ("interval", "meter", "usage_type")
    )


def _product_of(account: Account, params: CreatePrice) -> str:
    """Return the id of the product that is named; an empty string if it is created with the price."""
    if params.product is not None and params.product_data is not None:
        raise errors.prices.product_twice()
    if params.product_data is not None:
        products.check_id(account, params.product_data.id, "product_data[id]")
        merged({}, params.product_data.metadata, "product_data[metadata]")
        return ""
    if params.product is None:
        raise errors.prices.no_product()
    return products.find(account, params.product, param="product", status=400).id


def _check_lookup_key(account: Account, key: str | None, *, transfer: bool, own: str = "") -> None:
    if key is None:
        return
    holder = account.part(Prices).lookup_keys.get(key)
    if holder not in (None, own) and not transfer:
        raise errors.prices.lookup_key_taken(str(holder))


def _take_lookup_key(account: Account, price: Price, key: str | None) -> None:
    """Give a price a lookup key, and take it from the price that had it."""
    holders = account.part(Prices).lookup_keys
    if price.lookup_key is not None:
        del holders[price.lookup_key]
    price.lookup_key = key
    if key is None:
        return
    robbed = account.part(Prices).table.get(holders.get(key, ""))
    if robbed is not None:
        before = prices.faces(account, robbed)
        robbed.lookup_key = None
        prices.announce(account, robbed, before)
    holders[key] = price.id
