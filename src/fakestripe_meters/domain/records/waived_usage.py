"""Usage that is never billed."""

from typing import Literal

from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records.invoice_lines import Charge


@record
class Waived:
    """Usage that is never billed, and the reason."""

    charge: Charge
    reason: Literal[
        "between a pending update and its payment",
        "ended without an invoice",
        "in a trial",
        "on a pending update's void invoice",
    ]
