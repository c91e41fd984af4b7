"""Errors about prices, plans and products.

Observed in: Kiln-AI/stripe_world, pay-rails/pay.
Documented in: https://docs.stripe.com/api/prices.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence, without code and param")
def metered_without_meter() -> StripeError:
    """400 if a metered price names no meter."""
    return StripeError(400, "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.")


@observed("the sentence, without a param")
def no_amount() -> StripeError:
    """400 if a price has no amount."""
    return StripeError(400, "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.")


@inferred("the sentence, after the one for prices")
def no_plan_amount() -> StripeError:
    """400 if a plan has no amount."""
    return StripeError(400, "Plans require an `amount` or `amount_decimal` parameter to be set.")


@observed("the sentence, without a code")
def product_twice() -> StripeError:
    """400 if a new price names a product and describes another."""
    message = "You may only specify one of these parameters: product, product_data."
    return StripeError(400, message, param="product")


@observed("the sentence")
def no_product() -> StripeError:
    """400 if a new price names no product."""
    return StripeError(400, "You must specify either `product` or `product_data` when creating a price.")


@observed("the sentence, with the param `interval`")
def tiered_one_time() -> StripeError:
    """400 if a one-time price has tiers."""
    return StripeError(400, "Prices with `type=one_time` are not supported with tiered billing.", param="interval")


@observed("the sentence")
def lookup_key_taken(price_id: str) -> StripeError:
    """400 if another price has that lookup key."""
    return StripeError(400, f"A price (`{price_id}`) already uses that lookup key.", param="lookup_key")


@observed("the sentence, for a recurring price where a one-time price must be")
@inferred("the reverse")
def price_of_wrong_type(path: str, found: str, wanted: str) -> StripeError:
    """400 if a recurring price is given for a one-time price, or the reverse."""
    return StripeError(
        400,
        f"The price specified is set to `type={found}` but this field only accepts prices with `type={wanted}`.",
        param=path,
    )


@observed("the sentence, for the currency of a subscription and for that of an invoice")
def only_supports(path: str, supported: str, wanted: str, *, whose: str = "the expected") -> StripeError:
    """400 if a price is in another currency than the one `wanted`; `whose` says what wants it."""
    return StripeError(
        400,
        f"The price specified only supports `{supported}`. This doesn't match {whose} currency: `{wanted}`.",
        param=path,
    )


@inferred("the sentence")
def needs_tiered(path: str, name: str) -> StripeError:
    """400 if a parameter of tiered prices is set on another price."""
    return StripeError(400, f"`{name}` can only be set when `billing_scheme=tiered`.", param=path)


@documented("the rule")
@inferred("the sentence")
def not_with_tiers(path: str, name: str) -> StripeError:
    """400 if a parameter of untiered prices is set on a tiered price."""
    return StripeError(400, f"`{name}` cannot be set when `billing_scheme=tiered`.", param=path)


@inferred("the sentence")
def only_metered(path: str) -> StripeError:
    """400 if a price that is not metered names a meter."""
    return StripeError(400, "A meter can only be set when `usage_type=metered`.", param=path)


@documented("the limit")
@observed("the sentence")
def interval_too_long(path: str, interval: str, most: int) -> StripeError:
    """400 if a billing interval is longer than three years."""
    rhythm = "daily" if interval == "day" else f"{interval}ly"
    return StripeError(400, f"The interval_count for {rhythm} prices can't be greater than {most}", param=path)


@inferred("the sentence")
def tier_not_ascending(path: str) -> StripeError:
    """400 if a tier's `up_to` is not above the one before it."""
    return StripeError(400, "Each tier must reach further than the one before it.", param=path)


@inferred("the sentence")
def tier_not_last(path: str) -> StripeError:
    """400 if the last tier has an upper bound, or an earlier tier has none."""
    return StripeError(400, "The last tier, and no other, must have `up_to=inf`.", param=path)


@inferred("the sentence")
def tier_without_amount(path: str) -> StripeError:
    """400 if a tier has neither a unit amount nor a flat amount."""
    return StripeError(400, "Each tier needs a unit amount or a flat amount.", param=path)


@observed("the sentence")
def product_in_use() -> StripeError:
    """400 if a request deletes a product that has prices."""
    return StripeError(400, "This product cannot be deleted because it has one or more user-created prices.")


@inferred("the sentence")
def not_of_product(path: str) -> StripeError:
    """400 if a product's default price is inactive or another product's."""
    return StripeError(400, "The default price must be an active price of the same product.", param=path)
