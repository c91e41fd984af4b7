"""Errors about coupons, promotion codes and discounts.

Observed in: Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/billing/subscriptions/coupons.
"""

from decimal import Decimal

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence and the code, without a param")
def no_amount_off() -> StripeError:
    """400 if a coupon takes off neither a percentage nor an amount."""
    return StripeError(400, "Must provide percent_off or amount_off.", code="parameter_missing")


@observed("the sentence")
def no_currency() -> StripeError:
    """400 if a coupon takes off an amount in no currency."""
    return StripeError(400, "You must pass currency when passing amount_off", param="currency")


@observed("the sentence")
def repeating_without_months() -> StripeError:
    """400 if a coupon repeats for no number of months."""
    message = "The duration_in_months param must be set when creating a coupon with a repeating duration"
    return StripeError(400, message, param="duration")


@observed("the sentence, for 0")
def percent_too_small(path: str, least: Decimal, value: Decimal) -> StripeError:
    """400 if a coupon takes off no percentage to speak of."""
    message = f"This value must be greater than or equal to {least} (it currently is '{float(value)}')."
    return StripeError(400, message, param=path)


@observed("the sentence and the param, for a percentage")
@inferred("the same for an update")
def currencies_of_percentage() -> StripeError:
    """400 if a coupon that takes off a percentage has amounts in other currencies."""
    message = "You may only specify one of these parameters: currency_options, percent_off."
    return StripeError(400, message, param="currency_options")


@inferred("the sentence")
def own_currency_as_option(path: str, currency: str) -> StripeError:
    """400 if the options of a coupon have another amount in its own currency."""
    return StripeError(400, f"The amount in `{currency}` is that of `amount_off`, and cannot be another.", param=path)


@observed("the sentence and the param")
def no_coupon_of_promotion() -> StripeError:
    """400 if a promotion names no coupon."""
    message = "You must pass promotion.coupon when passing promotion"
    return StripeError(400, message, param="promotion.coupon")


@observed("the sentence")
def malformed_code(path: str, value: str) -> StripeError:
    """400 if a promotion code has other characters than letters, digits, hyphens and underscores."""
    message = rf"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value {value})."
    return StripeError(400, message, param=path)


@observed("the sentence, without code and param")
def code_taken(code: str) -> StripeError:
    """400 if an active promotion code of the same customers has the same letters."""
    return StripeError(400, f"An active promotion code with `code: {code}` already exists.")


@documented("the rule, https://docs.stripe.com/api/promotion_codes/create")
@inferred("the sentence")
def beyond_coupon(path: str, name: str) -> StripeError:
    """400 if a promotion code reaches further than its coupon."""
    return StripeError(400, f"The promotion code's `{name}` cannot be beyond the coupon's.", param=path)


@documented("the rule, https://docs.stripe.com/api/promotion_codes/update")
@inferred("the sentence")
def cannot_activate() -> StripeError:
    """400 if a promotion code is made active that nobody can redeem any more."""
    message = "This promotion code cannot be active: it is expired or used up, or its coupon is not valid."
    return StripeError(400, message, param="active")


@inferred("the sentence, which programs look for; the code, which Stripe's list has, and the param")
def expired(path: str, coupon: str) -> StripeError:
    """400 if a coupon is redeemed after its time."""
    return StripeError(400, f"Coupon {coupon} is expired and cannot be applied.", code="coupon_expired", param=path)


@inferred("the sentence, which programs look for; the code, which Stripe's list has, and the param")
def used_up(path: str, coupon: str) -> StripeError:
    """400 if a coupon is redeemed more often than it may be."""
    return StripeError(400, f"Coupon {coupon} is used up and cannot be applied.", code="coupon_expired", param=path)


@observed("the sentence (tabledog/stripe-timelines)")
@inferred("the param")
def repeating_on_one_time(path: str, coupon: str) -> StripeError:
    """400 if a coupon that repeats is redeemed for an invoice or an invoice item."""
    message = f"Coupon {coupon} has `duration=repeating` and cannot be applied to one-time objects."
    return StripeError(400, message, param=path)


@inferred("that it is refused, and the sentence")
def other_currency(path: str, coupon: str, currency: str) -> StripeError:
    """400 if a coupon takes off an amount in other currencies than the one of what it is redeemed for."""
    message = f"Coupon {coupon} takes off no amount in `{currency}`, so it cannot be applied."
    return StripeError(400, message, param=path)


@documented("the rule")
@inferred("the sentence")
def twice(path: str, coupon: str) -> StripeError:
    """400 if a coupon is redeemed twice for the same object, also by a promotion code."""
    return StripeError(400, f"Coupon {coupon} can only be applied once to the same object.", param=path)


@inferred("the sentence")
def inactive_code(path: str, code: str) -> StripeError:
    """400 if a promotion code is redeemed that is not active."""
    return StripeError(400, f"The promotion code {code} is not active, so it cannot be redeemed.", param=path)


@inferred("the sentence")
def code_of_another(path: str, code: str) -> StripeError:
    """400 if a promotion code is redeemed that is for another customer."""
    message = f"The promotion code {code} is for another customer, so it cannot be redeemed."
    return StripeError(400, message, param=path)


@inferred("the sentence, which programs look for, and the rule that an invoice of more than 0 is a transaction")
def not_first_transaction(path: str) -> StripeError:
    """400 if a promotion code for first transactions is redeemed for a customer that has paid before."""
    message = "This promotion code cannot be redeemed because the associated customer has prior transactions."
    return StripeError(400, message, param=path)


@inferred("the sentence")
def below_minimum(path: str) -> StripeError:
    """400 if a promotion code is redeemed for less than the smallest amount that it is for."""
    message = "This promotion code cannot be redeemed because the purchase is below its minimum amount."
    return StripeError(400, message, param=path)


@inferred("the end of the sentence, whose beginning programs look for")
def minimum_on_update(path: str) -> StripeError:
    """400 if a promotion code with a smallest amount is redeemed for a subscription that exists."""
    message = (
        "This promotion code cannot be redeemed on a subcription update because it uses the `minimum_amount` "
        "restriction."
    )
    return StripeError(400, message, param=path)


@inferred("the sentence, after those of other objects; the code")
def no_discount(what: str, identifier: str) -> StripeError:
    """404 if a discount is deleted that a customer or a subscription does not have."""
    return StripeError(404, f"No active discount for {what}: {identifier}", code="resource_missing")
