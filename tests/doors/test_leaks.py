"""`fake.intercept(leaks="refuse")`: what would reach the real Stripe is refused, and most clients are intercepted."""

import asyncio
import http.client
import io
import json
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import aiohttp
import httpcore
import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.doors.intercept import of_aiohttp
from tests.conftest import patches

NOW = "2025-01-01T00:00:00Z"
URL = "https://api.stripe.com/v1/customers"
ELSEWHERE = "https://pay.stripe.com/invoice/x/pdf"
AUTH = {"Authorization": "Basic " + b64encode(b"sk_test_fakestripe:").decode()}
Answer = tuple[int, bytes, Any]
Ask = Callable[..., Answer]


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake
        assert [str(each) for each in fake.engine.failures] == []


def by_urllib(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    request = urllib.request.Request(url, body, AUTH | headers)
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.status, answer.read(), answer.headers


def by_http_client(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    host, _, path = url.removeprefix("https://").partition("/")
    connection = http.client.HTTPSConnection(host, timeout=timeout)
    connection.request("POST" if body else "GET", f"/{path}", body, AUTH | headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers


def by_urllib3(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    method = "POST" if body else "GET"
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request(method, url, body=body, headers=AUTH | headers, timeout=timeout)
    return answer.status, answer.data, answer.headers


def by_requests(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    answer = requests.request("POST" if body else "GET", url, data=body, headers=AUTH | headers, timeout=timeout)
    return answer.status_code, answer.content, answer.headers


def by_httpx(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    answer = httpx.request("POST" if body else "GET", url, content=body, headers=AUTH | headers, timeout=timeout)
    return answer.status_code, answer.content, answer.headers


def by_httpx2(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    answer = httpx2.request("POST" if body else "GET", url, content=body, headers=AUTH | headers, timeout=timeout)
    return answer.status_code, answer.content, answer.headers


def by_httpx2_async(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    async def ask() -> Answer:
        async with httpx2.AsyncClient(timeout=timeout) as client:
            answer = await client.request("POST" if body else "GET", url, content=body, headers=AUTH | headers)
            return answer.status_code, answer.content, answer.headers

    return asyncio.run(ask())


def by_aiohttp(url: str, body: bytes | None = None, timeout: float = 5, **headers: str) -> Answer:
    async def ask() -> Answer:
        limit = aiohttp.ClientTimeout(total=timeout)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.request("POST" if body else "GET", url, data=body, headers=AUTH | headers) as answer,
        ):
            content = await answer.read()
        await asyncio.sleep(0)  # what it takes for a socket to be closed, if there is one
        return answer.status, content, answer.headers

    return asyncio.run(ask())


ASKS: dict[str, Ask] = {
    "urllib.request": by_urllib,
    "http.client": by_http_client,
    "urllib3": by_urllib3,
    "httpx2": by_httpx2,
    "httpx2, asynchronous": by_httpx2_async,
    "aiohttp": by_aiohttp,
}
NEWLY = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
ALL = ASKS | {"requests": by_requests, "httpx": by_httpx}
EVERY = pytest.mark.parametrize("name", ALL)


# What is intercepted


@NEWLY
def test_these_clients_are_answered(fake: FakeStripe, ask: Ask) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with fake.intercept():
        status, body, headers = ask(URL, b"name=Ada%20L", **form)
        assert (status, json.loads(body)["name"]) == (200, "Ada L")
        assert json.loads(ask(f"{URL}?limit=1")[1])["data"][0]["name"] == "Ada L"
    assert headers["Request-Id"] == fake.journal[0].request_id
    assert headers["Content-Type"] == "application/json"
    assert fake.journal[1].params == {"limit": "1"}


@NEWLY
def test_a_dropped_connection_is_an_error_of_theirs(fake: FakeStripe, ask: Ask) -> None:
    fake.fail_next("* *", close=True, times=9)
    theirs = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError, httpx2.HTTPError, aiohttp.ClientError)
    with fake.intercept(), pytest.raises(theirs, match=r"isconnected|without"):
        ask(URL)


@NEWLY
def test_a_planned_delay_holds_the_answer_up(fake: FakeStripe, ask: Ask) -> None:
    fake.fail_next("* *", delay=0.05)
    start = perf_counter()
    with fake.intercept():
        assert ask(URL)[0] == 200
    assert perf_counter() - start >= 0.05


@NEWLY
def test_who_waits_less_than_a_planned_delay_times_out(fake: FakeStripe, ask: Ask) -> None:
    fake.fail_next("* *", delay=60, times=9)
    start = perf_counter()
    theirs = (TimeoutError, urllib3.exceptions.TimeoutError, httpx2.TimeoutException)
    with fake.intercept(), pytest.raises(theirs):
        ask(URL, timeout=0.02)
    assert perf_counter() - start < 30


@NEWLY
def test_a_bug_of_the_fake_fails_the_test(fake: FakeStripe, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr(fake.engine.world, "enter", break_down)
    with fake.intercept(), pytest.raises((LookupError, aiohttp.ClientError)):
        ask(URL)
    with pytest.raises(LookupError, match="a bug"):
        fake.check()


def test_a_connection_of_http_client_serves_many_requests(fake: FakeStripe) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"} | AUTH
    bodies: list[Any] = ["name=Ada", io.BytesIO(b"name=Ada"), [b"name=", b"Ada"]]
    with fake.intercept():
        connection = http.client.HTTPSConnection("API.Stripe.com.")
        for body in bodies:  # the last two in chunks
            connection.request("POST", "/v1/customers", body, form)
            assert json.load(connection.getresponse())["name"] == "Ada"
        connection.request("HEAD", "/v1/customers", headers=AUTH)
        assert connection.getresponse().read() == b""
        connection.close()


def test_an_answer_of_aiohttp_can_be_read_as_a_stream_and_its_body_sent_in_pieces(fake: FakeStripe) -> None:
    async def pieces() -> Any:  # noqa: ANN401  an asynchronous generator
        yield b"name="
        yield b"Ada"

    async def ask() -> list[bytes]:
        form = {"Content-Type": "application/x-www-form-urlencoded"} | AUTH
        async with aiohttp.ClientSession() as session, session.post(URL, data=pieces(), headers=form) as answer:
            assert str(answer.url) == URL
            return [piece async for piece in answer.content.iter_chunked(7)]

    with fake.intercept():
        pieces_of_answer = asyncio.run(ask())
    assert len(pieces_of_answer) > 1
    assert json.loads(b"".join(pieces_of_answer))["name"] == "Ada"


def test_a_client_that_waits_before_it_sends_the_body_is_told_to_go_ahead(fake: FakeStripe) -> None:
    async def ask() -> Any:  # noqa: ANN401  any JSON
        options: Any = {"data": {"name": "Ada"}, "headers": AUTH, "timeout": aiohttp.ClientTimeout(5)}
        async with aiohttp.ClientSession() as session, session.post(URL, **options, expect100=True) as answer:
            return await answer.json()

    with fake.intercept():
        assert asyncio.run(ask())["name"] == "Ada"


def test_an_answer_to_head_has_a_length_and_no_body(fake: FakeStripe) -> None:
    async def by_aiohttp() -> tuple[str, bytes]:
        async with aiohttp.ClientSession() as session, session.head(URL, headers=AUTH) as answer:
            return answer.headers["Content-Length"], await answer.read()

    def by_sync_client() -> tuple[str, bytes]:
        connection = http.client.HTTPSConnection("api.stripe.com")
        connection.request("HEAD", "/v1/customers", headers=AUTH)
        answer = connection.getresponse()
        return answer.headers["Content-Length"], answer.read()

    with fake.intercept():
        length = str(len(requests.get(URL, headers=AUTH, timeout=5).content))
        assert asyncio.run(by_aiohttp()) == by_sync_client() == (length, b"")
        for library in (requests, httpx, httpx2):
            answer = library.head(URL, headers=AUTH, timeout=5)
            assert (answer.headers["Content-Length"], answer.content) == (length, b""), library.__name__


def test_a_request_that_is_none_is_refused_as_by_the_server(fake: FakeStripe) -> None:
    with fake.intercept():
        assert by_http_client(URL, b"x", 5, **{"Content-Length": "many"})[0] == 400
    assert fake.journal == []


def test_a_request_without_its_end_gets_no_answer(fake: FakeStripe) -> None:
    with fake.intercept():
        connection = http.client.HTTPSConnection("api.stripe.com")
        connection.request("POST", "/v1/customers", b"x", {"Content-Length": "9"})
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
    assert fake.journal == []


def test_a_proxy_in_the_environment_is_not_asked(fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with fake.intercept(), urllib3.ProxyManager("http://127.0.0.1:9", retries=False) as pool:
        opener = urllib.request.build_opener()  # that of `urlopen` would remember the proxy
        with opener.open(urllib.request.Request(URL, headers=AUTH)) as answer:
            assert answer.status == 200
        assert pool.request("GET", URL, headers=AUTH).status == 200


def test_other_hosts_are_reached_as_before(fake: FakeStripe) -> None:
    with FakeStripe(now=NOW) as other, fake.intercept(leaks="refuse"):
        for name, ask in ALL.items():
            if name != "http.client":  # it speaks TLS here
                assert ask(f"{other.url}/v1/customers")[0] == 200
        connection = http.client.HTTPConnection("127.0.0.1", int(other.url.rpartition(":")[2]))
        connection.request("GET", "/v1/customers", headers=AUTH)
        assert connection.getresponse().read()
        connection.close()
        assert len(other.journal) == len(ALL)


LATE = """
import asyncio, sys
from fakestripe_meters import FakeStripe

before = list(sys.meta_path)
with FakeStripe() as fake, fake.intercept(leaks="refuse"):
    assert not {"aiohttp", "httpx", "httpx2", "stripe"} & set(sys.modules)
    import aiohttp
    import httpx
    import httpx2
    import stripe

    async def ask():
        async with aiohttp.ClientSession() as session, session.get("https://api.stripe.com/v1/x") as answer:
            return answer.status

    statuses = [
        asyncio.run(ask()),
        httpx.get("https://api.stripe.com/v1/x").status_code,
        httpx2.get("https://api.stripe.com/v1/x").status_code,
    ]
    assert statuses == [401, 401, 401], statuses
    assert stripe.HTTPClient.INITIAL_DELAY == 0
assert sys.meta_path == before
assert stripe.HTTPClient.INITIAL_DELAY > 0
for module in (aiohttp, httpx, httpx2):
    assert type(module.__loader__) is type(module.__spec__.loader) is type(asyncio.__loader__), module
"""


def test_a_library_that_is_imported_later_is_intercepted_and_none_is_imported_before() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", LATE], check=True, timeout=120)


# What is refused


@EVERY
def test_a_host_that_the_fake_does_not_serve_is_refused_and_the_sentence_names_the_client(
    fake: FakeStripe, name: str
) -> None:
    with fake.intercept(leaks="refuse"), pytest.raises(Misuse) as refusal:
        ALL[name](ELSEWHERE)
    client = name.partition(",")[0]
    sentence = str(refusal.value)
    assert sentence.startswith(f"{client} connects to pay.stripe.com")
    assert sentence.endswith(
        ', which the fake does not serve: stub this call, or let it reach the real Stripe with leaks="allow"'
    )
    assert name == "aiohttp" or "test_leaks, line " in sentence  # its connector is a task of its own
    fake.forget_failures_in(refusal.value)


def by_a_transport_of_its_own() -> None:
    class Own(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            with httpcore.ConnectionPool() as pool:
                return httpx.Response(pool.request(request.method, str(request.url)).status)

    with httpx.Client(transport=Own()) as client:
        client.get(URL)


def by_trio() -> None:
    trio.run(trio.open_tcp_stream, "api.stripe.com", 443)


def by_connecting(how: str) -> None:
    own = socket.socket()
    try:
        getattr(own, how)(("api.stripe.com", 443))
    finally:
        assert own.fileno() == -1


@pytest.mark.parametrize(
    ("client", "connect"),
    [
        ("httpcore", by_a_transport_of_its_own),
        ("tests.doors.test_leaks", lambda: socket.create_connection(("api.stripe.com", 443))),
        ("tests.doors.test_leaks", lambda: socket.getaddrinfo(host="api.stripe.com", port=443)),
        ("tests.doors.test_leaks", lambda: socket.gethostbyname("api.stripe.com")),
        ("tests.doors.test_leaks", lambda: socket.gethostbyname_ex("api.stripe.com")),
        ("tests.doors.test_leaks", lambda: by_connecting("connect")),
        ("tests.doors.test_leaks", lambda: by_connecting("connect_ex")),
        ("trio", by_trio),
    ],
)
def test_a_client_that_is_not_intercepted_is_refused(
    fake: FakeStripe, client: str, connect: Callable[[], object]
) -> None:
    with fake.intercept(leaks="refuse"), pytest.raises(Misuse) as refusal:
        connect()
    sentence = str(refusal.value)
    assert sentence.startswith(client)
    assert "connects to api.stripe.com" in sentence
    assert " in a way that the fake does not intercept: send this call to the fake's `url`, or let it" in sentence
    fake.forget_failures_in(refusal.value)


def test_a_version_of_aiohttp_that_connects_otherwise_is_refused(
    fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_aiohttp, "OPENS", "_open_in_another_way")
    message = r"aiohttp connects to api\.stripe\.com.* in a way that the fake does not intercept"
    with fake.intercept(leaks="refuse"), pytest.raises(Misuse, match=message) as refusal:
        by_aiohttp(URL)
    fake.forget_failures_in(refusal.value)


def test_a_proxy_gets_no_request_for_stripe(fake: FakeStripe) -> None:
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(1_024).partition(b"\r\n")[0])
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            heard.append(connection.recv(1_024))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (
            fake.intercept(leaks="refuse"),
            urllib3.ProxyManager(proxy, retries=False) as pool,
            pytest.raises(Misuse, match=r"urllib3 connects to pay\.stripe\.com") as refusal,
        ):
            pool.request("GET", ELSEWHERE)
        thread.join()
    assert heard[0].startswith(b"CONNECT pay.stripe.com:443 ")
    assert heard[1] == b""
    fake.forget_failures_in(refusal.value)


@pytest.mark.parametrize(
    "name",
    [
        "stripe.com",
        "API.STRIPE.COM",
        "api.stripe.com.",
        b"api.stripe.com",
        bytearray(b"api.stripe.com"),
        "a.b.stripe.com",
        "api\u3002stripe\u3002com",
        "\uff41pi.stripe.com",
    ],
)
def test_each_way_to_spell_a_name_of_stripes_is_refused(fake: FakeStripe, name: Any) -> None:  # noqa: ANN401  as resolvers take it
    with fake.intercept(leaks="refuse"), pytest.raises(Misuse, match=r"connects to [a-z.]*stripe\.com ") as refusal:
        socket.getaddrinfo(name, 443)
    fake.forget_failures_in(refusal.value)


@pytest.mark.parametrize(
    "name", ["127.0.0.1", b"127.0.0.1", "::1", None, b"\xff", "a..b", "stripe.com.invalid", "xstripe.com.invalid"]
)
def test_no_other_name_is_refused(fake: FakeStripe, name: Any) -> None:  # noqa: ANN401  as above
    with fake.intercept(leaks="refuse"):
        try:
            socket.getaddrinfo(name, 443, flags=socket.AI_NUMERICHOST)  # asks no server for a name
        except (OSError, UnicodeError, TypeError) as error:
            assert not isinstance(error, Misuse)  # noqa: PT017  a ValueError, as UnicodeError is


# Who decides


def begin_tls() -> None:
    """Whatever is refused begins here; it goes no further."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), False, "api.stripe.com")  # noqa: FBT003  as in the library


def is_refused(fake: FakeStripe) -> bool:
    try:
        begin_tls()
    except Misuse as misuse:
        fake.forget_failures_in(misuse)
        return True
    return False


def test_outside_pytest_everything_is_allowed_by_default(fake: FakeStripe) -> None:
    begin_tls()
    with fake.intercept():
        begin_tls()


def test_the_innermost_that_says_something_decides(fake: FakeStripe) -> None:
    with FakeStripe(now=NOW) as inner, fake.intercept(leaks="refuse"):
        with inner.intercept():
            assert is_refused(inner)
            with fake.intercept(leaks="allow"):
                assert not is_refused(fake)
            assert is_refused(inner)
        assert is_refused(fake)
    assert not is_refused(fake)


def test_it_is_a_decorator_too(fake: FakeStripe) -> None:
    assert fake.intercept(leaks="refuse")(lambda: is_refused(fake))()
    assert not fake.intercept(leaks="allow")(lambda: is_refused(fake))()


def test_with_frozen_process_time_too(fake: FakeStripe) -> None:
    with fake.freeze_process(), fake.intercept(leaks="refuse"):
        assert is_refused(fake)
        assert by_aiohttp(URL)[0] == by_urllib(URL)[0] == 200


@pytest.mark.parametrize("leaks", ["nonsense", "", True, ["refuse"]])
def test_another_word_is_a_misuse(fake: FakeStripe, leaks: Any) -> None:  # noqa: ANN401  anything
    with pytest.raises(Misuse, match="leaks must be refuse or allow, not") as refusal:
        fake.intercept(leaks=leaks)
    assert refusal.value.param == "leaks"
    assert patches() == []


def test_what_the_code_under_test_swallows_is_raised_by_check_once(fake: FakeStripe) -> None:
    with fake.intercept(leaks="refuse"):
        for _ in range(3):
            try:
                begin_tls()
            except ValueError:
                continue
    with pytest.raises(Misuse, match=r"test_leaks connects to api\.stripe\.com") as swallowed:
        fake.check()
    assert not hasattr(swallowed.value, "__notes__")
    fake.check()


def test_in_a_thread_the_thread_gets_it_and_the_fake_keeps_it(fake: FakeStripe) -> None:
    raised = []

    def work() -> None:
        try:
            begin_tls()
        except Misuse as misuse:
            raised.append(misuse)

    with fake.intercept(leaks="refuse"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    with pytest.raises(Misuse) as kept:
        fake.check()
    assert raised == [kept.value]


def test_everything_is_put_back(fake: FakeStripe) -> None:
    def places() -> list[object]:
        own = (socket, asyncio.BaseEventLoop, ssl.SSLContext, http.client.HTTPSConnection, aiohttp.TCPConnector)
        return [dict(vars(socket.socket)), list(sys.meta_path), *(dict(vars(each)) for each in own)]

    before = places()
    with fake.intercept(leaks="refuse"):
        assert places() != before
    assert places() == before


def test_what_another_guard_has_replaced_is_left_to_it(fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    def guard(*_: object) -> Any:  # noqa: ANN401  nothing
        raise PermissionError

    monkeypatch.setattr(socket, "getaddrinfo", guard)
    with fake.intercept(leaks="refuse"):
        assert vars(socket)["getaddrinfo"] is guard
        with pytest.raises(PermissionError):
            socket.getaddrinfo("api.stripe.com", 443)
    assert vars(socket)["getaddrinfo"] is guard
