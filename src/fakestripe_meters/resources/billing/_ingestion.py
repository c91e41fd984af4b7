"""What Stripe checks in a meter event, in its order, and which part of that it does behind the 200.

inferred: the order as a whole, which checks are synchronous, and that decimals are taken in every version.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.resources import customers
from fakestripe_meters.resources.billing.meters import Meter
from fakestripe_meters.resources.billing.meters import Meters

OLDEST_S = 35 * DAY_S
NEWEST_S = 5 * MINUTE_S
MOST_DIGITS = 15
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
"""inferred: no exponent, no infinity, no blanks."""
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class MeterEvent:
    """An event as it was sent: what its answer says. Nothing can be retrieved of it later."""

    created: int
    event_name: str
    identifier: str
    payload: dict[str, str]
    timestamp: int


def accept(account: Account, event: MeterEvent) -> None:
    """Let an event count, or StripeError 400.

    With asynchronous validation whatever is wrong beyond the customer key is found out behind the 200:
    then the event is dropped instead.
    """
    meter = account.part(Meters).of_event(event.event_name)
    if meter is None:
        raise errors.no_active_meter(event.event_name)
    intake = account.part(Intake)
    if intake.holds(event.identifier, account.now_ns):
        raise errors.event_exists(event.identifier)
    if meter.customer_key not in event.payload:
        raise errors.no_customer_key(meter.customer_key)
    try:
        count(account, meter, event)
    except StripeError as refusal:
        if not account.settings.async_validation:
            raise
        drop(account, event, refusal, meter)


def count(account: Account, meter: Meter, event: MeterEvent) -> None:
    """Check what an event says of its customer, value and time, and hand it to the ledger."""
    customer = customers.find(account, event.payload[meter.customer_key], param="payload", status=400)
    value = _value(meter, event.payload)
    dimensions = _dimensions(meter, event.payload)
    _check_timestamp(account.now, event.timestamp)
    account.part(Intake).accept(
        account,
        meter.id,
        identifier=event.identifier,
        customer=customer.id,
        timestamp=event.timestamp,
        value=value,
        dimensions=dimensions,
    )


def drop(account: Account, event: MeterEvent, refusal: StripeError, meter: Meter | None) -> None:
    """Note that an event was answered with 200 and does not count."""
    shown = {
        "event_name": event.event_name,
        "identifier": event.identifier,
        "payload": event.payload,
        "timestamp": event.timestamp,
    }
    code = CUSTOMER_NOT_FOUND if refusal.code == "resource_missing" else refusal.code
    dropped = Dropped(code or "", refusal.message, shown, account.now, meter.id if meter else None)
    account.part(Intake).drop(dropped, event.identifier, account.now_ns)


CUSTOMER_NOT_FOUND = "meter_event_customer_not_found"
"""What the asynchronous report calls `No such customer`."""


def _value(meter: Meter, payload: dict[str, str]) -> Decimal:
    if meter.formula == "count":
        return ONE
    text = payload.get(meter.value_key)
    if text is None:
        raise errors.no_value_key(meter.value_key)
    if not NUMBER.fullmatch(text):
        raise errors.invalid_value(meter.value_key, text[:100])
    if len(text) > MOST_DIGITS and _digits(text) > MOST_DIGITS:
        raise errors.too_many_digits(meter.value_key, text[:100], MOST_DIGITS)
    return Decimal(text)


def _digits(text: str) -> int:
    """inferred: leading zeros are not significant, trailing ones are."""
    return len(text.lstrip("+-").replace(".", "").lstrip("0"))


def _dimensions(meter: Meter, payload: dict[str, str]) -> tuple[str | None, ...]:
    """inferred: every dimension must be in the payload, a tenant may be missing."""
    for key in meter.dimension_keys:
        if key not in payload:
            raise errors.no_dimension_key(key)
    return tuple([payload.get(key) for key in meter.keys])


def _check_timestamp(now: int, timestamp: int) -> None:
    if timestamp < now - OLDEST_S:
        raise errors.timestamp_too_old(now - OLDEST_S)
    if timestamp > now + NEWEST_S:
        raise errors.timestamp_ahead(now + NEWEST_S)
