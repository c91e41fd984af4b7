"""Changes of subscriptions that wait for a payment: how they are stored and shown.

Source: https://docs.stripe.com/billing/subscriptions/pending-updates.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import subscription_items
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.pauses import Resuming
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.wire.tree import Tree


@record
class PendingUpdate:
    """What becomes of a subscription once an invoice is paid. What stays as it is, is None.

    `items` are all items of the subscription as they are then; `sets_items` says whether the change was to them.
    """

    invoice: str
    expires_at: int
    items: Sequence[Item]
    sets_items: bool = True
    billing_cycle_anchor: int | None = None
    cancel_at_period_end: bool | None = None
    metadata: Mapping[str, str] | None = None
    status: str | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    resumes: Resuming | None = None
    """When it resumes a paused subscription; None if it does not."""
    free: Sequence[Charge] = field(default_factory=list)
    """Usage of the trial, or of the pause, that the change ends."""

    def __post_init__(self) -> None:
        """Raise ValueError for a change that leaves nothing."""
        subscription_items.check_any(self.items, "pending_update")


@documented("the fields; what does not change is null, as Stripe's OpenAPI says")
@inferred("a change to some of the items shows all of them as they will be")
def render(account: Account, update: PendingUpdate | None, subscription_id: str) -> Tree | None:
    """Return a change that waits for a payment as Stripe shows it."""
    if update is None:
        return None
    items = [subscription_items.render(account, item, subscription_id) for item in update.items]
    return {
        "billing_cycle_anchor": update.billing_cycle_anchor,
        "cancel_at_period_end": update.cancel_at_period_end,
        "discount": None,
        "discounts": None,
        "expires_at": update.expires_at,
        "metadata": None if update.metadata is None else dict(update.metadata),
        "subscription_items": items if update.sets_items else None,
        "trial_end": update.trial_end,
        "trial_from_plan": None,
    }
