"""The parameters of payment intents, and how they are stored.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/api/payment_intents.
"""

from typing import Any
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

CARD = "card"
WRITTEN_BEFORE = "\0"
"""The first of the types in a request of a version that could list them."""
CAPTURES = ("automatic", "automatic_async", "manual")
CaptureMethod = Literal["automatic", "automatic_async", "manual"]
Usage = Literal["off_session", "on_session"]


@observed("that nothing cannot be paid, with a sentence of its own")
@inferred("the same for less than nothing")
def check_amount(value: int, _path: str) -> None:
    """Raise StripeError 400 unless an amount is at least 1."""
    if value < 1:
        raise errors.payments.amount_of_nothing()


@documented("requests cannot list them any more, in Stripe's changelog of 2026-09-30.endive")
@inferred("an intent that takes no cards is not served")
def check_types(value: tuple[str, ...], path: str) -> None:
    """Raise StripeError 400 if a request of a newer version lists types, 501 if none of them is cards."""
    if value[:1] != (WRITTEN_BEFORE,):
        raise errors.payments.types_no_longer_supported(path)
    if CARD not in value:
        raise errors.unserved.param(path)


def check_allowed(value: tuple[str, ...], path: str) -> None:
    """Raise StripeError 501 if no cards are allowed."""
    if CARD not in value:
        raise errors.unserved.param(path)


def check_excluded(value: tuple[str, ...], path: str) -> None:
    """Raise StripeError 501 if cards are excluded."""
    if value is not None and CARD in value:
        raise errors.unserved.param(path)


class AutomaticMethods(Params):
    """Whether the intent takes what the account's settings say."""

    allow_redirects: Literal["always", "never"] = param(default="always")
    enabled: bool = param()


class CardOptions(Params):
    """How a card is charged."""

    request_three_d_secure: Literal["any", "automatic", "challenge"] = param(default="automatic")


class MethodOptions(Params):
    """How each type of payment method is charged."""

    card: CardOptions | Unset | None = param(default=UNSET, clearable=True)


class Parcel(Shipping):
    """Where something is sent, and by whom."""

    carrier: str | None = param(default=None, clearable=True)
    tracking_number: str | None = param(default=None, clearable=True)


class Details(Params):
    """What the payment is for."""

    customer_reference: str | None = param(default=None, clearable=True)
    order_reference: str | None = param(default=None, clearable=True)


class ConfirmedTerms(Operation):
    """What both a change and a confirmation take."""

    allowed_payment_method_types: tuple[str, ...] | Unset = param(default=UNSET, check=check_allowed)
    capture_method: CaptureMethod | Unset = param(default=UNSET, order=CAPTURES)
    excluded_payment_method_types: tuple[str, ...] | Unset | None = param(
        default=UNSET, clearable=True, check=check_excluded
    )
    payment_details: Details | Unset | None = param(default=UNSET, clearable=True)
    payment_method: str | Unset = param(default=UNSET, doc="An id, or the name of a card such as `pm_card_visa`.")
    payment_method_options: MethodOptions | Unset = param(default=UNSET)
    payment_method_types: tuple[str, ...] | Unset = param(
        default=UNSET, check=check_types, doc="Refused since `2026-09-30.endive`."
    )
    receipt_email: str | Unset | None = param(default=UNSET, clearable=True)
    setup_future_usage: Usage | Unset | None = param(default=UNSET, clearable=True)
    shipping: Parcel | Unset | None = param(default=UNSET, clearable=True)


class IntentTerms(ConfirmedTerms):
    """What a new payment intent and a change take."""

    customer: str | Unset = param(default=UNSET)
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=1000)
    metadata: Metadata = metadata()
    statement_descriptor: str | Unset | None = param(default=UNSET, clearable=True, max_length=22)
    statement_descriptor_suffix: str | Unset | None = param(default=UNSET, clearable=True, max_length=22)
    transfer_group: str | Unset | None = param(default=UNSET, clearable=True)


