"""Usage that no period bills: it is never billed, or by invoice items."""

from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records.invoice_lines import Charge

Unbilled = Literal[
    "after its price was replaced or removed",
    "ended without an invoice",
    "in a trial",
    "on a pending update's void invoice",
    "paused without billing it",
    "replaced or removed in classic mode",
    "replaced or removed without prorations",
    "while paused",
]
"""Why usage is never billed. If it was replaced or removed, that is what happened to its price."""


@record
class Waived:
    """Usage that is never billed, and the reason."""

    charge: Charge
    reason: Unbilled


@record
class Settled:
    """Usage that counted no more from a change on, and the invoice items that bill it as it was known then."""

    charge: Charge
    items: Sequence[str]
    newest_usage: int
    """The arrival number of the last event before the change."""
    unseen_usage: Sequence[int] = field(default_factory=list)
    """The arrival numbers of earlier events that were not visible yet because of the ingestion lag."""
    cancelled_usage: Sequence[int] = field(default_factory=list)
    """The arrival numbers of its events that were cancelled before the change."""
    late: Unbilled = "after its price was replaced or removed"
    """Why usage is not billed that became visible later."""
