"""The socket: HTTP/1.1 as clients speak it, well and badly, and an end that comes promptly."""

import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.client import RemoteDisconnected
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse
from wsgiref.types import WSGIEnvironment

import pytest
import requests
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

CUSTOMERS = "/v1/customers"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": FORM}
POST = b"POST /v1/customers HTTP/1.1"
KEY_LINE = f"Authorization: Bearer {KEY}".encode()
HANG_S = 30  # the end takes well under a second; what would hold it up lasts longer than this


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1, limits="off") as fake:
        assert fake.url
        yield fake


@pytest.fixture
def address(fake: FakeStripe) -> tuple[str, int]:
    fake.reset()
    host, _, port = fake.url.removeprefix("http://").partition(":")
    return host, int(port)


@pytest.fixture
def client(address: tuple[str, int]) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(*address, timeout=30)
    yield connection
    connection.close()


def post(client: HTTPConnection, body: bytes | str = b"", **headers: str) -> tuple[int, Any]:
    client.request("POST", CUSTOMERS, body, HEADERS | headers)
    response = client.getresponse()
    return response.status, json.loads(response.read())


def asked(*lines: bytes, body: bytes = b"") -> bytes:
    """A request with the usual key."""
    return b"\r\n".join([*lines, KEY_LINE, b"", body])


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def await_answer(fake: FakeStripe) -> None:
    """Until the engine has answered the first request, whether or not the answer has left."""
    while not fake.journal or not fake.journal[0].status:
        pass


# Connections


