"""Errors about the customer portal.

Observed in: nextjs/saas-starter#68, and the notes and tests of public programs that quote Stripe's sentences.
Documented in: https://docs.stripe.com/customer-management.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

UPDATE = "subscription update"
CANCEL = "subscription cancel"
METHODS = "payment method update"
CUSTOMER = "customer update"


@observed("the sentence (nextjs/saas-starter#68)")
@inferred("it names no param")
def switches_without_methods() -> StripeError:
    """400 if a configuration lets customers switch, but not change how they pay."""
    return StripeError(400, "Cannot enable subscription updates while payment method update is disabled.")


@documented("https://docs.stripe.com/api/customer_portal/configurations/create")
@inferred("the sentence")
def credit_at_period_end(path: str, value: str) -> StripeError:
    """400 if a configuration credits time in a way that it cannot."""
    return StripeError(
        400,
        f"`proration_behavior={value}` is not supported when canceling subscriptions with this `mode`.",
        param=path,
    )


@inferred("the sentence: refused in 2021 and 2022, in words that are lost (invertase/stripe-firebase-extensions#163)")
def metered_product(path: str, price_id: str) -> StripeError:
    """400 if a configuration offers a price that bills usage."""
    return StripeError(
        400,
        f"The price `{price_id}` has `usage_type=metered`. Subscriptions with usage-based billing cannot be updated in "
        "the customer portal.",
        param=path,
    )


@inferred("the sentence")
def price_of_another(path: str, price_id: str, product_id: str) -> StripeError:
    """400 if a configuration offers a price with another product than its own."""
    return StripeError(400, f"The price `{price_id}` does not belong to the product `{product_id}`.", param=path)


@inferred("the sentence")
def twice(path: str, noun: str, identifier: str) -> StripeError:
    """400 if a configuration lists something twice."""
    return StripeError(400, f"The {noun} `{identifier}` is listed twice.", param=path)


@inferred("that it is refused, and the sentence")
def default_stays_active() -> StripeError:
    """400 if the default configuration is to be deactivated."""
    return StripeError(400, "The default portal configuration cannot be deactivated.", param="active")


@inferred("the sentence")
def inactive(configuration_id: str) -> StripeError:
    """400 if a session names a configuration that is not active."""
    return StripeError(400, f"The portal configuration `{configuration_id}` is inactive.", param="configuration")


@observed("the sentence, for updates")
@inferred("for the others, in the words that a program looks for")
def feature_disabled(feature: str, deed: str) -> StripeError:
    """400 if a session leads to what its configuration does not let customers do."""
    return StripeError(400, f"This {deed} because the {feature} feature in the portal configuration is disabled.")


@observed("the sentence (programs quote it since 2024)")
@inferred("also if it is to end at a time of its own")
def cancels_already(subscription_id: str) -> StripeError:
    """400 if a session leads to the cancellation of what is canceled already."""
    return StripeError(400, f"The subscription {subscription_id} is already set to be canceled at period end.")


@inferred("the sentence")
def has_ended(path: str, subscription_id: str, status: str) -> StripeError:
    """400 if a session leads to a change of what has ended."""
    return StripeError(400, f"The subscription {subscription_id} cannot be changed because it is {status}.", param=path)


@documented("several items, and usage: https://docs.stripe.com/customer-management")
@inferred("the sentence, in words that programs look for")
def cannot_switch(reason: str) -> StripeError:
    """400 if the portal cannot switch a subscription."""
    return StripeError(400, f"This subscription cannot be updated because {reason}.")


@observed("the sentence")
def not_offered(item_id: str, price_id: str, configuration_id: str) -> StripeError:
    """400 if a session confirms a price that its configuration does not offer."""
    return StripeError(
        400,
        f"The item `{item_id}` cannot be updated to price `{price_id}` because the configuration `{configuration_id}` "
        "does not include the price in its `features[subscription_update][products]`.",
    )


@inferred("the sentence, after the one for prices")
def update_not_allowed(item_id: str, kind: str, configuration_id: str) -> StripeError:
    """400 if a session confirms a kind of change that its configuration does not allow."""
    return StripeError(
        400,
        f"The item `{item_id}` cannot be updated because the configuration `{configuration_id}` does not include "
        f"`{kind}` in its `features[subscription_update][default_allowed_updates]`.",
    )


@inferred("the sentence, after the one for prices")
def quantity_not_allowed(item_id: str, quantity: int) -> StripeError:
    """400 if a session confirms a quantity that its configuration does not allow."""
    return StripeError(400, f"The item `{item_id}` cannot be updated to quantity `{quantity}`.")


@observed("the sentence")
def nothing_to_confirm() -> StripeError:
    """400 if a session confirms a change that changes nothing."""
    return StripeError(400, "Cannot update the subscription because there are no changes to confirm.")


@inferred("the sentence")
def card_needed(method_id: str) -> StripeError:
    """400 if a customer removes the card that pays for a subscription."""
    return StripeError(
        400,
        f"The payment method {method_id} pays for a subscription. Add another one first.",
        param="payment_method",
    )


@inferred("the sentence")
def unknown_code(code: str) -> StripeError:
    """400 if a customer enters a promotion code that there is not."""
    return StripeError(400, f"This promotion code is invalid: {shortened(code)}", param="promotion_code")
