"""What is wrong with a price, a subscription, an invoice or a test clock."""

from fakestripe_meters.core.errors.error import StripeError

# Prices and products


def metered_without_meter() -> StripeError:
    """400 without code and param: observed."""
    return StripeError(400, "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.")


def no_amount() -> StripeError:
    """400: observed."""
    return StripeError(400, "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.")


def no_plan_amount() -> StripeError:
    """400: inferred after the price's sentence."""
    return StripeError(400, "Plans require an `amount` or `amount_decimal` parameter to be set.")


def no_product() -> StripeError:
    """400: observed."""
    return StripeError(400, "You must specify either `product` or `product_data` when creating a price.")


def tiered_one_time() -> StripeError:
    """400 with the param `interval`: observed."""
    return StripeError(400, "Prices with `type=one_time` are not supported with tiered billing.", param="interval")


def lookup_key_taken(price_id: str) -> StripeError:
    """400: observed."""
    return StripeError(400, f"A price (`{price_id}`) already uses that lookup key.", param="lookup_key")


def price_of_wrong_type(path: str, found: str, wanted: str) -> StripeError:
    """400: observed for a recurring price where a one-time price must be; inferred for the reverse."""
    return StripeError(
        400,
        f"The price specified is set to `type={found}` but this field only accepts prices with `type={wanted}`.",
        param=path,
    )


def needs_tiered(path: str, name: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"`{name}` can only be set when `billing_scheme=tiered`.", param=path)


def not_with_tiers(path: str, name: str) -> StripeError:
    """400: the rule is documented, the sentence inferred."""
    return StripeError(400, f"`{name}` cannot be set when `billing_scheme=tiered`.", param=path)


def only_metered(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "A meter can only be set when `usage_type=metered`.", param=path)


def only_recurring(path: str, name: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"`{name}` can only be set for recurring prices.", param=path)


def interval_too_long(path: str) -> StripeError:
    """400: the limit is documented, the sentence inferred."""
    return StripeError(400, "The maximum interval is three years (3 years, 36 months, or 156 weeks).", param=path)


def tier_not_ascending(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "Each tier must reach further than the one before it.", param=path)


def tier_not_last(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "The last tier, and no other, must have `up_to=inf`.", param=path)


def tier_without_amount(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "Each tier needs a unit amount or a flat amount.", param=path)


def product_in_use() -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, "This product cannot be deleted because it has one or more user-created prices.")


def not_of_product(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "The default price must be an active price of the same product.", param=path)


# Subscriptions


def no_items() -> StripeError:
    """400: inferred."""
    return StripeError(400, "A subscription needs at least one item.", param="items")


def no_price(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "You must specify one of `price`, `price_data`, or `plan` for each item.", param=path)


def quantity_on_metered(path: str, item: str) -> StripeError:
    """400: observed for Checkout, inferred here."""
    return StripeError(
        400,
        f"Quantity should not be specified where usage_type is `metered`. Remove quantity from `{item}`",
        param=path,
    )


def mixed_currencies(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "All prices on a subscription must have the same currency.", param=path)


def other_currency(path: str, currency: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The currency must be that of the rest of the invoice, which is `{currency}`.", param=path)


def mixed_intervals(path: str) -> StripeError:
    """400: inferred; Stripe's flexible billing allows some mixtures by now."""
    return StripeError(
        400,
        "All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`.",
        param=path,
    )


def price_twice(path: str, price_id: str) -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, f"Cannot add multiple subscription items with the same plan: {price_id}", param=path)


def anchor_too_late(path: str, next_edge: int) -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(
        400, f"billing_cycle_anchor cannot be later than next natural billing date ({next_edge}) for plan", param=path
    )


def trial_too_long(path: str) -> StripeError:
    """400: the limit is documented, the sentence inferred."""
    return StripeError(400, "The maximum length of a trial period is 730 days (two years).", param=path)


def subscription_ended(action: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"A canceled subscription can only have its metadata changed: it cannot be {action}.")


# Invoices


def invoice_not(status: str, action: str) -> StripeError:
    """400: inferred; the statuses are documented."""
    return StripeError(400, f"Only {status} invoices can be {action}.")


def already_finalized() -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, "This invoice is already finalized, you can't re-finalize a non-draft invoice.")


def already_paid() -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, "Invoice is already paid", code="invoice_already_paid")


def draft_of_subscription() -> StripeError:
    """400: the rule is documented, the sentence inferred."""
    return StripeError(400, "Invoices of a subscription can't be deleted: finalize and void them instead.")


def card_declined() -> StripeError:
    """402: recalled wording, so inferred."""
    return StripeError(402, "Your card was declined.", error_type="card_error", code="card_declined")


def no_upcoming_invoice(customer_id: str) -> StripeError:
    """404: recalled wording, so inferred."""
    return StripeError(404, f"No upcoming invoices for customer: '{customer_id}'", code="invoice_upcoming_none")


def nothing_to_preview() -> StripeError:
    """400: inferred."""
    return StripeError(
        400,
        "You must specify a customer, a subscription, or `subscription_details[items]` to preview an invoice.",
        param="customer",
    )


def item_invoiced() -> StripeError:
    """400: inferred; the rule is documented."""
    return StripeError(400, "The invoice item is on an invoice that is no longer a draft.")


# Test clocks


def clock_backwards(frozen_time: int) -> StripeError:
    """400: the rule is documented, the sentence inferred."""
    return StripeError(
        400, f"A test clock only moves forward: `frozen_time` must be after {frozen_time}.", param="frozen_time"
    )


def clock_too_far(latest: int, reason: str) -> StripeError:
    """400: the limits are documented, the sentence inferred."""
    return StripeError(
        400, f"A test clock can advance at most {reason}: `frozen_time` may be {latest} at most.", param="frozen_time"
    )


def clock_advancing() -> StripeError:
    """400: inferred."""
    return StripeError(400, "The test clock is still advancing.")


def clock_is_full(path: str, most: int, noun: str) -> StripeError:
    """400: the limits are documented, the sentence inferred."""
    return StripeError(400, f"A test clock can have at most {most} {noun}.", param=path)


def customer_has_past(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(
        400, "Only a customer without a test clock and without subscriptions can be attached to one.", param=path
    )
