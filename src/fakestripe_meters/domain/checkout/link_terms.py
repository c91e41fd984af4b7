"""The parameters of payment links.

Documented in: https://docs.stripe.com/api/payment-link/create.
"""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.domain.checkout.data_terms import LONGEST_DESCRIPTION
from fakestripe_meters.domain.checkout.data_terms import InvoiceCreation
from fakestripe_meters.domain.checkout.line_terms import Adjusting
from fakestripe_meters.domain.checkout.line_terms import OptionalTerms
from fakestripe_meters.domain.checkout.shown_terms import MOST_FIELDS
from fakestripe_meters.domain.checkout.shown_terms import AskedTerms
from fakestripe_meters.domain.checkout.shown_terms import Countries
from fakestripe_meters.domain.checkout.shown_terms import CustomField
from fakestripe_meters.domain.checkout.shown_terms import NameCollection
from fakestripe_meters.domain.checkout.shown_terms import SharedTerms
from fakestripe_meters.domain.checkout.terms import MOST_OPTIONAL
from fakestripe_meters.domain.checkout.terms import check_url
from fakestripe_meters.domain.paying.intent_terms import CAPTURES
from fakestripe_meters.domain.paying.intent_terms import CaptureMethod
from fakestripe_meters.domain.paying.intent_terms import Usage
from fakestripe_meters.domain.subscribing.subscription_terms import TrialSettings
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import LARGEST
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

MOST_LINES = 20
LONGEST_MESSAGE = 500
# inferred: how high a limit can be.
MOST_COMPLETED = 2_147_483_647


class LinkLine(Params):
    """Something that is bought. Each has a quantity, so prices of usage cannot be sold by a link."""

    adjustable_quantity: Adjusting | None = param(default=None)
    price: str | None = param(default=None)
    quantity: int = param(least=1, most=MOST_UNITS)


class HostedConfirmation(Params):
    """What the page of Stripe's says that follows."""

    custom_message: str | None = param(default=None, max_length=LONGEST_MESSAGE)


class RedirectTo(Params):
    """Where the browser goes on to."""

    url: str = param(check=check_url, doc="`{CHECKOUT_SESSION_ID}` is filled in.")


class AfterCompletion(Params):
    """What follows when a session has been completed."""

    hosted_confirmation: HostedConfirmation | None = param(default=None)
    redirect: RedirectTo | None = param(default=None)
    type: Literal["hosted_confirmation", "redirect"] = param()


class CompletedSessions(Params):
    """How many sessions can be completed."""

    limit: int = param(least=1, most=MOST_COMPLETED)


class Restrictions(Params):
    """What makes the link inactive."""

    completed_sessions: CompletedSessions = param()


class LinkPaymentData(Params):
    """The payment intent of each session."""

    capture_method: CaptureMethod | None = param(default=None, order=CAPTURES)
    description: str | None = param(default=None, max_length=LONGEST_DESCRIPTION)
    metadata: Metadata = metadata()
    setup_future_usage: Usage | None = param(default=None)
    statement_descriptor: str | None = param(default=None, max_length=22)
    statement_descriptor_suffix: str | None = param(default=None, max_length=22)
    transfer_group: str | None = param(default=None)


class LinkSubscriptionData(Params):
    """The subscription of each session."""

    description: str | None = param(default=None, max_length=500)
    metadata: Metadata = metadata()
    trial_period_days: int | None = param(default=None, least=-LARGEST, most=LARGEST, doc="From 1 to 730.")
    trial_settings: TrialSettings | None = param(default=None)


class ChangedSubscriptionData(Params):
    """The subscription of each session from now on."""

    metadata: Metadata = metadata()
    trial_period_days: int | Unset | None = param(
        default=UNSET, clearable=True, least=-LARGEST, most=LARGEST, doc="From 1 to 730."
    )
    trial_settings: TrialSettings | Unset | None = param(default=UNSET, clearable=True)


class CreateLink(Operation, AskedTerms):
    """A new link."""

    after_completion: AfterCompletion | None = param(default=None)
    allow_promotion_codes: bool | None = param(default=None)
    currency: str | None = param(default=None, check=check_currency)
    customer_creation: Literal["always", "if_required"] | None = param(default=None)
    inactive_message: str | None = param(default=None, max_length=LONGEST_MESSAGE)
    invoice_creation: InvoiceCreation | None = param(default=None)
    line_items: tuple[LinkLine, ...] = param(most_items=MOST_LINES)
    metadata: Metadata = metadata()
    optional_items: tuple[OptionalTerms, ...] | None = param(default=None, most_items=MOST_OPTIONAL)
    payment_intent_data: LinkPaymentData | None = param(default=None)
    payment_method_collection: Literal["always", "if_required"] | None = param(default=None)
    restrictions: Restrictions | None = param(default=None)
    subscription_data: LinkSubscriptionData | None = param(default=None)


class UpdateLink(Operation, SharedTerms):
    """A change to a link: what is sold stays."""

    active: bool | None = param(default=None)
    after_completion: AfterCompletion | None = param(default=None)
    allow_promotion_codes: bool | None = param(default=None)
    custom_fields: tuple[CustomField, ...] | Unset | None = param(default=UNSET, clearable=True, most_items=MOST_FIELDS)
    customer_creation: Literal["always", "if_required"] | None = param(default=None)
    inactive_message: str | Unset | None = param(default=UNSET, clearable=True, max_length=LONGEST_MESSAGE)
    invoice_creation: InvoiceCreation | None = param(default=None)
    metadata: Metadata = metadata()
    name_collection: NameCollection | Unset | None = param(default=UNSET, clearable=True)
    payment_method_collection: Literal["always", "if_required"] | None = param(default=None)
    restrictions: Restrictions | Unset | None = param(default=UNSET, clearable=True)
    shipping_address_collection: Countries | Unset | None = param(default=UNSET, clearable=True)
    subscription_data: ChangedSubscriptionData | None = param(default=None)


def follows(terms: AfterCompletion) -> dict[str, object]:
    """Return what follows, as it is shown; raise StripeError 400 if that is not said for its type."""
    if terms.type == "redirect":
        if terms.redirect is None:
            raise errors.params.missing_param("after_completion[redirect]")
        return {"redirect": {"url": terms.redirect.url}, "type": terms.type}
    message = None if terms.hosted_confirmation is None else terms.hosted_confirmation.custom_message
    return {"hosted_confirmation": {"custom_message": message}, "type": terms.type}
