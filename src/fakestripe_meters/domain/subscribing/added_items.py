"""`add_invoice_items`: what a subscription is billed once, beside its own items.

Documented in: https://docs.stripe.com/api/subscriptions/create.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal
from typing import NamedTuple

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import item_discounts
from fakestripe_meters.domain.invoicing import one_time_prices
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.invoicing.one_time_prices import SignedPriceData
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_charge
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.framework.times import check_timestamp
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

PATH = "add_invoice_items"
MOST_ADDED = 20
WAYS = ("price", "price_data")


class AddedStart(Params):
    """When the time begins that an item is for."""

    timestamp: int | None = param(default=None, least=0, most=LAST_SECOND)
    type: Literal["max_item_period_start", "now", "timestamp"] = param()


class AddedEnd(Params):
    """When the time ends that an item is for."""

    timestamp: int | None = param(default=None, least=0, most=LAST_SECOND)
    type: Literal["min_item_period_end", "timestamp"] = param()


class AddedPeriod(Params):
    """The time that an item is for: by default, it is in the periods of all items of the subscription."""

    end: AddedEnd = param()
    start: AddedStart = param()


class AddedTerms(Params):
    """An item of the next invoice, without the time that it is for."""

    discountable: bool = param(default=True)
    discounts: redeeming.Given = redeeming.discounts_param()
    metadata: Metadata = metadata()
    price: str | None = param(default=None)
    price_data: SignedPriceData | None = param(default=None)
    quantity: int = param(default=1, least=0, most=MOST_UNITS)
    tax_rates: tax_terms.Given = tax_terms.own_rates()


class AddedItem(AddedTerms):
    """An item of the next invoice."""

    period: AddedPeriod | None = param(default=None)


class ChosenExtra(AddedItem):
    """An item that a customer has chosen in a Checkout session; its price was active when that was opened."""


AddedItems = tuple[AddedItem, ...]


class Added(NamedTuple):
    """An item that was read and checked; its price may be in no table yet."""

    terms: AddedItem
    price: Price
    amount: int
    rates: list[str]


def read(account: Account, given: AddedItems, currency: str) -> list[Added]:
    """Check the items that a request adds to a subscription in a currency, or raise StripeError 400."""
    found = []
    for index, terms in enumerate(given):
        path = f"{PATH}[{index}]"
        price, amount, rates = read_one(account, terms, currency, path)
        _check_period(terms.period, path)
        found.append(Added(terms, price, amount, rates))
    return found


def read_one(account: Account, terms: AddedTerms, currency: str, path: str) -> tuple[Price, int, list[str]]:
    """Return the price of an item, what it comes to, and its tax rates, or raise StripeError 400."""
    price, named = _price(account, terms, path)
    if price.currency != currency:
        raise errors.prices.only_supports(named, price.currency, currency)
    merged({}, terms.metadata, f"{path}[metadata]")
    amount = one_time_prices.amount(price, Decimal(terms.quantity))
    check_charge(amount, named if terms.quantity == 1 else f"{path}[quantity]")
    return price, amount, tax_terms.chosen(account, terms.tax_rates, f"{path}[tax_rates]") or []


def add(account: Account, subscription: Subscription, added: Sequence[Added]) -> list[InvoiceItem]:
    """Add the items and return them. They wait for the next invoice of the subscription, maybe one of this second."""
    found = []
    for index, each in enumerate(added):
        item = _item(account, subscription, each)
        item_discounts.apply(account, item, each.terms.discounts, f"{PATH}[{index}][discounts]")
        found.append(invoice_items.add(account, item))
    return found


@observed("such an item has the product as its description, and the subscription's period (pay-rails/pay)")
def _item(account: Account, subscription: Subscription, added: Added) -> InvoiceItem:
    terms, price, amount, rates = added
    if not price.id:
        prices.add(account, price)
    start, end = _period(account, subscription, terms.period)
    return InvoiceItem(
        id=account.ids.new("ii_", 24),
        date=account.now,
        customer=subscription.customer,
        currency=price.currency,
        amount=amount,
        start=start,
        end=end,
        description=products.kept(account, price.product).name,
        discountable=terms.discountable,
        metadata=merged({}, terms.metadata),
        price=price.id,
        product=price.product,
        unit_amount=price.amounts.unit_amount,
        quantity=Decimal(terms.quantity),
        subscription=subscription.id,
        tax_rates=rates,
        test_clock=subscription.test_clock,
    )


@documented("in flexible mode they wait, unless the change is invoiced anyway; in classic mode they are invoiced")
def invoiced_alone(subscription: Subscription, added: Sequence[Added], behavior: str) -> bool:
    """Return whether added items are invoiced at once although nothing else of a change is."""
    return bool(added) and behavior == "always_invoice" and subscription.billing_mode == "classic"


@documented("by default, the period begins where that of an item begins last, and ends where that of one ends first")
def _period(account: Account, subscription: Subscription, given: AddedPeriod | None) -> tuple[int, int]:
    start, end = subscription.period_start, subscription.period_end
    if given is not None and given.start.type == "now":
        start = account.now
    if given is not None and given.start.timestamp is not None:
        start = given.start.timestamp
    if given is not None and given.end.timestamp is not None:
        end = given.end.timestamp
    return start, end


def _check_period(given: AddedPeriod | None, path: str) -> None:
    if given is not None:
        for name, each in (("start", given.start), ("end", given.end)):
            check_timestamp(each.type, each.timestamp, f"{path}[period][{name}]")


def _price(account: Account, terms: AddedTerms, path: str) -> tuple[Price, str]:
    """Return the price of an item, and the path of the parameter that names it."""
    named = [f"{path}[{name}]" for name in WAYS if getattr(terms, name) is not None]
    if len(named) > 1:
        raise errors.params.exclusive_params(named)
    if terms.price_data is not None:
        within = f"{path}[price_data]"
        made = one_time_prices.described(account, terms.price_data, lambda name: f"{within}[{name}]")
        return made, f"{within}[currency]"
    if terms.price is None:
        raise errors.params.need_one_of([f"{path}[{name}]" for name in WAYS])
    where = f"{path}[price]"
    chosen = isinstance(terms, ChosenExtra)
    return one_time_prices.named(account, terms.price, where, also_inactive=chosen), where