@pytest.mark.parametrize("beginning", [b"\x16\x03\x01\x02\x00\x01", b"\x16"])
def test_tls_is_told_to_use_plain_http(
    address: tuple[str, int], beginning: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = say(address, beginning)
    assert answer.startswith(b"HTTP/1.1 400 ")
    message = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
    assert message.startswith("This port speaks plain HTTP, and the client began with TLS.")
    assert 'protocol: "http"' in message
    assert all(f"127.0.0.1:{address[1]}: This port speaks plain HTTP" in line for line in caplog.messages)


def test_that_a_client_speaks_tls_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with FakeStripe() as fake:
        host, port = fake.url.removeprefix("http://").split(":")
        for _ in range(3):
            with pytest.raises(requests.exceptions.SSLError):
                requests.get(f"https://{host}:{port}/v1/customers", timeout=30)
    assert len(caplog.messages) == 1


def test_one_connection_serves_many_requests(client: HTTPConnection) -> None:
    post(client)
    used = client.sock
    assert [post(client)[0] for _ in range(5)] == [200] * 5
    assert client.sock is used


def test_requests_may_be_sent_before_the_answers_are_read(address: tuple[str, int]) -> None:
    answers = say(address, asked(b"GET /v1/customers HTTP/1.1") * 3)
    assert answers.count(b"HTTP/1.1 200 OK") == 3


def test_a_request_may_arrive_byte_by_byte(address: tuple[str, int]) -> None:
    request = asked(b"POST /v1/customers HTTP/1.1", b"Content-Length: 8", body=b"name=Ada")
    answer = say(address, *(bytes([byte]) for byte in request))
    assert b'"name": "Ada"' in answer


@pytest.mark.parametrize(
    ("version", "connection", "stays"),
    [
        (b"1.1", b"keep-alive", True),
        (b"1.1", b"close", False),
        (b"1.1", b"Close", False),
        (b"1.0", b"keep-alive", True),
        (b"1.0", b"Keep-Alive", True),
        (b"1.0", b"x", False),
    ],
)
def test_the_client_says_whether_the_connection_stays(
    address: tuple[str, int], version: bytes, connection: bytes, *, stays: bool
) -> None:
    request = asked(b"GET /v1/customers HTTP/" + version, b"Connection: " + connection)
    answers = say(address, request * 2)
    assert answers.count(b"HTTP/1.1 200 OK") == 1 + stays
    assert (b"Connection: keep-alive" in answers) == stays


def test_clients_at_once_are_served_at_once(fake: FakeStripe, address: tuple[str, int]) -> None:
    def create(number: int) -> str:
        connection = HTTPConnection(*address, timeout=30)
        try:
            return str(post(connection, f"name={number}")[1]["id"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(create, range(64)))
    assert len(ids) == 64
    assert fake.engine.failures == []


def test_an_answer_leaves_in_one_piece(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as raw:
        raw.sendall(asked(b"GET /v1/customers HTTP/1.1"))
        assert raw.recv(65_536).endswith(b"}\n")


@pytest.mark.parametrize("gone_after", [b"", b"POST /v1/cust", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nname"])
def test_a_client_that_goes_away_is_not_worth_a_word(
    fake: FakeStripe,
    address: tuple[str, int],
    client: HTTPConnection,
    gone_after: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_connection(address) as raw:
        raw.sendall(gone_after)
    assert post(client)[0] == 200
    assert len(fake.journal) == 1
    assert caplog.records == []


def test_nothing_is_printed(address: tuple[str, int], capfd: pytest.CaptureFixture[str]) -> None:
    requests.get(f"http://{address[0]}:{address[1]}/v1/unicorns", timeout=30)
    assert capfd.readouterr() == ("", "")


# Bodies


def test_chunks_make_one_body(address: tuple[str, int]) -> None:
    url = f"http://{address[0]}:{address[1]}{CUSTOMERS}"
    with requests.Session() as session:
        answers = [
            session.post(url, data=iter([b"name=", b"Ada", b" L" * 5_000]), headers=HEADERS, timeout=30) for _ in "ab"
        ]
    assert [each.status_code for each in answers] == [400, 400]
    assert "at most 256 characters" in answers[0].json()["error"]["message"]


def test_extensions_and_trailers_of_chunks_are_passed_over(address: tuple[str, int]) -> None:
    head = asked(b"POST /v1/customers HTTP/1.1", b"Transfer-Encoding: Chunked")
    chunks = b"5;a=b\r\nname=\r\n3 \r\nAda\r\n000\r\nTrailer: x\r\n\r\n"
    answers = say(address, head + chunks, asked(b"GET /v1/customers HTTP/1.1"))
    assert answers.count(b'"name": "Ada"') == 2


@pytest.mark.parametrize(
    "chunks", [b"x\r\n", b"-1\r\n", b"\r\n", b"3\r\nname=\r\n", b"1\r\na=\r\n", b"0\r\n" + b"a: b\r\n" * 200]
)
def test_chunks_that_are_none_are_refused(address: tuple[str, int], chunks: bytes) -> None:
    head = asked(b"POST /v1/customers HTTP/1.1", b"Transfer-Encoding: chunked")
    assert status_of(say(address, head + chunks + b"\r\n")) in (400, 431)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: abc"],
        [b"Content-Length: -1"],
        [b"Content-Length: +1"],
        [b"Content-Length: 1_0"],
        [b"Content-Length: 1.0"],
        [b"Content-Length:"],
        [b"Content-Length: \xb2"],
        [b"Content-Length: " + b"9" * 30],
        [b"Content-Length: 1, 1"],
        [b"Content-Length: 1", b"Content-Length: 2"],
        [b"Content-Length: 1", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: gzip"],
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
    ],
)
def test_a_body_of_unknown_length_is_refused_and_the_connection_closed(
    address: tuple[str, int], lines: list[bytes]
) -> None:
    request = asked(b"POST /v1/customers HTTP/1.1", *lines, body=b"aaaa")
    answer = say(address, request, asked(b"GET /v1/customers HTTP/1.1"))
    assert status_of(answer) == 400
    assert answer.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in answer


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(address: tuple[str, int], *, chunked: bool) -> None:
    connection = HTTPConnection(*address, timeout=30)
    body = b"a" * 3_000_000
    connection.request("POST", CUSTOMERS, iter([body]) if chunked else body, HEADERS, encode_chunked=chunked)
    response = connection.getresponse()
    assert response.status == 413
    assert response.headers["Connection"] == "close"
    assert json.loads(response.read())["error"]["type"] == "invalid_request_error"


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as raw:
        raw.sendall(asked(b"POST /v1/customers HTTP/1.1", b"Content-Length: 8", b"Expect: 100-continue"))
        assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"name=Ada")
        assert b'"name": "Ada"' in raw.recv(65_536)


# Request lines and headers


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET http://api.stripe.com/v1/customers?limit=1 HTTP/1.1", 200),
        (b"\r\nGET /v1/customers HTTP/1.1", 200),
        (b"GET /v1/%63ustomers HTTP/1.1", 200),
        (b"GET * HTTP/1.1", 404),
        (b"GET // HTTP/1.1", 404),
        (b"GET http://[ HTTP/1.1", 404),
        (b"GET /v1/\xff\xfe HTTP/1.1", 404),
        (b"GET /v1/%ff%00 HTTP/1.1", 404),
        (b"G@T /v1/customers HTTP/1.1", 404),
        (b"GET /v1/customers", 400),
        (b"GET /v1/customers HTTP/2.0", 400),
        (b"GET /v1/customers  HTTP/1.1", 400),
        (b"GET /v1/ customers HTTP/1.1", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", 414),
    ],
)
def test_request_lines_are_taken_or_refused(address: tuple[str, int], line: bytes, status: int) -> None:
    answer = say(address, asked(line))
    assert status_of(answer) == status
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/json" in head
    assert json.loads(body).keys() >= ({"error"} if status != 200 else {"object"})


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([b"X-Empty:"], 200),
        ([b"X-Latin: \xe9"], 200),
        ([b"x-y: " + b"a" * 60_000], 200),
        ([b"Idempotency_Key: x"], 200),
        ([b"no colon"], 400),
        ([b": nameless"], 400),
        ([b"Bad Name: x"], 400),
        ([b"Folded: a", b" b"], 400),
        ([b"Null: a\0b"], 400),
        ([b"Return: a\rb"], 400),
        ([b"x: " + b"a" * 70_000], 431),
        ([b"x: y"] * 101, 431),
    ],
)
def test_headers_are_taken_or_refused(address: tuple[str, int], lines: list[bytes], status: int) -> None:
    assert status_of(say(address, asked(b"GET /v1/customers HTTP/1.1", *lines))) == status


def test_a_header_with_an_underscore_does_not_pass_for_the_one_with_a_dash(address: tuple[str, int]) -> None:
    """WSGI has one key for both names. A proxy that removes the dashed header does not know the other one."""
    lines = (b"POST /v1/customers HTTP/1.1", b"Idempotency_Key: x", b"Content-Length: 8")
    answers = say(address, asked(*lines, body=b"name=Ada") * 2)
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert b"Idempotent-Replayed" not in answers


@pytest.mark.parametrize(
    ("request_line", "lines", "status", "sentence"),
    [
        (b"GET", [], b"400 Bad Request", "The request line is malformed."),
        (b"G" * 70_000, [], b"414 ", "The request line is longer than 65536 bytes, or cut off."),
        (POST, [b"no colon"], b"400 Bad Request", "A header line is malformed."),
        (POST, [b"x: " + b"a" * 70_000], b"431 ", "A header line is longer than 65536 bytes."),
        (POST, [b"x: y"] * 101, b"431 ", "The request has more than 100 header lines."),
        (POST, [b"Content-Length: x"], b"400 Bad Request", "The request's Content-Length is malformed."),
        (POST, [b"Transfer-Encoding: x"], b"400 Bad Request", "The request's Transfer-Encoding is not understood."),
        (POST, [b"Transfer-Encoding: chunked"], b"400 Bad Request", "The request's chunks are malformed."),
    ],
)
def test_what_cannot_be_read_is_said_in_stripes_envelope(
    address: tuple[str, int], request_line: bytes, lines: list[bytes], status: bytes, sentence: str
) -> None:
    head, _, body = say(address, asked(request_line, *lines, body=b"x\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close" in head
    assert json.loads(body) == {"error": {"message": sentence, "type": "invalid_request_error"}}


@pytest.mark.parametrize("chunks", [b"x\r\n", b"1\r\nab\r\n", b"1\r\na\r\n\r\n"])
def test_chunks_that_cannot_be_read_are_said_to_be_malformed(address: tuple[str, int], chunks: bytes) -> None:
    answer = say(address, asked(POST, b"Transfer-Encoding: chunked", body=chunks + b"0\r\n\r\n"))
    error = {"message": "The request's chunks are malformed.", "type": "invalid_request_error"}
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"error": error}


def test_lines_may_end_without_a_carriage_return(address: tuple[str, int]) -> None:
    assert status_of(say(address, b"GET /v1/customers HTTP/1.1\n" + KEY_LINE + b"\n\n")) == 200


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: asked(b"POST / HTTP/1.1", tail)))
def test_no_bytes_make_the_server_fail_or_hang(address: tuple[str, int], sent: bytes) -> None:
    answer = say(address, sent)
    assert answer == b"" or status_of(answer) < 500


