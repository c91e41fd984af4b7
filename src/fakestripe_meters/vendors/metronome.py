"""Metronome: https://docs.metronome.com/guides/events/send-usage-events.

Documented in: https://docs.metronome.com/api-reference/usage/ingest-events.
"""

from typing import Any

from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors.vendor import Call
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Reply
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.vendors.vendor import Usage
from fakestripe_meters.vendors.vendor import Vendor

# documented: repeats are known for 34 days, events may be 34 days old and a day ahead, and a call has at most 100.
WINDOW_S = 34 * DAY_S
AHEAD_S = DAY_S
MOST = 100
TEXTS = ("transaction_id", "customer_id", "event_type", "timestamp")


@documented("the whole answer is an empty 200, whether or not the customer is known; repeats are ignored")
def ingest(sent: Sent) -> Taken:
    """Count an array of events: all of them, or none if one is invalid."""
    events = sent.body
    if not isinstance(events, list):
        raise _refusal("the body must be an array of events")
    if not 1 <= len(events) <= MOST:
        raise _refusal(f"the body must have 1 to {MOST} events, not {len(events)}")
    oldest, newest = sent.now - WINDOW_S, sent.now + AHEAD_S
    return Taken([_usage(event, place, oldest, newest) for place, event in enumerate(events)], Reply(200))


def _usage(event: Any, place: int, oldest: int, newest: int) -> Usage:  # noqa: ANN401  any JSON
    if not isinstance(event, dict):
        raise _refusal(f"[{place}] must be an object")
    for name in TEXTS:
        value = event.get(name)
        if not isinstance(value, str) or not value:
            raise _refusal(f"[{place}].{name} must be a string that is not empty")
    properties = event.get("properties")
    if properties is None:
        properties = {}
    elif not isinstance(properties, dict):
        raise _refusal(f"[{place}].properties must be an object")
    key, customer, name = event["transaction_id"], event["customer_id"], event["event_type"]
    timestamp = _timestamp(event["timestamp"], place, oldest, newest)
    return Usage(f"metronome:{key}", customer, name, timestamp, properties, event)


@inferred("an event that is too old is refused, as one that is too far ahead is")
def _timestamp(text: str, place: int, oldest: int, newest: int) -> int:
    try:
        timestamp = reading.seconds(text)
    except ValueError:
        message = f"[{place}].timestamp must be an RFC 3339 time with a year of four digits, not {quoted(text)}"
        raise _refusal(message) from None
    if timestamp < oldest:
        raise _refusal(f"[{place}].timestamp is more than 34 days ago")
    if timestamp > newest:
        raise _refusal(f"[{place}].timestamp is more than 24 hours ahead")
    return timestamp


def _refusal(reason: str) -> Refusal:
    return Refusal(400, f"Invalid request: {reason}")


@inferred("the envelope, with a message alone")
def envelope(refusal: Refusal, _request_id: str) -> Any:  # noqa: ANN401  any JSON
    """Return the body of a refusal."""
    return {"message": refusal.message}


VENDOR = Vendor(
    name="metronome",
    title="Metronome",
    calls=(Call("POST", "/v1/ingest", ingest, reading.json_body),),
    window_ns=WINDOW_S * SECOND_NS,
    envelope=envelope,
)
