"""The parameters of an invoice item that is created or changed, and how it gets its amount from them."""

from collections.abc import Callable
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.exact import ONE
from fakestripe_meters.domain.invoicing import one_time_prices
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.invoicing.one_time_prices import LinePriceData
from fakestripe_meters.domain.invoicing.one_time_prices import PriceData
from fakestripe_meters.domain.records import amount_prices
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.prices import TAX_BEHAVIORS
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import TaxBehavior
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_charge
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

WAYS = ("amount", "price_data", "pricing", "unit_amount_decimal")
"""The parameters by which an invoice item can get its amount."""
QUANTITIES = ("quantity", "quantity_decimal")
UNTAXED = "Changes nothing: it matters to calculated taxes only, and none are calculated but those of tax rates."


class ItemPeriod(Params):
    """A stretch of time, in Unix seconds."""

    end: int = param(least=0, most=LAST_SECOND)
    start: int = param(least=0, most=LAST_SECOND)


class Pricing(Params):
    """A one-time price."""

    price: str = param()


class LineTerms(Params):
    """What a line of an invoice by hand says: the parameters of a line and of an invoice item."""

    amount: int | Unset = param(
        default=UNSET, least=-MOST_CHARGED, most=MOST_CHARGED, doc="Negative amounts are credits."
    )
    description: str | Unset | None = param(default=UNSET, clearable=True)
    discountable: bool | Unset = param(default=UNSET)
    discounts: redeeming.Given = redeeming.discounts_param()
    metadata: Metadata = metadata()
    period: ItemPeriod | None = param(default=None)
    price_data: LinePriceData | None = param(default=None)
    pricing: Pricing | None = param(default=None)
    quantity: int | None = param(default=None, least=0, most=MOST_UNITS)
    quantity_decimal: Decimal | None = param(default=None, least=0, most=MOST_UNITS, check=check_decimals)
    tax_rates: tax_terms.Given = tax_terms.own_rates()


class InvoiceItemTerms(LineTerms, Operation):
    """The parameters of a new invoice item and of an update."""

    price_data: PriceData | None = param(default=None)
    tax_behavior: TaxBehavior | None = param(default=None, order=TAX_BEHAVIORS, doc=UNTAXED)
    tax_code: str | None = param(default=None, clearable=True, doc=UNTAXED)
    unit_amount_decimal: Decimal | None = param(
        default=None, least=-MOST_OF_PRICE, most=MOST_OF_PRICE, check=check_decimals
    )


def apply(account: Account, item: InvoiceItem, params: LineTerms, within: Callable[[str], str] = str) -> None:
    """Store the parameters on an item, or raise StripeError 400; `within` turns a parameter's name into its path."""
    _reprice(account, item, params, within)
    item.metadata = merged(item.metadata, params.metadata, within("metadata"))
    if params.description is not UNSET:
        item.description = params.description
    if params.discountable is not UNSET:
        item.discountable = params.discountable
    elif not item.id and item.amount < 0:
        # documented: by default, discounts do not apply to negative items, as Stripe's OpenAPI says.
        item.discountable = False
    rates = tax_terms.chosen(account, params.tax_rates, within("tax_rates"))
    if rates is not None:
        item.tax_rates = rates
    if params.period is not None:
        item.start, item.end = params.period.start, params.period.end
    if item.bare and _way(params, within) is not None:
        _make_price(account, item)


def _reprice(account: Account, item: InvoiceItem, params: LineTerms, within: Callable[[str], str]) -> None:
    quantity = _quantity(params, within)
    way = _way(params, within)
    if way is None and not item.id:
        raise errors.params.need_one_of([within(name) for name in WAYS if name in params.declared])
    if params.pricing is not None:
        path = within("pricing[price]")
        _take_price(account, item, one_time_prices.named(account, params.pricing.price, path), path)
    elif params.price_data is not None:
        price = one_time_prices.described(account, params.price_data, lambda name: within(f"price_data[{name}]"))
        _take_price(account, item, price, within("price_data[currency]"))
        item.price = prices.add(account, price).id
    elif isinstance(params, InvoiceItemTerms) and params.unit_amount_decimal is not None:
        item.unit_amount, item.bare = params.unit_amount_decimal, True
    item.quantity = item.quantity if quantity is None else quantity
    if params.amount is not UNSET:
        item.amount, item.unit_amount, item.quantity = params.amount, Decimal(params.amount), quantity or ONE
        item.bare = True
    elif way or quantity is not None:
        item.amount = _amount(account, item)
        quantities = [name for name in QUANTITIES if getattr(params, name) is not None]
        check_charge(item.amount, within(quantities[0] if quantities else way or ""))


def _quantity(params: LineTerms, within: Callable[[str], str]) -> Decimal | None:
    if params.quantity is not None and params.quantity_decimal is not None:
        raise errors.params.exclusive_params([within(name) for name in QUANTITIES])
    return params.quantity_decimal if params.quantity is None else Decimal(params.quantity)


def _way(params: LineTerms, within: Callable[[str], str]) -> str | None:
    """Return the one parameter of `WAYS` that the request sets; None if it sets none."""
    ways = [name for name, value in params.given(WAYS) if value is not None]
    if len(ways) > 1:
        raise errors.params.exclusive_params([within(name) for name in ways])
    return ways[0] if ways else None


def _make_price(account: Account, item: InvoiceItem) -> None:
    """Give an item the price of its amount; a proration, and usage, keep the one that they are for."""
    if not item.proration and not item.metered:
        price = amount_prices.of(account, item.currency, item.unit_amount or Decimal(0), item.description)
        item.price, item.product = price.id, price.product


def _take_price(account: Account, item: InvoiceItem, price: Price, path: str) -> None:
    if item.invoice is not None and price.currency != item.currency:
        raise errors.prices.only_supports(path, price.currency, item.currency, whose="the invoice's")
    item.price, item.product, item.currency, item.bare = price.id, price.product, price.currency, False
    item.metered, item.tier = False, None
    item.unit_amount = price.amounts.unit_amount
    item.description = products.kept(account, price.product).name


def _amount(account: Account, item: InvoiceItem) -> int:
    if item.price is not None and not item.bare:
        return one_time_prices.amount(prices.find(account, item.price), item.quantity)
    (line,) = pricing.bill(pricing.PerUnit(unit_amount=item.unit_amount or Decimal(0)), item.quantity)
    return line.rounded
