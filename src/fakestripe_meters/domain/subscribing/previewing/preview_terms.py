"""The parameters of a preview.

Source: https://docs.stripe.com/api/invoices/create_preview.
"""

from decimal import Decimal
from typing import Literal

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.domain.invoicing import invoice_item_terms
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.invoicing.invoice_item_terms import ItemPeriod
from fakestripe_meters.domain.invoicing.one_time_prices import PriceData
from fakestripe_meters.domain.records.layouts import Address
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.domain.records.prices import TAX_BEHAVIORS
from fakestripe_meters.domain.records.prices import TaxBehavior
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.item_terms import ItemChanges
from fakestripe_meters.domain.subscribing.subscription_terms import PeriodEnd
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

MOST_INVOICE_ITEMS = 250


class PreviewedAnchor(Params):
    """When the billing cycle begins."""

    timestamp: int | None = param(default=None, least=0, most=LAST_SECOND, doc="For a new subscription only.")
    type: Literal["now", "timestamp", "unchanged"] = param()


def anchor_of(given: int | Literal["now", "unchanged"]) -> PreviewedAnchor:
    """Return an anchor that was given as a time or as a word, as before 2026-09-30.endive."""
    return PreviewedAnchor(type="timestamp", timestamp=given) if isinstance(given, int) else PreviewedAnchor(type=given)


class SubscriptionDetails(Params):
    """The subscription as it would be."""

    billing_cycle_anchor: PreviewedAnchor | None = param(default=None)
    billing_mode: BillingMode | None = param(default=None)
    cancel_at: int | PeriodEnd | Unset | None = param(
        default=UNSET, clearable=True, least=0, most=LAST_SECOND, unserved=("max_billed_until",)
    )
    cancel_at_period_end: bool | Unset = param(default=UNSET)
    cancel_now: bool = param(default=False, doc="Cancel it now, with an invoice; prorated by default.")
    default_tax_rates: tax_terms.Given = tax_terms.default_rates()
    items: tuple[ItemChanges, ...] = param(default=())
    metadata: Metadata = metadata()
    proration_behavior: Prorations = param(default="create_prorations")
    proration_date: int | None = param(default=None, least=0, most=LAST_SECOND)
    start_date: int | None = param(default=None, least=0, most=LAST_SECOND, doc="For a new one: not after now.")
    trial_end: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)

    @property
    def anchor(self) -> PreviewedAnchor:
        """When the billing cycle begins."""
        return self.billing_cycle_anchor or PreviewedAnchor(type="unchanged")


class CustomerDetails(Params):
    """The customer as it would be; without `customer`, a new one."""

    address: Address | Unset | None = param(default=UNSET, clearable=True)
    shipping: Shipping | Unset | None = param(default=UNSET, clearable=True)
    tax_exempt: Literal["exempt", "none", "reverse"] | Unset | None = param(
        default=UNSET, clearable=True, order=("none", "reverse", "exempt")
    )


class PreviewedInvoiceItem(Params):
    """An item that the invoice would have as well, or a change to the waiting one that `invoiceitem` names."""

    amount: int | None = param(default=None, least=-MOST_CHARGED, most=MOST_CHARGED)
    currency: str | None = param(default=None, check=check_currency)
    description: str | Unset = param(default=UNSET)
    discountable: bool | Unset = param(default=UNSET)
    discounts: redeeming.Given = redeeming.discounts_param()
    invoiceitem: str | None = param(default=None)
    metadata: Metadata = metadata()
    period: ItemPeriod | None = param(default=None)
    price: str | None = param(default=None)
    price_data: PriceData | None = param(default=None)
    quantity: int | None = param(default=None, least=0, most=MOST_UNITS)
    quantity_decimal: Decimal | None = param(default=None, least=0, most=MOST_UNITS, check=check_decimals)
    tax_behavior: TaxBehavior | None = param(default=None, order=TAX_BEHAVIORS, doc=invoice_item_terms.UNTAXED)
    tax_code: str | None = param(default=None, clearable=True, doc=invoice_item_terms.UNTAXED)
    tax_rates: tax_terms.Given = tax_terms.own_rates()
    unit_amount: int | None = param(default=None, least=-MOST_OF_PRICE, most=MOST_OF_PRICE)
    unit_amount_decimal: Decimal | None = param(
        default=None, least=-MOST_OF_PRICE, most=MOST_OF_PRICE, check=check_decimals
    )


class CreatePreview(Operation):
    """Whose next invoice to preview."""

    currency: str | None = param(default=None, check=check_currency, doc="Must be that of the subscription.")
    customer: str | None = param(default=None)
    customer_details: CustomerDetails | None = param(default=None)
    discounts: redeeming.Given = redeeming.discounts_param()
    invoice_items: tuple[PreviewedInvoiceItem, ...] = param(default=(), most_items=MOST_INVOICE_ITEMS)
    preview_mode: Literal["next", "recurring"] = param(default="next")
    subscription: str | None = param(default=None)
    subscription_details: SubscriptionDetails | None = param(default=None)
