"""Errors of customers on the page of a Checkout session."""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.objects import quoted
from fakestripe_meters.core.sources import inferred


@inferred("the rule and the sentence")
def not_adjustable(identifier: str) -> StripeError:
    """400 if the customer changes how many are bought of a line for which that is not allowed."""
    return StripeError(400, f"The quantity of {quoted(identifier)} cannot be adjusted.", param="quantity")


@inferred("the rule and the sentence")
def no_such_option() -> StripeError:
    """400 if the customer adds what the session does not offer."""
    return StripeError(400, "There is no such optional item in this Checkout Session.", param="optional_items")


@inferred("the sentence, recalled from the page")
def invalid_code() -> StripeError:
    """400 if the customer enters a promotion code that does not exist, or that is over, or that is not taken here."""
    return StripeError(400, "This code is invalid.", param="promotion_code")


@inferred("the sentence, recalled from the page")
def not_authenticated() -> StripeError:
    """400 if the customer fails to authenticate the payment."""
    message = (
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    )
    return StripeError(400, message, code="payment_intent_authentication_failure")
