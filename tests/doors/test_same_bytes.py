"""A server answers Stripe's paths without Flask, byte for byte as the Flask application does."""

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters.doors.server import Server
from tests.conftest import FORM
from tests.conftest import KEY
from tests.conftest import NOW
from tests.raw import say

BEARER = f"Authorization: Bearer {KEY}".encode()
V1, V2 = f"Content-Type: {FORM}".encode(), b"Content-Type: application/json"
PREVIEW = b"Stripe-Version: 2026-10-28.preview"


class Pair(NamedTuple):
    """Two fakes of one seed: one answers without Flask, and one only through it."""

    straight: FakeStripe
    flask: FakeStripe
    servers: tuple[Server, Server]

    def say(self, *sent: bytes) -> list[bytes]:
        """What both answer to the same bytes on one connection, to its end."""
        return [_said(server, sent) for server in self.servers]


def _said(server: Server, sent: tuple[bytes, ...]) -> bytes:
    return say((server.host, server.port), *sent)


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    straight, flask = (FakeStripe(now=NOW, seed=1) for _ in "ab")
    with (
        straight,
        flask,
        closing(Server(straight.wsgi_app, engine=straight.engine)) as one,
        closing(Server(flask.wsgi_app)) as other,
    ):
        yield Pair(straight, flask, (one, other))


@pytest.fixture
def pair(running: Pair) -> Pair:
    for fake in (running.straight, running.flask):
        fake.begin(now=NOW, seed=1)
    return running


def asked(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}".encode()] if body else []
    return b"\r\n".join([line + b" HTTP/1.1", b"Host: api.stripe.com", *headers, *length, b"", body])


def check(pair: Pair, *sent: bytes) -> bytes:
    straight, flask = pair.say(*sent)
    assert straight == flask
    journals = [
        [(str(each), each.params, each.request_headers, each.headers) for each in fake.journal]
        for fake in (pair.straight, pair.flask)
    ]
    assert journals[0] == journals[1]
    return straight


@pytest.mark.parametrize(
    ("request_", "beginning"),
    [
        (asked(b"POST /v1/customers", BEARER, V1, body=b"name=Ada&metadata[a]=%C3%BC"), b"200 OK"),
        (asked(b"GET /v1/customers?limit=1&created[gt]=5", BEARER), b"200 OK"),
        (asked(b"GET /v1/customers?name=\xc3\xbc%zz", BEARER), b"400 Bad Request"),
        (asked(b"HEAD /v1/customers", BEARER), b"200 OK"),
        (asked(b"HEAD /v1/unicorns", BEARER), b"404 Not Found"),
        (asked(b"OPTIONS /v1/customers", BEARER), b"404 Not Found"),
        (asked(b"PUT /v1/customers", BEARER, body=b"a"), b"404 Not Found"),
        (asked(b"G@T /v1/customers", BEARER), b"404 Not Found"),
        (asked(b"GET /v1/", BEARER), b"404 Not Found"),
        (asked(b"GET /v1", BEARER), b"404 Not Found"),
        (asked(b"GET /v1//customers", BEARER), b"404 Not Found"),
        (asked(b"GET /v1/customers/", BEARER), b"404 Not Found"),
        (asked(b"GET //v1/customers", BEARER), b"404 Not Found"),
        (asked(b"GET /v3/customers", BEARER), b"404 Not Found"),
        (asked(b"GET /v1/%63ustomers", BEARER), b"200 OK"),
        (asked(b"GET /v1%2Fcustomers", BEARER), b"200 OK"),
        (asked(b"GET /v1/customers/\xff%ff%00%2F..", BEARER), b"404 Not Found"),
        (asked(b"GET /v1/customers/a%3Fb", BEARER), b"404 Not Found"),
        (asked(b"GET http://api.stripe.com/v1/customers", BEARER), b"200 OK"),
        (asked(b"GET /v1/customers"), b"401 Unauthorized"),
        (asked(b"GET /v1/customers", b"authorization: bearer x"), b"401 Unauthorized"),
        (asked(b"GET /v1/customers", BEARER, b"Authorization: Bearer sk_test_other"), b"401 Unauthorized"),
        (asked(b"GET /v1/customers", BEARER, b"Stripe-Version: 1999-01-01"), b"400 Bad Request"),
        (asked(b"GET /v1/customers", BEARER, b"Stripe-Version: 2024-06-20", b"X: \xe9"), b"200 OK"),
        (asked(b"POST /v1/customers", BEARER, b"Content-Type: text/plain", body=b"{}"), b"400 Bad Request"),
        (asked(b"POST /v1/customers", BEARER, b"Content-Type:", body=b"name=Ada"), b"200 OK"),
        (asked(b"POST /v1/customers", BEARER, b"Idempotency_Key: x", body=b"name=Ada"), b"200 OK"),
        (asked(b"POST /v1/customers", BEARER, V1, body=b"name=" + b"a" * 1_100_000), b"413 "),
        (asked(b"POST /v1/quotes", BEARER), b"501 Not Implemented"),
        (asked(b"POST /v2/billing/meter_event_session", BEARER, V2, PREVIEW, body=b"{}"), b"200 OK"),
        (asked(b"POST /v2/billing/meter_event_session", BEARER, V2, PREVIEW, body=b"{"), b"400 Bad Request"),
        (
            asked(b"POST /v1/customers", BEARER, V1, b"Transfer-Encoding: chunked")
            + b"4\r\nname\r\n4\r\n=Ada\r\n0\r\n\r\n",
            b"200 OK",
        ),
        (asked(b"POST /v1/customers", BEARER, b"Content-Length: 3"), b""),
        (asked(b"POST /v1/customers", BEARER, b"Content-Length: x"), b"400 Bad Request"),
    ],
)
def test_one_request_has_the_same_answer(pair: Pair, request_: bytes, beginning: bytes) -> None:
    assert check(pair, request_)[len(b"HTTP/1.1 ") :].startswith(beginning)


