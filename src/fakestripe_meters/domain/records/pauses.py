"""Pauses of subscriptions: how they are stored and shown."""

from typing import Literal

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

ON_ATTEMPT: Literal["resume_on_payment_attempt"] = "resume_on_payment_attempt"
ON_SUCCESS: Literal["resume_on_payment_success"] = "resume_on_payment_success"
Resuming = Literal["resume_on_payment_attempt", "resume_on_payment_success"]
"""Whether a subscription is resumed when the payment for that is tried, or only once it has succeeded."""
PauseReason = Literal["pause_requested", "trial_end_without_payment_method"]
"""Why a subscription is paused."""
Withholding = Literal["keep_as_draft", "mark_uncollectible", "void"]
"""What becomes of the invoices that a subscription makes while their collection is paused."""


@record
class PausedCollection:
    """What becomes of the invoices of a subscription until a second; None until it is cleared."""

    behavior: Withholding
    resumes_at: int | None = None


@record
class Pause:
    """Why a subscription is paused, and since when, in Unix seconds."""

    reason: PauseReason
    since: int


@documented("`resumes_at` can be null, as Stripe's OpenAPI says")
def render_collection(pause: PausedCollection | None) -> Tree | None:
    """Return how collection is paused, as Stripe shows it."""
    return None if pause is None else {"behavior": pause.behavior, "resumes_at": pause.resumes_at}


@documented("the fields, and the reasons: https://docs.stripe.com/billing/subscriptions/pause")
def render_pause(pause: Pause | None) -> Tree | None:
    """Return why a subscription is paused, as Stripe shows it."""
    if pause is None:
        return None
    reason = {"type": pause.reason}
    return {"paused": {"subscription": reason, "transitioned_at": pause.since, "type": "subscription"}}
