"""Errors about tax rates. Documented in: https://docs.stripe.com/api/tax_rates."""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred


@documented("that an archived rate cannot be used anew")
@inferred("the sentence")
def inactive_rate(path: str, rate_id: str) -> StripeError:
    """400 if something is to have a tax rate that is not active."""
    return StripeError(400, f"The tax rate {rate_id} cannot be used because it is not active.", param=path)


@inferred("the sentence")
def rate_twice(path: str) -> StripeError:
    """400 if something is to have the same tax rate twice."""
    return StripeError(400, "You may not specify the same tax rate twice.", param=path)
