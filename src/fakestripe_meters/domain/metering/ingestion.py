"""What Stripe checks in a meter event, in Stripe's order, and which of the checks run after the response."""

# inferred: the order of the checks as a whole, which of them are synchronous, and that decimals are accepted in every
# version.

import re
from decimal import Decimal
from typing import NamedTuple

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.domain.events.error_reports import Reports
from fakestripe_meters.domain.invoicing import alerting
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.domain.subscribing import thresholds

OLDEST_S = 35 * DAY_S
NEWEST_S = 5 * MINUTE_S
MOST_DIGITS = 15
MOST_DECIMALS = 12
LONGEST_NUMBER = 100
"""Our own limit, zeros included: with a million decimal places, every later sum would be as long."""
# observed: a value may be negative (n8n-io/n8n#21962), and has no exponent (unkeyed/unkey).
# inferred: a value has no blanks, and is not infinite.
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")


class MeterEvent(NamedTuple):
    """A meter event as it was sent; the response shows it. It cannot be retrieved later."""

    created: int
    event_name: str
    identifier: str
    payload: dict[str, str]
    timestamp: int


def accept(account: Account, event: MeterEvent) -> None:
    """Count an event, or raise StripeError 400.

    With asynchronous validation, the checks from the customer onwards run after the response: an event that fails them
    is dropped instead.
    """
    meters = account.part(Meters)
    meter = meters.of_event(event.event_name)
    if meter is None:
        archived = meters.archived(event.event_name) is not None
        raise errors.metering.no_active_meter(event.event_name, archived=archived)
    intake = account.part(Intake)
    if intake.holds(event.identifier, account.now_ns):
        raise errors.metering.event_exists(event.identifier)
    if meter.customer_key not in event.payload:
        raise errors.metering.no_customer_key(meter.customer_key)
    try:
        count(account, meter, event)
    except StripeError as refusal:
        if not account.settings.async_validation:
            raise
        drop(account, event, refusal, meter)


@inferred("a repeated identifier counts once and is reported nowhere")
def judge(account: Account, event: MeterEvent) -> bool:
    """Count an event of the stream, or drop it: the response was sent already. Return False if it was sent before."""
    if account.part(Intake).holds(event.identifier, account.now_ns):
        return False
    meters = account.part(Meters)
    meter = meters.of_event(event.event_name)
    if meter is None:
        meter = meters.archived(event.event_name)
        refusal = errors.metering.meter_archived if meter else errors.metering.no_meter_found
        drop(account, event, refusal(event.event_name), meter)
        return True
    try:
        if meter.customer_key not in event.payload:
            raise errors.metering.no_customer_key(meter.customer_key)
        count(account, meter, event)
    except StripeError as refusal:
        drop(account, event, refusal, meter)
    return True


def count(account: Account, meter: Meter, event: MeterEvent) -> None:
    """Check the customer, the value and the timestamp of an event, and add its usage to the ledger."""
    key = meter.customer_key
    customer = account.part(Customers).lookup(event.payload[key])
    if customer is None:
        raise errors.metering.no_such_event_customer(key, event.payload[key])
    usage = _usage(account, meter, event.payload)
    _check_timestamp(customers.now(account, customer), event.timestamp)
    _accept(account, Origin(customer.id, usage[1], meter.id), event, usage[0])


def add(account: Account, meter: Meter, customer: Customer, event: MeterEvent) -> None:
    """Add the usage of an event that another vendor has accepted, whatever Stripe would say to its timestamp.

    StripeError if it has no value, or lacks a dimension.
    """
    value, dimensions = _usage(account, meter, event.payload)
    _accept(account, Origin(customer.id, dimensions, meter.id), event, value)


def _usage(account: Account, meter: Meter, payload: dict[str, str]) -> tuple[Decimal | int, tuple[str | None, ...]]:
    return _value(account, meter, payload), _dimensions(meter, payload)


def _accept(account: Account, origin: Origin, event: MeterEvent, value: Decimal | int) -> None:
    accepted = account.part(Intake).accept(account, origin, event.identifier, event.timestamp, value)
    if not account.settings.lag_ns:
        notice(account, accepted)


def become_visible(account: Account) -> None:
    """Make the usage visible whose ingestion lag is over."""
    for event in account.part(Intake).apply_due(account.now_ns):
        notice(account, event)


def notice(account: Account, event: UsageEvent) -> None:
    """Check alerts and thresholds after an event has become visible."""
    alerting.watch(account, event)
    thresholds.watch(account, event)


def default_timestamp(account: Account, event_name: str, payload: dict[str, str]) -> int:
    """Return the timestamp of an event that has none: the current time of its customer, in Unix seconds."""
    meter = account.part(Meters).of_event(event_name)
    customer = account.part(Customers).lookup(payload.get(meter.customer_key, "")) if meter else None
    return account.now if customer is None else customers.now(account, customer)


def drop(account: Account, event: MeterEvent, refusal: StripeError, meter: Meter | None) -> None:
    """Record that an event was answered with 200 but does not count; an error report will say so."""
    shown = {
        "event_name": event.event_name,
        "identifier": event.identifier,
        "payload": event.payload,
        "timestamp": event.timestamp,
    }
    dropped = Dropped(refusal.reason or "", refusal.message, shown, account.now, meter.id if meter else None)
    account.part(Intake).drop(dropped, event.identifier, account.now_ns)
    account.part(Reports).add(account, dropped)


def _value(account: Account, meter: Meter, payload: dict[str, str]) -> Decimal | int:
    if meter.formula == "count":
        return 1
    text = payload.get(meter.value_key)
    if text is None:
        raise errors.metering.no_value_key(meter.value_key)
    if len(text) <= MOST_DIGITS and text.isdecimal() and text.isascii():
        return int(text)  # most values are integers, and this is several times faster than a Decimal
    if not NUMBER.fullmatch(text):
        raise errors.metering.invalid_value(meter.value_key, errors.shortened(text))
    if len(text) > MOST_DIGITS and (len(text) > LONGEST_NUMBER or _digits(text) > MOST_DIGITS):
        raise errors.metering.too_many_digits(meter.value_key, errors.shortened(text), MOST_DIGITS)
    if account.settings.strict_decimals and _decimals(text) > MOST_DECIMALS:
        raise errors.metering.too_many_digits(meter.value_key, errors.shortened(text), MOST_DIGITS)
    return Decimal(text)


@inferred("the limit of 12 decimals, off by default: one product met it and Stripe names only 15 digits; the sentence")
def _decimals(text: str) -> int:
    """Return the number of digits after the decimal point."""
    return len(text.partition(".")[2])


@inferred("leading zeros are not significant, trailing ones are")
def _digits(text: str) -> int:
    """Return the number of significant digits."""
    return len(text.lstrip("+-").replace(".", "").lstrip("0"))


@inferred("every dimension must be in the payload, a tenant may be missing")
def _dimensions(meter: Meter, payload: dict[str, str]) -> tuple[str | None, ...]:
    """Return the values of the meter's dimension and tenant keys."""
    for key in meter.dimension_keys:
        if key not in payload:
            raise errors.metering.no_dimension_key(key)
    keys = meter.keys
    return tuple([payload.get(key) for key in keys]) if keys else ()


def _check_timestamp(now: int, timestamp: int) -> None:
    if timestamp < now - OLDEST_S:
        raise errors.metering.timestamp_too_old(now - OLDEST_S)
    if timestamp > now + NEWEST_S:
        raise errors.metering.timestamp_ahead(now + NEWEST_S)
