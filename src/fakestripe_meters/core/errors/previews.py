"""What previews and upcoming invoices refuse."""

from collections.abc import Sequence

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence, and that it has neither a code nor a param (pay-rails/pay)")
def upcoming_of_nobody() -> StripeError:
    """400 if a request for an upcoming invoice names no customer and no subscription."""
    return StripeError(
        400, "You must either provide a `customer` or a `subscription` to the upcoming invoice endpoint."
    )


@observed("the sentence (stripe/stripe-node#1843)")
@inferred("neither code nor param")
def item_of_no_subscription() -> StripeError:
    """400 if a preview of a new subscription names an item of one that exists."""
    return StripeError(400, "You cannot update a subscription item without a subscription.")


@observed("the sentence (stripe/stripe-node#2347)")
@inferred("neither code nor param")
def nothing_in_particular_to_preview(ways: Sequence[str]) -> StripeError:
    """400 if a preview names nothing but a customer, or nothing at all."""
    named = ", ".join(f"`{way}`" for way in ways)
    return StripeError(400, f"You must provide at least one of: {named}.")


@observed("the sentence (stripe/stripe-java#875, stripe/stripe-node#641)")
@inferred("neither code nor param")
def preview_of_no_subscription(items: str) -> StripeError:
    """400 if a preview changes a subscription, and names none."""
    return StripeError(
        400, f"When previewing changes to a subscription, you must specify either `subscription` or `{items}`"
    )


@inferred("the sentence")
def nothing_to_preview() -> StripeError:
    """400 if a preview names no customer, subscription or items."""
    return StripeError(
        400,
        "You must specify a customer, a subscription, or `subscription_details[items]` to preview an invoice.",
        param="customer",
    )


@observed("the sentence; 400 for `create_preview`, 404 for the upcoming invoice before it (laravel/cashier-stripe)")
def no_upcoming_invoice(customer_id: str, status: int) -> StripeError:
    """400 or 404 if there is nothing to invoice a customer for."""
    return StripeError(status, f"No upcoming invoices for customer: {customer_id}", code="invoice_upcoming_none")
