"""Errors about setup intents. Most of them hold the setup intent.

Observed in: Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


def _unexpected(intent: Mapping[str, Any], message: str) -> StripeError:
    return StripeError(400, message, code="setup_intent_unexpected_state", extra={"setup_intent": intent})


@observed("the sentence")
def no_method(intent: Mapping[str, Any]) -> StripeError:
    """400 if a setup intent is confirmed that has no payment method."""
    return _unexpected(
        intent,
        "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the "
        "SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
        "method or ConfirmationToken.",
    )


@observed("the sentences")
def cannot_confirm(intent: Mapping[str, Any], status: str) -> StripeError:
    """400 if a setup intent is confirmed that has succeeded or was canceled."""
    reason = "it has already succeeded" if status == "succeeded" else "it has been canceled"
    return _unexpected(intent, f"You cannot confirm this SetupIntent because {reason}.")


@observed("the sentence for one that has succeeded")
@inferred("that for a canceled one")
def cannot_update(intent: Mapping[str, Any], status: str) -> StripeError:
    """400 if a setup intent that has succeeded or was canceled is given a payment method."""
    reason = "it has already succeeded" if status == "succeeded" else "it has been canceled"
    return _unexpected(intent, f"You cannot update this SetupIntent because {reason}.")


@observed("both sentences")
def cannot_cancel(intent: Mapping[str, Any], status: str) -> StripeError:
    """400 if a setup intent is canceled that has succeeded or was canceled."""
    if status == "canceled":
        return _unexpected(intent, "You cannot cancel this SetupIntent because it is already canceled.")
    return _unexpected(
        intent,
        f"You cannot cancel this SetupIntent because it has a status of {status}. Only a SetupIntent with one of the "
        "following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or `requires_action`.",
    )


@observed("the sentence, with the param")
def customer_missing(path: str, method: str, owner: str) -> StripeError:
    """400 if a payment method of a customer is set up without naming the customer."""
    return StripeError(
        400,
        f"The payment method supplied ({method}) belongs to the Customer {owner}. Please include the Customer in the "
        "`customer` parameter on the SetupIntent.",
        param=path,
    )


@inferred("the sentence, after the one about payment intents")
def customer_is_set(path: str) -> StripeError:
    """400 if the customer of a setup intent is changed."""
    return StripeError(
        400,
        "You cannot modify `customer` on a SetupIntent once it already has been set. To fulfill a setup with a "
        "different Customer, cancel this SetupIntent and create a new one.",
        param=path,
    )


@observed("the code and the sentence")
def cannot_be_actioned_on(status: str) -> StripeError:
    """400 if deposits are verified, and the setup intent does not wait for that."""
    return StripeError(
        400,
        f"This SetupIntent cannot be actioned on because it has a status of {status}. Only a SetupIntent with one of "
        'the following statuses may be actioned on: ["requires_action"].',
        code="intent_invalid_state",
    )


@inferred("the sentence")
def wrong_secret(path: str) -> StripeError:
    """400 if the secret of another intent is sent."""
    return StripeError(400, "The client_secret provided does not match the client_secret of this intent.", param=path)
