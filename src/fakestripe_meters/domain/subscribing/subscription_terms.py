"""The parameters of a subscription that is created or changed."""

from typing import Literal
from typing import Protocol

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.domain.invoicing import payment_options
from fakestripe_meters.domain.invoicing import payment_terms
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.invoicing.payment_options import SubscriptionOptions
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import layouts
from fakestripe_meters.domain.records.layouts import CustomFields
from fakestripe_meters.domain.records.layouts import custom_fields
from fakestripe_meters.domain.records.subscription_details import Cancellation
from fakestripe_meters.domain.records.subscription_details import Thresholds
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.added_items import MOST_ADDED
from fakestripe_meters.domain.subscribing.added_items import AddedItems
from fakestripe_meters.domain.subscribing.anchor_days import AnchorTerms
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.item_terms import ItemChanges
from fakestripe_meters.domain.subscribing.item_terms import NewItem
from fakestripe_meters.domain.subscribing.paused_collection import PauseTerms
from fakestripe_meters.domain.subscribing.pending_interval_terms import PendingTerms
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.framework.times import MOST_DAYS_AHEAD
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

SETTABLE = ("collection_method", "days_until_due", "description")
Prorations = Literal["always_invoice", "create_prorations", "none"]
PaymentBehavior = Literal["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"]
# inferred: the order, as a refusal has it that a program's notes quote.
PAYMENT_BEHAVIORS = ("allow_incomplete", "error_if_incomplete", "pending_if_incomplete", "default_incomplete")
PeriodEnd = Literal["max_billed_until", "max_period_end", "min_period_end"]
Feedback = Literal[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
]


class BillingThresholds(Params):
    """When to invoice before the period ends."""

    amount_gte: int | None = param(default=None, least=50, most=MOST_CHARGED)
    reset_billing_cycle_anchor: bool | None = param(default=None)


class CancellationDetails(Params):
    """Why the subscription is canceled."""

    comment: str | Unset | None = param(default=UNSET, clearable=True)
    feedback: Feedback | Unset | None = param(default=UNSET, clearable=True)


class PaymentSettings(payment_terms.PaymentSettings):
    """How invoices are paid."""

    payment_method_options: SubscriptionOptions | Unset = param(default=UNSET)
    save_default_payment_method: Literal["off", "on_subscription"] | Unset = param(default=UNSET)


class InvoiceSettings(Params):
    """What is printed on invoices."""

    custom_fields: CustomFields = custom_fields()
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=1_500)
    footer: str | Unset | None = param(default=UNSET, clearable=True)


class EndBehavior(Params):
    """What happens at the end of a trial."""

    missing_payment_method: Literal["cancel", "create_invoice", "pause"] = param(
        default="create_invoice", doc="If neither the subscription nor the customer has a default payment method."
    )


class TrialSettings(Params):
    """What happens at the end of a trial."""

    end_behavior: EndBehavior = param()


class Ending(Protocol):
    """When a subscription ends: in a creation, an update or a preview."""

    @property
    def cancel_at(self) -> int | PeriodEnd | Unset | None:
        """When the subscription ends, in Unix seconds."""

    @property
    def cancel_at_period_end(self) -> bool | Unset:
        """Whether the subscription ends with its period."""


class Timing(Ending, Protocol):
    """When a subscription ends, when its trial ends, and whether that is prorated: in an update or in a preview."""

    @property
    def proration_behavior(self) -> Prorations:
        """Whether prorations are created, and whether they are invoiced at once."""

    @property
    def trial_end(self) -> int | Literal["now"] | None:
        """When the trial ends, in Unix seconds; None to leave it unchanged."""


