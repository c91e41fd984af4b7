"""Malformed calls to each vendor, made from a valid one: what is wrong with the request, and what with an event.

To add a vendor, add a `Sample` to `SAMPLES`.
"""

import copy
import gzip
import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from tests.vendors import test_chargebee
from tests.vendors import test_metronome
from tests.vendors import test_openmeter
from tests.vendors import test_orb
from tests.vendors import test_paddle
from tests.vendors import test_recurly

CUSTOMER = "acme"
LARGEST = 1_048_576
REMOVED = object()
NO_TEXTS: Sequence[Any] = (REMOVED, None, "", 5, True, ["a"], {"a": "b"})
"""What stands in the place of a string that must be there."""
NO_TIMES: Sequence[Any] = (
    *NO_TEXTS,
    "yesterday",
    "2025-01-01",
    "2025-13-01T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2025-01-01T24:00:00Z",
    "2025-01-01T00:00:00 Z",
    "25-01-01T00:00:00Z",
    "12025-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "3001-01-01T00:00:00Z",
    "1735689600",
    "2025-01-01T00:00:00Z\n",
    "٢٠٢٥-01-01T00:00:00Z",
)
NO_OBJECTS: Sequence[Any] = ("a", 5, True, ["a"])


@dataclass(frozen=True)
class Sample:
    """A vendor's call: what is valid, and what each field may not be."""

    vendor: str
    path: str
    event: Mapping[str, Any]
    """A valid event of the customer whom the vendor calls acme, on the meter `tokens`."""
    body: Callable[[Any], Any]
    """Makes what is sent of an event."""
    said: Callable[[Any], str]
    """Returns the message in the vendor's envelope, or fails if it is another envelope."""
    wrong: Mapping[str, Sequence[Any]]
    """By a field of the event, values that are refused; REMOVED stands for none."""
    bodies: Sequence[Any] = ()
    """Whole bodies that are refused, as JSON or as bytes."""
    headers: Mapping[str, str] = field(default_factory=dict)
    error_type: str = "application/json"
    takes_no_key: bool = False


@dataclass(frozen=True)
class Case:
    """One malformed call, of a sample."""

    name: str
    sample: Sample
    body: bytes
    headers: Mapping[str, str]
    key: str | None = "key"
    method: str = "POST"
    below: str = ""
    """What follows the path."""


def cases(sample: Sample) -> Iterator[Case]:
    """All malformed calls of a sample."""
    valid = json.dumps(sample.body(sample.event)).encode()

    def case(name: str, body: bytes = valid, **more: Any) -> Case:  # noqa: ANN401  fields of the case
        headers = {"Content-Type": "application/json", **sample.headers, **more.pop("headers", {})}
        return Case(f"{sample.vendor}: {name}", sample, body, headers, **more)

    if not sample.takes_no_key:
        yield case("no key", key=None)
    yield from (case(f"method {method}", method=method) for method in ("GET", "PUT", "DELETE", "PATCH"))
    yield from (case(f"path {below}", below=below) for below in ("/", "/more", "x", "//", "%00"))
    yield from (case(f"body {content[:20]!r}", content) for content in _no_json(valid))
    yield from (case(f"packed {name}", packed, headers=headers) for name, packed, headers in _badly_packed(valid))
    for body in sample.bodies:
        yield case(f"body {body!r}"[:60], body if isinstance(body, bytes) else json.dumps(body).encode())
    for name, values in sample.wrong.items():
        for number, value in enumerate(values):
            event = copy.deepcopy(dict(sample.event))
            if value is REMOVED:
                del event[name]
            else:
                event[name] = value
            shown = "removed" if value is REMOVED else f"{number} {value!r}"[:40]
            yield case(f"{name} {shown}", json.dumps(sample.body(event)).encode())


