"""Orb: https://docs.withorb.com/reference/ingest.

Documented in: the page above, the types of Orb's Python SDK 4.90,
https://docs.withorb.com/events-and-metrics/reporting-errors.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import NamedTuple
from urllib.parse import parse_qsl

from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import NOT_SERVED
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors.vendor import NO_RETRY
from fakestripe_meters.vendors.vendor import Call
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Reply
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.vendors.vendor import Usage
from fakestripe_meters.vendors.vendor import Vendor

# documented: the grace period is 12 hours, unless an account has another one; no event is more than 5 minutes ahead.
GRACE_S = 12 * HOUR_S
AHEAD_S = 5 * MINUTE_S
TEXTS = ("event_name", "idempotency_key", "timestamp")
WHO = ("customer_id", "external_customer_id")
UTC = ("Z", "z", "+00:00")
SHOWN = 5
"""How many events the sentence of a refusal names."""
TWICE = "this idempotency_key stands for two events that differ"
ERRORS = "https://docs.withorb.com/reference/error-responses#"
TYPES = {
    400: "400-request-validation-errors",
    401: "401-authentication-error",
    404: "404-url-not-found",
    409: "409-resource-conflict",
    413: "413-request-too-large",
    429: "429-too-many-requests",
    500: "500-internal-server-error",
}
TITLES = {
    400: "Request validation errors",
    401: "Authentication error",
    404: "URL not found",
    409: "Resource conflict",
    413: "Request too large",
    429: "Too many requests",
    500: "Internal server error",
}


class Bounds(NamedTuple):
    """The earliest and the latest timestamp that an event may have."""

    oldest: int
    newest: int


@documented("all events count, or none if one is invalid, and a key is taken only by an event that was accepted")
@inferred("an empty list of events is accepted")
def ingest(sent: Sent) -> Taken:
    """Count a list of events, or refuse all of them and say what is wrong with each."""
    _check_backfill(sent.request.query)
    events = _events(sent.body)
    bounds = Bounds(sent.now - GRACE_S, sent.now + AHEAD_S)
    failed: list[dict[str, Any]] = [
        {"idempotency_key": _key(event), "validation_errors": found}
        for event in events
        if (found := list(_objections(sent, event, bounds)))
    ]
    failed += _contradictions(events)
    if failed:
        message = "; ".join(map(_told, failed[:SHOWN]))
        raise _refusal(message, failed)
    return Taken([_usage(event) for event in events], Reply(200, {"validation_failed": []}))


def _told(failure: Mapping[str, Any]) -> str:
    key = shortened(failure["idempotency_key"]) or "an event without an idempotency_key"
    return f"{key}: {', '.join(failure['validation_errors'][:5])}"


def _check_backfill(query: str) -> None:
    if dict(parse_qsl(query)).get("backfill_id"):
        message = "fakestripe-meters has no backfills of Orb's: leave backfill_id out to have this usage counted."
        raise Refusal(501, message, code=NOT_SERVED, headers=NO_RETRY)


def _events(body: Any) -> Sequence[Any]:  # noqa: ANN401  any JSON
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list):
        raise _refusal("the body must be an object with events, which is a list")
    return events


def _objections(sent: Sent, event: Any, bounds: Bounds) -> Iterator[str]:  # noqa: ANN401  any JSON
    """Yield what is wrong with an event."""
    if not isinstance(event, dict):
        yield "an event must be an object"
        return
    missing = [name for name in TEXTS if not isinstance(event.get(name), str) or not event[name]]
    yield from (f"{name} must be a string that is not empty" for name in missing)
    if "timestamp" not in missing:
        yield from _objections_to_time(event["timestamp"], bounds)
    yield from _objections_to_customer(sent, event)
    yield from _objections_to_properties(event.get("properties"))


def _objections_to_time(text: str, bounds: Bounds) -> Iterator[str]:
    try:
        timestamp = _timestamp(text)
    except ValueError:
        yield f"timestamp must be an ISO 8601 date and time in UTC, not {quoted(text)}"
        return
    if timestamp < bounds.oldest:
        yield "timestamp is before the grace period of 12 hours"
    if timestamp > bounds.newest:
        yield "timestamp is more than 5 minutes in the future"


@documented("a customer_id must be that of a customer, and an external_customer_id need not")
def _objections_to_customer(sent: Sent, event: Mapping[str, Any]) -> Iterator[str]:
    given = [name for name in WHO if event.get(name) is not None]
    if len(given) != 1:
        yield "exactly one of customer_id and external_customer_id must be given"
        return
    value = event[given[0]]
    if not isinstance(value, str) or not value:
        yield f"{given[0]} must be a string that is not empty"
    elif given == ["customer_id"] and not sent.knows(value):
        yield f"there is no customer {quoted(value)}"


def _objections_to_properties(properties: Any) -> Iterator[str]:  # noqa: ANN401  any JSON
    if not isinstance(properties, dict):
        yield "properties must be an object"
        return
    for name, value in properties.items():
        if not isinstance(value, str | int | Decimal):
            yield f"properties.{shortened(name)} must be a string, a number, or true or false"


@documented("a batch in which a key stands for two events is refused")
def _contradictions(events: Sequence[Any]) -> list[dict[str, Any]]:
    first: dict[str, Any] = {}
    twice = {key for event in events if first.setdefault(key := _key(event), event) != event and key}
    return [{"idempotency_key": key, "validation_errors": [TWICE]} for key in sorted(twice)]


def _key(event: Any) -> str:  # noqa: ANN401  any JSON
    key = event.get("idempotency_key") if isinstance(event, dict) else None
    return key if isinstance(key, str) else ""


def _usage(event: Mapping[str, Any]) -> Usage:
    customer = event.get("customer_id") or event["external_customer_id"]
    key = f"orb:{event['idempotency_key']}"
    return Usage(key, customer, event["event_name"], _timestamp(event["timestamp"]), event["properties"], event)


@inferred("`+00:00` is as good as `Z`, which is as good as none of both")
def _timestamp(text: str) -> int:
    """Return a time in UTC as Unix seconds; ValueError if it is none."""
    if text.endswith(UTC):
        return reading.seconds(text)
    return reading.seconds(f"{text}Z")


def _refusal(message: str, failed: Sequence[Mapping[str, Any]] = ()) -> Refusal:
    return Refusal(400, message, extra={"validation_failed": failed})


@documented("the types and fields, as Orb's SDK has them")
@inferred("the titles, `validation_failed` beside `validation_errors`, and the type of statuses that are not listed")
def envelope(refusal: Refusal, _request_id: str) -> Any:  # noqa: ANN401  any JSON
    """Return the body of a refusal."""
    status = refusal.status
    kind = TYPES.get(status) or TYPES[500 if status > 500 else 400]  # noqa: PLR2004  the number is its name
    tree = {
        "type": f"{ERRORS}{kind}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": refusal.message,
    }
    if status != 400:  # noqa: PLR2004  as above
        return tree
    failed = refusal.extra.get("validation_failed", ())
    errors = [error for each in failed for error in each["validation_errors"]] or [refusal.message]
    return {**tree, "validation_errors": errors, "validation_failed": list(failed)}


VENDOR = Vendor(
    name="orb",
    title="Orb",
    calls=(Call("POST", "/v1/ingest", ingest, reading.json_body),),
    window_ns=GRACE_S * SECOND_NS,
    envelope=envelope,
)
