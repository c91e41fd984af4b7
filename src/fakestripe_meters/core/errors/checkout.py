"""Errors about Checkout sessions."""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.objects import quoted
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence, without quotes and without a param (crvouga/mockingbird)")
def no_such_session(identifier: str) -> StripeError:
    """404 if the id in the path names no session."""
    return StripeError(404, f"No such checkout.session: {quoted(identifier)}", code="resource_missing")


@observed("the sentence (invertase/stripe-firebase-extensions#134)")
def quantity_of_usage(index: int) -> StripeError:
    """400 if a line has a quantity whose price bills usage."""
    return StripeError(
        400,
        f"Quantity should not be specified where usage_type is `metered`. Remove quantity from `line_items[{index}]`",
        param=f"line_items[{index}][quantity]",
    )


@observed("the sentence (stripe/stripe-java#1584)")
def quantity_missing(index: int) -> StripeError:
    """400 if a line has no quantity and its price does not bill usage."""
    return StripeError(
        400,
        f"Quantity is required. Add `quantity` to `line_items[{index}]`",
        param=f"line_items[{index}][quantity]",
    )


@observed("the code and the sentence (stripe/stripe-android)")
@inferred("the status")
def not_active() -> StripeError:
    """400 if a session is completed that has expired."""
    return StripeError(400, "This Checkout Session is no longer active.", code="checkout_not_active_session")


@observed("the code (stripe/stripe-android)")
@inferred("the status, and the sentence")
def succeeded() -> StripeError:
    """400 if a session is completed that is complete."""
    return StripeError(400, "This Checkout Session has already been completed.", code="checkout_succeeded_session")


@inferred("the code, and the sentence")
def no_payment_method() -> StripeError:
    """400 if a session is completed without a payment method, which it asks for."""
    return StripeError(
        400,
        "This Checkout Session requires a payment method. Provide `payment_method` or `payment_method_data`.",
        code="parameter_missing",
        param="payment_method",
    )


@observed("the code (stripe/stripe-android)")
@inferred("the status, and the sentence")
def amount_mismatch(due: int) -> StripeError:
    """400 if the amount that the customer expects is not what is due."""
    return StripeError(
        400,
        f"The `expected_amount` does not match what is due for this Checkout Session, which is {due}.",
        code="checkout_amount_mismatch",
    )
