"""Details of invoices: why one is issued early, and when its webhooks arrived."""

from collections.abc import Iterable
from collections.abc import Mapping

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events import deliveries
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.wire.tree import Tree


@record
class Threshold:
    """Why an invoice is issued before its period ends: an amount was reached, or a quantity by each of some items."""

    amount_gte: int | None
    items: Mapping[str, int]


@observed("an invoice that no threshold has caused has no such field (pay-rails/pay, Kiln-AI/stripe_world)")
def render_threshold(reason: Threshold | None, lines: Iterable[InvoiceLine]) -> Tree:
    """Return the field for the reason, or no field."""
    if reason is None:
        return {}
    item_reasons: list[Tree] = [
        {"line_item_ids": [line.id for line in lines if line.item == item], "usage_gte": usage_gte}
        for item, usage_gte in reason.items.items()
    ]
    return {"threshold_reason": {"amount_gte": reason.amount_gte, "item_reasons": item_reasons}}


@documented("when all destinations have received `invoice.created`, or when it was created, as Stripe's OpenAPI says")
@inferred("an event that was sent to nobody yet counts as received")
def delivered_at(account: Account, event: str | None, created: int) -> int | None:
    """Return when the event that announces an invoice was received, in Unix seconds; None if it has failed so far."""
    if event is None:
        return created
    return None if deliveries.is_failing(account, event) else deliveries.recovered_at(account, event) or created
