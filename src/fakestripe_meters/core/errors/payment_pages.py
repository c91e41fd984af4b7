"""Errors about completing Checkout sessions.

Observed in: stripe/stripe-android.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the code and the sentence")
@inferred("the status")
def not_active() -> StripeError:
    """400 if a session is completed that has expired."""
    return StripeError(400, "This Checkout Session is no longer active.", code="checkout_not_active_session")


@observed("the code")
@inferred("the status, and the sentence")
def succeeded() -> StripeError:
    """400 if a session is completed that is complete."""
    return StripeError(400, "This Checkout Session has already been processed.", code="checkout_succeeded_session")


@inferred("the sentence")
def method_of_a_customer(method: str, owner: str) -> StripeError:
    """400 if a session without a customer is completed with a payment method of a customer."""
    return StripeError(
        400,
        f"The PaymentMethod {method} belongs to the Customer {owner}. Create the Checkout Session with this customer "
        "to use it.",
        param="payment_method",
    )


@inferred("the code, and the sentence")
def no_payment_method() -> StripeError:
    """400 if a session is completed without a payment method, which it asks for."""
    return StripeError(
        400,
        "This Checkout Session requires a payment method. Provide `payment_method` or `payment_method_data`.",
        code="parameter_missing",
        param="payment_method",
    )


@observed("the code")
@inferred("the status, and the sentence")
def amount_mismatch(due: int) -> StripeError:
    """400 if the amount that the customer expects is not what is due."""
    return StripeError(
        400,
        f"The `expected_amount` does not match what is due for this Checkout Session, which is {due}.",
        code="checkout_amount_mismatch",
    )
