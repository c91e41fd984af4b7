"""Errors about test clocks.

Documented in: https://docs.stripe.com/billing/testing/test-clocks.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


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
