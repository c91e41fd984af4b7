"""OpenMeter: CloudEvents, one or several at a time.

Documented in: https://github.com/openmeterio/openmeter (`api/openapi.yaml`, `openmeter/ingest`),
https://openmeter.io/docs/getting-started/event-ingestion.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors.vendor import JSON
from fakestripe_meters.vendors.vendor import Call
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Reply
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.vendors.vendor import Usage
from fakestripe_meters.vendors.vendor import Vendor
from fakestripe_meters.wire.message import Request

# documented: repeats are known for 32 days by OpenMeter's cloud. An installation of one's own has other settings.
WINDOW_S = 32 * DAY_S
TEXTS = ("id", "source", "type", "subject")
ONE = "application/cloudevents+json"
SEVERAL = "application/cloudevents-batch+json"
CLOUD = "openmeter.cloud"
PROBLEM = "application/problem+json"


def read(request: Request) -> list[Any]:
    """Return the events of a body, which are one or several as its content type says; or raise `Refusal`."""
    kind = request.headers.lookup("content-type") or ""
    if kind not in (ONE, SEVERAL, JSON):  # as they are compared in OpenMeter's source, without parameters
        raise Refusal(400, f"invalid content type: {shortened(kind)}")
    tree = reading.json_body(request)
    if isinstance(tree, list) and kind != ONE:
        events = tree
    elif isinstance(tree, dict) and kind != SEVERAL:
        events = [tree]
    else:
        raise _invalid("it must be an array of events" if kind == SEVERAL else "it must be an object")
    if not events:
        raise _invalid("no events found")
    return events


@documented("the whole answer is an empty 204, whether or not the subject or a meter of the type is known")
@documented("a body is read whole before its events are taken one after the other: an invalid one refuses all")
def ingest(sent: Sent) -> Taken:
    """Count events, or none if one is invalid."""
    return Taken([_usage(event, sent.now) for event in sent.body], Reply(204))


def _usage(event: Any, now: int) -> Usage:  # noqa: ANN401  any JSON
    if not isinstance(event, dict):
        raise _invalid("an event must be an object")
    if event.get("specversion") != "1.0":
        raise _invalid(f"specversion must be '1.0', not {quoted(event.get('specversion'))}")
    for name in TEXTS:
        value = event.get(name)
        if not isinstance(value, str) or not value:
            raise _invalid(f"{name} must be a string that is not empty")
    if event.get("datacontenttype", JSON) not in (JSON, None):
        raise _invalid(f"datacontenttype must be {JSON}, not {quoted(event['datacontenttype'])}")
    data = event.get("data")
    if data is None:
        data = {}
    elif not isinstance(data, dict):
        raise _invalid("data must be an object")
    key = f"openmeter:{_escaped(event['source'])} {event['id']}"
    return Usage(key, event["subject"], event["type"], _timestamp(event.get("time"), now), data, event)


@inferred("an event without a time is of its receipt, and no time between 1970 and 3000 is too old or too far ahead")
def _timestamp(text: Any, now: int) -> int:  # noqa: ANN401  any JSON
    if text is None:
        return now
    try:
        return reading.seconds(text)
    except (ValueError, TypeError):
        raise _invalid(f"time must be an RFC 3339 time, not {quoted(text)}") from None


def _escaped(source: str) -> str:
    """Return a source without blanks, so that one separates it from the id."""
    return source.replace("%", "%25").replace(" ", "%20") if "%" in source or " " in source else source


def _invalid(reason: str) -> Refusal:
    return Refusal(400, f"invalid event: {reason}")


def needs_key(request: Request) -> bool:
    """Return whether a request is sent to OpenMeter's cloud: an installation of one's own needs no key."""
    host = (request.headers.lookup("host") or "").partition(":")[0]
    return host == CLOUD or host.endswith(f".{CLOUD}")


@documented("RFC 7807, as OpenMeter's OpenAPI file has it")
@inferred("the type, and the instance")
def envelope(refusal: Refusal, request_id: str) -> Mapping[str, Any]:
    """Return the body of a refusal."""
    tree = {
        "type": "about:blank",
        "title": _title(refusal.status),
        "status": refusal.status,
        "detail": refusal.message,
        "instance": f"urn:request:{request_id or 'none'}",
    }
    return tree if not refusal.extra else {**tree, "extensions": refusal.extra}


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a planned fault may have any
        return "Error"


CALLS: Sequence[Call] = (Call("POST", "/api/v1/events", ingest, read),)
VENDOR = Vendor(
    name="openmeter",
    title="OpenMeter",
    calls=CALLS,
    window_ns=WINDOW_S * SECOND_NS,
    envelope=envelope,
    needs_key=needs_key,
    error_type=PROBLEM,
)
