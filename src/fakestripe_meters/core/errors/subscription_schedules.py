"""Errors about subscription schedules.

Observed in: comments of public programs that quote Stripe's answers.
Documented in: https://docs.stripe.com/billing/subscriptions/subscription-schedules.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence")
@inferred("the param")
def attached_already(schedule_id: str) -> StripeError:
    """400 if a schedule is to be made from a subscription that has one."""
    return StripeError(
        400,
        f"You cannot migrate a subscription that is already attached to a schedule: `{schedule_id}`.",
        param="from_subscription",
    )


@documented("that a paused subscription cannot get a schedule, https://docs.stripe.com/billing/subscriptions/pause")
@inferred("the sentence; and the same for one that is incomplete or has ended")
def cannot_be_scheduled(status: str) -> StripeError:
    """400 if a schedule is to be made from a subscription that is not running."""
    return StripeError(
        400, f"You cannot migrate a subscription with the status `{status}` to a schedule.", param="from_subscription"
    )


@observed("the sentence, for `phases`")
@inferred("the same for the other parameters; the param")
def set_beside_subscription(name: str) -> StripeError:
    """400 if a request makes a schedule from a subscription, and says something else of it."""
    return StripeError(400, f"You cannot set `{name}` if `from_subscription` is set.", param=name)


@observed("the sentence")
@inferred("the param")
def start_moved(path: str) -> StripeError:
    """400 if an update moves the start of the current phase."""
    return StripeError(400, "You can not modify the start date of the current phase.", param=path)


@observed("the sentence")
@inferred("the param")
def no_start() -> StripeError:
    """400 if no phase of an update has a start."""
    return StripeError(400, "Missing at least one phase with `start_date` to anchor end dates", param="phases")


@documented("phases follow each other without a gap")
@inferred("the sentence")
def gap_before(path: str) -> StripeError:
    """400 if a phase does not begin where the one before it ends."""
    return StripeError(400, "The start date of a phase must be the end date of the previous phase.", param=path)


@inferred("the refusal and the sentence")
def ends_before_it_begins(path: str) -> StripeError:
    """400 if a phase ends before it begins, or in the past."""
    return StripeError(400, "The end date of a phase must be after its start date, and in the future.", param=path)


@documented("a trial may be a part of a phase, or all of it")
@inferred("the sentence")
def trial_outside(path: str) -> StripeError:
    """400 if the trial of a phase ends before the phase begins, or after it ends."""
    return StripeError(400, "The trial of a phase must end after its start date, and by its end date.", param=path)


@documented("the two do not go together, in Stripe's OpenAPI")
@inferred("the sentence")
def trial_and_anchor(path: str) -> StripeError:
    """400 if a phase with a trial is to move the billing cycle to its start."""
    return StripeError(
        400, "You cannot set `billing_cycle_anchor` to `phase_start` on a phase with a trial.", param=path
    )


@inferred("the refusal and the sentence")
def several_currencies(path: str, currency: str, other: str) -> StripeError:
    """400 if the phases are not all in one currency."""
    return StripeError(
        400, f"All phases of a schedule must have the same currency: {currency} and {other} were found.", param=path
    )


@observed("the sentence, of a cancellation (tabledog/stripe-timelines)")
@inferred("of a release and of an update, likewise; no param")
def ended(deed: str, done: str, status: str) -> StripeError:
    """400 if a schedule that has ended is to be canceled, released or updated."""
    return StripeError(
        400,
        f"You cannot {deed} a subscription schedule that is currently in the `{status}` status. It must be in "
        f"`not_started, active` status to be {done}.",
    )


@observed("the sentence, without a param")
def manages_the_end(schedule_id: str) -> StripeError:
    """400 if a request changes when a subscription ends that a schedule manages."""
    return StripeError(
        400,
        f"The subscription is managed by the subscription schedule `{schedule_id}`, and updating any cancelation "
        "behavior directly is not allowed. Please update the schedule instead.",
    )
