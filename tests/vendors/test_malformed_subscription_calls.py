"""Calls to Chargebee, Recurly and Paddle that are wrong in one place: each is refused in the vendor's own envelope."""

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import NOW
from tests.conftest import Answer
from tests.conftest import Wire
from tests.conftest import through_engine
from tests.vendors.conftest import made_customer
from tests.vendors.conftest import made_meter
from tests.vendors.test_chargebee import BATCH
from tests.vendors.test_chargebee import EVENTS as CHARGEBEE_EVENTS
from tests.vendors.test_chargebee import PATH as RECORDS
from tests.vendors.test_chargebee import RECORD
from tests.vendors.test_chargebee import event as chargebee_event
from tests.vendors.test_paddle import CHARGE
from tests.vendors.test_paddle import EVENTS as PADDLE_EVENTS
from tests.vendors.test_paddle import TRANSACTIONS
from tests.vendors.test_paddle import event as paddle_event
from tests.vendors.test_paddle import items
from tests.vendors.test_recurly import PATH as USAGE
from tests.vendors.test_recurly import XML_PATH
from tests.vendors.test_recurly import usage

FORM, JSON, XML = "application/x-www-form-urlencoded", "application/json", "application/xml"
Json = Any
Sendable = tuple[str, str, bytes]
"""A path, a content type and a body."""
ODD = [None, "", 7, -1, 1.5, True, [], {}, ["x"], {"x": 1}, "x" * 300, "\x00", "🙂", "1e400"]
GOOD_TRANSACTION = {"customer_id": "ctm_01", "items": items(5)}
GOOD_CHARGE = {"effective_from": "immediately", "items": items(5)}
JSON_CALLS: dict[str, tuple[str, Json]] = {
    "chargebee event": (CHARGEBEE_EVENTS, chargebee_event()),
    "chargebee batch": (BATCH, {"events": [chargebee_event()]}),
    "recurly": (USAGE, usage()),
    "paddle events": (PADDLE_EVENTS, {"events": [paddle_event()]}),
    "paddle transaction": (TRANSACTIONS, GOOD_TRANSACTION),
    "paddle charge": (CHARGE, GOOD_CHARGE),
}
"""Calls that are right."""
OPTIONAL = {("recurly", "usage_timestamp"), ("paddle transaction", "customer_id")}
"""What may be left out, or be null."""
BODIES = {
    "empty": b"",
    "cut off": b'{"events": [',
    "no JSON": b"amount=5",
    "not UTF-8": b'{"a": "\xff"}',
    "half a surrogate": b'{"a": "\\ud800"}',
    "a number": b"5",
    "a text": b'"events"',
    "null": b"null",
    "not a number": b'{"amount": NaN}',
    "beyond all numbers": b'{"amount": 1e999}',
    "nested": b"[" * 5_000 + b"]" * 5_000,
    "an unknown field": b'{"colour": "red"}',
    "large": b'{"a": "' + b"x" * 1_048_576 + b'"}',
}


def wrong_json() -> Iterator[tuple[str, Sendable]]:
    for call, (path, good) in JSON_CALLS.items():
        for what, body in BODIES.items():
            yield f"{call}: {what}", (path, JSON, body)
        yield f"{call}: as a form", (path, FORM, json.dumps(good).encode())
        for where, value in fields(good):
            field = ".".join(map(str, where))
            if (call, field) not in OPTIONAL:
                yield f"{call}: without {field}", (path, JSON, changed(good, where, leave_out=True))
            for odd in ODD:
                if not may_be(call, field, value, odd):
                    yield f"{call}: {field} is {odd!r:.20}", (path, JSON, changed(good, where, odd))
            yield f"{call}: {field} is deep", (path, JSON, changed(good, where, [[{"a": [odd]} for odd in ODD]]))


def fields(good: Json, where: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Json]]:
    """Every field of a body, with the way to it, but for properties, which may be anything."""
    parts = good.items() if isinstance(good, dict) else enumerate(good) if isinstance(good, list) else ()
    for name, value in parts:
        yield (*where, name), value
        if name != "properties":
            yield from fields(value, (*where, name))


