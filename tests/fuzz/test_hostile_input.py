"""Whatever is sent, the fake answers as Stripe would: no failure of its own, no hang, no harm to other accounts."""

import inspect
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.control.rows import ROWS
from fakestripe_meters.doors.server import Server
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response
from tests.conformance.compared import complaints
from tests.conformance.deviating import matches
from tests.conformance.deviating import table_of
from tests.conformance.oracle import base
from tests.conformance.oracle import load
from tests.conformance.oracle import previews
from tests.conformance.story import NOW
from tests.conformance.story import Teller
from tests.conformance.story import begun
from tests.conformance.story import objects_in
from tests.conftest import KEY
from tests.fuzz.wishes import HOSTILE
from tests.fuzz.wishes import Wishes
from tests.fuzz.wishes import paths
from tests.fuzz.wishes import tries

OTHER = "sk_test_somebodyelse"
PRIVATE = previews()[0]
"""The preview with most fields: no other knows more."""
STATUSES = {200, 400, 401, 402, 403, 404, 409, 429, 501}
METHODS = st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"])
CONTROL = [(row.method, row.path[1:]) for row in ROWS if row.path != "/openapi.json"]  # that takes seconds
NAMES = ["account", "freeze", "advance", "resume", "profile", "analytics", "seconds", "method", "path", "status"]
OF_SNAPSHOTS = {"format", "accounts", "clock", "world"}
MORE_NAMES = sorted(OF_SNAPSHOTS.union(*(inspect.signature(row.does).parameters for row in ROWS)))


@pytest.fixture(scope="module")
def teller() -> Teller:
    """A world in which everything there can be is there, and an account of somebody else's."""
    teller = begun(load(PRIVATE).api_version, preview=True)
    teller.ask("POST", "/v1/customers", {"name": "somebody else's"}, OTHER)
    return teller


@pytest.fixture(scope="module")
def wishes(teller: Teller) -> Wishes:
    return Wishes(teller)


def state_of(fake: FakeStripe, key: str) -> str:
    """Everything that an account holds."""
    accounts = fake.snapshot()["accounts"]
    return json.dumps([each for each in accounts if key in json.dumps(each)], default=str)


def is_file(response: Response) -> bool:
    """Whether an answer is the contents of a file, and not JSON."""
    return response.status == 200 and response.headers["Content-Type"].startswith("text/csv")


def check(response: Response) -> None:
    """The answer is one that Stripe could give."""
    assert response.status in STATUSES, (response.status, response.body)
    if is_file(response):
        return
    tree = json.loads(response.body)
    if response.status != 200:
        error = tree["error"]
        assert isinstance(error["message"], str)
        assert error["message"]
        assert len(response.body) < 20_000
        assert isinstance(error.get("type", error.get("code")), str)


def check_objects(tree: Any) -> None:  # noqa: ANN401  any JSON tree
    """Every object in an answer has the fields that an SDK declares."""
    declared = {**load(base()).objects, **load(PRIVATE).objects}
    if str(tree.get("id")).startswith("ppage_"):  # a payment page calls itself a session, and no SDK knows it
        return
    for each in objects_in("", tree):
        for path, what in complaints(declared[each.name], each.tree) if each.name in declared else ():
            assert any(matches(row, each.name, path) for row in table_of(what)), (each.name, path, what)


def test_any_parameters_of_any_endpoint_are_answered_as_stripe_would(teller: Teller, wishes: Wishes) -> None:
    fake = teller.fake
    before = state_of(fake, OTHER)
    assert "somebody else's" in before

    @tries(1_200)
    @given(st.lists(wishes.requests(), min_size=1, max_size=4))
    def send(requests: list[Request]) -> None:
        for request in requests:
            response = fake.engine.handle(request)
            check(response)
            is_newest = request.headers.lookup("stripe-version") == "2026-09-30.preview"
            if is_newest and response.status == 200 and not is_file(response):
                check_objects(json.loads(response.body))

    send()
    assert state_of(fake, OTHER) == before
    assert fake.engine.failures == []


ONCE = [
    ("POST", "/v1/invoiceitems", "quantity_decimal=10000000000000000.000"),  # a decimal context of 28 digits
    ("DELETE", "/v1/plans/{plan}", "expand[]=tiers"),  # tiers of what was deleted
]


