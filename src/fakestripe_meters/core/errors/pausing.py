"""Errors about subscriptions that are paused and resumed.

Documented in: https://docs.stripe.com/billing/subscriptions/pause.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence, without a code or a param (Kiln-AI/stripe_world)")
def not_paused() -> StripeError:
    """400 if a subscription is to be resumed that is not paused."""
    return StripeError(400, "You can only resume a subscription if it is `paused`.")


@documented("the rule, for pausing and for resuming")
@inferred("the sentence")
def invoices_are_sent(verb: str) -> StripeError:
    """400 if a subscription whose invoices are sent is to be paused or resumed."""
    return StripeError(
        400,
        f"You can only {verb} a subscription if its `collection_method` is `charge_automatically`.",
    )


@documented("the rule: `resume_on_payment_success` needs it, and so does pausing")
@inferred("the sentence")
def needs_flexible_mode(what: str, path: str | None = None) -> StripeError:
    """400 if a subscription in classic billing mode is to do what only one in flexible mode does."""
    return StripeError(
        400, f"{what} is only supported for subscriptions with `billing_mode.type=flexible`.", param=path
    )


@documented("the statuses that cannot be paused")
@inferred("the sentence")
def not_pausable(status: str) -> StripeError:
    """400 if a subscription is to be paused in a status that does not allow it."""
    return StripeError(400, f"You cannot pause a subscription that is `{status}`.")


@documented("the rule: https://docs.stripe.com/billing/subscriptions/pause-payment")
@inferred("the sentence")
def collection_paused() -> StripeError:
    """400 if a subscription is to be paused whose invoices are kept from being collected."""
    return StripeError(400, "You cannot pause a subscription while `pause_collection` is set. Unset it first.")


@documented("the rule")
@inferred("the sentence")
def scheduled(schedule: str) -> StripeError:
    """400 if a subscription is to be paused that a schedule changes."""
    return StripeError(400, f"You cannot pause a subscription that is attached to a schedule: `{schedule}`.")