def may_be(call: str, field: str, good: Json, odd: Json) -> bool:
    """Whether an odd value is right: any text but an empty one, any object of properties, and some numbers."""
    name = field.rpartition(".")[2]
    if odd is None:
        return (call, field) in OPTIONAL
    if name in {"occurred_at", "effective_from"} or (call, name) == ("recurly", "usage_timestamp"):
        return False
    if isinstance(good, str):
        return isinstance(odd, str) and odd != ""
    if name == "properties":
        return isinstance(odd, dict)
    if name == "amount":
        return odd in {7, -1, 1.5} if isinstance(odd, int | float) and not isinstance(odd, bool) else False
    if isinstance(good, int):
        return odd in ([7, 1.5] if call == "paddle events" else [7]) and not isinstance(odd, bool)
    return False


def changed(good: Json, where: tuple[Any, ...], value: Json = None, *, leave_out: bool = False) -> bytes:
    """A body with another value at one place, or without one."""
    tree = json.loads(json.dumps(good))
    parent = tree
    for step in where[:-1]:
        parent = parent[step]
    if leave_out:
        del parent[where[-1]]
    else:
        parent[where[-1]] = value
    return json.dumps(tree).encode()


def wrong_beside() -> Iterator[tuple[str, Sendable]]:
    for call in ("chargebee batch", "paddle events", "paddle transaction", "paddle charge", "recurly"):
        path, good = JSON_CALLS[call]
        yield f"{call}: something beside", (path, JSON, json.dumps({**good, "colour": "red"}).encode())
    choices = [
        ("paddle transaction", "status", "paid"),
        ("paddle transaction", "collection_mode", "by hand"),
        ("paddle transaction", "currency_code", 7),
        ("paddle charge", "on_payment_failure", "ignore"),
        ("recurly", "merchant_tag", "x" * 256),
    ]
    for call, field, value in choices:
        path, good = JSON_CALLS[call]
        yield f"{call}: {field} is {value!r:.20}", (path, JSON, json.dumps({**good, field: value}).encode())


def wrong_forms() -> Iterator[tuple[str, Sendable]]:
    for name in ("item_price_id", "quantity", "usage_date"):
        yield f"record: without {name}", (RECORDS, FORM, form({**RECORD, name: None}))
        yield f"record: {name} is empty", (RECORDS, FORM, form({**RECORD, name: ""}))
    for quantity in ("many", "1e3", "NaN", "Infinity", "0x10", "1,5", "1.", ".5", "٣", "9" * 60, " 1"):
        yield f"record: quantity {quantity:.9}", (RECORDS, FORM, form({**RECORD, "quantity": quantity}))
    for date in ("now", "-1", "1.5", "1e9", "²", "9" * 30, "99999999999", "2025-01-01T00:00:00Z"):
        yield f"record: usage_date {date:.12}", (RECORDS, FORM, form({**RECORD, "usage_date": date}))
    yield "record: dedupe_option", (RECORDS, FORM, form({**RECORD, "dedupe_option": "merge"}))
    yield "record: unknown field", (RECORDS, FORM, form({**RECORD, "colour": "red"}))
    yield "record: a field in brackets, too", (RECORDS, FORM, form(RECORD) + b"&usage[quantity]=7")
    yield "record: half a bracket", (RECORDS, FORM, form({**RECORD, "note]": "a"}))
    yield "record: a field twice", (RECORDS, FORM, form(RECORD) + b"&quantity=7")
    yield "record: not UTF-8", (RECORDS, FORM, b"quantity=%ff&item_price_id=tokens&usage_date=1")
    yield "record: bytes", (RECORDS, FORM, b"\xff\xfe\x00")
    yield "record: many fields", (RECORDS, FORM, "&".join(f"a{n}=1" for n in range(1_001)).encode())
    yield "record: JSON", (RECORDS, FORM, json.dumps(RECORD).encode())


def form(fields: Mapping[str, str | None]) -> bytes:
    return urlencode({name: value for name, value in fields.items() if value is not None}).encode()


