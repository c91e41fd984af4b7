"""`call`: one test, every door; and a detector of what a test leaves behind."""

import json
import os
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit

import coverage
import pytest
import requests
import stripe
from hypothesis import settings
from werkzeug.test import Client

from fakestripe_meters.core.clock import Clock
from fakestripe_meters.fake import FakeStripe
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests import described_watch
from tests import observed_watch
from tests import refusal_watch
from tests.refused_params import check_param

settings.register_profile("ours", deadline=None)  # a busy machine is no failure
settings.load_profile("ours")

NOW = "2025-01-01T00:00:00Z"
KEY = "sk_test_fakestripe"
FORM = "application/x-www-form-urlencoded"

Params = Mapping[str, Any] | str | bytes | None
"""A tree to encode as the SDKs do, or what is to be sent word for word."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  any JSON tree
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The envelope's content; the answer must be a refusal."""
        assert self.status >= 400, self.body
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def ids(self) -> list[str]:
        """The ids in a list."""
        return [each["id"] for each in self.json["data"]]


@dataclass(frozen=True, slots=True)
class Wire:
    """A request as it goes over a wire: the target still percent-encoded, each header as it was given."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes


Door = Callable[[FakeStripe, Wire], Answer]


def through_engine(fake: FakeStripe, wire: Wire) -> Answer:
    request = Request(wire.method, unquote(wire.path), wire.query, Headers(wire.headers), wire.body)
    response = fake.engine.handle(request)
    if response.close:
        raise ConnectionError
    return Answer(response.status, Headers(response.headers), response.body)


def through_wsgi(fake: FakeStripe, wire: Wire) -> Answer:
    client = Client(fake.wsgi_app, use_cookies=False)
    response = client.open(wire.path, method=wire.method, query_string=wire.query, headers=wire.headers, data=wire.body)
    return Answer(response.status_code, Headers(list(response.headers)), response.data)


def through_server(fake: FakeStripe, wire: Wire) -> Answer:
    connection = CONNECTIONS.pop() if CONNECTIONS else HTTPConnection(urlsplit(fake.url).netloc, timeout=30)
    try:
        target = f"{wire.path}?{wire.query}" if wire.query else wire.path
        connection.request(wire.method, target, wire.body or None, dict(wire.headers))
        response = connection.getresponse()
        answer = Answer(response.status, Headers(response.getheaders()), response.read())
    except BaseException:
        connection.close()
        raise
    CONNECTIONS.append(connection)
    return answer


def through_sdk(fake: FakeStripe, wire: Wire) -> Answer:
    try:
        body, status, headers = fake.http_client().request(wire.method, url_of(wire), dict(wire.headers), wire.body)
    except stripe.APIConnectionError as error:
        raise ConnectionError from error
    return Answer(status, Headers(headers), body)


def through_interception(fake: FakeStripe, wire: Wire) -> Answer:
    with fake.intercept(), requests.Session() as session:
        session.trust_env = False  # it would look for proxies, each time
        try:
            response = session.request(wire.method, url_of(wire), headers=dict(wire.headers), data=wire.body)
        except requests.ConnectionError as error:
            raise ConnectionError from error
    return Answer(response.status_code, Headers(response.headers), response.content)


def url_of(wire: Wire) -> str:
    query = f"?{wire.query}" if wire.query else ""
    return f"https://api.stripe.com{wire.path}{query}"


CONNECTIONS: list[HTTPConnection] = []
"""Open ones to the session's server that nobody is using."""

DOORS: dict[str, Door] = {
    "engine": through_engine,
    "wsgi": through_wsgi,
    "server": through_server,
    "sdk": through_sdk,
    "interception": through_interception,
}
"""Every way in; each test that asks for `call` goes through all of them."""


def encoded(params: Params) -> bytes:
    """A tree as the official SDKs write it: arrays indexed, brackets plain, None left out."""
    if isinstance(params, bytes):
        return params
    if isinstance(params, str):
        return params.encode()
    pairs = [pair for name, value in (params or {}).items() for pair in _flat(name, value)]
    return "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in pairs).encode()


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(f"{name}[{key}]", each)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _flat(f"{name}[{index}]", each)
    elif isinstance(value, bool):
        yield name, str(value).lower()
    elif value is not None:
        yield name, str(value)


