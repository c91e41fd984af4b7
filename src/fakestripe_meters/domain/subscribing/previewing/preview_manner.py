"""How a preview is asked for, and what its invoice is made of."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.wire.tree import Tree

Sketch = tuple[Invoice, Sequence[InvoiceItem]]
"""An invoice that is in no table, and the items that wait for it."""


class Manner(NamedTuple):
    """How a preview is asked for, and what of its invoice is shown."""

    within: Callable[[str], str] = lambda name: f"subscription_details[{name}]"
    """Turns the name of a parameter about the subscription into its path."""
    show: Callable[[Account, Invoice], Tree] = invoices.render
    status_of_none: int = 400
    """The status of the answer if there is nothing to preview."""
    mode: BillingMode | None = None
    """The billing mode of a new subscription, unless the request names one."""

    @property
    def is_upcoming(self) -> bool:
        """Whether it is an upcoming invoice: without a subscription, then, it is the next one of the customer."""
        return self.mode is not None


AS_PREVIEW = Manner()
