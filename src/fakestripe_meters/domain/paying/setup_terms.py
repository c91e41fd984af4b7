"""The parameters of setup intents, and how they are stored.

Documented in: https://docs.stripe.com/api/setup_intents.
"""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.cards import Network
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.paying import intent_terms
from fakestripe_meters.domain.paying.intent_terms import AutomaticMethods
from fakestripe_meters.domain.records.setup_intents import SetupIntent
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

KIND = "SetupIntent"
Directions = tuple[Literal["inbound", "outbound"], ...]


class CardOptions(Params):
    """How a card is set up."""

    network: Network | None = param(default=None)
    request_three_d_secure: Literal["any", "automatic", "challenge"] | None = param(
        default=None,
        doc="With `any` or `challenge`, a card that can be authenticated wants to be.",
    )


class MethodOptions(Params):
    """How each type of payment method is set up."""

    card: CardOptions | None = param(default=None)


class ChangeIntent(Operation):
    """The parameters of a new setup intent and of an update."""

    allowed_payment_method_types: tuple[str, ...] | Unset | None = param(
        default=UNSET, clearable=True, check=intent_terms.check_allowed
    )
    customer: str | None = param(default=None)
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=1000)
    excluded_payment_method_types: tuple[str, ...] | Unset | None = param(
        default=UNSET, clearable=True, check=intent_terms.check_excluded
    )
    flow_directions: Directions | None = param(default=None)
    metadata: Metadata = metadata()
    payment_method: str | None = param(default=None, doc="An id, or the name of a card such as `pm_card_visa`.")
    payment_method_options: MethodOptions | None = param(default=None)
    payment_method_types: tuple[str, ...] | Unset = param(
        default=UNSET, check=intent_terms.check_types, doc="Refused since `2026-09-30.endive`."
    )


class CreateIntent(ChangeIntent):
    """A new setup intent."""

    automatic_payment_methods: AutomaticMethods | None = param(default=None)
    confirm: bool = param(default=False)
    return_url: str | None = param(default=None, doc="Only together with `confirm`.")
    usage: Literal["off_session", "on_session"] = param(default="off_session")
    use_stripe_sdk: bool = param(default=False, doc="Whether the browser authenticates, instead of a page of the bank.")


class ConfirmIntent(Operation):
    """How to confirm a setup intent."""

    allowed_payment_method_types: tuple[str, ...] | Unset = param(default=UNSET, check=intent_terms.check_allowed)
    client_secret: str | None = param(default=None)
    payment_method: str | None = param(default=None, doc="An id, or the name of a card such as `pm_card_visa`.")
    payment_method_options: MethodOptions | None = param(default=None)
    return_url: str | None = param(default=None, doc="Where the customer comes back to after authenticating.")
    use_stripe_sdk: bool = param(default=False, doc="Whether the browser authenticates, instead of a page of the bank.")


@documented("what `allowed_payment_method_types` excludes, in Stripe's changelog of 2026-07-29.dahlia")
@inferred("automatic methods and listed types exclude each other")
def check_exclusive(params: ChangeIntent) -> None:
    """Raise StripeError 400 for parameters that exclude each other."""
    given = {
        "allowed_payment_method_types": params.allowed_payment_method_types,
        "automatic_payment_methods": getattr(params, "automatic_payment_methods", None),
        "excluded_payment_method_types": params.excluded_payment_method_types,
        "payment_method_types": params.payment_method_types,
    }
    names = [name for name, value in given.items() if value is not None and value is not UNSET]
    if len(names) > 1 and set(names) != {"automatic_payment_methods", "excluded_payment_method_types"}:
        raise errors.params.exclusive_params(names)


@observed("by default since 2023-08-16, what the settings say (pay-rails/pay)")
def redirects_of(automatic: AutomaticMethods | None) -> str | None:
    """Return whether an intent may redirect, by the account's settings; None if it takes listed types only."""
    if automatic is None:
        return "always"
    return automatic.allow_redirects if automatic.enabled else None


def apply(intent: SetupIntent, params: ChangeIntent) -> None:
    """Store what a request says, but for customer and payment method, which are looked up."""
    intent.metadata = merged(intent.metadata, params.metadata)  # first: if it raises, nothing has changed
    if params.description is not UNSET:
        intent.description = params.description
    if params.flow_directions is not None:
        intent.flow_directions = params.flow_directions
    if params.payment_method_types is not UNSET:
        intent.types, intent.redirects = params.payment_method_types[1:], None
    if params.allowed_payment_method_types is not UNSET:
        intent.allowed_types = params.allowed_payment_method_types
    if params.excluded_payment_method_types is not UNSET:
        intent.excluded_types = params.excluded_payment_method_types
    set_options(intent, params.payment_method_options)


def set_options(intent: SetupIntent, given: MethodOptions | None) -> None:
    """Store what a request says of cards."""
    if given is not None and given.card is not None:
        said = {name: value for name, value in vars(given.card).items() if value is not None}
        intent.card_options = {**intent.card_options, **said}


@inferred("a way back is needed by cards, too, for the account may switch on other payment methods")
def check_return(intent: SetupIntent) -> None:
    """Raise StripeError 400 if an intent is confirmed that may redirect, and nothing says where to come back to."""
    if intent.redirects == "always" and intent.return_url is None:
        raise errors.payments.return_url_missing(KIND)
