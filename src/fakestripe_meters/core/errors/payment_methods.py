"""Errors about payment methods and cards: which there are, whose they are, and that a card declines.

Observed in: Kiln-AI/stripe_world, openfoodfoundation/openfoodnetwork, spree/spree_stripe, pay-rails/pay.
Documented in: https://docs.stripe.com/testing.
"""

from collections.abc import Mapping
from typing import Any
from typing import Literal

from fakestripe_meters.core.errors import objects
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

NO_RETRY = {"Stripe-Should-Retry": "false"}


@observed("the sentence; up to 2023-08-16 it ends after the id")
def no_such_method(identifier: str, *, param: str = "payment_method", status: int = 404) -> StripeError:
    """404 if the id in the path names no payment method; 400 with its `param` for an id in a parameter."""
    message = (
        f"No such PaymentMethod: '{objects.quoted(identifier)}'; It's possible this PaymentMethod exists on one of "
        "your connected accounts, in which case you should retry this request on that connected account. Learn more at "
        "https://stripe.com/docs/connect/authentication"
    )
    return StripeError(status, message, code="resource_missing", param=param)


@observed("the status, the type and the order of the keys, with `Stripe-Should-Retry: false`")
def declined(
    message: str, *, code: str, param: str | None, extra: Mapping[str, Any], keeps_changes: bool = False
) -> StripeError:
    """402 if a card declines. With `keeps_changes`, what the operation did before stays."""
    return StripeError(
        402,
        message,
        error_type="card_error",
        code=code,
        param=param,
        headers=NO_RETRY,
        extra=extra,
        keeps_changes=keeps_changes,
    )


@observed("the sentence, without a code or a param")
def attached_already() -> StripeError:
    """400 if a request attaches a payment method that another customer has."""
    return StripeError(400, "The payment method you provided has already been attached to a customer.")


@observed("the code and the sentence")
def customer_needed() -> StripeError:
    """400 if a request attaches a payment method, and says not to whom."""
    return StripeError(400, "Must provide customer or customer_account.", code="parameter_missing")


@observed("the sentence (spree/spree_stripe)")
def spent() -> StripeError:
    """400 if a payment method was detached, or has paid without being attached."""
    return StripeError(
        400,
        "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, "
        "and may not be used again.",
    )


@observed("the sentence")
def not_attached() -> StripeError:
    """400 if a request detaches a payment method that nobody has."""
    return StripeError(
        400, "The payment method you provided is not attached to a customer so detachment is impossible."
    )


@observed("the sentence")
def attached_at_creation() -> StripeError:
    """400 if a request creates a payment method of a customer."""
    return StripeError(
        400,
        "You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the "
        "PaymentMethod and then attach it using the attachment method of the PaymentMethods API.",
    )


@observed("the sentence, with the param of a customer's settings")
@inferred("the same for subscriptions and invoices, with their param")
def not_of_customer(path: str, method: str) -> StripeError:
    """400 if a default payment method is not one of the customer's."""
    return StripeError(
        400,
        f"The customer does not have a payment method with the ID {shortened(method)}. The payment method must be "
        "attached to the customer.",
        param=path,
    )


@observed("the sentence, with the param")
def of_another_customer(path: str, method: str, customer: str) -> StripeError:
    """400 if an intent of one customer names a payment method of another."""
    return StripeError(
        400,
        f"The PaymentMethod {method} does not belong to the Customer you supplied {customer}. Please use this "
        "PaymentMethod with the Customer that it belongs to instead.",
        param=path,
    )


@observed("the sentence, without a code, and that the customer is its param")
def invalid_of_customer() -> StripeError:
    """404 if the id below a customer's path names no payment method of that customer."""
    return StripeError(404, "Invalid request", param="customer")


@observed("the code, the param and the sentence")
def invalid_token(path: str, token: str) -> StripeError:
    """400 if a card is created from what is no token."""
    return StripeError(400, f"Invalid token id: {shortened(token)}", param=path)


@observed("the sentence")
def invalid_part_of_token(path: str, part: str) -> StripeError:
    """400 if a token has a word in it that no token has."""
    return StripeError(400, f"There is a part of the token that is not valid: '{shortened(part)}'.", param=path)


@observed("the first sentence")
@documented("the rest, https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis")
def raw_card() -> StripeError:
    """402 if a request holds the number of a card."""
    return StripeError(
        402,
        "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens "
        "that map to the test card you are using, see https://stripe.com/docs/testing. To enable testing raw card data "
        "APIs, see https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.",
        headers=NO_RETRY,
    )


@documented("the codes and the sentences, https://docs.stripe.com/error-codes")
@inferred("the param")
def invalid_expiry(path: str, what: Literal["month", "year"]) -> StripeError:
    """402 if a card expires in no month, or in a year that is over."""
    return StripeError(
        402,
        f"Your card's expiration {what} is invalid.",
        error_type="card_error",
        code=f"invalid_expiry_{what}",
        param=path,
        headers=NO_RETRY,
    )


@inferred("the sentence")
def network_not_available(path: str, network: str) -> StripeError:
    """400 if a card is to prefer a network that it cannot be charged over."""
    return StripeError(400, f"The network `{network}` is not available for this card.", param=path)


# Cards and bank accounts of the older kind


@observed("the beginning of the sentence")
@inferred("the rest, the status and the param")
def sources_ended(path: str) -> StripeError:
    """400 if a request gives a customer a source, or charges one."""
    return StripeError(
        400,
        "Card Token usage on the Customers API and Charges API has reached end of life. Use PaymentMethods, "
        "PaymentIntents and SetupIntents instead.",
        param=path,
    )


@observed("both sentences, with the code and the param")
def no_source(*, has_method: bool) -> StripeError:
    """402 if a customer is charged who has no source."""
    message = (
        "This Customer doesn't have any legacy saved payment details, but does have a Payment Method attached. Use a "
        "Payment Intent instead of creating a Charge: https://stripe.com/docs/payments/payment-intents/migration"
        if has_method
        else "This Customer doesn't have any saved payment details. Attach a legacy Token, Card, Bank Account, or "
        "Source to this Customer and then try this request again, or use Payment Intents and Payment Methods instead."
    )
    return StripeError(402, message, error_type="card_error", code="missing", param="card", headers=NO_RETRY)


@observed("the code and the sentence")
def nobody_charged() -> StripeError:
    """400 if a request does not say who is charged."""
    return StripeError(400, "Must provide source or customer.", code="parameter_missing")
