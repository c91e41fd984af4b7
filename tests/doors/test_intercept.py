"""`fake.intercept()`: Stripe's hosts are answered in this process, and afterwards everything is as it was."""

import asyncio
import io
import threading
from collections.abc import Callable
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import HTTPServer
from time import perf_counter
from typing import Any

import httpx
import pytest
import requests
import responses
import stripe
import trio
from requests.adapters import HTTPAdapter
from responses.registries import OrderedRegistry
from urllib3 import Retry
from urllib3 import Timeout

from fakestripe_meters import FakeStripe
from fakestripe_meters.doors.intercept import hosts
from fakestripe_meters.doors.stripe_hosts import HOSTS
from tests.conftest import patches

NOW = "2025-01-01T00:00:00Z"
KEY = "sk_test_fakestripe"
URL = "https://api.stripe.com/v1/customers"
AUTH = (KEY, "")
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning:httpx")  # what the SDK does
PING = "http://127.0.0.1:{}/ping"


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


@pytest.fixture
def client() -> stripe.StripeClient:
    """As an application makes it: with default bases and the SDK's own HTTP client."""
    return stripe.StripeClient(KEY, max_network_retries=2)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """A server that is not Stripe."""

    class Pong(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"pong")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as it is inherited
            pass

    server = HTTPServer(("127.0.0.1", 0), Pong)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield PING.format(server.server_port)
    server.shutdown()
    server.server_close()
    thread.join()


# Who is answered


