"""What is bought in a Checkout session, in parameters.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from decimal import Decimal

from fakestripe_meters.core.periods import INTERVALS
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records.prices import TAX_BEHAVIORS
from fakestripe_meters.domain.records.prices import TaxBehavior
from fakestripe_meters.domain.records.products import TaxDetails
from fakestripe_meters.domain.subscribing.price_terms import MOST_DAYS_BETWEEN
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

MOST_ADJUSTED = 999_999
LONGEST_DESCRIPTION = 40_000
LONGEST_LABEL = 12
MOST_IMAGES = 8


class Adjusting(Params):
    """Whether the customer may choose how many, and within which bounds: by default, from 0 to 99."""

    enabled: bool = param()
    maximum: int | None = param(default=None, least=1, most=MOST_ADJUSTED)
    minimum: int | None = param(default=None, least=0, most=MOST_ADJUSTED)


class InlineProduct(Params):
    """A product that is made along with the price."""

    description: str | None = param(default=None, max_length=LONGEST_DESCRIPTION)
    images: tuple[str, ...] = param(default=(), most_items=MOST_IMAGES)
    metadata: Metadata = metadata()
    name: str = param()
    tax_code: str | None = param(default=None)
    tax_details: TaxDetails | None = param(default=None)
    unit_label: str | None = param(default=None, max_length=LONGEST_LABEL)


class InlineRecurring(Params):
    """How often the price is billed."""

    interval: Interval = param(order=INTERVALS)
    interval_count: int = param(default=1, least=1, most=MOST_DAYS_BETWEEN)


class InlinePrice(Params):
    """A price that is made along with the line. It bills no usage."""

    currency: str = param(check=check_currency)
    product: str | None = param(default=None)
    product_data: InlineProduct | None = param(default=None)
    recurring: InlineRecurring | None = param(default=None)
    tax_behavior: TaxBehavior = param(default="unspecified", order=TAX_BEHAVIORS)
    unit_amount: int | None = param(default=None, least=0, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


class LineTerms(Params):
    """Something that is bought. Prices of usage take no quantity."""

    adjustable_quantity: Adjusting | None = param(default=None)
    metadata: Metadata = metadata()
    price: str | None = param(default=None)
    price_data: InlinePrice | None = param(default=None)
    quantity: int | None = param(default=None, least=1, most=MOST_UNITS)
    tax_rates: tax_terms.Given = tax_terms.own_rates()


class ChangedLine(LineTerms):
    """A line as it is to be: the one that `id` names, or a new one."""

    id: str | None = param(default=None)


class OptionalTerms(Params):
    """Something that the customer may add."""

    adjustable_quantity: Adjusting | None = param(default=None)
    price: str = param()
    quantity: int = param(least=1, most=MOST_UNITS)
