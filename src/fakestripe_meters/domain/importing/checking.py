"""The form of a record of a usage file: what becomes an event, and what goes into the error file.

What an event says is checked later, by `domain.metering`.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk.
"""

from collections.abc import Callable
from collections.abc import Mapping

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage_files import Source
from fakestripe_meters.domain.importing import instants
from fakestripe_meters.domain.importing import reasons
from fakestripe_meters.domain.importing.reasons import BadRecord
from fakestripe_meters.domain.metering.streaming import Sent
from fakestripe_meters.domain.records.meters import Meters

MOST_CHARACTERS = 100
"""Of an event's name, and of its identifier, as in the API."""
CUSTOMER_KEY, VALUE_KEY = "stripe_customer_id", "value"


class Form:
    """What records must have: the keys are those of an account's meters."""

    def __init__(self, account: Account, source: Source) -> None:
        meters = [meter for meter in account.part(Meters).table if meter.active]
        self._keys: Mapping[str, str] = {meter.event_name: meter.customer_key for meter in meters}
        self._instant: Callable[[str], int] = instants.dashboard if source == "dashboard" else instants.unix
        self.customer_keys = [meter.customer_key for meter in meters] or [CUSTOMER_KEY]
        self.value_keys = [] if any(meter.formula == "count" for meter in meters) else [m.value_key for m in meters]

    @documented("a record without a mandatory value is refused, such as one without event_name or stripe_customer_id")
    @inferred("the timestamp is mandatory; identifiers and names have at most 100 characters, as in the API")
    def sent(self, name: str | None, payload: dict[str, str], identifier: str | None, timestamp: str | None) -> Sent:
        """Return a record as an event, or raise `BadRecord`."""
        if not name:
            raise BadRecord(reasons.NO_EVENT_NAME)
        if not timestamp:
            raise BadRecord(reasons.NO_TIMESTAMP)
        if len(name) > MOST_CHARACTERS:
            raise BadRecord(reasons.too_long("event_name", MOST_CHARACTERS))
        if identifier and len(identifier) > MOST_CHARACTERS:
            raise BadRecord(reasons.too_long("identifier", MOST_CHARACTERS))
        key = self._keys.get(name)
        if key is not None and not payload.get(key):
            raise BadRecord(reasons.missing_field(key))
        return name, payload, identifier or None, self._instant(timestamp) * SECOND_NS
