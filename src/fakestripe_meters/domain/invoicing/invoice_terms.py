"""The parameters of an invoice that is created or changed."""

from typing import Literal

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.domain.records.invoices import Invoice
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
    "default_payment_method",
    "description",
    "due_date",
    "footer",
)
"""The parameters that only a draft takes, each a field of the invoice."""
CollectionMethod = Literal["charge_automatically", "send_invoice"]


class InvoiceTerms(Operation):
    """The parameters of a new invoice and of an update."""

    auto_advance: bool | Unset = param(default=UNSET, doc="Whether it is finalized and collected automatically.")
    collection_method: CollectionMethod | Unset = param(default=UNSET)
    days_until_due: int | Unset = param(default=UNSET, least=0, most=MOST_DAYS_AHEAD)
    default_payment_method: str | Unset | None = param(default=UNSET, clearable=True)
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=1_500)
    due_date: int | Unset = param(default=UNSET, least=0, most=LAST_SECOND)
    footer: str | Unset | None = param(default=UNSET, clearable=True)
    metadata: Metadata = metadata()


def apply(invoice: Invoice, terms: InvoiceTerms) -> None:
    """Store the parameters on an invoice."""
    invoice.metadata = merged(invoice.metadata, terms.metadata)  # first: if it raises, nothing has changed
    for name, value in terms.given(SETTABLE):
        setattr(invoice, name, value)
