"""Count vendors' usage in the ledger of Stripe's meters: for which customer, on which meter, and what is dropped."""

from decimal import Decimal
from json import dumps
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.metering.ingestion import MeterEvent
from fakestripe_meters.domain.metering.ingestion import add
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.vendors.mapping import EXTERNAL
from fakestripe_meters.vendors.mapping import VendorCustomers
from fakestripe_meters.vendors.mapping import customer_of
from fakestripe_meters.vendors.vendor import Usage
from fakestripe_meters.vendors.vendor import Vendor

UNMAPPED = "vendor_customer_unmapped"
NO_METER = "no_meter"
ARCHIVED = "archived_meter"
Why = tuple[str, str]
"""A code and a sentence that say why an event does not count."""


def count(account: Account, vendor: Vendor, usage: Usage) -> None:
    """Count an event, or drop it if it has no customer, no active meter or no value; a repeat does neither."""
    intake = account.part(Intake)
    if vendor.window_ns and intake.holds(usage.key, account.now_ns, vendor.window_ns):
        return
    meters = account.part(Meters)
    meter = meters.of_event(usage.name)
    if meter is None:
        _drop(account, vendor, usage, *_without_meter(usage, meters.archived(usage.name)))
        return
    account.part(VendorCustomers)  # from now on, what is found is remembered
    customer = customer_of(account, usage.customer)
    if customer is None:
        _drop(account, vendor, usage, _without_customer(vendor, usage), meter)
        return
    event = MeterEvent(account.now, usage.name, usage.key, _payload(usage, meter, customer.id), usage.timestamp)
    try:
        add(account, meter, customer, event)
    except StripeError as refusal:
        _drop(account, vendor, usage, (refusal.reason or "", refusal.message), meter)


def _payload(usage: Usage, meter: Meter | None, customer: str) -> dict[str, str]:
    """Return the payload of a meter event with that usage."""
    given = usage.properties
    payload = {key: value if type(value) is str else text(value) for key, value in given.items() if value is not None}
    if meter is not None:
        payload[meter.customer_key] = customer
        if usage.amount is not None:
            payload[meter.value_key] = usage.amount
    return payload


@inferred("a number is the text that has its exact value, true and false are words, and what is nested is JSON")
def text(value: object) -> str:
    """Return a property's value as the payload of a meter event has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return value if isinstance(value, str) else dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)


def _without_meter(usage: Usage, archived: Meter | None) -> tuple[Why, Meter | None]:
    name = quoted(usage.name)
    if archived is not None:
        return (ARCHIVED, f"The meter that counts {name} is not active."), archived
    return (NO_METER, f"No meter counts {name}: create one with this event_name."), None


def _without_customer(vendor: Vendor, usage: Usage) -> Why:
    message = (
        f"{vendor.title}'s customer {quoted(usage.customer)} is no customer of the account: say whose usage it is by "
        f"vendor_customers, or by {EXTERNAL} in the customer's metadata."
    )
    return UNMAPPED, message


@inferred("no error report is published, because Stripe has nothing to report about what another vendor accepted")
def _drop(account: Account, vendor: Vendor, usage: Usage, why: Why, meter: Meter | None) -> None:
    """Record that an event was accepted and does not count."""
    shown: dict[str, Any] = {
        "event_name": usage.name,
        "identifier": usage.key,
        "payload": _payload(usage, meter, usage.customer),
        "timestamp": usage.timestamp,
        "vendor": vendor.name,
        "sent": dict(usage.sent),
    }
    dropped = Dropped(*why, shown, account.now, meter.id if meter else None)
    account.part(Intake).drop(dropped, usage.key, account.now_ns)
