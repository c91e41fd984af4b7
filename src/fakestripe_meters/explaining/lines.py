"""Why a line is on its invoice, in words."""

from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice

USUAL = "usage of a period"


def reason_of(invoice: Invoice, line: InvoiceLine, charge: Charge | None) -> str:
    """Return why a line is on its invoice; `charge` is None if it is of an invoice item."""
    if line.invoice_item is not None:
        words = _of_item(line)
    elif charge is None or charge.quantity is not None:
        words = _of_quantity(invoice, line, charge)
    else:
        words = _of_usage(charge)
    return f"{words}, from {instant(line.start)} to {instant(line.end)}"


def _of_item(line: InvoiceLine) -> str:
    """Return why there is an invoice item."""
    if line.metered:
        return "usage, until its price was replaced or removed, or the subscription paused"
    if not line.proration:
        return "an invoice item"
    if line.credited is not None:
        return f"gives back time that {line.credited.invoice} has charged"
    return "gives back time that was not used" if line.amount < 0 else "charges a share of a period"


def _of_quantity(invoice: Invoice, line: InvoiceLine, charge: Charge | None) -> str:
    """Return why a quantity is charged."""
    if charge is not None and charge.free:
        return "a trial, which is free"
    part = charge is not None and charge.part < charge.whole
    return (
        f"{'a part of a' if part else 'a'} period, paid {'in arrears' if line.end <= invoice.created else 'in advance'}"
    )


def _of_usage(charge: Charge) -> str:
    """Return why usage is charged."""
    if charge.trial:
        return "usage in a trial, which is free"
    if charge.free:
        return "no usage yet: it is billed when the period is over"
    return "usage until a change or the end" if isinstance(charge.closed, Cut) else USUAL
