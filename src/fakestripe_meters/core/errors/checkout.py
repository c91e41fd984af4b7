"""Errors about Checkout sessions.

Observed in: refusals that public programs and their issues quote, such as better-auth/better-auth#8920.
Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Sequence

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.objects import quoted
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence, without quotes and without a param (crvouga/mockingbird)")
def no_such_session(identifier: str) -> StripeError:
    """404 if the id in the path names no session."""
    return StripeError(404, f"No such checkout.session: {quoted(identifier)}", code="resource_missing")


@observed("the sentence (invertase/stripe-firebase-extensions#134)")
@inferred("the param, and that there is no code")
def quantity_of_usage(path: str) -> StripeError:
    """400 if a line has a quantity whose price bills usage."""
    message = f"Quantity should not be specified where usage_type is `metered`. Remove quantity from `{path}`"
    return StripeError(400, message, param=f"{path}[quantity]")


@observed("the sentence (stripe/stripe-java#1584)")
@inferred("the param")
def quantity_missing(path: str) -> StripeError:
    """400 if a line has no quantity and its price does not bill usage."""
    return StripeError(400, f"Quantity is required. Add `quantity` to `{path}`", param=f"{path}[quantity]")


@observed("the sentence, in programs that quote it")
@inferred("the param")
def recurring_in_payment_mode(path: str) -> StripeError:
    """400 if a session for a payment has a recurring price."""
    message = (
        "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only "
        "one-time prices."
    )
    return StripeError(400, message, param=path)


@observed("the sentence, in programs that quote it")
@inferred("the param")
def nothing_recurring() -> StripeError:
    """400 if a session for a subscription has no recurring price."""
    message = "You must provide at least one recurring price in `subscription` mode when using prices."
    return StripeError(400, message, param="line_items")


@observed("the sentence, in programs that quote it, in either billing mode")
@inferred("the param")
def mixed_intervals() -> StripeError:
    """400 if the recurring prices of a session have different intervals."""
    message = "Checkout does not support multiple prices with different billing intervals"
    return StripeError(400, message, param="line_items")


@inferred("that it is refused, and the sentence, that of a new subscription")
def price_twice(path: str, price_id: str) -> StripeError:
    """400 if two lines of a session have the same recurring price."""
    message = f"Cannot create a Subscription with multiple Subscription Items with the same Price: {price_id}"
    return StripeError(400, message, param=path)


@documented("the limits")
@inferred("the sentence")
def too_many_lines(path: str, most: int, kind: str) -> StripeError:
    """400 if a session has too many lines."""
    return StripeError(400, f"You may specify at most {most} line items with {kind} prices.", param=path)


@observed("the sentence, for several parameters and modes (invertase/stripe-firebase-extensions#519, #700)")
@inferred("the same for the others; the param")
def not_in_mode(path: str, mode: str) -> StripeError:
    """400 if a parameter is set that sessions in a mode do not have."""
    return StripeError(400, f"You can not pass `{path}` in `{mode}` mode.", param=path, mentions=(path,))


@observed("the sentence, in programs that quote it")
@inferred("the param")
def creates_customer_anyway() -> StripeError:
    """400 if a session for a subscription says whether it creates a customer."""
    return StripeError(400, "`customer_creation` can only be used in `payment` mode.", param="customer_creation")


@observed("the sentence for one parameter; that for several (laravel/cashier-stripe#1815)")
@inferred("the param")
def not_with_ui_mode(names: Sequence[str], ui_mode: str) -> StripeError:
    """400 if parameters are set that sessions with a `ui_mode` do not have."""
    shown = f"ui_mode: {ui_mode}"
    message = (
        f"`{names[0]}` is not supported with `{shown}`."
        if len(names) == 1
        else f"The following parameters are not supported with `{shown}`: {', '.join(names)}."
    )
    return StripeError(400, message, param=names[0], mentions=(shown,))


@documented("the rule")
@inferred("the sentence")
def never_returns() -> StripeError:
    """400 if a session names where to return to and never redirects."""
    message = "You can not pass `return_url` when `redirect_on_completion` is `never`."
    return StripeError(400, message, param="return_url")


@observed("the sentence, in a program that quotes it")
@inferred("the param")
def updates_nobody() -> StripeError:
    """400 if a session updates a customer and has none."""
    message = "`customer_update` can only be used with `customer` or `customer_account`."
    return StripeError(400, message, param="customer_update")


@observed("the sentence (laravel/cashier-stripe#1585)")
@inferred("the param")
def tax_id_needs_name() -> StripeError:
    """400 if a session asks a known customer for a tax id without taking the name from the answer."""
    message = (
        "Tax ID collection requires updating business name on the customer. To enable tax ID collection for an "
        "existing customer, please set `customer_update[name]` to `auto`."
    )
    return StripeError(400, message, param="customer_update")


@observed("the sentence and its code, for `success_url`")
def not_a_url(path: str) -> StripeError:
    """400 if a parameter is no address."""
    return StripeError(400, "Not a valid URL", code="url_invalid", param=path)


@observed("the sentences (skillrecordings/products#344), with 30 minutes since that was shortened")
@inferred("that just 24 hours are not too late: they are the default")
def expires_too_soon() -> StripeError:
    """400 if a session would expire within 30 minutes."""
    message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
    return StripeError(400, message, param="expires_at")


@observed("the sentence, in programs that quote it")
def expires_too_late() -> StripeError:
    """400 if a session would expire after more than 24 hours."""
    message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
    return StripeError(400, message, param="expires_at")


@observed("the sentence, in programs that quote it")
@inferred("the param")
def trial_too_short() -> StripeError:
    """400 if a trial has less than one day."""
    message = "The minimum number of trial period days is 1."
    return StripeError(400, message, param="subscription_data[trial_period_days]")


@observed("the sentence (stripe/stripe-ruby#804)")
@inferred("the param")
def trial_too_long(path: str) -> StripeError:
    """400 if a trial has more than 730 days."""
    return StripeError(400, "The maximum number of trial period days is 730 (2 years).", param=path)


@observed("the sentence and its param (guregu/intertube#10)")
def trial_ends_too_soon() -> StripeError:
    """400 if a trial ends within two days."""
    message = "The `trial_end` date has to be at least 2 days in the future."
    return StripeError(400, message, param="subscription_data[trial_end]")


@observed("the sentence and its code, in programs that quote it")
@inferred("that a currency other than the account's is not converted here")
def total_too_small(least: int, currency: str) -> StripeError:
    """400 if a payment would be below the least that can be charged."""
    unit = "cents" if currency == "usd" else currency.upper()
    message = f"The Checkout Session's total amount must convert to at least {least} {unit}."
    return StripeError(400, message, code="amount_too_small")


@observed("the sentence, in programs that quote it")
@inferred("the rule that the currency of the customer decides, and the param")
def second_currency(path: str, old: str, new: str) -> StripeError:
    """400 if a customer that is billed in one currency is to subscribe in another."""
    message = (
        "You cannot combine currencies on a single customer. This customer has had a subscription or payment in "
        f"{old}, but you are trying to pay in {new}."
    )
    return StripeError(400, message, param=path)


@documented("the rule")
@inferred("the sentence")
def currency_needed() -> StripeError:
    """400 if a session for a set-up says neither its currency nor its types of payment methods."""
    message = "`currency` is required in `setup` mode when the types of payment methods are not set."
    return StripeError(400, message, code="parameter_missing", param="currency")


@documented("the limit")
@inferred("the sentence")
def too_many_discounts() -> StripeError:
    """400 if a session has more than one discount."""
    return StripeError(400, "You may specify at most 1 discount.", param="discounts")


@inferred("the rules and the sentence")
def quantity_out_of_bounds(path: str, least: int, most: int) -> StripeError:
    """400 if a quantity is beyond the bounds within which the customer may adjust it."""
    return StripeError(400, f"The quantity must be between {least} and {most}, as it can be adjusted.", param=path)


@inferred("the rule and the sentence")
def bounds_reversed(path: str) -> StripeError:
    """400 if the least quantity is more than the largest."""
    return StripeError(400, "`minimum` cannot be greater than `maximum`.", param=f"{path}[minimum]")


@inferred("the rule and the sentence")
def cannot_adjust_usage(path: str) -> StripeError:
    """400 if the quantity of a price for usage is to be adjusted."""
    return StripeError(400, "The quantity of a metered price cannot be adjusted.", param=path)


@observed("the sentence (Sylius/PayumStripePlugin#70)")
@inferred("the code, which programs look for")
def cannot_expire(status: str) -> StripeError:
    """400 if a session is expired that is not open."""
    message = (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
        f"`{status}`."
    )
    return StripeError(400, message, code="checkout_session_not_open")


@inferred("the sentence, after that of a session that cannot be expired")
def cannot_update(status: str) -> StripeError:
    """400 if the lines of a session are changed that is not open."""
    message = (
        'Only Checkout Sessions with a status in ["open"] can be updated. This Checkout Session has a status of '
        f"`{status}`."
    )
    return StripeError(400, message, code="checkout_session_not_open")


@inferred("the rule and the sentence")
def no_such_line(path: str, identifier: str) -> StripeError:
    """400 if a change names a line that the session does not have."""
    return StripeError(400, f"No such line item: '{quoted(identifier)}'", code="resource_missing", param=path)


@inferred("the sentence, recalled from the page")
def not_authenticated() -> StripeError:
    """400 if the customer fails to authenticate the payment."""
    message = (
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    )
    return StripeError(400, message, code="payment_intent_authentication_failure")
