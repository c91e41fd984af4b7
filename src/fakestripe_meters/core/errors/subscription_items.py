"""Errors about the items of a subscription, and whether they go together.

Observed in: Kiln-AI/stripe_world.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence, for deleting the last item")
@inferred("the param")
def no_items(path: str | None) -> StripeError:
    """400 if a subscription would have no item; `path` is None if the URL names the item."""
    return StripeError(
        400,
        "A subscription must have at least one active plan. To cancel a subscription, please use the cancel API "
        "endpoint on /v1/subscriptions.",
        param=path,
    )


@inferred("the sentence")
def several_items(path: str) -> StripeError:
    """400 if a parameter means the only item of a subscription, which has several."""
    return StripeError(400, f"This subscription has multiple items: use `items` instead of `{path}`.", param=path)


@inferred("the sentence")
def no_price(path: str) -> StripeError:
    """400 if a subscription item names no price."""
    return StripeError(400, "You must specify one of `price`, `price_data`, or `plan` for each item.", param=path)


@observed("the sentence, before there were meters (pay-rails/pay#193)")
@inferred("the param")
def quantity_on_metered(path: str) -> StripeError:
    """400 if a metered item has a quantity."""
    return StripeError(400, "You cannot set the quantity for metered plans", param=path)


@observed("the sentence and the param, for items that name a `price`")
def mixed_currencies(path: str, currency: str, others: str) -> StripeError:
    """400 if the prices of a new subscription differ in currency."""
    return StripeError(
        400,
        f"This `price` has `currency={currency}`, but other items use `currency={others}`. All items must have pricing "
        "in the same currency. When using multi-currency prices, you can specify `currency` at the top level, to be "
        "used by all items.",
        param=path,
    )


@observed("the sentence, for new subscriptions in classic billing mode (stripe/stripe-node#682)")
@inferred("the param, and that flexible billing mode refuses mixtures too: Stripe allows some")
def mixed_intervals(path: str) -> StripeError:
    """400 if the prices of a subscription differ in billing interval."""
    return StripeError(
        400,
        "Currency and interval fields must match across all plans on this subscription. Found mismatch in interval "
        "field.",
        param=path,
    )


@observed("the sentence and the param, for a new subscription")
@inferred("in a phase, the param is the array of the items")
def price_twice(price_id: str, path: str | None) -> StripeError:
    """400 if two new items have the same price; `path` is that of their array."""
    return StripeError(
        400,
        f"Cannot create a Subscription with multiple Subscription Items with the same Price: {price_id}",
        param=path if path and path.startswith("phases[") else "plan",
    )


@observed("the sentence and the param, for a new item")
@inferred("the same for an item that gets the price of another")
def price_there(price_id: str, item_id: str) -> StripeError:
    """400 if a subscription has an item of that price."""
    return StripeError(
        400,
        f"A new item with Price {price_id} can't be added to this Subscription because an existing Subscription Item "
        f"{item_id} is already using that Price. If you want to update the existing item (e.g., to adjust the "
        "quantity), pass the existing Subscription Item's `id` in your update request: "
        "https://stripe.com/docs/api/subscriptions/update#update_subscription-items-id",
        param="plan",
    )
