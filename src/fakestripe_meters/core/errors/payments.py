"""Errors about payment intents.

Observed in: Kiln-AI/stripe_world, pay-rails/pay, openfoodfoundation/openfoodnetwork.
Documented in: https://docs.stripe.com/api/payment_intents.
"""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

UNEXPECTED_STATE = "payment_intent_unexpected_state"
NO_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method "
    "or ConfirmationToken."
)
CHANGEABLE = "requires_payment_method, requires_confirmation, requires_action"
CANCELABLE = (
    "requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action, "
    "expired, processing"
)


@observed("402, with `Stripe-Should-Retry: false`")
def declined(message: str, *, code: str, param: str | None, extra: Mapping[str, Any]) -> StripeError:
    """402 if a card declines, 400 if the customer has failed to authenticate. What the try has changed stays."""
    is_answer = not code.endswith("_authentication_failure")
    return StripeError(
        402 if is_answer else 400,
        message,
        error_type="card_error" if is_answer else "invalid_request_error",
        code=code,
        param=param,
        headers={"Stripe-Should-Retry": "false"},
        keeps_changes=True,
        extra=extra,
    )


# Payment intents


def _unexpected(intent: Mapping[str, Any] | None, message: str, *, param: str | None = None) -> StripeError:
    """400 with the payment intent in it."""
    return StripeError(400, message, code=UNEXPECTED_STATE, param=param, extra={"payment_intent": intent})


@observed("both sentences, with and without a customer")
def no_method(intent: Mapping[str, Any], customer: str | None) -> StripeError:
    """400 if a payment intent is confirmed that has no payment method."""
    if customer is None:
        return _unexpected(intent, NO_METHOD)
    return _unexpected(
        intent,
        "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the PaymentIntent "
        f"with {customer}, specify a payment method attached to this customer along with the customer ID.",
    )


@inferred("the sentences, in recalled wording")
def cannot_confirm(intent: Mapping[str, Any], status: str) -> StripeError:
    """400 if a payment intent is confirmed that is done with."""
    reason = {
        "succeeded": "it has already succeeded after being previously confirmed",
        "requires_capture": "it has already succeeded after being previously confirmed",
        "canceled": "it has been canceled",
    }.get(status, f"it has a status of {status}")
    return _unexpected(intent, f"You cannot confirm this PaymentIntent because {reason}.")


@observed("the sentence, and that the param is `source`")
def customer_missing(method: str, owner: str) -> StripeError:
    """400 if a payment method of a customer is used without naming the customer."""
    return StripeError(
        400,
        f"The `payment_method` parameter supplied {method} belongs to the Customer {owner}. Please include the "
        "Customer in the `customer` parameter on the PaymentIntent.",
        code="parameter_missing",
        param="source",
    )


@observed("the sentence")
def cannot_capture(intent: Mapping[str, Any], status: str) -> StripeError:
    """400 if there is nothing on hold."""
    return _unexpected(
        intent,
        f"This PaymentIntent could not be captured because it has a status of {status}. Only a PaymentIntent with one "
        "of the following statuses may be captured: requires_capture.",
    )


@observed("the sentence")
def captured_before(intent: Mapping[str, Any]) -> StripeError:
    """400 if a part was captured before, so that the rest was released."""
    return _unexpected(
        intent,
        "The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized "
        "amount has been released.",
    )


@observed("the code and the sentence")
@inferred("the param")
def captures_too_much() -> StripeError:
    """400 if more is captured than is on hold."""
    return StripeError(
        400,
        "The payment could not be captured because the requested capture amount is greater than the amount you can "
        "capture for this charge. Contact us via https://support.stripe.com/contact/ for help.",
        code="amount_too_large",
        param="amount_to_capture",
    )


@observed("the sentence, the object, and that the param is `amount`")
def captures_nothing(intent: Mapping[str, Any]) -> StripeError:
    """400 if nothing is to be captured."""
    return StripeError(
        400,
        "This value must be greater than or equal to 1.",
        code="parameter_invalid_integer",
        param="amount",
        extra={"payment_intent": intent},
    )


@observed("the sentence and the object")
def captures_negative(intent: Mapping[str, Any]) -> StripeError:
    """400 if a negative amount is to be captured."""
    return StripeError(400, "Invalid non-negative integer", param="amount_to_capture", extra={"payment_intent": intent})


@observed("the sentence")
def cannot_cancel(intent: Mapping[str, Any], status: str) -> StripeError:
    """400 if a payment intent is done with."""
    return _unexpected(
        intent,
        f"You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of "
        f"the following statuses may be canceled: {CANCELABLE}.",
    )


@observed("the sentence for `amount` and `payment_method`")
@inferred("the same for other fields")
def cannot_update(intent: Mapping[str, Any], status: str, field: str) -> StripeError:
    """400 if a field of a payment intent is changed that is done with."""
    return _unexpected(
        intent,
        f"This PaymentIntent's {field} could not be updated because it has a status of {status}. You may only update "
        f"the {field} of a PaymentIntent with one of the following statuses: {CHANGEABLE}.",
        param=field,
    )


@documented("an invoice's payment intent cannot be edited directly: https://docs.stripe.com/invoicing/overview")
@inferred("the sentence")
def of_invoice(field: str) -> StripeError:
    """400 if a field of an invoice's payment intent is changed."""
    return StripeError(
        400,
        f"You cannot update `{field}` of a PaymentIntent that was created by an invoice. Change the invoice instead.",
        param=field,
    )


@observed("the sentence, with two blanks in its middle")
def amount_of_nothing() -> StripeError:
    """400 if a payment intent is for nothing."""
    return StripeError(
        400,
        "The amount must be greater than or equal to the minimum charge amount allowed for your account and the "
        "currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a "
        "Payment Method for future use without an immediate payment, use a Setup Intent instead: "
        "https://docs.stripe.com/payments/setup-intents",
        code="parameter_invalid_integer",
        param="amount",
    )


@observed("the sentence, for both kinds of intents")
def return_url_missing(kind: str) -> StripeError:
    """400 if an intent is confirmed that may redirect, and nothing says where to come back to."""
    return StripeError(
        400,
        f"This {kind} is configured to accept payment methods enabled in your Dashboard. Because some of these payment "
        "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to "
        "accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    )


@observed("the sentence")
def one_of(*names: str) -> StripeError:
    """400 if two parameters exclude each other."""
    return StripeError(
        400, f"You may only specify one of these parameters: {', '.join(names)}.", mentions=names, param=names[-1]
    )


@inferred("the sentence, in recalled wording")
def only_with_confirm(path: str) -> StripeError:
    """400 if a parameter of a confirmation comes without it."""
    return StripeError(400, f"You may only provide `{path}` when `confirm` is set to `true`.", param=path)


@documented("the code, in Stripe's changelog of 2026-09-30.endive")
@inferred("the sentence")
def types_no_longer_supported(path: str) -> StripeError:
    """400 if a request lists the types of payment methods that an intent takes."""
    return StripeError(
        400,
        "The parameter `payment_method_types` is no longer supported. Leave it out, so that Stripe chooses the payment "
        "methods by your settings, or restrict them by `allowed_payment_method_types`.",
        code="payment_method_types_no_longer_supported",
        param=path,
    )


@inferred("the sentence")
def wrong_secret(noun: str) -> StripeError:
    """400 if the client secret is not that of the object."""
    return StripeError(
        400,
        f"The client_secret provided does not match any associated {noun} on this account.",
        code="resource_missing",
        param="client_secret",
    )
