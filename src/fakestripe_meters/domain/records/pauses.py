"""Pauses of subscriptions: how they are stored and shown."""

from typing import Literal

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

Withholding = Literal["keep_as_draft", "mark_uncollectible", "void"]
"""What becomes of the invoices that a subscription makes while their collection is paused."""


@record
class PausedCollection:
    """What becomes of the invoices of a subscription until a second; None until it is cleared."""

    behavior: Withholding
    resumes_at: int | None = None


@documented("`resumes_at` can be null, as Stripe's OpenAPI says")
def render_collection(pause: PausedCollection | None) -> Tree | None:
    """Return how collection is paused, as Stripe shows it."""
    return None if pause is None else {"behavior": pause.behavior, "resumes_at": pause.resumes_at}
