"""The parameters of a portal configuration that is created or changed.

Documented in: https://docs.stripe.com/api/customer_portal/configurations/create.
"""

from typing import Literal

from fakestripe_meters.domain.events.destinations import check_url
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

MOST_PRODUCTS = 10
Prorations = Literal["always_invoice", "create_prorations", "none"]
Reason = Literal[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
]
Conditions = Literal["decreasing_item_amount", "shortening_interval"]


def _check_url(value: str | None, path: str) -> None:
    if value is not None:
        check_url(value, path)


class NewBusinessProfile(Params):
    """What customers read about the business."""

    headline: str | Unset | None = param(default=UNSET, clearable=True, max_length=60)
    privacy_policy_url: str | Unset | None = param(default=UNSET, check=_check_url)
    terms_of_service_url: str | Unset | None = param(default=UNSET, check=_check_url)


class BusinessProfile(NewBusinessProfile):
    """What customers read about the business."""

    privacy_policy_url: str | Unset | None = param(default=UNSET, clearable=True, check=_check_url)
    terms_of_service_url: str | Unset | None = param(default=UNSET, clearable=True, check=_check_url)


class CustomerUpdate(Params):
    """What customers may change about themselves."""

    allowed_updates: tuple[Literal["address", "email", "name", "phone", "shipping", "tax_id"], ...] | Unset | None = (
        param(default=UNSET, clearable=True)
    )
    enabled: bool | Unset = param(default=UNSET)


class NewCustomerUpdate(CustomerUpdate):
    """What customers may change about themselves."""

    enabled: bool | Unset = param()


class InvoiceHistory(Params):
    """Whether customers see their invoices."""

    enabled: bool | Unset = param()


class PaymentMethodUpdate(Params):
    """Whether customers may change how they pay."""

    enabled: bool | Unset = param()


class CancellationReason(Params):
    """Whether customers are asked why they cancel."""

    enabled: bool | Unset = param()
    options: tuple[Reason, ...] | Unset | None = param(default=UNSET, clearable=True)


class NewCancellationReason(CancellationReason):
    """Whether customers are asked why they cancel."""

    options: tuple[Reason, ...] | Unset | None = param(clearable=True)


class SubscriptionCancel(Params):
    """How customers may cancel."""

    cancellation_reason: CancellationReason | None = param(default=None)
    enabled: bool | Unset = param(default=UNSET)
    mode: Literal["at_period_end", "immediately"] | Unset = param(default=UNSET)
    proration_behavior: Prorations | Unset = param(default=UNSET)


class NewSubscriptionCancel(SubscriptionCancel):
    """How customers may cancel."""

    cancellation_reason: NewCancellationReason | None = param(default=None)
    enabled: bool | Unset = param()


class SubscriptionPause(Params):
    """Whether customers may pause a subscription."""

    enabled: bool = param(default=False, unserved=(True,))


class AdjustableQuantity(Params):
    """Between which quantities customers may choose."""

    enabled: bool = param()
    maximum: int | None = param(default=None, least=1, most=MOST_UNITS)
    minimum: int | None = param(default=None, least=0, most=MOST_UNITS)


class Product(Params):
    """A product that customers may switch to."""

    adjustable_quantity: AdjustableQuantity | None = param(default=None, doc="By default, any quantity from 1 on.")
    prices: tuple[str, ...] = param(doc="Recurring prices of the product that bill no usage.")
    product: str = param()


class Condition(Params):
    """What makes a switch wait for the end of the period."""

    type: Conditions = param(order=("decreasing_item_amount", "shortening_interval"))


class ScheduleAtPeriodEnd(Params):
    """When a switch waits for the end of the period."""

    conditions: tuple[Condition, ...] | Unset | None = param(default=UNSET, clearable=True)


class SubscriptionUpdate(Params):
    """How customers may switch to other prices and quantities."""

    billing_cycle_anchor: Literal["now", "unchanged"] | Unset = param(default=UNSET)
    default_allowed_updates: tuple[Literal["price", "promotion_code", "quantity"], ...] | Unset | None = param(
        default=UNSET, clearable=True
    )
    enabled: bool | Unset = param(default=UNSET)
    products: tuple[Product, ...] | Unset | None = param(default=UNSET, clearable=True, most_items=MOST_PRODUCTS)
    proration_behavior: Prorations | Unset = param(default=UNSET)
    schedule_at_period_end: ScheduleAtPeriodEnd | None = param(default=None)
    trial_update_behavior: Literal["continue_trial", "end_trial"] | Unset = param(default=UNSET)


class NewSubscriptionUpdate(SubscriptionUpdate):
    """How customers may switch to other prices and quantities."""

    enabled: bool | Unset = param()


class Features(Params):
    """What customers may do."""

    customer_update: CustomerUpdate | None = param(default=None)
    invoice_history: InvoiceHistory | None = param(default=None)
    payment_method_update: PaymentMethodUpdate | None = param(default=None)
    subscription_cancel: SubscriptionCancel | None = param(default=None)
    subscription_pause: SubscriptionPause | None = param(default=None)
    subscription_update: SubscriptionUpdate | None = param(default=None)


class NewFeatures(Features):
    """What customers may do; what is left out, they may not."""

    customer_update: NewCustomerUpdate | None = param(default=None)
    subscription_cancel: NewSubscriptionCancel | None = param(default=None)
    subscription_update: NewSubscriptionUpdate | None = param(default=None)


class LoginPage(Params):
    """A page where customers log in by email."""

    enabled: bool = param(unserved=(True,))


class UpdateConfiguration(Operation):
    """A change to a configuration."""

    active: bool | Unset = param(default=UNSET)
    business_profile: BusinessProfile | None = param(default=None)
    default_return_url: str | Unset | None = param(default=UNSET, clearable=True, check=_check_url)
    features: Features | None = param(default=None)
    login_page: LoginPage | None = param(default=None)
    metadata: Metadata = metadata()
    name: str | Unset | None = param(default=UNSET, clearable=True, max_length=256)


class CreateConfiguration(Operation):
    """A new configuration."""

    business_profile: NewBusinessProfile | None = param(default=None)
    default_return_url: str | Unset | None = param(default=UNSET, clearable=True, check=_check_url)
    features: NewFeatures = param()
    login_page: LoginPage | None = param(default=None)
    metadata: Metadata = metadata()
    name: str | Unset | None = param(default=UNSET, clearable=True, max_length=256)
