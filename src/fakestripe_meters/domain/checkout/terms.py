"""The parameters of a Checkout session that is created or changed.

Observed in: refusals that public programs and their issues quote.
Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from typing import Literal
from urllib.parse import urlsplit

from fakestripe_meters.core import errors
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout.data_terms import InvoiceCreation
from fakestripe_meters.domain.checkout.data_terms import PaymentData
from fakestripe_meters.domain.checkout.data_terms import SetupData
from fakestripe_meters.domain.checkout.data_terms import SubscriptionData
from fakestripe_meters.domain.checkout.line_terms import ChangedLine
from fakestripe_meters.domain.checkout.line_terms import LineTerms
from fakestripe_meters.domain.checkout.line_terms import OptionalTerms
from fakestripe_meters.domain.checkout.shown_terms import ShownTerms
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.paying import intent_terms
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.checkout_sessions import Mode
from fakestripe_meters.domain.records.checkout_sessions import UiMode
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

MOST_OPTIONAL = 10
LONGEST_REFERENCE = 200
SCHEMES = ("http", "https")


@observed("the refusal of what is no address, as users report it of `success_url`")
@inferred("that addresses of apps are taken, too, but nothing without a scheme")
def check_url(value: str, path: str) -> None:
    """Raise StripeError 400 unless a string is the address of a page or of an app."""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise errors.checkout.not_a_url(path) from None
    if not parts.scheme or (parts.scheme in SCHEMES and not parts.netloc) or value.split() != [value]:
        raise errors.checkout.not_a_url(path)


class Recovery(Params):
    """Whether an expired session can be taken up again."""

    allow_promotion_codes: bool = param(default=False)
    enabled: bool = param()


class AfterExpiration(Params):
    """What happens when a session has expired."""

    recovery: Recovery | None = param(default=None)


class CustomerUpdate(Params):
    """What the customer's answers change."""

    address: Literal["auto", "never"] = param(default="never")
    name: Literal["auto", "never"] = param(default="never")
    shipping: Literal["auto", "never"] = param(default="never")


class DiscountTerms(Params):
    """A discount: a coupon, or a promotion code."""

    coupon: str | None = param(default=None)
    promotion_code: str | None = param(default=None)


class CardOptions(Params):
    """How a card is charged."""

    request_three_d_secure: Literal["any", "automatic", "challenge"] = param(default="automatic")


class MethodOptions(Params):
    """How each type of payment method is charged."""

    card: CardOptions | None = param(default=None)


class CreateSession(Operation, ShownTerms):
    """A new session."""

    after_expiration: AfterExpiration | None = param(default=None)
    allow_promotion_codes: bool | None = param(default=None)
    allowed_payment_method_types: tuple[str, ...] | None = param(
        default=None, check=intent_terms.check_allowed, doc="Since `2026-09-30.endive`."
    )
    automatic_tax: tax_terms.AutomaticTax | None = param(default=None)
    cancel_url: str | None = param(default=None, check=check_url)
    client_reference_id: str | None = param(default=None, max_length=LONGEST_REFERENCE)
    currency: str | None = param(default=None, check=check_currency)
    customer: str | None = param(default=None)
    customer_creation: Literal["always", "if_required"] | None = param(default=None)
    customer_email: str | None = param(default=None, check=customers.check_email)
    customer_update: CustomerUpdate | None = param(default=None)
    discounts: tuple[DiscountTerms, ...] | None = param(default=None)
    excluded_payment_method_types: tuple[str, ...] | None = param(default=None, check=intent_terms.check_excluded)
    expires_at: int | None = param(
        default=None, least=0, most=LAST_SECOND, doc="From 30 minutes to 24 hours from now; by default, 24 hours."
    )
    invoice_creation: InvoiceCreation | None = param(default=None)
    line_items: tuple[LineTerms, ...] | None = param(default=None)
    metadata: Metadata = metadata()
    mode: Mode = param()
    optional_items: tuple[OptionalTerms, ...] | None = param(default=None, most_items=MOST_OPTIONAL)
    payment_intent_data: PaymentData | None = param(default=None)
    payment_method_collection: Literal["always", "if_required"] | None = param(default=None)
    payment_method_options: MethodOptions | None = param(default=None)
    payment_method_types: tuple[str, ...] | None = param(
        default=None, check=intent_terms.check_types, doc="Refused since `2026-09-30.endive`."
    )
    redirect_on_completion: Literal["always", "if_required", "never"] | None = param(default=None)
    return_url: str | None = param(default=None, check=check_url)
    setup_intent_data: SetupData | None = param(default=None)
    subscription_data: SubscriptionData | None = param(default=None)
    success_url: str | None = param(
        default=None, check=check_url, doc="`{CHECKOUT_SESSION_ID}` is filled in when the customer comes back."
    )
    ui_mode: UiMode = param(default="hosted_page")


class UpdateSession(Operation):
    """A change to a session that is open."""

    line_items: tuple[ChangedLine, ...] | None = param(
        default=None, doc="All lines: one that is not named by its `id` goes."
    )
    metadata: Metadata = metadata()
