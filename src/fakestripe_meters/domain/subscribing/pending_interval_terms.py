"""The parameter `pending_invoice_item_interval`.

Documented in: https://docs.stripe.com/api/subscriptions/create.
"""

from collections.abc import Mapping

from fakestripe_meters.core import errors
from fakestripe_meters.core.periods import INTERVALS
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.sources import documented
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

PATH = "pending_invoice_item_interval"
LONGEST: Mapping[str, int] = {"day": 365, "week": 52, "month": 12, "year": 1}


class PendingTerms(Params):
    """How often to invoice waiting invoice items: at least once a year."""

    interval: Interval = param(order=INTERVALS)
    interval_count: int = param(default=1, least=1, most=LONGEST["day"])


@documented("at most a year")
def check(terms: PendingTerms | Unset | None) -> None:
    """Raise StripeError 400 for an interval that is longer than a year."""
    if isinstance(terms, PendingTerms) and terms.interval_count > LONGEST[terms.interval]:
        most = LONGEST[terms.interval]
        raise errors.prices.interval_too_long(f"{PATH}[interval_count]", terms.interval, most)