def _no_json(valid: bytes) -> Iterator[bytes]:
    yield from (b"", b" ", b"null", b'"text"', b"5", b"true", b"{}", b"nonsense", valid[:-1], valid + b"}")
    yield from (b"\xff\xfe" + valid, "\ufeff".encode() + valid, valid.decode().encode("utf-16"))
    yield valid.replace(b'"tokens"', b'"\\ud800"')
    yield valid.replace(b'"tokens"', b'"\xe9"')
    yield from (valid.replace(b'"tokens"', number) for number in (b"NaN", b"-Infinity", b"1e999", b"9" * 5000))
    yield valid.replace(b'"tokens"', b"[" * 40 + b"]" * 40)
    yield b"[" * 100_000
    yield b" " * LARGEST + valid


def _badly_packed(valid: bytes) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    packed = gzip.compress(valid)
    yield "not at all", valid, {"Content-Encoding": "gzip"}
    yield "and cut off", packed[:-4], {"Content-Encoding": "gzip"}
    yield "and followed by more", packed + valid, {"Content-Encoding": "gzip"}
    yield "and enormous", gzip.compress(b" " * (17 * LARGEST)), {"Content-Encoding": "gzip"}
    yield "otherwise", valid, {"Content-Encoding": "br"}
    yield "twice", gzip.compress(packed), {"Content-Encoding": "gzip, gzip"}


def _said_by_metronome(tree: Any) -> str:  # noqa: ANN401  JSON
    assert list(tree) == ["message"]
    said: str = tree["message"]
    return said


def _said_by_orb(tree: Any) -> str:  # noqa: ANN401  JSON
    assert tree["type"].startswith("https://docs.withorb.com/reference/error-responses#")
    assert tree["title"]
    assert ("validation_errors" in tree) == (tree["status"] == 400)
    said: str = tree["detail"]
    return said


def _said_by_openmeter(tree: Any) -> str:  # noqa: ANN401  JSON
    assert list(tree)[:5] == ["type", "title", "status", "detail", "instance"]
    said: str = tree["detail"]
    return said


def _said_by_chargebee(tree: Any) -> str:  # noqa: ANN401  JSON
    assert tree["api_error_code"] == tree["error_code"]
    said: str = tree["message"]
    assert tree["error_msg"] == said
    return said


def _said_by_recurly(tree: Any) -> str:  # noqa: ANN401  JSON
    assert list(tree) == ["error"]
    assert list(tree["error"]) == ["type", "message", "params"]
    said: str = tree["error"]["message"]
    return said


def _said_by_paddle(tree: Any) -> str:  # noqa: ANN401  JSON
    assert list(tree) == ["error", "meta"]
    assert tree["meta"]["request_id"].startswith("req_")
    assert tree["error"]["documentation_url"].endswith(f"/{tree['error']['code']}")
    said: str = tree["error"]["detail"]
    return said