def test_a_restricted_key_has_the_same_answers(pair: Pair) -> None:
    for fake in (pair.straight, pair.flask):
        fake.restrict_key("rk_test_51UsageReporter", {"customer": "read"})
    bearer = b"Authorization: Bearer rk_test_51UsageReporter"
    assert check(pair, asked(b"GET /v1/customers", bearer)).startswith(b"HTTP/1.1 200 OK")
    assert check(pair, asked(b"GET /v1/prices", bearer)).startswith(b"HTTP/1.1 403 Forbidden")
    refused = check(pair, asked(b"POST /v2/billing/meter_event_session", bearer, V2, PREVIEW, body=b"{}"))
    assert refused.startswith(b"HTTP/1.1 403 Forbidden")


def test_a_conversation_has_the_same_answers(pair: Pair) -> None:
    def post(path: bytes, body: bytes, *headers: bytes) -> bytes:
        return asked(b"POST " + path, BEARER, V1, *headers, body=body)

    meter = b"display_name=Calls&event_name=calls&default_aggregation[formula]=sum"
    key = b"Idempotency-Key: once"
    answers = check(
        pair,
        post(b"/v1/billing/meters", meter),
        post(b"/v1/billing/meters", meter),
        post(b"/v1/customers", b"name=Ada", key),
        post(b"/v1/customers", b"name=Ada", key),
        post(b"/v1/customers", b"name=Bob", key),
        post(b"/v1/billing/meter_events", b"event_name=calls&payload[stripe_customer_id]=cus_1&payload[value]=1"),
        post(b"/v1/products", b"name=Tokens", b"Stripe-Account: acct_1"),
        post(b"/v1/coupons", b"percent_off=10&duration=once", b"Stripe-Version: 2024-06-20"),
        asked(b"GET /v1/events", BEARER),
        asked(b"GET /v1/customers", BEARER, b"Connection: close"),
        asked(b"GET /v1/never", BEARER),
    )
    assert answers.count(b"HTTP/1.1 ") == 10
    assert b"Idempotent-Replayed: true" in answers


@pytest.mark.parametrize("status", [200, 204, 205, 299, 304, 402, 418, 599])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_a_stub_of_any_status_has_the_same_answer(pair: Pair, status: int, method: bytes) -> None:
    for fake in (pair.straight, pair.flask):
        tree = None if status in (204, 205, 304) else {"object": "quote"}
        fake.stub("* /v1/quotes", json=tree, status=status, headers={"X-Own": "Ü", "retry-after": "1"})
    answer = check(pair, asked(method + b" /v1/quotes", BEARER))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 429}, {"close": True}, {"close": True, "after_commit": True}, {"delay": 0.01}]
)
def test_a_planned_fault_has_the_same_answer(pair: Pair, fault: dict[str, object]) -> None:
    for fake in (pair.straight, pair.flask):
        fake.fail_next("POST /v1/customers", **fault)  # type: ignore[arg-type]
    answer = check(pair, asked(b"POST /v1/customers", BEARER))
    assert (answer == b"") == ("close" in fault)


def test_a_bug_of_the_fake_has_the_same_answer(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_anything: object) -> None:
        message = "out of order"
        raise RuntimeError(message)

    for fake in (pair.straight, pair.flask):
        monkeypatch.setattr(fake.engine, "handle", fail)
    straight, flask = pair.say(asked(b"GET /v1/customers", BEARER))
    assert straight == flask
    assert straight.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")


def test_a_closed_fake_has_the_same_answer() -> None:
    straight, flask = (FakeStripe(now=NOW, seed=1) for _ in "ab")
    with (
        closing(Server(straight.wsgi_app, engine=straight.engine)) as one,
        closing(Server(flask.wsgi_app)) as other,
    ):
        for fake in (straight, flask):
            fake.close()
        said = [_said(server, (asked(b"GET /v1/customers", BEARER),)) for server in (one, other)]
    assert said[0] == said[1]
    assert said[0].startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


HEADER = st.tuples(
    st.sampled_from([b"Stripe-Version", b"Idempotency-Key", b"Stripe-Account", b"Content-Type", b"Accept", b"x.y"]),
    st.sampled_from([b"", b" ", b"2024-06-20", b"a", b"\xff", b"acct_1", b"application/json", V1[14:]]),
).map(b": ".join)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"GET", b"POST", b"DELETE", b"HEAD", b"PATCH"]),
    st.binary(max_size=20).map(lambda path: bytes(each for each in path if each > 0x20 and each != 0x7F)),
    st.lists(HEADER, max_size=4),
    st.binary(max_size=60),
)
def test_any_request_below_v1_has_the_same_answer(
    pair: Pair, method: bytes, path: bytes, headers: list[bytes], body: bytes
) -> None:
    check(pair, asked(method + b" /v1/" + path, BEARER, *headers, body=body))