# Faults


def test_a_planned_close_really_closes(fake: FakeStripe, client: HTTPConnection) -> None:
    fake.fail_next(f"POST {CUSTOMERS}", close=True, after_commit=True)
    with pytest.raises(RemoteDisconnected):
        post(client)
    client.close()
    client.request("GET", CUSTOMERS, headers=HEADERS)
    assert len(json.loads(client.getresponse().read())["data"]) == 1


def test_a_planned_delay_is_waited_for(fake: FakeStripe, client: HTTPConnection) -> None:
    fake.fail_next(f"POST {CUSTOMERS}", delay=0.1)
    began = perf_counter()
    assert post(client)[0] == 200
    assert perf_counter() - began >= 0.1


def test_a_planned_delay_holds_up_nobody_else() -> None:
    with FakeStripe(now=NOW) as fake, socket.create_connection(address_of(fake), timeout=30) as late:
        fake.fail_next(f"GET {CUSTOMERS}", delay=60)
        late.sendall(asked(b"GET /v1/customers HTTP/1.1"))
        await_answer(fake)
        assert requests.post(fake.url + CUSTOMERS, headers=HEADERS, timeout=30).status_code == 200
        late.settimeout(0)
        with pytest.raises(BlockingIOError):
            late.recv(1)


# Other applications