def wrong_xml() -> Iterator[tuple[str, Sendable]]:
    documents = {
        "empty": b"",
        "cut off": b"<usage><amount>5",
        "another element": b"<charge><amount>5</amount></charge>",
        "no amount": b"<usage></usage>",
        "an amount in words": b"<usage><amount>five</amount></usage>",
        "two amounts": b"<usage><amount>5</amount><amount>6</amount></usage>",
        "an element in another": b"<usage><amount><value>5</value></amount></usage>",
        "an unknown field": b"<usage><amount>5</amount><colour>red</colour></usage>",
        "a time in words": b"<usage><amount>5</amount><usage_timestamp>noon</usage_timestamp></usage>",
        "a document type": b'<!DOCTYPE usage [<!ENTITY a "5">]><usage><amount>&a;</amount></usage>',
        "an unknown entity": b"<usage><amount>&a;</amount></usage>",
        "an unknown encoding": b'<?xml version="1.0" encoding="x-none"?><usage><amount>5</amount></usage>',
        "NUL": b"<usage><amount>5\x00</amount></usage>",
        "not UTF-8": b"<usage><amount>\xff</amount></usage>",
        "deep": b"<a>" * 10_000 + b"</a>" * 10_000,
        "JSON": b'{"amount": 5}',
    }
    for what, document in documents.items():
        yield f"XML: {what}", (XML_PATH, XML, document)
    yield "XML: as JSON", (XML_PATH, JSON, b"<usage><amount>5</amount></usage>")


CALLS: dict[str, Sendable] = dict([*wrong_json(), *wrong_beside(), *wrong_forms(), *wrong_xml()])


def assert_chargebees(answer: Answer) -> None:
    assert isinstance(answer.json["message"], str)
    assert isinstance(answer.json["api_error_code"], str)
    assert answer.json["http_status_code"] == answer.status


def assert_recurlys(answer: Answer) -> None:
    assert answer.error.keys() == {"type", "message", "params"}
    assert answer.error["message"]


def assert_xml(answer: Answer) -> None:
    assert ET.fromstring(answer.body).tag in {"error", "errors"}


def assert_paddles(answer: Answer) -> None:
    assert {"type", "code", "detail", "documentation_url"} <= answer.error.keys()
    assert answer.json["meta"] == {"request_id": answer.headers["X-Request-Id"]}


ENVELOPES: dict[str, Callable[[Answer], None]] = {
    "chargebee/": assert_chargebees,
    "recurly/subscriptions": assert_recurlys,
    "recurly/v2": assert_xml,
    "paddle/": assert_paddles,
}


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    """One for all, because nothing changes it."""
    with FakeStripe(now=NOW) as made:
        made_meter(made)
        customer = made_customer(made)
        made.vendor_customers({"sub_1": customer, "1a2b": customer, "ctm_01": customer, "sub_01": customer})
        yield made


def world(fake: FakeStripe) -> Json:
    """Everything but what tells of the requests themselves."""
    snapshot = fake.snapshot()
    for name in ("journal", "request_ids"):
        snapshot.pop(name, None)
    return snapshot


def test_there_are_more_than_fifty_for_each_vendor() -> None:
    for vendor in ("chargebee/", "recurly/", "paddle/"):
        assert sum(path.startswith(vendor) for path, _, _ in CALLS.values()) > 50


@pytest.mark.parametrize("vendor", ENVELOPES)
def test_a_malformed_call_is_refused_in_the_vendors_words_and_changes_nothing(fake: FakeStripe, vendor: str) -> None:
    taken = []
    for what, (path, kind, body) in CALLS.items():
        if not path.startswith(vendor):
            continue
        before = world(fake)
        headers = [("Authorization", "Bearer key"), ("Content-Type", kind)]
        answer = through_engine(fake, Wire("POST", f"/_vendors/{path}", "", headers, body))
        if answer.status < 300:
            taken.append(what)
            fake.restore({**fake.snapshot(), **before})
            continue
        assert 400 <= answer.status < 500, (what, answer)
        assert world(fake) == before, what
        ENVELOPES[vendor](answer)
    assert taken == []