@pytest.mark.parametrize(("method", "path", "params"), ONCE)
def test_what_once_went_wrong_goes_right(method: str, path: str, params: str) -> None:
    teller = begun(load(PRIVATE).api_version, preview=True)
    plan = teller.get("/v1/plans")["data"][0]["id"]
    headers = Headers({"Authorization": f"Bearer {KEY}"})
    in_body = method == "POST"
    target, query, body = path.format(plan=plan), "" if in_body else params, params.encode() if in_body else b""
    response = teller.fake.engine.handle(Request(method, target, query, headers, body))
    check(response)
    check_objects(json.loads(response.body))


@pytest.mark.parametrize("seed", ["\ud800", "", "x" * 10_000])
def test_any_seed_makes_ids(seed: str) -> None:
    teller = Teller(load(PRIVATE).api_version, FakeStripe(seed=seed))
    assert teller.post("/v1/customers")["id"].startswith("cus_")
    assert teller.post("/v2/billing/meter_event_session")["id"].startswith("bmes_")


def test_any_parameters_are_answered_as_stripe_would_while_time_goes_by() -> None:
    """What was made of strange parameters comes due: periods close, credits expire, clocks move."""
    teller = begun(load(PRIVATE).api_version, preview=True)
    wishes, fake = Wishes(teller), teller.fake

    @tries(100)
    @given(st.lists(wishes.requests(), min_size=1, max_size=4), st.integers(0, 8 * 86_400))
    def send(requests: list[Request], seconds: int) -> None:
        for request in requests:
            check(fake.engine.handle(request))
        fake.clock.advance(seconds)

    send()
    assert fake.engine.failures == []


def test_any_tree_for_any_endpoint_is_answered_as_stripe_would(teller: Teller, wishes: Wishes) -> None:
    """Nothing fits: wrong types everywhere, deep nesting, huge numbers, half characters."""
    fake = teller.fake

    @tries(400)
    @given(wishes.requests(), HOSTILE, st.booleans())
    def send(request: Request, tree: object, in_body: bool) -> None:
        body = json.dumps(tree).encode()
        altered = Request(request.method, request.path, "" if in_body else body.decode(), request.headers, body)
        check(fake.engine.handle(altered))

    send()
    assert fake.engine.failures == []


def test_any_bytes_are_answered_as_stripe_would(teller: Teller) -> None:
    client = Client(teller.fake.wsgi_app, use_cookies=False)
    texts = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)

    @tries(300)
    @given(
        METHODS,
        paths(),
        st.one_of(st.binary(max_size=200), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))),
        st.one_of(texts, st.just(f"Bearer {KEY}"), st.just(f"Bearer {KEY}")),
        st.dictionaries(
            st.sampled_from(["Stripe-Version", "Stripe-Account", "Idempotency-Key", "Content-Type"]), texts
        ),
    )
    def send(method: str, path: str, body: bytes, authorization: str, headers: dict[str, str]) -> None:
        given_headers = {"Authorization": authorization, **headers}
        answer = client.open(path, method=method, data=body, query_string=body.decode("latin-1"), headers=given_headers)
        shown = answer.data if method != "HEAD" else b'{"error": {"message": "-", "code": ""}}'
        check(Response(answer.status_code, dict(answer.headers), shown))

    send()
    assert teller.fake.engine.failures == []


def test_any_bytes_on_the_socket_are_answered_or_refused(teller: Teller) -> None:
    lines = st.one_of(
        st.binary(max_size=120),
        st.sampled_from(
            [b"GET /v1/customers HTTP/1.1", b"POST /v1/customers HTTP/1.1", b"GET / HTTP/9.9", b"\x16\x03\x01"]
        ),
    )
    headers = st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"Content-Length: 5", b"Content-Length: -1", b"Transfer-Encoding: chunked", b"Host: x"]),
        ),
        max_size=4,
    )

    @tries(60)
    @given(lines, headers, st.binary(max_size=60))
    def send(line: bytes, fields: list[bytes], body: bytes) -> None:
        with closing(socket.create_connection((server.host, server.port), timeout=10)) as connection:
            connection.sendall(b"\r\n".join([line, *fields, b"Connection: close", b"", b""]) + body)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
        assert b" 500 " not in answer[:20]

    with closing(Server(teller.fake.wsgi_app)) as server:
        send()
    assert teller.fake.engine.failures == []