def failing(_environ: WSGIEnvironment, _start: StartResponse) -> list[bytes]:
    message = "out of order"
    raise RuntimeError(message)


class Pieces:
    """An answer in two pieces that wants to be closed."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"one,"
        yield b"two"

    def close(self) -> None:
        self.closed = True


def test_an_application_that_fails_answers_500_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(failing)
    answer = say((server.host, server.port), b"GET / HTTP/1.1\r\n\r\n")
    server.close()
    assert status_of(answer) == 500
    sentence = "fakestripe-meters failed: this is a bug in fakestripe-meters."
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"error": {"message": sentence, "type": "api_error"}}
    assert "out of order" in caplog.text


def test_an_application_is_told_what_wsgi_wants_it_to_know() -> None:
    told: dict[str, Any] = {}

    def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        told.update(environ, read=environ["wsgi.input"].read())
        start("200 OK", [("Content-Length", "0")])
        return []

    server = Server(app)
    say((server.host, server.port), b"PUT http://a.example/b%20c?d=e%20f HTTP/1.0\r\nX-One: 1\r\nx-one:\t2 \r\n\r\n")
    server.close()
    del told["wsgi.input"]
    assert told.pop("fakestripe_meters.closing").is_set()
    assert told == {
        "read": b"",
        "REQUEST_METHOD": "PUT",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/b c",
        "QUERY_STRING": "d=e%20f",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(server.port),
        "SERVER_PROTOCOL": "HTTP/1.0",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_ONE": "1,2",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def test_an_answer_in_pieces_is_put_together_and_closed() -> None:
    pieces = Pieces()

    def app(_environ: WSGIEnvironment, start: StartResponse) -> Pieces:
        start("200 OK", [("Content-Length", "7")])
        return pieces

    server = Server(app)
    answer = say((server.host, server.port), b"GET / HTTP/1.1\r\n\r\n")
    server.close()
    assert answer.endswith(b"\r\n\r\none,two")
    assert pieces.closed


# The end


def test_closing_is_prompt_though_connections_are_open() -> None:
    fake = FakeStripe(now=NOW)
    idle = [HTTPConnection(fake.url.removeprefix("http://"), timeout=30) for _ in range(10)]
    assert [post(each)[0] for each in idle] == [200] * 10
    began = perf_counter()
    fake.close()
    assert perf_counter() - began < HANG_S
    assert [each.sock.recv(1) for each in idle] == [b""] * 10
    for each in idle:
        each.close()


def test_closing_lets_answers_that_are_held_up_go() -> None:
    with FakeStripe(now=NOW) as fake:
        fake.fail_next(f"GET {CUSTOMERS}", delay=60)
        with socket.create_connection(address_of(fake), timeout=30) as late:
            late.sendall(asked(b"GET /v1/customers HTTP/1.1"))
            await_answer(fake)
            began = perf_counter()
            fake.close()
            assert perf_counter() - began < HANG_S
            assert status_of(late.recv(65_536)) == 200


def test_closing_cuts_off_what_does_not_end() -> None:
    working, stop = threading.Event(), threading.Event()

    def endless(_environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        working.set()
        stop.wait()
        start("200 OK", [])
        return []

    server = Server(endless)
    with socket.create_connection((server.host, server.port), timeout=30) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        working.wait()
        began = perf_counter()
        server.close()
        assert perf_counter() - began < HANG_S
        assert raw.recv(1) == b""
    stop.set()


def test_after_closing_the_port_is_free() -> None:
    server = Server(failing)
    server.close()
    again = Server(failing, port=server.port)
    again.close()


def test_a_port_that_is_taken_is_an_os_error() -> None:
    server = Server(failing)
    with pytest.raises(OSError, match=r"(?i)in use"):
        Server(failing, port=server.port)
    server.close()


def test_ipv6_is_spoken_too() -> None:
    server = Server(FakeStripe(now=NOW).wsgi_app, "::1")
    try:
        assert server.url == f"http://[::1]:{server.port}"
        assert requests.get(f"{server.url}/_fakestripe/health", timeout=30).status_code == 200
    finally:
        server.close()


def address_of(fake: FakeStripe) -> tuple[str, int]:
    host, _, port = fake.url.removeprefix("http://").partition(":")
    return host, int(port)


def test_a_failing_connection_is_logged_and_the_server_lives(
    fake: FakeStripe, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from fakestripe_meters.doors import dialects  # noqa: PLC0415  only this test looks inside

    def fail(*_anything: object, **_more: object) -> None:
        message = "out of order"
        raise RuntimeError(message)

    with monkeypatch.context() as patch:
        patch.setattr(dialects, "misunderstanding", fail)
        assert say(address) == b""
    assert "out of order" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR
    assert requests.get(f"{fake.url}/_fakestripe/health", timeout=30).status_code == 200
