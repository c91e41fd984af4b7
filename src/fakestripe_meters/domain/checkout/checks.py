"""Which parameters of a Checkout session go together: the refusals that need no other object.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Iterable
from collections.abc import Mapping

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout.terms import CreateSession
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.wire.schema import UNSET

EXCLUSIVE = (
    ("allow_promotion_codes", "discounts"),
    ("customer", "customer_email"),
    ("allowed_payment_method_types", "excluded_payment_method_types"),
)
NOT_IN_MODE: Mapping[str, tuple[str, ...]] = {
    "payment": ("payment_method_collection", "setup_intent_data", "subscription_data"),
    "setup": (
        "allow_promotion_codes",
        "discounts",
        "invoice_creation",
        "line_items",
        "optional_items",
        "payment_intent_data",
        "payment_method_collection",
        "saved_payment_method_options",
        "submit_type",
        "subscription_data",
    ),
    "subscription": ("invoice_creation", "payment_intent_data", "setup_intent_data"),
}
"""The parameters that sessions of a mode do not have."""
ADDRESSES = ("cancel_url", "success_url")
NOT_WITH_UI: Mapping[str, tuple[str, ...]] = {
    "elements": (
        "after_expiration",
        "branding_settings",
        "cancel_url",
        "custom_fields",
        "custom_text",
        "optional_items",
        "origin_context",
        "redirect_on_completion",
        "submit_type",
        "success_url",
    ),
    "embedded_page": ADDRESSES,
    "form": ("cancel_url", "optional_items", "redirect_on_completion", "success_url"),
    "hosted_page": ("redirect_on_completion", "return_url"),
}
"""The parameters that sessions with a `ui_mode` do not have."""
LEAST_OPEN_S, MOST_OPEN_S = 30 * 60, DAY_S


@inferred("the order of the checks")
def check(account: Account, params: CreateSession) -> None:
    """Raise StripeError 400 for parameters that do not go together."""
    for names in EXCLUSIVE:
        if len(given := _given(params, names)) > 1:
            raise errors.params.exclusive_params(given)
    _check_mode(params)
    _check_addresses(params)
    if params.customer is None and params.customer_update is not None:
        raise errors.checkout.updates_nobody()
    _check_expiry(account, params.expires_at)


def check_customer(params: CreateSession, customer: Customer | None) -> None:
    """Raise StripeError 400 if a session asks for what it must then change of its customer."""
    asks = params.tax_id_collection is not None and params.tax_id_collection.enabled
    takes = params.customer_update is not None and params.customer_update.name == "auto"
    if customer is not None and asks and not takes:
        raise errors.checkout.tax_id_needs_name()


@inferred("again when the session is completed: meanwhile the customer may be billed in another currency")
def check_currency(customer: Customer | None, currency: str) -> None:
    """Raise StripeError 400 if a customer who is to subscribe is billed in another currency."""
    if customer is not None and customer.currency not in (None, currency):
        raise errors.checkout.second_currency("customer", customer.currency or "", currency)


def _check_mode(params: CreateSession) -> None:
    if params.mode == "subscription" and params.customer_creation is not None:
        raise errors.checkout.creates_customer_anyway()
    unfit = _given(params, NOT_IN_MODE[params.mode])
    if unfit:
        raise errors.checkout.not_in_mode(unfit[0], params.mode)
    if params.mode != "setup" and not params.line_items:
        raise errors.params.missing_param("line_items")
    types = params.payment_method_types or params.allowed_payment_method_types
    if params.mode == "setup" and params.currency is None and not types:
        raise errors.checkout.currency_needed()


@observed("that a page of Stripe's needs `success_url` (stripe/stripe-node#1944), and others refuse it")
@documented("which parameters go with which `ui_mode`; `return_url` is needed if the session redirects")
def _check_addresses(params: CreateSession) -> None:
    unfit = _given(params, NOT_WITH_UI[params.ui_mode])
    if unfit:
        raise errors.checkout.not_with_ui_mode(unfit, params.ui_mode)
    if params.ui_mode == checkout_sessions.HOSTED:
        if params.success_url is None:
            raise errors.params.missing_param("success_url")
        return
    if params.redirect_on_completion == "never":
        if params.return_url is not None:
            raise errors.checkout.never_returns()
    elif params.return_url is None:
        raise errors.params.missing_param("return_url")


def _check_expiry(account: Account, expires_at: int | None) -> None:
    if expires_at is None:
        return
    if expires_at < account.now + LEAST_OPEN_S:
        raise errors.checkout.expires_too_soon()
    if expires_at > account.now + MOST_OPEN_S:
        raise errors.checkout.expires_too_late()


def _given(params: CreateSession, names: Iterable[str]) -> list[str]:
    """Return which of these parameters a request sets."""
    return [name for name in names if getattr(params, name) not in (None, UNSET)]