class Call:
    """Sends requests through one door; by default with the default key, and without a version."""

    def __init__(self, door: Door, fake: FakeStripe) -> None:
        self.fake = fake
        self._door = door

    @property
    def clock(self) -> Clock:
        return self.fake.clock

    def get(self, path: str, params: Params = None, **options: Any) -> Answer:  # noqa: ANN401  as `request`
        """`params` go into the query."""
        return self.request("GET", path, query=params, **options)

    def post(self, path: str, params: Params = None, **options: Any) -> Answer:  # noqa: ANN401  as `request`
        """`params` go into the body."""
        return self.request("POST", path, params, **options)

    def delete(self, path: str, params: Params = None, **options: Any) -> Answer:  # noqa: ANN401  as `request`
        """`params` go into the query."""
        return self.request("DELETE", path, query=params, **options)

    def request(
        self,
        method: str,
        path: str,
        body: Params = None,
        *,
        query: Params = None,
        key: str | None = KEY,
        version: str | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; `path` may carry a query of its own, and `headers` win over the rest."""
        usual = {
            "Authorization": key and f"Bearer {key}",
            "Stripe-Version": version,
            "Idempotency-Key": idempotency_key,
            "Content-Type": FORM if body is not None else None,
        }
        names = Headers(headers or {})
        sent = {name: value for name, value in usual.items() if value is not None and name not in names}
        path, _, own_query = path.partition("?")
        whole_query = "&".join(filter(None, [own_query, encoded(query).decode()]))
        wire = Wire(method, path, whole_query, [*sent.items(), *names.items()], encoded(body))
        answer = self._door(self.fake, wire)
        as_form = f"{whole_query}&{wire.body.decode('utf-8', 'replace')}"
        check_param(self.fake.engine.routes, method, unquote(path), as_form, answer)
        return answer

    def create(self, path: str, params: Params = None, **options: Any) -> dict[str, Any]:  # noqa: ANN401  as `request`
        """POST what must succeed, and the object that it made."""
        answer = self.post(path, params, **options)
        assert answer.status == 200, answer.body
        created: dict[str, Any] = answer.json
        return created


@pytest.fixture(scope="session")
def session_fake() -> Iterator[FakeStripe]:
    """One for all tests, with its socket open: to begin again costs less than a new one."""
    with FakeStripe(now=NOW, seed=1) as fake:
        assert fake.url
        yield fake
        while CONNECTIONS:
            CONNECTIONS.pop().close()


@pytest.fixture(params=DOORS)
def call(request: pytest.FixtureRequest, session_fake: FakeStripe) -> Iterator[Call]:
    """Through each door in turn, into an empty world in which it is the first second of 2025."""
    session_fake.begin(now=NOW, seed=1)
    yield Call(DOORS[request.param], session_fake)
    failures = session_fake.engine.failures.copy()
    session_fake.begin()  # options that the test began with would outlast a reset
    assert failures == []


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads take turns as often as they can, so that what can get in between does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


PATCHABLE = (
    "requests.adapters HTTPAdapter send",
    "responses RequestsMock _find_match",
    "httpx HTTPTransport handle_request",
    "httpx AsyncHTTPTransport handle_async_request",
    "httpx2 HTTPTransport handle_request",
    "aiohttp TCPConnector _create_connection",
    "http.client HTTPConnection connect",
    "asyncio BaseEventLoop getaddrinfo",
    "ssl SSLContext wrap_socket",
    "stripe PycurlClient request",
)


def patches() -> list[str]:
    """What does not come from its own library any more; no library is loaded for that."""
    found = []
    for place in PATCHABLE:
        module, owner, method = place.split()
        if module in sys.modules:
            function = vars(getattr(sys.modules[module], owner))[method]
            if function.__module__.partition(".")[0] != module.partition(".")[0]:
                found.append(place)
    freezegun = sys.modules.get("freezegun.api")
    if freezegun is not None and freezegun.freeze_factories:
        found.append("freezegun")
    if stripe.api_key or stripe.default_http_client:
        found.append("stripe")
    return found


PATIENCE_S = 5


@pytest.fixture(autouse=True)
def leak_detector() -> Iterator[None]:
    """A test leaves neither threads nor patches behind; an idle connection's thread is no leak."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    ending = [thread for thread in left if not thread.daemon or thread.name == "fakestripe-meters"]
    for thread in ending:  # anyio tells its workers to end, and waits for none
        thread.join(PATIENCE_S)
    assert [thread for thread in ending if thread.is_alive()] == []
    assert patches() == []


@pytest.fixture(scope="session", autouse=True)
def watch() -> Iterator[refusal_watch.Watch]:
    """Every request of every test is watched."""
    with refusal_watch.watched() as watch:
        yield watch


@pytest.fixture(autouse=True)
def refusals_change_nothing(watch: refusal_watch.Watch) -> Iterator[None]:
    """A request that a test has refused changes nothing."""
    yield
    left, watch.changes = watch.changes, []
    assert left == []


@pytest.fixture(scope="session", autouse=True)
def observer() -> Iterator[observed_watch.Watch]:
    """Every answer of every test is held against what was recorded of Stripe."""
    with observed_watch.watched() as observer:
        yield observer


@pytest.fixture(autouse=True)
def answers_look_as_recorded(observer: observed_watch.Watch) -> Iterator[None]:
    """The answers that a test gets have the fields, types and order of the recorded ones."""
    yield
    wrong, observer.wrong = observer.wrong, set()
    assert wrong == set()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Write down what was covered: a worker that does not end within seconds is killed, and would lose it."""
    measured = coverage.Coverage.current() if "COVERAGE_PROCESS_START" in os.environ else None
    if measured is not None:
        measured.save()


@pytest.fixture(scope="session", autouse=True)
def describer() -> Iterator[described_watch.Watch]:
    """Every answer of the control plane, in every test, is held against its description."""
    with described_watch.watched() as describer:
        yield describer


@pytest.fixture(autouse=True)
def control_plane_answers_as_described(describer: described_watch.Watch) -> Iterator[None]:
    """The answers of the control plane that a test gets have the fields and types of their schemas."""
    yield
    wrong, describer.wrong = describer.wrong, set()
    assert wrong == set()
