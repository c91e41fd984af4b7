"""Errors about subscriptions, invoices and test clocks.

Observed in: Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/api/invoices, https://docs.stripe.com/api/invoiceitems,
https://docs.stripe.com/api/subscriptions, https://docs.stripe.com/billing/testing/test-clocks.
"""

from collections.abc import Sequence

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@documented("the code and the sentence")
@inferred("the status, and that it applies to amounts that are not charged yet")
def amount_too_large(path: str) -> StripeError:
    """400 if an amount is larger than any that can be charged."""
    return StripeError(
        400,
        "The specified amount is greater than the maximum amount allowed. Use a lower amount and try again.",
        code="amount_too_large",
        param=path,
    )


@observed("the sentence, without a param")
def due_date_needed(ways: Sequence[str]) -> StripeError:
    """400 if an invoice is to be sent, and no parameter says when it is due."""
    return StripeError(
        400, f"If invoice collection method is 'send_invoice', you must specify {_quoted(ways)}.", mentions=ways
    )


@observed("the sentence, without a param")
def due_date_not_wanted(ways: Sequence[str]) -> StripeError:
    """400 if an invoice is charged, and a parameter says when it is due."""
    return StripeError(
        400, f"You can only specify {_quoted(ways)} if invoice collection method is 'send_invoice'.", mentions=ways
    )


def _quoted(names: Sequence[str]) -> str:
    return either(f"'{name}'" for name in names)


# Subscriptions


@inferred("the sentence")
def no_items(path: str | None) -> StripeError:
    """400 if a subscription would have no item; `path` is None if the URL names the item."""
    return StripeError(400, "A subscription needs at least one item.", param=path)


@inferred("the sentence")
def no_price(path: str) -> StripeError:
    """400 if a subscription item names no price."""
    return StripeError(400, "You must specify one of `price`, `price_data`, or `plan` for each item.", param=path)


@observed("the sentence, for Checkout")
@inferred("the use of the sentence for subscriptions")
def quantity_on_metered(path: str, item: str) -> StripeError:
    """400 if a metered item has a quantity."""
    return StripeError(
        400,
        f"Quantity should not be specified where usage_type is `metered`. Remove quantity from `{item}`",
        param=path,
    )


@inferred("the sentence")
def mixed_currencies(path: str) -> StripeError:
    """400 if the prices of a subscription differ in currency."""
    return StripeError(400, "All prices on a subscription must have the same currency.", param=path)


@inferred("the sentence")
def other_currency(path: str, currency: str) -> StripeError:
    """400 if a currency is not that of the rest of the invoice."""
    return StripeError(400, f"The currency must be that of the rest of the invoice, which is `{currency}`.", param=path)


@inferred("the sentence; Stripe's flexible billing mode now allows some mixtures")
def mixed_intervals(path: str) -> StripeError:
    """400 if the prices of a subscription differ in billing interval."""
    return StripeError(
        400,
        "All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`.",
        param=path,
    )


@inferred("the sentence, in recalled wording")
def price_twice(path: str, price_id: str) -> StripeError:
    """400 if two items of a subscription have the same price."""
    return StripeError(400, f"Cannot add multiple subscription items with the same plan: {price_id}", param=path)


@inferred("the sentence, in recalled wording")
def anchor_too_late(path: str, next_edge: int) -> StripeError:
    """400 if a billing cycle anchor lies beyond the first natural billing date."""
    return StripeError(
        400, f"billing_cycle_anchor cannot be later than next natural billing date ({next_edge}) for plan", param=path
    )


@documented("the limit")
@inferred("the sentence")
def trial_too_long(path: str) -> StripeError:
    """400 if a trial lasts more than 730 days."""
    return StripeError(400, "The maximum length of a trial period is 730 days (two years).", param=path)


@inferred("the sentence")
def subscription_ended(action: str) -> StripeError:
    """400 if a request changes a canceled subscription."""
    return StripeError(400, f"A canceled subscription can only have its metadata changed: it cannot be {action}.")


