"""Errors about subscriptions, payments, previews and test clocks.

Observed in: Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/api/invoices, https://docs.stripe.com/api/subscriptions,
https://docs.stripe.com/billing/testing/test-clocks.
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


@inferred("the sentence")
def other_currency(path: str, currency: str) -> StripeError:
    """400 if a currency is not that of the rest of the invoice."""
    return StripeError(400, f"The currency must be that of the rest of the invoice, which is `{currency}`.", param=path)


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
def price_twice(price_id: str) -> StripeError:
    """400 if two new items have the same price."""
    return StripeError(
        400,
        f"Cannot create a Subscription with multiple Subscription Items with the same Price: {price_id}",
        param="plan",
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


@inferred("the sentence, in recalled wording")
def anchor_too_late(path: str, next_edge: int) -> StripeError:
    """400 if a billing cycle anchor lies beyond the first natural billing date."""
    return StripeError(
        400, f"billing_cycle_anchor cannot be later than next natural billing date ({next_edge}) for plan", param=path
    )


@inferred("the rule and the sentence")
def anchor_within_trial(path: str, trial_end: int) -> StripeError:
    """400 if a billing cycle anchor lies before the end of the trial."""
    return StripeError(400, f"billing_cycle_anchor cannot be before the end of the trial ({trial_end})", param=path)


@documented("the rule: https://docs.stripe.com/billing/subscriptions/billing-cycle")
@inferred("the sentence")
def anchor_config_needs_months(path: str) -> StripeError:
    """400 if the billing cycle of daily or weekly prices is anchored on a day of the month."""
    return StripeError(400, f"`{path}` is only supported for prices with a monthly or yearly interval.", param=path)


@inferred("the rule and the sentence")
def no_such_day(path: str, month: int) -> StripeError:
    """400 if a billing cycle is anchored on a day that a month never has."""
    return StripeError(400, f"Month {month} does not have that day.", param=path)


@documented("the rule: https://docs.stripe.com/billing/subscriptions/billing-cycle")
@inferred("the sentence")
def anchor_config_with_trial(path: str) -> StripeError:
    """400 if a billing cycle is anchored on a day of the month, and there is a trial."""
    return StripeError(400, f"You cannot combine `{path}` with a trial.", param=path)


@inferred("the sentence")
def backdated_ahead(path: str) -> StripeError:
    """400 if a subscription is backdated to the future."""
    return StripeError(400, f"`{path}` must be a date and time in the past.", param=path)


@documented("the limit: https://docs.stripe.com/billing/subscriptions/backdating")
@inferred("the sentence")
def backdated_too_far(path: str, most: int) -> StripeError:
    """400 if the first invoice of a backdated subscription would have too many lines."""
    return StripeError(
        400, f"The first invoice of this subscription would have more than {most} line items.", param=path
    )


@observed("the sentence (gitroomhq/postiz-app#1904)")
@inferred("the param")
def proration_date_and_anchor(path: str) -> StripeError:
    """400 if a change begins the billing cycle anew and is to be prorated as of another second."""
    return StripeError(400, "You cannot specify `proration_date` when `billing_cycle_anchor=now`", param=path)


@observed("the sentence, without `or current phase` (stripe-ruby-mock/stripe-ruby-mock)")
@inferred("the rest, and the param")
def proration_date_outside(path: str) -> StripeError:
    """400 if a change is to be prorated as of a second outside of the period."""
    return StripeError(
        400, "Cannot specify proration date outside of current subscription period or current phase", param=path
    )


@documented("the limit")
@inferred("the sentence")
def trial_too_long(path: str) -> StripeError:
    """400 if a trial lasts more than 730 days."""
    return StripeError(400, "The maximum length of a trial period is 730 days (two years).", param=path)


@observed("the code and the sentence")
def subscription_ended() -> StripeError:
    """400 if a request changes a canceled subscription."""
    return StripeError(
        400,
        "A canceled subscription can only update its cancellation_details and metadata.",
        code="invalid_canceled_subscription_fields",
    )


@observed("the sentence up to the parameter's name (stripe/stripe-node#2328)")
@inferred("the rest")
def no_thresholds(path: str, name: str) -> StripeError:
    """400 if a subscription is given thresholds at one of the versions that had none."""
    return StripeError(
        400,
        f"Starting with Stripe version `2025-03-31.basil`, subscriptions do not support the parameter {name}.",
        param=path,
    )


@observed("the sentence, with the param")
def pending_if_incomplete() -> StripeError:
    """400 if a new subscription has the `payment_behavior` of an update."""
    return StripeError(
        400,
        "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.",
        param="payment_behavior",
    )


@observed("the sentence, without a param")
def trial_of_plan_and_own() -> StripeError:
    """400 if the trial of the plan is asked for, and another."""
    return StripeError(400, "You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.")


@observed("the sentence, without a code or a param")
@inferred("also for `now`")
def trial_while_paused() -> StripeError:
    """400 if a paused subscription is to have a trial."""
    return StripeError(
        400,
        "You cannot set `trial_end` while a subscription is `paused`. Resume the subscription first before setting "
        "`trial_end`.",
    )


@inferred("the sentence, and the status")
def metered_and_pausing(path: str | None) -> StripeError:
    """400 if a subscription with metered prices would be paused at the end of its trial."""
    return StripeError(
        400,
        "`trial_settings[end_behavior][missing_payment_method]=pause` is not supported for subscriptions with metered "
        "prices.",
        param=path,
    )


# Payments and previews


@observed("the sentence, with `Stripe-Should-Retry: false` (pay-rails/pay)")
def card_declined(*, keeps_changes: bool = False) -> StripeError:
    """402 if a payment fails. With `keeps_changes`, what the operation did before stays."""
    return StripeError(
        402,
        "Your card was declined.",
        error_type="card_error",
        code="card_declined",
        headers={"Stripe-Should-Retry": "false"},
        keeps_changes=keeps_changes,
    )


@observed("the sentence; 400 for `create_preview`, 404 for the upcoming invoice before it (laravel/cashier-stripe)")
def no_upcoming_invoice(customer_id: str, status: int) -> StripeError:
    """400 or 404 if there is nothing to invoice a customer for."""
    return StripeError(status, f"No upcoming invoices for customer: {customer_id}", code="invoice_upcoming_none")


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


@observed("the sentence (calcom/cal.com)")
@inferred("no code")
def clock_advancing(clock_id: str) -> StripeError:
    """429 if a request would change what belongs to a test clock while that is advancing."""
    return StripeError(429, f"Test clock advancement underway - cannot perform modifications: {clock_id}")


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
