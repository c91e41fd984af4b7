"""The parameters of a schedule that is created or changed."""

from typing import Literal

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.periods import LONGEST_COUNT
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records.layouts import CustomFields
from fakestripe_meters.domain.records.layouts import custom_fields
from fakestripe_meters.domain.subscribing.added_items import MOST_ADDED
from fakestripe_meters.domain.subscribing.added_items import AddedTerms
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.item_terms import NewItem
from fakestripe_meters.domain.subscribing.subscription_terms import BillingThresholds
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.framework.times import MOST_DAYS_AHEAD
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

EndBehavior = Literal["cancel", "none", "release", "renew"]
PhaseAnchor = Literal["automatic", "phase_start"]
Collection = Literal["charge_automatically", "send_invoice"]
MOST_ITERATIONS = 1_000


class PhaseInvoiceSettings(Params):
    """What is printed on invoices, and when they are due."""

    custom_fields: CustomFields = custom_fields()
    days_until_due: int | Unset = param(default=UNSET, least=0, most=MOST_DAYS_AHEAD)
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=1_500)
    footer: str | Unset | None = param(default=UNSET, clearable=True)


class DefaultTerms(Params):
    """What a schedule says by default, and a phase itself."""

    automatic_tax: tax_terms.AutomaticTax | None = param(default=None)
    billing_cycle_anchor: PhaseAnchor | None = param(default=None)
    billing_thresholds: BillingThresholds | Unset | None = param(default=UNSET, clearable=True)
    collection_method: Collection | Unset = param(default=UNSET)
    default_payment_method: str | Unset = param(default=UNSET, doc="The id of a payment method that the customer has.")
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=500)
    invoice_settings: PhaseInvoiceSettings | None = param(default=None)


class Duration(Params):
    """How long a phase lasts."""

    interval: Interval = param()
    interval_count: int = param(default=1, least=1, most=LONGEST_COUNT)


class PhaseStart(Params):
    """When the time begins that an item is for."""

    timestamp: int | None = param(default=None, least=0, most=LAST_SECOND)
    type: Literal["max_item_period_start", "phase_start", "timestamp"] = param()


class PhaseEnd(Params):
    """When the time ends that an item is for."""

    timestamp: int | None = param(default=None, least=0, most=LAST_SECOND)
    type: Literal["min_item_period_end", "phase_end", "timestamp"] = param()


class PhasePeriod(Params):
    """The time that an item is for: by default, it is in the periods of all items of the subscription."""

    end: PhaseEnd = param()
    start: PhaseStart = param()


class PhaseAddition(AddedTerms):
    """An item of the invoice that the start of a phase makes, or of the next one."""

    period: PhasePeriod | None = param(default=None)


class PhaseTerms(DefaultTerms):
    """A phase."""

    add_invoice_items: tuple[PhaseAddition, ...] = param(default=(), most_items=MOST_ADDED)
    currency: str | None = param(default=None, check=check_currency)
    default_tax_rates: tax_terms.Given = tax_terms.default_rates()
    discounts: redeeming.Given = redeeming.discounts_param()
    duration: Duration | None = param(default=None)
    items: tuple[NewItem, ...] = param()
    iterations: int | None = param(
        default=None,
        least=1,
        most=MOST_ITERATIONS,
        doc="How many intervals of its prices it lasts: at versions before `2025-09-30.clover`.",
    )
    metadata: Metadata = metadata()
    proration_behavior: Prorations = param(default="create_prorations")
    trial: bool = param(default=False, doc="The whole phase is a trial.")


class NewPhase(PhaseTerms):
    """A phase of a new schedule."""

    end_date: int | None = param(default=None, least=0, most=LAST_SECOND)
    trial_end: int | None = param(default=None, least=0, most=LAST_SECOND)


class LaterPhase(PhaseTerms):
    """A phase of a schedule that is changed."""

    end_date: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)
    start_date: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)
    trial_end: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)


class CreateSchedule(Operation):
    """A new schedule."""

    billing_mode: BillingMode | None = param(default=None)
    customer: str | None = param(default=None)
    default_settings: DefaultTerms | None = param(default=None)
    end_behavior: EndBehavior | None = param(default=None, doc="By default, `release`.")
    from_subscription: str | None = param(default=None, doc="A subscription: its current period becomes the phase.")
    metadata: Metadata = metadata()
    phases: tuple[NewPhase, ...] = param(default=())
    start_date: int | Literal["now"] | None = param(default=None, least=0, most=LAST_SECOND)


class UpdateSchedule(Operation):
    """A change of a schedule."""

    default_settings: DefaultTerms | None = param(default=None)
    end_behavior: EndBehavior | None = param(default=None)
    metadata: Metadata = metadata()
    phases: tuple[LaterPhase, ...] = param(default=())
    proration_behavior: Prorations = param(
        default="create_prorations", doc="How a change of the current phase is prorated."
    )


class CancelSchedule(Operation):
    """How to cancel a schedule and its subscription."""

    invoice_now: bool = param(default=True, doc="Invoice the usage so far and the waiting items.")
    prorate: bool = param(default=True, doc="Credit the unused time.")


class ReleaseSchedule(Operation):
    """How to release a subscription from its schedule."""

    preserve_cancel_date: bool = param(default=False, doc="Keep the end that the schedule has set.")