class SubscriptionTerms(Operation):
    """The parameters of a new subscription and of an update."""

    add_invoice_items: AddedItems = param(default=(), most_items=MOST_ADDED)
    automatic_tax: tax_terms.AutomaticTax | None = param(default=None)
    billing_thresholds: BillingThresholds | Unset | None = param(default=UNSET, clearable=True)
    cancel_at: int | PeriodEnd | Unset | None = param(
        default=UNSET, clearable=True, least=0, most=LAST_SECOND, unserved=("max_billed_until",)
    )
    cancel_at_period_end: bool | Unset = param(default=UNSET)
    collection_method: Literal["charge_automatically", "send_invoice"] | Unset = param(default=UNSET)
    days_until_due: int | Unset = param(default=UNSET, least=0, most=MOST_DAYS_AHEAD)
    default_payment_method: str | Unset | None = param(
        default=UNSET, clearable=True, doc="The id of a payment method that the customer has."
    )
    default_source: str | Unset | None = param(default=UNSET, clearable=True, check=methods.check_source)
    default_tax_rates: tax_terms.Given = tax_terms.default_rates()
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=500)
    discounts: redeeming.Given = redeeming.discounts_param()
    invoice_settings: InvoiceSettings | None = param(default=None)
    metadata: Metadata = metadata()
    off_session: bool | None = param(default=None, doc="Whether the customer is absent when it is paid.")
    payment_behavior: PaymentBehavior = param(default="allow_incomplete", order=PAYMENT_BEHAVIORS)
    payment_settings: PaymentSettings | None = param(default=None)
    pending_invoice_item_interval: PendingTerms | Unset | None = param(default=UNSET, clearable=True)
    plan: str | None = param(default=None, doc="The plan of the only item: an older way to name it.")
    proration_behavior: Prorations = param(default="create_prorations")
    quantity: int | None = param(default=None, least=0, most=MOST_UNITS, doc="That of the only item, likewise.")
    trial_end: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)
    trial_from_plan: bool = param(default=False)
    trial_settings: TrialSettings | None = param(default=None)


class CreateSubscription(SubscriptionTerms):
    """A new subscription."""

    customer: str = param()
    items: tuple[NewItem, ...] = param(default=())
    backdate_start_date: int | None = param(default=None, least=0, most=LAST_SECOND)
    billing_cycle_anchor: int | None = param(default=None, least=0, most=LAST_SECOND)
    billing_cycle_anchor_config: AnchorTerms | None = param(default=None)
    billing_mode: BillingMode | None = param(default=None)
    currency: str | None = param(default=None, check=check_currency)
    trial_period_days: int | None = param(default=None, least=1, most=730)


class Anchor(Params):
    """Whether the billing cycle restarts."""

    type: Literal["now", "unchanged"] = param()


class UpdateSubscription(SubscriptionTerms):
    """A change to a subscription."""

    billing_cycle_anchor: Anchor | None = param(default=None)
    cancellation_details: CancellationDetails | None = param(default=None)
    items: tuple[ItemChanges, ...] = param(default=())
    pause_collection: PauseTerms | Unset | None = param(default=UNSET, clearable=True)
    proration_date: int | None = param(default=None, least=0, most=LAST_SECOND)

    @property
    def restarts_cycle(self) -> bool:
        """Whether the billing cycle restarts."""
        return self.billing_cycle_anchor is not None and self.billing_cycle_anchor.type == "now"


def apply(account: Account, subscription: Subscription, terms: SubscriptionTerms) -> None:
    """Store the parameters of the subscription itself, without its items and times."""
    for name, value in terms.given(SETTABLE):
        setattr(subscription, name, value)
    if terms.default_payment_method is not UNSET:
        customer = customers.kept(account, subscription.customer)
        subscription.default_payment_method = methods.default_for(
            account, customer, terms.default_payment_method, param="default_payment_method"
        )
    thresholds = terms.billing_thresholds
    if thresholds is not UNSET:
        subscription.thresholds = (
            Thresholds(thresholds.amount_gte, thresholds.reset_billing_cycle_anchor) if thresholds else None
        )
    if terms.invoice_settings is not None:
        _apply_to_invoices(subscription, terms.invoice_settings)
    if terms.payment_settings is not None:
        _apply_payment(subscription, terms.payment_settings)
    if terms.trial_settings is not None:
        subscription.missing_payment_method = terms.trial_settings.end_behavior.missing_payment_method


def apply_reasons(cancellation: Cancellation, details: CancellationDetails | None) -> None:
    """Store why a subscription is canceled."""
    if details is None:
        return
    if details.comment is not UNSET:
        cancellation.comment = details.comment
    if details.feedback is not UNSET:
        cancellation.feedback = details.feedback


def _apply_to_invoices(subscription: Subscription, settings: InvoiceSettings) -> None:
    layouts.lay_out(subscription.layout, settings.custom_fields, UNSET)
    if settings.footer is not UNSET:
        subscription.layout.footer = settings.footer
    if settings.description is not UNSET:
        subscription.invoice_description = settings.description


def _apply_payment(subscription: Subscription, settings: PaymentSettings) -> None:
    if settings.payment_method_options is not UNSET:
        before = subscription.payment_method_options
        subscription.payment_method_options = payment_options.merged(before, settings.payment_method_options)
    types = settings.payment_method_types
    if types is not UNSET:
        subscription.payment_method_types = list(types) if types else None
    if settings.save_default_payment_method is not UNSET:
        subscription.save_default_payment_method = settings.save_default_payment_method
