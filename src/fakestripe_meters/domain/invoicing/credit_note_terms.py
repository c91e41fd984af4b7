"""The parameters of a credit note, and of a preview of one."""

from decimal import Decimal
from typing import Literal

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import MOST_OF_PRICE
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_decimals
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

MOST_TAXES = 20
MOST_RATES = 10
Reason = Literal["duplicate", "fraudulent", "order_change", "product_unsatisfactory"]


class TaxAmount(Params):
    """A tax that is given as an amount."""

    amount: int = param(least=0, most=MOST_CHARGED)
    tax_rate: str = param()
    taxable_amount: int = param(least=0, most=MOST_CHARGED)


class NoteLineTerms(Params):
    """What a line credits: a part of an invoice's line, or something of its own."""

    amount: int | None = param(default=None, least=1, most=MOST_CHARGED, doc="Before discounts and exclusive taxes.")
    description: str | None = param(default=None)
    invoice_line_item: str | None = param(default=None)
    metadata: Metadata = metadata()
    quantity: int | None = param(default=None, least=1, most=MOST_UNITS)
    tax_amounts: tuple[TaxAmount, ...] | None = param(default=None, clearable=True, most_items=MOST_TAXES)
    tax_rates: tuple[str, ...] | None = param(default=None, clearable=True, most_items=MOST_RATES)
    type: Literal["custom_line_item", "invoice_line_item"] = param()
    unit_amount: int | None = param(default=None, least=0, most=MOST_CHARGED)
    unit_amount_decimal: Decimal | None = param(default=None, least=0, most=MOST_OF_PRICE, check=check_decimals)


class LinkedRefund(Params):
    """A refund that was made before."""

    amount_refunded: int | None = param(default=None, least=1, most=MOST_CHARGED, doc="All of it by default.")
    refund: str | None = param(default=None)
    type: Literal["payment_record_refund", "refund"] = param(default="refund", unserved=("payment_record_refund",))


class NoteTerms(Operation):
    """The parameters of a new credit note."""

    amount: int | None = param(default=None, least=1, most=MOST_CHARGED, doc="In all, with taxes.")
    credit_amount: int = param(default=0, least=0, most=MOST_CHARGED, doc="What goes onto the customer's balance.")
    effective_at: int | None = param(default=None, least=0, most=LAST_SECOND)
    email_type: Literal["credit_note", "none"] | None = param(default=None, doc="Changes nothing: no email is sent.")
    invoice: str = param()
    lines: tuple[NoteLineTerms, ...] | None = param(default=None)
    memo: str | None = param(default=None)
    metadata: Metadata = metadata()
    out_of_band_amount: int | None = param(
        default=None, least=0, most=MOST_CHARGED, doc="What is given back outside of Stripe."
    )
    reason: Reason | None = param(default=None)
    refund_amount: int = param(default=0, least=0, most=MOST_CHARGED, doc="What the invoice's charge is refunded.")
    refunds: tuple[LinkedRefund, ...] | None = param(default=None)