class CreateIntent(IntentTerms):
    """A new payment intent."""

    amount: int = param(
        least=-MOST_CHARGED, most=MOST_CHARGED, check=check_amount, doc="In the smallest unit of the currency."
    )
    automatic_payment_methods: AutomaticMethods | None = param(default=None)
    confirm: bool = param(default=False)
    confirmation_method: Literal["automatic", "manual"] | None = param(default=None)
    currency: str = param(check=check_currency)
    error_on_requires_action: bool | None = param(
        default=None, doc="Whether a payment that wants to be authenticated fails."
    )
    off_session: bool | Literal["one_off", "recurring"] | None = param(default=None)
    return_url: str | None = param(default=None, doc="Where the customer comes back to after authenticating.")
    use_stripe_sdk: bool = param(default=False, doc="Whether the browser authenticates, instead of a page of the bank.")


class UpdateIntent(IntentTerms):
    """A change."""

    amount: int | Unset = param(default=UNSET, least=-MOST_CHARGED, most=MOST_CHARGED, check=check_amount)
    currency: str | Unset = param(default=UNSET, check=check_currency)


class ConfirmIntent(ConfirmedTerms):
    """How to confirm."""

    client_secret: str | None = param(default=None)
    error_on_requires_action: bool | None = param(
        default=None, doc="Whether a payment that wants to be authenticated fails."
    )
    off_session: bool | Literal["one_off", "recurring"] | None = param(default=None)
    return_url: str | None = param(default=None, doc="Where the customer comes back to after authenticating.")
    use_stripe_sdk: bool = param(default=False, doc="Whether the browser authenticates, instead of a page of the bank.")


STORED = (
    "amount",
    "capture_method",
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
ONLY_UNFINISHED = (
    "amount",
    "currency",
    "payment_method",
    "customer",
    "capture_method",
    "setup_future_usage",
    "payment_method_types",
    "payment_method_options",
)
"""What can be changed only while nothing is charged, in the order in which it is checked."""


def apply(intent: PaymentIntent, terms: ConfirmedTerms) -> None:
    """Store what a request says, but for customer and payment method, which are looked up."""
    if isinstance(terms, IntentTerms):
        intent.metadata = merged(intent.metadata, terms.metadata)  # first: if it raises, nothing has changed
    for name, value in terms.given(STORED):
        setattr(intent, name, value)
    currency = getattr(terms, "currency", UNSET)
    if currency is not UNSET:
        intent.currency = currency.lower()
    if terms.shipping is not UNSET:
        intent.shipping = None if terms.shipping is None else parcel(terms.shipping)
    if terms.payment_details is not UNSET:
        details = terms.payment_details
        intent.payment_details = None if details is None else dict(vars(details))
    _apply_types(intent, terms)


@observed("the hash of a shipping address, with carrier and number")
def parcel(shipping: Parcel) -> dict[str, Any]:
    """Return a shipping address as it is kept and shown."""
    return {
        "address": dict(vars(shipping.address)),
        "carrier": shipping.carrier,
        "name": shipping.name,
        "phone": shipping.phone,
        "tracking_number": shipping.tracking_number,
    }


def _apply_types(intent: PaymentIntent, terms: ConfirmedTerms) -> None:
    """Store which types of payment methods an intent takes, and how."""
    if terms.payment_method_types is not UNSET:
        intent.types, intent.redirects = list(terms.payment_method_types[1:]), None
    if terms.allowed_payment_method_types is not UNSET:
        intent.allowed_types = list(terms.allowed_payment_method_types)
    if terms.excluded_payment_method_types is not UNSET:
        excluded = terms.excluded_payment_method_types
        intent.excluded_types = None if excluded is None else list(excluded)
    options = terms.payment_method_options
    if options is not UNSET and options.card is not UNSET:
        card = options.card
        intent.card_options = {} if card is None else {"request_three_d_secure": card.request_three_d_secure}