def test_the_sdks_module_level_calls_are_answered(fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, fake.intercept():
        patch.setattr(stripe, "api_key", KEY)
        patch.setattr(stripe, "default_http_client", None)  # the SDK keeps the one that it makes
        assert stripe.Customer.create(name="Ada").name == "Ada"
        assert asyncio.run(stripe.Customer.list_async()).data[0].name == "Ada"


def test_a_client_with_default_bases_is_answered(fake: FakeStripe, client: stripe.StripeClient) -> None:
    with fake.intercept():
        assert client.v1.customers.create({"name": "Ada"}).name == "Ada"
        assert asyncio.run(client.v1.customers.create_async({"name": "Eve"})).name == "Eve"
    assert len(fake.journal.find(method="POST", path="/v1/customers", status=200)) == 2


def test_bare_calls_are_answered(fake: FakeStripe) -> None:
    async def create() -> Any:  # noqa: ANN401  any JSON tree
        async with httpx.AsyncClient() as http:
            return (await http.post(URL, data={"name": "Ada"}, auth=AUTH)).json()

    with fake.intercept():
        answers = [
            requests.post(URL, data={"name": "Ada"}, auth=AUTH, timeout=5).json(),
            httpx.post(URL, data={"name": "Ada"}, auth=AUTH).json(),
            asyncio.run(create()),
        ]
    assert [each["name"] for each in answers] == ["Ada"] * 3


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", sorted(HOSTS))
@pytest.mark.parametrize("get", [requests.get, httpx.get])
def test_every_host_of_stripes_is_answered(fake: FakeStripe, get: Callable[..., Any], host: str, scheme: str) -> None:
    with fake.intercept():
        answer = get(f"{scheme}://{host.upper()}:8443/v1/customers?limit=1", auth=AUTH)
    assert answer.status_code == 200
    assert answer.json()["data"] == []
    assert answer.headers["request-id"] == fake.journal[0].request_id
    assert fake.journal[0].params == {"limit": "1"}


@pytest.mark.parametrize("get", [requests.get, httpx.get])
def test_other_hosts_pass_through(fake: FakeStripe, elsewhere: str, get: Callable[..., Any]) -> None:
    with fake.intercept():
        assert get(elsewhere).text == "pong"
    assert fake.journal == []


def test_other_hosts_pass_through_asynchronously(fake: FakeStripe, elsewhere: str) -> None:
    async def get() -> str:
        async with httpx.AsyncClient() as http:
            return (await http.get(elsewhere)).text

    with fake.intercept():
        assert asyncio.run(get()) == "pong"


@pytest.mark.parametrize(
    "host", ["stripe.com", "api.stripe.com.example", "dashboard.stripe.com", "xapi.stripe.com", "api.stripe.co"]
)
def test_a_host_that_is_only_like_stripes_is_another(fake: FakeStripe, host: str) -> None:
    with fake.intercept():
        assert hosts.engine_for(f"https://{host}/v1/customers") is None
        assert hosts.engine_for("https://api.stripe.com/") is fake.engine
        assert hosts.engine_for("ftp://api.stripe.com/") is None
    assert hosts.engine_for("https://api.stripe.com/") is None


@pytest.mark.parametrize(
    "body",
    ["name=Ada", b"name=Ada", io.BytesIO(b"name=Ada"), (each for each in (b"name=", b"Ada"))],
    ids=["text", "bytes", "file", "pieces"],
)
def test_a_body_may_come_as_requests_takes_it(fake: FakeStripe, body: Any) -> None:  # noqa: ANN401  each another
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with fake.intercept():
        assert requests.post(URL, data=body, headers=headers, auth=AUTH, timeout=5).json()["name"] == "Ada"


def test_a_path_is_decoded(fake: FakeStripe) -> None:
    with fake.intercept():
        for get in (requests.get, httpx.get):
            assert get(f"{URL}/cus%5F%C3%A9", auth=AUTH).json()["error"]["message"] == "No such customer: 'cus_é'"


def test_the_sdk_over_urllib_is_answered(fake: FakeStripe) -> None:
    client = stripe.StripeClient(KEY, http_client=stripe.UrllibClient())
    with fake.intercept():
        assert client.v1.customers.create({"name": "Ada"}).name == "Ada"


def test_the_sdks_other_clients_leave_other_hosts_alone(fake: FakeStripe, elsewhere: str) -> None:
    with fake.intercept():
        answer: tuple[object, ...] = stripe.UrllibClient().request("get", elsewhere, {})
    assert answer[:2] == (b"pong", 200)


class ByPycurl(stripe.PycurlClient):
    """pycurl need not be installed for what is never asked of it."""

    def __init__(self) -> None:
        stripe.HTTPClient.__init__(self)


def test_the_sdk_over_pycurl_is_answered(fake: FakeStripe) -> None:
    client = stripe.StripeClient(KEY, http_client=ByPycurl())
    with fake.intercept():
        assert client.v1.customers.create({"name": "Ada"}).name == "Ada"
        with pytest.raises(AttributeError):  # it goes on to the real one, which was never made
            ByPycurl().request("get", "https://example.com", {})


def test_the_sdk_over_aiohttp_is_answered(fake: FakeStripe) -> None:
    async def create() -> str | None:
        http = stripe.AIOHTTPClient()
        try:
            return (await stripe.StripeClient(KEY, http_client=http).v1.customers.create_async({"name": "Ada"})).name
        finally:
            await http.close_async()  # type: ignore[no-untyped-call]  # the SDK's gap

    with fake.intercept():
        assert asyncio.run(create()) == "Ada"


def test_a_transport_of_the_users_own_is_kept(fake: FakeStripe) -> None:
    own = httpx.MockTransport(lambda _request: httpx.Response(418))
    with fake.intercept(), httpx.Client(transport=own) as http:
        assert http.get(URL).status_code == 418


def test_an_answer_can_be_read_as_a_stream(fake: FakeStripe) -> None:
    with fake.intercept():
        with requests.get(URL, auth=AUTH, stream=True, timeout=5) as answer:
            assert b"".join(answer.iter_content(7)).startswith(b'{\n  "object": "list"')
        with httpx.stream("GET", URL, auth=AUTH) as streamed:
            assert b"".join(streamed.iter_bytes(7)).startswith(b'{\n  "object": "list"')


# Coming and going


def test_everything_is_put_back(fake: FakeStripe) -> None:
    before = [HTTPAdapter.send, httpx.HTTPTransport.handle_request, stripe.HTTPClient.INITIAL_DELAY]
    with fake.intercept():
        assert patches() != []
        assert stripe.HTTPClient.INITIAL_DELAY == 0
    assert [HTTPAdapter.send, httpx.HTTPTransport.handle_request, stripe.HTTPClient.INITIAL_DELAY] == before
    assert patches() == []


def test_everything_is_put_back_after_an_exception(fake: FakeStripe) -> None:
    with pytest.raises(LookupError), fake.intercept():
        raise LookupError
    assert patches() == []


def test_of_several_the_innermost_answers(fake: FakeStripe, client: stripe.StripeClient) -> None:
    with FakeStripe(now=NOW) as inner, fake.intercept():
        client.v1.customers.create({"name": "outer"})
        with inner.intercept():
            client.v1.customers.create({"name": "inner"})
        client.v1.customers.create({"name": "outer"})
        assert (len(fake.journal), len(inner.journal)) == (2, 1)
    assert patches() == []


def test_one_can_be_nested_in_itself(fake: FakeStripe, client: stripe.StripeClient) -> None:
    interception = fake.intercept()
    with interception, interception:
        client.v1.customers.create({})
    assert patches() == []


def test_they_may_end_in_any_order(fake: FakeStripe, client: stripe.StripeClient) -> None:
    with FakeStripe(now=NOW) as other:
        first, second = fake.intercept(), other.intercept()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        client.v1.customers.create({})
        second.__exit__(None, None, None)
        assert (len(fake.journal), len(other.journal)) == (0, 1)
    assert patches() == []


def test_it_decorates_a_function(fake: FakeStripe, client: stripe.StripeClient) -> None:
    @fake.intercept()
    def work() -> str:
        return client.v1.customers.create({}).id

    assert work() != work()
    assert patches() == []


def test_a_patch_that_came_later_and_goes_later_does_no_harm(fake: FakeStripe, elsewhere: str) -> None:
    real, interception = HTTPAdapter.send, fake.intercept()
    interception.__enter__()
    ours = HTTPAdapter.send
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        interception.__exit__(None, None, None)
        mock.add_passthru(elsewhere)
        assert requests.get(elsewhere, timeout=5).text == "pong"
    try:
        assert HTTPAdapter.send is ours  # put back by the mock, and idle
        assert requests.get(elsewhere, timeout=5).text == "pong"
        with fake.intercept():
            assert requests.get(URL, auth=AUTH, timeout=5).status_code == 200
    finally:
        HTTPAdapter.send = real  # type: ignore[method-assign]


def test_calls_of_other_threads_are_answered(fake: FakeStripe, client: stripe.StripeClient) -> None:
    with fake.intercept():
        threads = [threading.Thread(target=client.v1.customers.create, args=({},)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(client.v1.customers.list().data) == 8


# What goes wrong


def test_a_dropped_connection_is_what_each_library_makes_of_it(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.fail_next("* *", close=True, times=6)
    with fake.intercept():
        with pytest.raises(requests.ConnectionError, match="Remote end closed connection"):
            requests.get(URL, auth=AUTH, timeout=5)
        with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected"):
            httpx.get(URL, auth=AUTH)
        with pytest.raises(requests.ConnectionError), responses.RequestsMock():
            requests.get(URL, auth=AUTH, timeout=5)
        with pytest.raises(stripe.APIConnectionError):
            client.v1.customers.list()


def test_the_sdk_retries_at_once(
    fake: FakeStripe, client: stripe.StripeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    fake.fail_next("POST /v1/customers", close=True, after_commit=True)
    fake.fail_next("POST /v1/customers", status=500)
    with fake.intercept():
        customer = client.v1.customers.create({})
        assert [each.id for each in client.v1.customers.list().data] == [customer.id]
    assert sum(slept) == 0


def test_an_adapter_retries_as_it_was_told(fake: FakeStripe) -> None:
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, status_forcelist=[429], backoff_factor=60)))
    fake.fail_next("GET /v1/customers", status=429, times=2)
    fake.fail_next("GET /v1/customers", close=True)
    with fake.intercept():
        assert session.get(URL, auth=AUTH).status_code == 200
        assert len(fake.journal) == 4
        fake.fail_next("GET /v1/customers", status=429, times=4)
        with pytest.raises(requests.exceptions.RetryError):
            session.get(URL, auth=AUTH)
        fake.fail_next("GET /v1/customers", close=True, times=4)
        with pytest.raises(requests.ConnectionError):
            session.get(URL, auth=AUTH)


def test_an_adapter_may_hand_out_the_last_refusal(fake: FakeStripe) -> None:
    session = requests.Session()
    retries = Retry(total=1, status_forcelist=[429], raise_on_status=False)
    session.mount("https://", HTTPAdapter(max_retries=retries))
    fake.fail_next("GET /v1/customers", status=429, times=2)
    with fake.intercept():
        assert session.get(URL, auth=AUTH).status_code == 429
    assert len(fake.journal) == 2


@pytest.mark.parametrize("timeout", [0.02, (5, 0.02), Timeout(read=0.02)])
def test_who_waits_less_than_a_planned_delay_times_out(fake: FakeStripe, timeout: Any) -> None:  # noqa: ANN401  as in requests
    fake.fail_next("* *", delay=60, times=2)
    start = perf_counter()
    with fake.intercept():
        with pytest.raises(requests.ReadTimeout):
            requests.get(URL, auth=AUTH, timeout=timeout)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(URL, auth=AUTH, timeout=0.02)
    assert perf_counter() - start < 30


def test_a_planned_delay_holds_the_answer_up(fake: FakeStripe) -> None:
    fake.fail_next("* *", delay=0.05, times=3)

    async def get() -> int:
        async with httpx.AsyncClient(timeout=None) as http:
            return (await http.get(URL, auth=AUTH)).status_code

    with fake.intercept():
        asks: list[Callable[[], int]] = [
            lambda: requests.get(URL, auth=AUTH).status_code,
            lambda: httpx.get(URL, auth=AUTH).status_code,
            lambda: asyncio.run(get()),
        ]
        for ask in asks:
            start = perf_counter()
            assert ask() == 200
            assert perf_counter() - start >= 0.05


def test_a_planned_delay_holds_the_answer_up_under_trio_too(fake: FakeStripe) -> None:
    fake.fail_next("* *", delay=0.05)

    async def get() -> int:
        async with httpx.AsyncClient() as http:
            return (await http.get(URL, auth=AUTH)).status_code

    start = perf_counter()
    with fake.intercept():
        assert trio.run(get) == 200
    assert perf_counter() - start >= 0.05


def test_an_exception_inside_the_fake_comes_out_as_it_is(fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr(fake.engine.world, "enter", break_down)
    with fake.intercept():
        for get in (requests.get, httpx.get):
            with pytest.raises(LookupError, match="a bug"):
                get(URL, auth=AUTH)
    fake.forget_failures_in(ExceptionGroup("", fake.engine.failures).exceptions[0])
    assert len(fake.engine.failures) == 1
    assert patches() == []


# Beside a mock of `responses`


def test_what_a_mock_has_no_stub_for_reaches_the_fake(fake: FakeStripe) -> None:
    with fake.intercept(), responses.RequestsMock() as mock:
        mock.get("https://slack.com/", json="slack")
        mock.get("https://api.stripe.com/v1/charges", json="stub")
        assert requests.get("https://slack.com/", timeout=5).json() == "slack"
        assert requests.get("https://api.stripe.com/v1/charges", timeout=5).json() == "stub"
        assert requests.get(URL, auth=AUTH, timeout=5).json()["data"] == []
        assert len(mock.calls) == 3
        with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
            requests.get("https://example.com/", timeout=5)


def test_beside_a_mock_too_who_waits_less_than_a_planned_delay_times_out(fake: FakeStripe) -> None:
    fake.fail_next("* *", delay=60)
    start = perf_counter()
    with fake.intercept(), responses.RequestsMock(), pytest.raises(requests.ReadTimeout):
        requests.get(URL, auth=AUTH, timeout=0.02)
    assert perf_counter() - start < 30


def test_a_mock_around_it_keeps_refusing_others(fake: FakeStripe) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock, fake.intercept():
        mock.get("https://slack.com/", json="slack")
        assert requests.get("https://slack.com/", timeout=5).json() == "slack"
        assert requests.get(URL, auth=AUTH, timeout=5).json()["data"] == []
        with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
            requests.get("https://example.com/", timeout=5)


def test_a_mock_that_wants_an_order_keeps_it(fake: FakeStripe) -> None:
    with fake.intercept(), responses.RequestsMock(registry=OrderedRegistry) as mock:
        mock.get("https://slack.com/a", json="a")
        mock.get("https://slack.com/b", json="b")
        assert requests.get("https://slack.com/a", timeout=5).json() == "a"
        assert requests.get(URL, auth=AUTH, timeout=5).status_code == 200
        assert requests.get("https://slack.com/b", timeout=5).json() == "b"


def test_the_fakes_own_socket_is_let_through(fake: FakeStripe) -> None:
    with fake.intercept(), responses.RequestsMock():
        assert requests.get(f"{fake.url}/_fakestripe/health", timeout=5).json()["status"] == "ok"
        port = int(fake.url.rpartition(":")[2])
        with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
            requests.get(f"http://127.0.0.1:{port // 10}/", timeout=5)


def test_a_mock_that_ends_after_the_interception_leaves_one_replacement_behind_however_often() -> None:
    usual = HTTPAdapter.send
    try:
        left = []
        for _ in range(3):
            with FakeStripe(now=NOW) as fake:
                mock = responses.RequestsMock()
                with fake.intercept():
                    mock.start()
                mock.stop(allow_assert=False)
                left.append(HTTPAdapter.send)
            assert left[-1].__replaced_by_fakestripe__ is usual  # type: ignore[attr-defined]
        with FakeStripe(now=NOW) as fake, fake.intercept():
            assert requests.get("https://api.stripe.com/v1/customers", auth=(fake.api_key, ""), timeout=5).ok
        assert HTTPAdapter.send is usual
    finally:
        HTTPAdapter.send = usual  # type: ignore[method-assign]
