"""Parts of an invoice: whom it is sent to, why it is issued early, and how it looks in print."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.wire.tree import Tree


@record
class Recipient:
    """What an invoice says of its customer: as it is now in a draft, as it was at finalization later."""

    address: Mapping[str, Any] | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    shipping: Mapping[str, Any] | None = None
    tax_exempt: str = "none"


@record
class Threshold:
    """Why an invoice is issued before its period ends: an amount was reached, or a quantity by each of some items."""

    amount_gte: int | None
    items: Mapping[str, int]


@observed("only an invoice that a threshold has caused has the field")
def render_threshold(reason: Threshold | None, lines: Iterable[InvoiceLine]) -> Tree:
    """Return the field for the reason, or no field."""
    if reason is None:
        return {}
    item_reasons: list[Tree] = [
        {"line_item_ids": [line.id for line in lines if line.item == item], "usage_gte": usage_gte}
        for item, usage_gte in reason.items.items()
    ]
    return {"threshold_reason": {"amount_gte": reason.amount_gte, "item_reasons": item_reasons}}


@observed("null on a subscription's invoices; the pages of a draft have no size yet")
def render_print(billing_reason: str, status: str) -> Tree | None:
    """Return how an invoice that was made by hand looks in print."""
    if billing_reason != "manual":
        return None
    size = "auto" if status == "draft" else "letter"
    return {"amount_tax_display": None, "pdf": {"page_size": size}, "template": None, "template_version": None}
