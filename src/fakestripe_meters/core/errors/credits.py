"""What is wrong with a credit grant or an alert. The limits are documented; every sentence here is inferred."""

from fakestripe_meters.core.errors.error import StripeError


def price_not_metered(path: str, price: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The price '{price}' is not a metered price with a meter.", param=path)


def expiry_too_early(earliest: int) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The expiry must be later than {earliest}.", param="expires_at")


def grant_is(grant: str, state: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The credit grant '{grant}' has already been {state}.")


def grant_in_use(grant: str) -> StripeError:
    """400: the rule is documented, the sentence inferred."""
    return StripeError(400, f"The credit grant '{grant}' cannot be voided: it has been applied to an invoice.")


def too_many_grants(most: int) -> StripeError:
    """400: the limit is documented, the sentence inferred."""
    return StripeError(400, f"A customer can have at most {most} unused credit grants.", param="customer")


def too_many_alerts(most: int) -> StripeError:
    """400: the limit is documented, the sentence inferred."""
    return StripeError(
        400, f"There can be at most {most} alerts for a meter and customer.", param="usage_threshold[meter]"
    )


def alert_archived(alert: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The alert '{alert}' is archived and can no longer be changed.")
