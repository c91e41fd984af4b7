"""Errors about charges and their refunds.

Observed in: Kiln-AI/stripe_world.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

HOLDS = "https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"


@observed("the sentence")
def captured_by_intent(intent: str) -> StripeError:
    """400 if a charge is captured that a payment intent holds."""
    return StripeError(
        400,
        f"This uncaptured Charge was created by a PaymentIntent ({intent}). You must capture the PaymentIntent "
        f"instead. For more information, see {HOLDS}",
    )


@observed("the code and the sentence")
def charge_captured(charge: str) -> StripeError:
    """400 if a charge is captured twice."""
    return StripeError(400, f"Charge {charge} has already been captured.", code="charge_already_captured")


@observed("the sentence")
def nothing_to_refund() -> StripeError:
    """400 if a refund names neither a charge nor a payment intent."""
    return StripeError(
        400, "One of the following params should be provided for this request: payment_intent or charge."
    )


@observed("the sentence")
def no_successful_charge(intent: str) -> StripeError:
    """400 if a payment intent has not taken anything."""
    return StripeError(400, f"This PaymentIntent ({intent}) does not have a successful charge to refund.")


@inferred("the sentence")
def charge_failed(charge: str) -> StripeError:
    """400 if the charge to refund has failed."""
    return StripeError(400, f"Charge {charge} is not successful, so it cannot be refunded.", param="charge")


@inferred("the sentence")
def charge_of_another_intent(charge: str) -> StripeError:
    """400 if a refund names a charge and a payment intent that it is not of."""
    return StripeError(400, f"Charge {charge} does not belong to the PaymentIntent you supplied.", param="charge")


@observed("the sentence")
def uncaptured(intent: str) -> StripeError:
    """400 if an amount is refunded that is only on hold."""
    return StripeError(
        400,
        f"This uncaptured Charge was created by a PaymentIntent ({intent}). You must cancel the PaymentIntent to "
        f"reverse the authorization instead of refunding the Charge directly. For more information, see {HOLDS}",
    )


@documented("a charge that has a customer keeps it, as Stripe's OpenAPI says of the parameter")
@inferred("the sentence")
def has_a_customer(charge: str) -> StripeError:
    """400 if a request gives a charge another customer than it has."""
    return StripeError(400, f"Charge {charge} already has a customer.", param="customer")


@observed("the code and the sentence")
def refunded_before(charge: str) -> StripeError:
    """400 if nothing is left to refund."""
    return StripeError(400, f"Charge {charge} has already been refunded.", code="charge_already_refunded")


@observed("the sentence")
def refunds_too_much(asked: str, left: str) -> StripeError:
    """400 if more is refunded than is left."""
    return StripeError(
        400, f"Refund amount ({asked}) is greater than unrefunded amount on charge ({left})", param="amount"
    )


@observed("the sentence, of a card's refund")
def refund_not_cancelable() -> StripeError:
    """400 if a refund is canceled."""
    return StripeError(400, "Canceling this refund is unsupported.")
