"""Errors about credit grants and alerts.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits,
https://docs.stripe.com/api/billing/alert.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred


@inferred("the sentence")
def price_not_metered(path: str, price: str) -> StripeError:
    """400 if a credit grant's scope names a price without a meter."""
    return StripeError(400, f"The price '{price}' is not a metered price with a meter.", param=path)


@inferred("the sentence")
def expiry_too_early(earliest: int) -> StripeError:
    """400 if a credit grant would expire before it takes effect."""
    return StripeError(400, f"The expiry must be later than {earliest}.", param="expires_at")


@inferred("the sentence")
def grant_is(grant: str, state: str) -> StripeError:
    """400 if a credit grant has been voided, or has expired."""
    return StripeError(400, f"The credit grant '{grant}' has already been {state}.")


@documented("the rule")
@inferred("the sentence")
def grant_in_use(grant: str) -> StripeError:
    """400 if a request voids a credit grant that was applied to an invoice."""
    return StripeError(400, f"The credit grant '{grant}' cannot be voided: it has been applied to an invoice.")


@documented("the limit, https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits")
@inferred("the sentence")
def too_many_grants(most: int) -> StripeError:
    """400 if a customer has as many unused credit grants as it can have."""
    return StripeError(400, f"A customer can have at most {most} unused credit grants.", param="customer")


@documented("the limit")
@inferred("the sentence")
def too_many_alerts(most: int) -> StripeError:
    """400 if a meter and customer have as many alerts as they can have."""
    return StripeError(
        400, f"There can be at most {most} alerts for a meter and customer.", param="usage_threshold[meter]"
    )


@inferred("the sentence")
def alert_archived(alert: str) -> StripeError:
    """400 if a request changes an archived alert."""
    return StripeError(400, f"The alert '{alert}' is archived and can no longer be changed.")