METRONOME = Sample(
    vendor="metronome",
    path=test_metronome.PATH,
    event=test_metronome.event(CUSTOMER),
    body=lambda event: [event],
    said=_said_by_metronome,
    wrong={
        "transaction_id": NO_TEXTS,
        "customer_id": NO_TEXTS,
        "event_type": NO_TEXTS,
        "timestamp": (*NO_TIMES, "2025-01-02T00:00:01Z", "2024-11-01T00:00:00Z", "2025-01-01T00:00:00"),
        "properties": NO_OBJECTS,
    },
    bodies=([], [None], [[]], ["a"], test_metronome.event(CUSTOMER), [test_metronome.event(CUSTOMER), {}]),
)
ORB = Sample(
    vendor="orb",
    path=test_orb.PATH,
    event=test_orb.event(CUSTOMER),
    body=lambda event: {"events": [event]},
    said=_said_by_orb,
    wrong={
        "idempotency_key": NO_TEXTS,
        "event_name": NO_TEXTS,
        "external_customer_id": NO_TEXTS,
        "customer_id": (CUSTOMER, 5),
        "timestamp": (*NO_TIMES, "2025-01-01T00:05:01Z", "2024-12-31T11:59:59Z", "2025-01-01T01:00:00+01:00"),
        "properties": (REMOVED, None, *NO_OBJECTS, {"value": None}, {"value": [5]}, {"value": {"a": 5}}),
    },
    bodies=(
        [],
        [test_orb.event(CUSTOMER)],
        {"events": None},
        {"events": {}},
        {"events": [None]},
        {"events": "a"},
        {"event": []},
        {"events": [test_orb.event(CUSTOMER), test_orb.event(CUSTOMER, value=6)]},
        {"events": [{name: each for name, each in test_orb.event(CUSTOMER).items() if name != "external_customer_id"}]},
        {"events": [test_orb.event(CUSTOMER, external_customer_id=None, customer_id="nobody")]},
    ),
)
OPENMETER = Sample(
    vendor="openmeter",
    path=test_openmeter.PATH,
    event=test_openmeter.event(CUSTOMER),
    body=lambda event: [event],
    said=_said_by_openmeter,
    wrong={
        "specversion": (*NO_TEXTS, "0.3", 1.0),
        "id": NO_TEXTS,
        "source": NO_TEXTS,
        "type": NO_TEXTS,
        "subject": NO_TEXTS,
        "time": [each for each in NO_TIMES if each not in (REMOVED, None)],
        "data": NO_OBJECTS,
        "datacontenttype": ("text/plain", 5, ""),
    },
    bodies=([], [None], [[]], "a", [test_openmeter.event(CUSTOMER), {}]),
    error_type="application/problem+json",
    takes_no_key=True,
)
CHARGEBEE = Sample(
    vendor="chargebee",
    path=test_chargebee.EVENTS,
    event=test_chargebee.event(subscription_id=CUSTOMER),
    body=lambda event: event,
    said=_said_by_chargebee,
    wrong={
        "deduplication_id": NO_TEXTS,
        "subscription_id": NO_TEXTS,
        "usage_timestamp": (REMOVED, None, "", "1735689600000", -1, 1.5, True, 10**20, ["a"], {"a": "b"}),
        "properties": (REMOVED, None, *NO_OBJECTS),
    },
    bodies=([], [test_chargebee.event()], {"events": [test_chargebee.event()]}, {**test_chargebee.event(), "a": 1}),
)
RECURLY = Sample(
    vendor="recurly",
    path=f"recurly/subscriptions/{CUSTOMER}/add_ons/code-tokens/usage",
    event=test_recurly.usage(merchant_tag="tokens"),
    body=lambda event: event,
    said=_said_by_recurly,
    wrong={
        "amount": (REMOVED, None, "", "five", "1e3", "NaN", True, ["a"], {"a": "b"}),
        "merchant_tag": (5, True, ["a"], {"a": "b"}, "a" * 256),
        "recording_timestamp": [each for each in NO_TIMES if each not in (REMOVED, None)],
        "usage_timestamp": [*(each for each in NO_TIMES if each not in (REMOVED, None)), "2025-01-01T00:00:01Z"],
    },
    bodies=([], [test_recurly.usage()], {**test_recurly.usage(), "a": 1}),
)
PADDLE = Sample(
    vendor="paddle",
    path=test_paddle.EVENTS,
    event=test_paddle.event(customer_id=CUSTOMER),
    body=lambda event: {"events": [event]},
    said=_said_by_paddle,
    wrong={
        "action": NO_TEXTS,
        "customer_id": NO_TEXTS,
        "event_key": NO_TEXTS,
        "quantity": (REMOVED, None, "", "5", -1, True, ["a"], {"a": "b"}),
        "occurred_at": (*NO_TIMES, "2025-01-02T00:00:01Z", "2024-11-01T23:59:59Z", "2025-01-01T00:00:00"),
    },
    bodies=([], {"events": []}, {"events": {}}, {"events": [None]}, [[]], test_paddle.event(), {"data": []}),
)
SAMPLES = (CHARGEBEE, METRONOME, OPENMETER, ORB, PADDLE, RECURLY)
