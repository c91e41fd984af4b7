"""Errors about the billing mode of a subscription."""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence (laravel/cashier-stripe#1819)")
def not_in_flexible_mode(name: str) -> StripeError:
    """400 if a parameter makes no sense in flexible billing mode."""
    return StripeError(
        400,
        f"With `billing_mode.type=flexible` set on a subscription, the following parameters are not supported: {name}.",
    )


@inferred("the refusal and the sentence")
def flexible_terms_in_classic_mode(path: str) -> StripeError:
    """400 if a request says how flexible billing mode shows discounts, and asks for the other mode."""
    return StripeError(400, f"You can only specify `{path}` if the billing mode is `flexible`.", param=path)


@documented("that there is no way back: https://docs.stripe.com/billing/subscriptions/billing-mode/compare")
@inferred("the sentence")
def no_way_back_to_classic_mode(path: str) -> StripeError:
    """400 if a preview shows a subscription in a mode that it cannot have any more."""
    return StripeError(400, "You can't migrate a subscription from flexible to classic billing mode.", param=path)
