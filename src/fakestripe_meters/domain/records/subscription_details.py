"""Parts of a subscription: thresholds, why it was canceled, and what Stripe shows of its mode, trial and pause."""

from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree


@record
class Thresholds:
    """When a subscription is invoiced before its period ends."""

    amount_gte: int | None = None
    reset_billing_cycle_anchor: bool | None = None


@record
class Cancellation:
    """Why a subscription was canceled."""

    comment: str | None = None
    feedback: str | None = None
    reason: str | None = None


def render_cancellation(cancellation: Cancellation) -> Tree:
    """Return why a subscription was canceled, as Stripe shows it."""
    return {
        "comment": cancellation.comment,
        "feedback": cancellation.feedback,
        "feedback_option": None,
        "reason": cancellation.reason,
    }


def render_thresholds(thresholds: Thresholds | None) -> Tree | None:
    """Return when a subscription is invoiced before its period ends, as Stripe shows it."""
    if thresholds is None:
        return None
    return {
        "amount_gte": thresholds.amount_gte,
        "reset_billing_cycle_anchor": thresholds.reset_billing_cycle_anchor,
    }


@observed("a flexible one's `updated_at` is when it was created (pay-rails/pay)")
@inferred("a classic one has no `updated_at`")
def render_billing_mode(mode: str, proration_discounts: str, since: int) -> Tree:
    """Return how a subscription is billed, and since when, as Stripe shows it."""
    if mode == "classic":
        return {"flexible": None, "type": "classic"}
    return {"flexible": {"proration_discounts": proration_discounts}, "type": "flexible", "updated_at": since}


@observed("`billing_cycle_anchor` is there with its default, without a trial too (Kiln-AI/stripe_world)")
def render_trial_settings(missing_payment_method: str) -> Tree:
    """Return what happens at the end of a trial, as Stripe shows it."""
    behavior: Tree = {"billing_cycle_anchor": "now", "missing_payment_method": missing_payment_method}
    return {"end_behavior": behavior}
