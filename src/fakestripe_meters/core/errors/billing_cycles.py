"""Errors about when a billing cycle begins: its anchor, a start in the past, the second of a proration."""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


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


@inferred("the sentence, which comments of programs and a public mock of Stripe quote, and the param")
def proration_date_outside(path: str) -> StripeError:
    """400 if a change is to be prorated as of a second outside of the period."""
    return StripeError(
        400, "Cannot specify proration date outside of current subscription period or current phase", param=path
    )
