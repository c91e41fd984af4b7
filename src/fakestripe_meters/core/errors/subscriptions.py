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


@observed("the code and the sentence, without a param (pay-rails/pay); up to 2020-08-27 only its first half")
def no_payment_method() -> StripeError:
    """400 if a customer without a payment method is to be charged for a new subscription."""
    return StripeError(
        400,
        "This customer has no attached payment source or default payment method. Please consider adding a default "
        "payment method. For more information, visit "
        "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
        code="resource_missing",
    )


@observed("the code, the type and the sentence, without a param and a page about the code")
def requires_action() -> StripeError:
    """402 if the payment of a subscription wants to be authenticated, and the request wants no incomplete one."""
    return StripeError(
        402,
        "Payment for this subscription requires additional user action, but the requested payment behavior doesn't "
        "save the invoice or PaymentIntent. Retry the request with `payment_behavior=allow_incomplete` or "
        "`payment_behavior=default_incomplete`, then complete the PaymentIntent on the subscription's latest invoice. "
        "Additional information is available here: "
        "https://stripe.com/docs/billing/subscriptions/overview#requires-action",
        error_type="card_error",
        code="subscription_payment_intent_requires_action",
        headers={"Stripe-Should-Retry": "false"},
        extra={"doc_url": None},
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
