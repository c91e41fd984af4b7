"""Errors about changes that wait for a payment.

Documented in: https://docs.stripe.com/billing/subscriptions/pending-updates.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

SUPPORTED = "https://stripe.com/docs/billing/subscriptions/pending-updates-reference#supported-attributes"


@observed("the sentence (codecov/codecov-api#839), and that it has the path of an item (laravel/cashier-stripe#969)")
@inferred("the param")
def unsupported(path: str) -> StripeError:
    """400 if a change that may wait for its payment sets what cannot wait."""
    return StripeError(
        400,
        "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. "
        f"`{path}` is not supported. See {SUPPORTED} for more details.",
        param=path,
    )


@inferred("the sentence. That Stripe does not support it is documented")
def invoices_are_sent() -> StripeError:
    """400 if a change may wait for its payment, and the subscription's invoices are sent."""
    return StripeError(
        400,
        "You can only set `payment_behavior` to `pending_if_incomplete` if the subscription's collection method is "
        "'charge_automatically'.",
        param="payment_behavior",
    )
