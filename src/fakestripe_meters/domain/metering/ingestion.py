"""What Stripe checks in a meter event, in its order, and which part of that it does behind the 200.

inferred: the order as a whole, which checks are synchronous, and that decimals are taken in every version.
"""

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
from fakestripe_meters.core.reports import Reports
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.domain.invoicing import alerting
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.domain.subscribing import thresholds

OLDEST_S = 35 * DAY_S
NEWEST_S = 5 * MINUTE_S
MOST_DIGITS = 15
LONGEST_NUMBER = 100
"""Ours, zeros included: a million decimal places would make every later sum as long."""
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
"""inferred: no exponent, no infinity, no blanks."""


class MeterEvent(NamedTuple):
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
    meters = account.part(Meters)
    meter = meters.of_event(event.event_name)
    if meter is None:
        archived = meters.archived(event.event_name) is not None
        raise errors.no_active_meter(event.event_name, archived=archived)
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


def judge(account: Account, event: MeterEvent) -> None:
    """Let an event of the stream count, or drop it: it was answered already.

    inferred: a repeated identifier counts once and is reported nowhere.
    """
    if account.part(Intake).holds(event.identifier, account.now_ns):
        return
    meters = account.part(Meters)
    meter = meters.of_event(event.event_name)
    if meter is None:
        meter = meters.archived(event.event_name)
        refusal = errors.meter_archived if meter else errors.no_meter_found
        drop(account, event, refusal(event.event_name), meter)
        return
    try:
        if meter.customer_key not in event.payload:
            raise errors.no_customer_key(meter.customer_key)
        count(account, meter, event)
    except StripeError as refusal:
        drop(account, event, refusal, meter)


def count(account: Account, meter: Meter, event: MeterEvent) -> None:
    """Check what an event says of its customer, value and time, and hand it to the ledger."""
    key = meter.customer_key
    customer = account.part(Customers).present(event.payload[key])
    if customer is None:
        raise errors.no_such_event_customer(key, event.payload[key])
    value = _value(meter, event.payload)
    dimensions = _dimensions(meter, event.payload)
    _check_timestamp(customers.now(account, customer), event.timestamp)
    accepted = account.part(Intake).accept(
        account,
        Origin(customer.id, dimensions, meter.id),
        event.identifier,
        event.timestamp,
        value,
    )
    if not account.settings.lag_ns:
        notice(account, accepted)


def become_visible(account: Account) -> None:
    """Usage whose lag is over begins to count."""
    for event in account.part(Intake).settle(account.now_ns):
        notice(account, event)


def notice(account: Account, event: UsageEvent) -> None:
    """An event has come to count: alerts may fire, thresholds may be crossed."""
    alerting.watch(account, event)
    thresholds.watch(account, event)


def present(account: Account, event_name: str, payload: dict[str, str]) -> int:
    """The timestamp of an event that names none: now, or the time of the test clock that its customer lives in."""
    meter = account.part(Meters).of_event(event_name)
    customer = account.part(Customers).present(payload.get(meter.customer_key, "")) if meter else None
    return account.now if customer is None else customers.now(account, customer)


def drop(account: Account, event: MeterEvent, refusal: StripeError, meter: Meter | None) -> None:
    """Note that an event was answered with 200 and does not count; a report will tell."""
    shown = {
        "event_name": event.event_name,
        "identifier": event.identifier,
        "payload": event.payload,
        "timestamp": event.timestamp,
    }
    dropped = Dropped(refusal.reason or "", refusal.message, shown, account.now, meter.id if meter else None)
    account.part(Intake).drop(dropped, event.identifier, account.now_ns)
    account.part(Reports).note(account, dropped)


def _value(meter: Meter, payload: dict[str, str]) -> Decimal | int:
    if meter.formula == "count":
        return 1
    text = payload.get(meter.value_key)
    if text is None:
        raise errors.no_value_key(meter.value_key)
    if len(text) <= MOST_DIGITS and text.isdecimal() and text.isascii():
        return int(text)  # as most are; and several times quicker than a Decimal
    if not NUMBER.fullmatch(text):
        raise errors.invalid_value(meter.value_key, text[:100])
    if len(text) > MOST_DIGITS and (len(text) > LONGEST_NUMBER or _digits(text) > MOST_DIGITS):
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
    keys = meter.keys
    return tuple([payload.get(key) for key in keys]) if keys else ()


def _check_timestamp(now: int, timestamp: int) -> None:
    if timestamp < now - OLDEST_S:
        raise errors.timestamp_too_old(now - OLDEST_S)
    if timestamp > now + NEWEST_S:
        raise errors.timestamp_ahead(now + NEWEST_S)
