"""The parameters of an invoice that is created or changed."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.invoicing.payment_terms import InvoicePaymentSettings
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.layouts import CustomFields
from fakestripe_meters.domain.records.layouts import Rendering
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.domain.records.layouts import custom_fields
from fakestripe_meters.domain.records.layouts import lay_out
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.framework.times import MOST_DAYS_AHEAD
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

SETTABLE = (
    "auto_advance",
    "collection_method",
    "days_until_due",
    "description",
    "due_date",
    "effective_at",
    "footer",
    "number",
    "statement_descriptor",
)
"""The parameters that are a field of the invoice."""
ONLY_DRAFTS = (
    *SETTABLE,
    "default_payment_method",
    "default_source",
    "automatically_finalizes_at",
    "custom_fields",
    "default_tax_rates",
    "discounts",
    "payment_settings",
    "rendering",
    "shipping_details",
)
"""The parameters that only a draft takes."""
CollectionMethod = Literal["charge_automatically", "send_invoice"]


def check_descriptor(value: str, path: str) -> None:
    """Raise StripeError 400 unless a statement descriptor has a letter."""
    if not any(character.isalpha() for character in value):
        raise errors.invoices.descriptor_without_letter(path)


class InvoiceTerms(Operation):
    """The parameters of a new invoice and of an update."""

    auto_advance: bool | Unset = param(default=UNSET, doc="Whether it is finalized and collected automatically.")
    automatically_finalizes_at: int | Unset = param(
        default=UNSET, least=0, most=LAST_SECOND, doc="When it is finalized if it is a draft then, within five years."
    )
    collection_method: CollectionMethod | Unset = param(default=UNSET)
    custom_fields: CustomFields = custom_fields()
    days_until_due: int | Unset = param(default=UNSET, least=0, most=MOST_DAYS_AHEAD)
    default_payment_method: str | Unset | None = param(
        default=UNSET, clearable=True, doc="The id of a payment method that the customer has."
    )
    default_source: str | Unset | None = param(default=UNSET, clearable=True, check=methods.check_source)
    default_tax_rates: tax_terms.Given = tax_terms.default_rates()
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=1_500)
    discounts: redeeming.Given = redeeming.discounts_param()
    due_date: int | Unset = param(default=UNSET, least=0, most=LAST_SECOND)
    effective_at: int | Unset | None = param(
        default=UNSET, clearable=True, least=0, most=LAST_SECOND, doc="By default, when it is finalized."
    )
    footer: str | Unset | None = param(default=UNSET, clearable=True)
    metadata: Metadata = metadata()
    number: str | Unset | None = param(
        default=UNSET, clearable=True, max_length=26, doc="By default, the next of the customer's sequence."
    )
    payment_settings: InvoicePaymentSettings | Unset = param(default=UNSET)
    rendering: Rendering | Unset = param(default=UNSET)
    shipping_details: Shipping | Unset | None = param(default=UNSET, clearable=True)
    statement_descriptor: str | Unset | None = param(
        default=UNSET, clearable=True, max_length=22, check=check_descriptor
    )


def apply(account: Account, invoice: Invoice, terms: InvoiceTerms) -> None:
    """Store the parameters on an invoice."""
    invoice.metadata = merged(invoice.metadata, terms.metadata)  # first: if it raises, nothing has changed
    for name, value in terms.given(SETTABLE):
        setattr(invoice, name, value)
    if terms.default_payment_method is not UNSET:
        customer = customers.kept(account, invoice.customer)
        invoice.default_payment_method = methods.default_for(
            account, customer, terms.default_payment_method, param="default_payment_method"
        )
    lay_out(invoice.layout, terms.custom_fields, terms.rendering)
    if terms.payment_settings is not UNSET:
        invoice.payment_settings = terms.payment_settings.applied_to(invoice.payment_settings)
    if terms.shipping_details is not UNSET:
        invoice.shipping_details = terms.shipping_details.stored if terms.shipping_details else None
