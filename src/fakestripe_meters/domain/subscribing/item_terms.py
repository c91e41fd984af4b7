"""What a request can say of a subscription's items."""

from decimal import Decimal

from fakestripe_meters.core.periods import INTERVALS
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records.prices import TAX_BEHAVIORS
from fakestripe_meters.domain.records.prices import TaxBehavior
from fakestripe_meters.domain.subscribing.price_terms import MOST_DAYS_BETWEEN
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param


class PriceRecurring(Params):
    """The interval of a price that is created together with the item."""

    interval: Interval = param(order=INTERVALS)
    interval_count: int = param(default=1, least=1, most=MOST_DAYS_BETWEEN)


class PriceData(Params):
    """A licensed price that is created together with the item."""

    currency: str = param(check=check_currency)
    product: str = param()
    recurring: PriceRecurring = param()
    tax_behavior: TaxBehavior = param(default="unspecified", order=TAX_BEHAVIORS)
    unit_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


class ItemThreshold(Params):
    """When to invoice an item before its period ends."""

    usage_gte: int = param(least=1, most=MOST_UNITS)


class ItemTerms(Params):
    """The parameters of an item. Metered prices take no quantity."""

    billing_thresholds: ItemThreshold | Unset | None = param(default=UNSET, clearable=True)
    discounts: redeeming.Given = redeeming.discounts_param()
    metadata: Metadata = metadata()
    plan: str | None = param(default=None)
    price: str | None = param(default=None)
    quantity: int | None = param(default=None, least=0, most=MOST_UNITS)
    tax_rates: tax_terms.Given = tax_terms.own_rates()


class NewItem(ItemTerms):
    """An item, whose price may be created together with it."""

    price_data: PriceData | None = param(default=None)


class ChosenItem(NewItem):
    """An item that a customer has chosen in a Checkout session; its price was active when that was opened."""


class PreviewedItem(ItemTerms):
    """A change to the item that `id` names, or a new item, as it would be."""

    clear_usage: bool = param(default=False, doc="Changes nothing in classic billing mode: usage belongs to meters.")
    deleted: bool = param(default=False)
    id: str | None = param(default=None)


class ItemChanges(PreviewedItem, NewItem):
    """A change to the item that `id` names, or a new item."""
