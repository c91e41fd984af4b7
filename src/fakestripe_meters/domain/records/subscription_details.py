"""Parts of a subscription: when it is invoiced early, why it was canceled, and what of its usage no period bills."""

from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.wire.tree import Tree

Unbilled = Literal[
    "after its price was replaced or removed",
    "ended without an invoice",
    "in a trial",
    "replaced or removed in classic mode",
    "replaced or removed without prorations",
]
"""Why usage is never billed. In the last two, that is what happened to its price."""


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


@record
class Waived:
    """Usage that is never billed, and the reason."""

    charge: Charge
    reason: Unbilled


@record
class Settled:
    """Usage whose price was replaced or removed, and the invoice items that bill it as it was known then."""

    charge: Charge
    items: Sequence[str]
    newest_usage: int
    """The arrival number of the last event before the change."""
    unseen_usage: Sequence[int] = field(default_factory=list)
    """The arrival numbers of earlier events that were not visible yet because of the ingestion lag."""
    cancelled_usage: Sequence[int] = field(default_factory=list)
    """The arrival numbers of its events that were cancelled before the change."""


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
