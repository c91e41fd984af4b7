"""Errors about what a subscription allows: its status, its trial, how it is paid.

Observed in: Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/api/subscriptions.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the code and the sentence")
def subscription_ended() -> StripeError:
    """400 if a request changes a canceled subscription."""
    return StripeError(
        400,
        "A canceled subscription can only update its cancellation_details and metadata.",
        code="invalid_canceled_subscription_fields",
    )


@observed("the sentence up to the parameter's name (stripe/stripe-node#2328)")
@inferred("the rest")
def no_thresholds(path: str, name: str) -> StripeError:
    """400 if a subscription is given thresholds at one of the versions that had none."""
    return StripeError(
        400,
        f"Starting with Stripe version `2025-03-31.basil`, subscriptions do not support the parameter {name}.",
        param=path,
    )


@observed("the sentence, with the param")
def pending_if_incomplete() -> StripeError:
    """400 if a new subscription has the `payment_behavior` of an update."""
    return StripeError(
        400,
        "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.",
        param="payment_behavior",
    )


@documented("the limit")
@inferred("the sentence")
def trial_too_long(path: str) -> StripeError:
    """400 if a trial lasts more than 730 days."""
    return StripeError(400, "The maximum length of a trial period is 730 days (two years).", param=path)


@observed("the sentence, without a param")
def trial_of_plan_and_own() -> StripeError:
    """400 if the trial of the plan is asked for, and another."""
    return StripeError(400, "You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.")


@observed("the sentence, without a code or a param")
@inferred("also for `now`")
def trial_while_paused() -> StripeError:
    """400 if a paused subscription is to have a trial."""
    return StripeError(
        400,
        "You cannot set `trial_end` while a subscription is `paused`. Resume the subscription first before setting "
        "`trial_end`.",
    )


@inferred("the sentence, and the status")
def metered_and_pausing(path: str | None) -> StripeError:
    """400 if a subscription with metered prices would be paused at the end of its trial."""
    return StripeError(
        400,
        "`trial_settings[end_behavior][missing_payment_method]=pause` is not supported for subscriptions with metered "
        "prices.",
        param=path,
    )