# Invoices


@documented("the statuses")
@inferred("the sentence")
def invoice_not(status: str, action: str) -> StripeError:
    """400 if an invoice's status does not allow the action."""
    return StripeError(400, f"Only {status} invoices can be {action}.")


@inferred("the sentence, in recalled wording")
def already_finalized() -> StripeError:
    """400 if a request finalizes an invoice that is no longer a draft."""
    return StripeError(400, "This invoice is already finalized, you can't re-finalize a non-draft invoice.")


@inferred("the sentence, in recalled wording")
def already_paid() -> StripeError:
    """400 if a request pays a paid invoice."""
    return StripeError(400, "Invoice is already paid", code="invoice_already_paid")


@documented("the rule")
@inferred("the sentence")
def draft_of_subscription() -> StripeError:
    """400 if a request deletes a subscription's draft invoice."""
    return StripeError(400, "Invoices of a subscription can't be deleted: finalize and void them instead.")


@inferred("the sentence, in recalled wording")
def card_declined(*, keeps_changes: bool = False) -> StripeError:
    """402 if a payment fails. With `keeps_changes`, what the operation did before stays."""
    return StripeError(
        402, "Your card was declined.", error_type="card_error", code="card_declined", keeps_changes=keeps_changes
    )


@inferred("the sentence, in recalled wording")
def no_upcoming_invoice(customer_id: str) -> StripeError:
    """404 if there is nothing to invoice a customer for."""
    return StripeError(404, f"No upcoming invoices for customer: '{customer_id}'", code="invoice_upcoming_none")


@inferred("the sentence")
def nothing_to_preview() -> StripeError:
    """400 if a preview names no customer, subscription or items."""
    return StripeError(
        400,
        "You must specify a customer, a subscription, or `subscription_details[items]` to preview an invoice.",
        param="customer",
    )


@documented("the rule")
@inferred("the sentence")
def item_invoiced() -> StripeError:
    """400 if a request changes an invoice item whose invoice is no longer a draft."""
    return StripeError(400, "The invoice item is on an invoice that is no longer a draft.")


# Test clocks


@documented("the rule")
@inferred("the sentence")
def clock_backwards(frozen_time: int) -> StripeError:
    """400 if a request does not move a test clock forward."""
    return StripeError(
        400, f"A test clock only moves forward: `frozen_time` must be after {frozen_time}.", param="frozen_time"
    )


@documented("the limits")
@inferred("the sentence")
def clock_too_far(latest: int, reason: str) -> StripeError:
    """400 if a request moves a test clock too far at once."""
    return StripeError(
        400, f"A test clock can advance at most {reason}: `frozen_time` may be {latest} at most.", param="frozen_time"
    )


@inferred("the limit, and the sentence: without Stripe's caps, this server has one of its own")
def clock_does_too_much(turns: int, most: int) -> StripeError:
    """400 if a test clock without Stripe's caps would be moved over too many billing periods at once."""
    message = (
        f"This would end about {turns:,} billing periods, and {most:,} is the most for one call: "
        "advance the test clock in smaller steps."
    )
    return StripeError(400, message, param="frozen_time")


@inferred("the sentence")
def clock_advancing() -> StripeError:
    """400 if a test clock is still advancing."""
    return StripeError(400, "The test clock is still advancing.")


@documented("the limits")
@inferred("the sentence")
def clock_is_full(path: str, most: int, noun: str) -> StripeError:
    """400 if a test clock has as many customers or subscriptions as it can have."""
    return StripeError(400, f"A test clock can have at most {most} {noun}.", param=path)


@inferred("the sentence")
def customer_has_past(path: str) -> StripeError:
    """400 if a request attaches a customer that has a test clock or a subscription to a test clock."""
    return StripeError(
        400, "Only a customer without a test clock and without subscriptions can be attached to one.", param=path
    )
