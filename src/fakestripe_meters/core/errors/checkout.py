"""Errors about Checkout sessions."""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.objects import quoted
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
