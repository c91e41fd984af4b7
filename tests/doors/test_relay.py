"""One thread answers all clients of a server, and none of them waits because another one keeps it."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from http.client import RemoteDisconnected
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import FORM
from tests.conftest import KEY
from tests.conftest import NOW

CUSTOMERS = "/v1/customers"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": FORM}
HEAD = f"POST {CUSTOMERS} HTTP/1.1\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 8\r\n\r\n".encode()


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1, limits="off") as fake:
        assert fake.url
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> Iterator[HTTPConnection]:
    client = connected(fake)
    yield client
    client.close()


def address_of(fake: FakeStripe) -> tuple[str, int]:
    host, _, port = fake.url.removeprefix("http://").partition(":")
    return host, int(port)


def connected(fake: FakeStripe) -> HTTPConnection:
    return HTTPConnection(*address_of(fake), timeout=30)


def post(client: HTTPConnection, path: str = CUSTOMERS, body: str = "") -> Any:  # noqa: ANN401  any JSON tree
    client.request("POST", path, body, HEADERS)
    answer = client.getresponse()
    assert answer.status == 200
    return json.loads(answer.read())


def test_clients_that_send_half_a_request_hold_up_nobody(fake: FakeStripe, client: HTTPConnection) -> None:
    with ExitStack() as open_:
        halves = [open_.enter_context(socket.create_connection(address_of(fake), timeout=30)) for _ in range(5)]
        for place, half in enumerate(halves):
            half.sendall(HEAD[: 20 * place])
        assert post(client)["object"] == "customer"
        for place, half in enumerate(halves):
            half.sendall(HEAD[20 * place :] + b"name=")
        assert post(client)["object"] == "customer"
        for half in halves:
            half.sendall(b"Ada")
            assert b'"name": "Ada"' in half.recv(65_536)
        assert len(fake.journal) == 7


def test_a_client_that_says_nothing_holds_up_nobody(fake: FakeStripe, client: HTTPConnection) -> None:
    with socket.create_connection(address_of(fake)):
        assert post(client)["object"] == "customer"


def test_a_connection_goes_on_after_an_answer_that_has_lasted(fake: FakeStripe, client: HTTPConnection) -> None:
    for _ in range(3):
        fake.fail_next(f"POST {CUSTOMERS}", delay=0.05)
        names = [post(client, body=f"name={number}")["name"] for number in range(3)]
        assert names == ["0", "1", "2"]


def test_a_handler_may_call_the_server_that_waits_for_it(fake: FakeStripe, client: HTTPConnection) -> None:
    made: list[str] = []

    def handler(notification: Notification) -> None:
        if notification.json["data"]["object"]["name"] is None:
            other = connected(fake)
            made.append(post(other, body="name=Ada")["name"])
            other.close()

    fake.webhooks.deliver_to(handler, "customer.created")
    post(client)
    assert made == ["Ada"]


def test_a_handler_may_close_the_fake_which_cuts_off_the_answer_that_waits_for_it(
    fake: FakeStripe, client: HTTPConnection
) -> None:
    fake.webhooks.deliver_to(lambda _event: fake.close(), "customer.created")
    with pytest.raises(RemoteDisconnected):
        post(client)
    assert fake.closed


def test_who_has_lost_the_lead_ends_with_its_answer(fake: FakeStripe) -> None:
    def ours() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("fakestripe-meters")]

    def talk(client: HTTPConnection) -> None:
        for _ in range(4):
            post(client)
        client.close()

    before = ours()
    fake.fail_next(f"POST {CUSTOMERS}", delay=0.01, times=32)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(talk, [connected(fake) for _ in range(8)]))
    assert len(fake.journal) == 32
    while len(ours()) > len(before):
        pass


@pytest.mark.usefixtures("eager_threads")
def test_many_clients_get_each_its_own_answers(fake: FakeStripe) -> None:
    def talk(number: int) -> list[str]:
        client = connected(fake)
        names = [post(client, body=f"name={number}-{place}")["name"] for place in range(20)]
        client.close()
        return names

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(talk, range(12)))
    assert said == [[f"{number}-{place}" for place in range(20)] for number in range(12)]
    assert len(fake.journal) == 240


def test_requests_that_arrive_together_are_all_answered(fake: FakeStripe) -> None:
    with socket.create_connection(address_of(fake), timeout=30) as raw:
        raw.sendall((HEAD + b"name=Ada") * 50)
        raw.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := raw.recv(65_536):
            heard += piece
    assert heard.count(b"HTTP/1.1 200 OK") == 50