# The control plane


@pytest.fixture
def plane() -> Iterator[Client]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield Client(fake.wsgi_app, use_cookies=False)
        assert fake.engine.failures == []


def test_any_wish_of_the_control_plane_is_granted_or_refused_with_a_reason(plane: Client) -> None:
    values = st.one_of(HOSTILE, st.integers(-(10**20), 10**20), st.floats(), st.sampled_from(["GET", "/v1/customers"]))
    trees = st.one_of(HOSTILE, st.dictionaries(st.sampled_from(NAMES + MORE_NAMES), values, max_size=4))

    @tries(300)
    @given(st.sampled_from(CONTROL), trees)
    def wish(call: tuple[str, str], tree: object) -> None:
        method, name = call
        body, query = (json.dumps(tree).encode(), "") if method != "GET" else (b"", as_query(tree))
        answer = plane.open(f"/_fakestripe/{name}", method=method, data=body, query_string=query)
        assert answer.status_code in (200, 400), answer.data
        if answer.status_code == 400:
            error = json.loads(answer.data)["error"]
            assert error.keys() == {"message", "param"}
            assert error["message"]
        plane.delete("/_fakestripe/faults")
        plane.delete("/_fakestripe/stubs")

    wish()
    assert plane.get("/_fakestripe/health").status_code == 200


def as_query(tree: object) -> str:
    items = tree.items() if isinstance(tree, dict) else [("account", tree)]
    return "&".join(f"{name}={value}" for name, value in items).encode("utf-8", "replace").decode("latin-1")


def test_any_bytes_for_the_control_plane_are_refused_with_a_reason(plane: Client) -> None:
    @tries(100)
    @given(
        METHODS,
        st.sampled_from([name for _, name in CONTROL] + ["", "x", "clock/", "..", "%2e"]),
        st.binary(max_size=80),
    )
    def send(method: str, name: str, body: bytes) -> None:
        answer = plane.open(f"/_fakestripe/{name}", method=method, data=body)
        assert answer.status_code in (200, 400, 401, 404), answer.data

    send()


def test_a_spoiled_snapshot_is_refused_and_changes_nothing_or_restores(plane: Client) -> None:
    client_headers = {"Authorization": f"Bearer {KEY}"}
    assert plane.post("/v1/customers", headers=client_headers).status_code == 200
    good = plane.get("/_fakestripe/snapshot").data

    @tries(150)
    @given(st.data())
    def spoil(data: st.DataObject) -> None:
        tree = json.loads(good)
        place: Any = tree
        for _ in range(data.draw(st.integers(0, 6))):
            if not isinstance(place, dict | list) or not place:
                break
            keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
            parent, key = place, data.draw(st.sampled_from(keys))
            place = parent[key]
            if data.draw(st.booleans()):
                parent[key] = data.draw(HOSTILE)
                break
        before = plane.get("/_fakestripe/snapshot").data
        answer = plane.put("/_fakestripe/snapshot", data=json.dumps(tree).encode())
        assert answer.status_code in (200, 400), answer.data
        if answer.status_code == 400:
            assert plane.get("/_fakestripe/snapshot").data == before
        assert plane.get("/v1/customers", headers=client_headers).status_code < 500
        assert plane.put("/_fakestripe/snapshot", data=good).status_code == 200

    spoil()


def test_headers_of_any_kind_never_reach_another_account(teller: Teller) -> None:
    fake = teller.fake
    before = state_of(fake, OTHER)

    @tries(100)
    @given(st.text(max_size=30), st.text(max_size=30))
    def send(connected: str, version: str) -> None:
        headers = Headers({"Authorization": f"Bearer {KEY}", "Stripe-Account": connected, "Stripe-Version": version})
        check(fake.engine.handle(Request("POST", "/v1/customers", "", headers, b"name=x")))

    send()
    assert state_of(fake, OTHER) == before
