"""What a Checkout session makes when it is completed: parameters for the subscription, the payment or the set-up.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from typing import Literal

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.paying.intent_terms import CAPTURES
from fakestripe_meters.domain.paying.intent_terms import CaptureMethod
from fakestripe_meters.domain.paying.intent_terms import Parcel
from fakestripe_meters.domain.paying.intent_terms import Usage
from fakestripe_meters.domain.records.layouts import CustomField
from fakestripe_meters.domain.subscribing.anchor_days import AnchorTerms
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.pending_interval_terms import PendingTerms
from fakestripe_meters.domain.subscribing.subscription_terms import TrialSettings
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import LARGEST
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

LONGEST_DESCRIPTION = 1_000
MOST_CUSTOM_FIELDS = 4


class InvoiceSettings(Params):
    """What is printed on the subscription's invoices."""

    custom_fields: tuple[CustomField, ...] | None = param(default=None, most_items=MOST_CUSTOM_FIELDS)
    description: str | None = param(default=None, max_length=1_500)
    footer: str | None = param(default=None)


class SubscriptionData(Params):
    """The subscription that a session begins."""

    billing_cycle_anchor: int | None = param(default=None, least=0, most=LAST_SECOND)
    billing_cycle_anchor_config: AnchorTerms | None = param(default=None)
    billing_mode: BillingMode | None = param(default=None)
    default_tax_rates: tuple[str, ...] = param(default=(), most_items=tax_terms.MOST_BY_DEFAULT)
    description: str | None = param(default=None, max_length=500)
    invoice_settings: InvoiceSettings | None = param(default=None)
    metadata: Metadata = metadata()
    pending_invoice_item_interval: PendingTerms | None = param(default=None)
    proration_behavior: Literal["create_prorations", "none"] | None = param(default=None)
    trial_end: int | None = param(default=None, least=0, most=LAST_SECOND)
    trial_period_days: int | None = param(default=None, least=-LARGEST, most=LARGEST, doc="From 1 to 730.")
    trial_settings: TrialSettings | None = param(default=None)


class PaymentData(Params):
    """The payment intent that a session makes."""

    capture_method: CaptureMethod | None = param(default=None, order=CAPTURES)
    description: str | None = param(default=None, max_length=LONGEST_DESCRIPTION)
    metadata: Metadata = metadata()
    receipt_email: str | None = param(default=None)
    setup_future_usage: Usage | None = param(default=None)
    shipping: Parcel | None = param(default=None)
    statement_descriptor: str | None = param(default=None, max_length=22)
    statement_descriptor_suffix: str | None = param(default=None, max_length=22)
    transfer_group: str | None = param(default=None)


class SetupData(Params):
    """The setup intent that a session makes."""

    description: str | None = param(default=None, max_length=LONGEST_DESCRIPTION)
    metadata: Metadata = metadata()


class RenderingOptions(Params):
    """How the invoice looks."""

    amount_tax_display: Literal["exclude_tax", "include_inclusive_tax"] | None = param(default=None, clearable=True)


class InvoiceData(Params):
    """The invoice of a payment."""

    custom_fields: tuple[CustomField, ...] | None = param(default=None, clearable=True, most_items=MOST_CUSTOM_FIELDS)
    description: str | None = param(default=None, max_length=1_500)
    footer: str | None = param(default=None)
    metadata: Metadata = metadata()
    rendering_options: RenderingOptions | None = param(default=None, clearable=True)


class InvoiceCreation(Params):
    """Whether a payment gets an invoice."""

    enabled: bool = param()
    invoice_data: InvoiceData | None = param(default=None)
