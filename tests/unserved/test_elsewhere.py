"""`serve --elsewhere URL`: another server answers the calls that are not served."""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from threading import Event
from threading import Thread
from urllib.parse import unquote

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.unserved import elsewhere
from fakestripe_meters.unserved.elsewhere import Elsewhere
from tests.conftest import DOORS
from tests.conftest import Call
from tests.test_command_line import refusal
from tests.test_command_line import serving

QUOTES = "/v1/quotes"
QUOTE = {"id": "qt_1", "object": "quote"}


class Other(ThreadingHTTPServer):
    """Another server, which keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.status = 200
        self.body = json.dumps(QUOTE).encode()
        self.length: int | None = None
        self.speaks = True
        self.may_speak = Event()
        self.may_speak.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_arguments: object) -> None:
        """Say nothing of a fake that has hung up."""


class Asked(BaseHTTPRequestHandler):
    """Answers as the server is told to."""

    server: Other

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        self.server.may_speak.wait(30)
        if not self.server.speaks:
            return
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header(
            "Content-Length", str(len(self.server.body) if self.server.length is None else self.server.length)
        )
        self.send_header("Request-Id", "req_other")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.server.body)

    do_GET = do_DELETE = do_HEAD = do_POST  # noqa: N815  likewise

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def other() -> Iterator[Other]:
    with Other() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def call(call: Call, other: Other) -> Iterator[Call]:
    call.fake.engine.elsewhere = Elsewhere(other.url).answer
    yield call
    call.fake.engine.elsewhere = None


def test_a_call_that_is_not_served_is_passed_on_and_its_answer_is_passed_back(call: Call, other: Other) -> None:
    answer = call.post(QUOTES, {"customer": "cus_1"}, version="2025-10-29.clover", idempotency_key="once")
    assert (answer.status, answer.json, answer.headers["Request-Id"]) == (200, QUOTE, "req_other")
    [(method, path, headers, body)] = other.asked
    assert (method, path, body) == ("POST", QUOTES, b"customer=cus_1")
    assert headers["authorization"] == "Bearer sk_test_fakestripe"
    assert (headers["stripe-version"], headers["idempotency-key"]) == ("2025-10-29.clover", "once")


def test_the_query_goes_along_and_odd_characters_are_encoded_again(call: Call, other: Other) -> None:
    call.get(f"{QUOTES}/qt%20%C3%A9%3F?expand[]=customer")
    call.get("/v2/core/accounts", {"limit": 1})
    first, second = (path for _, path, *_ in other.asked)
    path, _, query = first.partition("?")
    assert (path, unquote(query)) == (f"{QUOTES}/qt%20%C3%A9%3F", "expand[]=customer")
    assert second == "/v2/core/accounts?limit=1"


def test_the_other_servers_path_comes_first(call: Call, other: Other) -> None:
    call.fake.engine.elsewhere = Elsewhere(f"{other.url}/recorder/").answer
    assert call.get(QUOTES).status == 200
    assert other.asked[0][1] == f"/recorder{QUOTES}"


@pytest.mark.parametrize("status", [302, 400, 500])
def test_the_other_servers_errors_are_passed_back_too(call: Call, other: Other, status: int) -> None:
    other.status, other.body = status, b'{"error": {"message": "No."}}'
    assert call.get(QUOTES).status == status
    [exchange] = call.fake.journal
    assert (exchange.status, exchange.error) == (status, {"message": "No."})


def test_the_journal_says_who_answered(call: Call, other: Other) -> None:
    call.get(QUOTES)
    [exchange] = call.fake.journal
    assert (exchange.status, exchange.error, exchange.hint) == (200, None, f"passed on to {other.url}")


def test_head_is_passed_on(call: Call, other: Other) -> None:
    assert call.request("HEAD", f"{QUOTES}/qt_1").status == 200
    assert other.asked[0][0] == "HEAD"


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/v1/customers", {}, 200),
        ("/v1/no_such_thing", {}, 404),
        ("/v1/customers", {"colour": "red"}, 400),
        ("/v1/customers", {"tax[ip_address]": "192.0.2.1"}, 501),  # the object would be another's
    ],
)
def test_nothing_else_is_passed_on(call: Call, other: Other, path: str, params: dict[str, str], status: int) -> None:
    assert call.post(path, params).status == status
    assert other.asked == []


@pytest.mark.parametrize("key", [None, "sk_live_12345678901234567890", "pk_test_1"])
def test_without_a_test_key_nothing_is_passed_on(call: Call, other: Other, key: str | None) -> None:
    assert call.get(QUOTES, key=key).status == 401
    assert other.asked == []


@pytest.mark.parametrize(
    ("path", "params", "headers"),
    [
        (QUOTES, {"key": "sk_live_12345678901234567890"}, {}),
        (f"{QUOTES}?key=rk_live_12345678901234567890", {}, {}),
        (QUOTES, {}, {"Idempotency-Key": "sk_live_12345678901234567890"}),
    ],
)
def test_a_live_key_is_never_passed_on(
    call: Call, other: Other, path: str, params: dict[str, str], headers: dict[str, str]
) -> None:
    answer = call.post(path, params, headers=headers)
    assert (answer.status, other.asked) == (502, [])
    assert "the call holds a live key" in answer.error["message"]


def test_only_headers_of_stripes_are_passed_on(call: Call, other: Other) -> None:
    basic = {"Authorization": "Basic c2tfdGVzdF9mYWtlOnNlY3JldA==", "Cookie": "a=b"}  # sk_test_fake:secret
    assert call.get(QUOTES, headers=basic).status == 200
    [(*_, headers, _)] = other.asked
    assert headers["authorization"] == "Bearer sk_test_fake"
    assert "cookie" not in headers


def failed(call: Call) -> str:
    answer = call.post(QUOTES)
    assert (answer.status, answer.headers["Stripe-Should-Retry"]) == (502, "false")
    assert answer.error.keys() == {"code", "message", "type"}
    assert (answer.error["type"], answer.error["code"]) == ("api_error", "fakestripe_passing_on_failed")
    [exchange] = call.fake.journal
    assert (exchange.status, exchange.error) == (502, answer.error)
    message: str = answer.error["message"]
    return message


def test_a_server_that_is_not_there_is_a_502(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    call.fake.engine.elsewhere = Elsewhere(url).answer
    message = failed(call)
    assert message.startswith(f"fakestripe-meters passed POST {QUOTES} on to {url}, without success: ")
    assert "refused" in message


def test_a_server_that_hangs_up_is_a_502(call: Call, other: Other) -> None:
    other.speaks = False
    assert failed(call).endswith("Remote end closed connection without response")


def test_an_answer_that_is_cut_off_is_a_502(call: Call, other: Other) -> None:
    other.length = 10_000
    assert failed(call).endswith("without success: its answer is cut off")


def test_an_answer_that_is_too_large_is_a_502(call: Call, other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "LARGEST_ANSWER", len(other.body) - 1)
    assert failed(call).endswith(f"its answer is larger than {len(other.body) - 1} bytes")


def test_a_server_that_takes_too_long_is_a_502(call: Call, other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "TIMEOUT_S", 0.05)
    other.may_speak.clear()
    assert failed(call).endswith("no answer within 0.05 seconds")
    other.may_speak.set()


def test_a_loop_is_refused() -> None:
    with FakeStripe(now=0, seed=1) as fake:
        fake.engine.elsewhere = Elsewhere(fake.url).answer
        answer = Call(DOORS["engine"], fake).get(QUOTES)
        assert answer.status == 502
        assert "does that server pass calls on to this one?" in answer.error["message"]
        assert len(fake.journal) == 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:12111",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:99999",
        "http://me:secret@127.0.0.1",
        "http://127.0.0.1/?a=b",
        "http://[::1",
    ],
)
def test_what_is_not_the_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(Misuse, match="elsewhere must be the http or https URL of a server") as refused:
        Elsewhere(url)
    assert refused.value.param == "elsewhere"


def test_the_command_refuses_it_too() -> None:
    assert refusal("serve", "--elsewhere", "nowhere").startswith("fakestripe-meters: elsewhere must be")


def test_the_command_passes_calls_on(other: Other) -> None:
    with serving("--elsewhere", other.url) as (_, url):
        answer = requests.get(f"{url}{QUOTES}/qt_1", auth=("sk_test_fakestripe", ""), timeout=30)
        assert answer.json() == QUOTE
