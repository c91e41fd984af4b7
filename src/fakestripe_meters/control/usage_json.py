"""Makes JSON of what is said about usage. Numbers stay exact as far as JSON's are: whole ones always do."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fakestripe_meters.control.usage_answers import BillingWhy
from fakestripe_meters.control.usage_answers import EventBilling
from fakestripe_meters.control.usage_answers import UsageDifference
from fakestripe_meters.control.usage_answers import UsageDifferences
from fakestripe_meters.control.usage_answers import UsageEventFate
from fakestripe_meters.control.usage_answers import UsageExplanation
from fakestripe_meters.core.printing import line
from fakestripe_meters.core.printing import masked
from fakestripe_meters.explaining.billing import Billing
from fakestripe_meters.explaining.billing import BillingExplanation
from fakestripe_meters.explaining.differences import Difference
from fakestripe_meters.explaining.explained import Explained
from fakestripe_meters.explaining.explained import Explanation
from fakestripe_meters.explaining.requests import number_of

AWAY = ("filtered", "outside", "foreign")
"""Events that were not asked for."""


def number(value: Decimal) -> int | float:
    """Return a decimal as a number of JSON."""
    return int(value) if value == value.to_integral_value() else float(value)


def explanation(found: Explanation, timezone: str) -> UsageExplanation:
    """Return a number with its events."""
    return {
        "value": number(found.value),
        "formula": found.meter.formula,
        "meter": found.meter.id,
        "event_name": masked(found.meter.event_name),
        "customer": found.customer,
        "start": found.start,
        "end": found.end,
        "timezone": timezone,
        "dimension_filters": {masked(key): [masked(each) for each in values] for key, values in found.filters.items()},
        "events": [_event(each) for each in found.events],
        "events_total": sum(count for fate, count in found.counts.items() if fate not in AWAY),
        "fates": {str(fate): count for fate, count in sorted(found.counts.items())},
    }


def _event(event: Explained) -> UsageEventFate:
    value = number_of(event.value)
    fate: Any = event.outcome
    return {
        "identifier": masked(event.identifier),
        "timestamp": event.timestamp,
        "received": event.received,
        "value": masked(event.value) if value is None else number(value),
        "fate": fate,
        "why": masked(event.why),
        "late": event.late,
        "request_id": event.request_id,
        "dimensions": masked(dict(event.dimensions)),
    }


def differences(found: Sequence[Difference], told: Sequence[str]) -> UsageDifferences:
    """Return where usage is not as expected, with lines for people."""
    return {"differences": [_difference(each) for each in found], "told": list(told)}


def _difference(found: Difference) -> UsageDifference:
    return {
        "customer": found.question.customer,
        "meter": found.question.meter.id,
        "event_name": masked(found.question.meter.event_name),
        "day": found.day,
        "got": number(found.got),
        "expected": number(found.expected),
        "named": found.named,
        "told": line(str(found)),
    }


def billing(found: BillingExplanation) -> BillingWhy:
    """Return which invoice bills each event."""
    return {
        "meter": found.meter.id,
        "event_name": masked(found.meter.event_name),
        "customer": found.customer,
        "events": [_billed(each) for each in found.events],
    }


def _billed(event: Billing) -> EventBilling:
    return {
        "identifier": masked(event.identifier),
        "timestamp": event.timestamp,
        "value": number(event.value),
        "subscription": event.subscription,
        "item": event.item,
        "price": event.price,
        "invoice": event.invoice,
        "given_back": event.given_back,
        "reason": event.reason,
    }
