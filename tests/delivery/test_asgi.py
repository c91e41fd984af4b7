"""ASGI applications as webhook handlers: they are driven on a loop of their own, whatever the caller runs on."""

import asyncio
import contextlib
import json
import threading
import traceback
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from collections.abc import MutableMapping
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from fastapi import BackgroundTasks
from fastapi import FastAPI
from fastapi import Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from flask import Flask

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.delivery import outbox
from fakestripe_meters.delivery.handlers import HandlerFailed
from fakestripe_meters.delivery.notification import Notification
from tests import pages

NOW = 1_735_689_600
SECRET = "whsec_shop"
KEY = "sk_test_fakestripe"
HOOKS = "http://localhost/hooks"
LOOP = "fakestripe-meters loop"
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Hook = Callable[[dict[str, Any]], Coroutine[Any, Any, object]]


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake
    assert LOOP not in [thread.name for thread in threading.enumerate()]


@pytest.fixture
def client(fake: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, http_client=fake.http_client())


class Shop:
    """An application with routes of every kind: they open accounts, and add a ! to the names that they hear of."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self.heard: list[str] = []
        self.app = FastAPI()
        self.customers = client.v1.customers
        routes: dict[str, Callable[..., object]] = {
            "/async": self.open_async,
            "/thread": self.open_in_a_thread,
            "/blocking": self.open_blocking,
            "/hooks/async": self.hear_async,
            "/hooks/thread": self.hear_in_a_thread,
            "/hooks/blocking": self.hear_blocking,
        }
        for path, endpoint in routes.items():
            self.app.post(path)(endpoint)

    async def open_async(self) -> None:
        await self.customers.create_async({"name": "Ada"})

    def open_in_a_thread(self) -> None:
        self.customers.create({"name": "Ada"})

    async def open_blocking(self) -> None:
        self.customers.create({"name": "Ada"})

    async def hear_async(self, request: Request) -> None:
        event = stripe.Webhook.construct_event(await request.body(), request.headers["Stripe-Signature"], SECRET)
        if (name := self._heard(event)) is not None:
            await self.customers.update_async(event.data.object["id"], {"name": name})
            self.heard.append("done")

    def hear_in_a_thread(self, event: dict[str, Any]) -> None:
        if (name := self._heard(stripe.Event.construct_from(event, None))) is not None:
            self.customers.update(event["data"]["object"]["id"], {"name": name})
            self.heard.append("done")

    async def hear_blocking(self, event: dict[str, Any]) -> None:
        self.hear_in_a_thread(event)

    def _heard(self, event: stripe.Event) -> str | None:
        name = event.data.object["name"]
        self.heard.append(name)
        return f"{name}!" if event.type == "customer.created" else None


@pytest.fixture
def shop(client: stripe.StripeClient) -> Shop:
    return Shop(client)


def by_test_client(app: FastAPI, path: str) -> int:
    return TestClient(app).post(path).status_code


def by_started_test_client(app: FastAPI, path: str) -> int:
    with TestClient(app) as client:
        return client.post(path).status_code


def by_httpx(app: FastAPI, path: str) -> int:
    async def post() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
            return (await client.post(path)).status_code

    return asyncio.run(post())


@pytest.mark.parametrize("hook", ["/hooks/async", "/hooks/thread", "/hooks/blocking"])
@pytest.mark.parametrize("path", ["/async", "/thread", "/blocking"])
@pytest.mark.parametrize("post", [by_test_client, by_started_test_client, by_httpx])
def test_a_route_gets_the_notification_of_its_own_call(
    fake: FakeStripe, shop: Shop, post: Callable[[FastAPI, str], int], path: str, hook: str
) -> None:
    fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, hook), "customer.*", secret=SECRET)
    assert post(shop.app, path) == 200
    assert shop.heard == ["Ada", "done", "Ada!"]  # that of the hook's own call comes when the hook has answered


def test_a_test_may_call_stripe_in_its_own_loop(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, "/hooks/async"), "customer.*", secret=SECRET)

    async def test() -> None:
        await client.v1.customers.create_async({"name": "Ada"})
        assert shop.heard == ["Ada", "done", "Ada!"]

    asyncio.run(test())


def test_handlers_that_move_the_clock_without_end_are_stopped(
    fake: FakeStripe, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_MOVES", 3)

    @shop.app.post("/advance")
    async def advance() -> None:
        fake.clock.advance(1)
        await shop.open_async()

    fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, "/advance"), "customer.created")
    shop.open_in_a_thread()
    assert fake.clock.now() == NOW + 3
    with pytest.raises(Conflict, match="webhook handlers have moved the clock 3 times"):
        fake.webhooks.raise_failures()


def test_while_the_clock_moves_a_routes_own_move_is_refused(fake: FakeStripe, shop: Shop) -> None:
    refused: list[str] = []

    @shop.app.post("/advance")
    def advance() -> None:
        try:
            fake.clock.advance(1)
        except Conflict as conflict:
            refused.append(str(conflict))

    handler = fake.webhooks.asgi(shop.app, "/advance")
    answers: list[int | None] = [500, None]
    fake.webhooks.deliver_to(lambda told: answers.pop(0) or handler(told), "customer.created")
    shop.open_in_a_thread()
    fake.webhooks.failures.clear()
    fake.clock.advance(300)  # when the notification is sent again
    assert [each[:29] for each in refused] == ["the clock is being moved, and"]


def test_a_route_that_blocks_its_loop_by_a_call_over_http_is_answered(fake: FakeStripe) -> None:
    shop = Shop(stripe.StripeClient(KEY, base_addresses={"api": fake.url}))
    fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, "/hooks/blocking"), "customer.*")
    shop.open_in_a_thread()
    assert shop.heard == ["Ada", "done", "Ada!"]


def test_what_a_task_causes_after_the_answer_is_delivered_too(fake: FakeStripe, shop: Shop) -> None:
    tasks: list[asyncio.Task[None]] = []

    @shop.app.post("/later")
    async def later() -> None:
        if len(tasks) < 2:
            tasks.append(asyncio.create_task(shop.open_async()))

    inbox = fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, "/later"), "customer.created")
    shop.open_in_a_thread()
    wait_until(lambda: len(inbox) == 3)
    fake.flush()
    assert len(fake.webhooks.tries) == 3


def wait_until(so: Callable[[], bool]) -> None:
    """Wait for what a task does by itself, at most a minute."""
    tick = threading.Event()
    assert any(so() or tick.wait(0.01) for _ in range(6_000))


@pytest.mark.usefixtures("eager_threads")
def test_several_threads_get_their_notifications_before_their_calls_return(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    heard: set[str] = set()
    missing: list[str] = []

    async def hear(body: dict[str, Any]) -> None:
        await asyncio.sleep(0.001)
        heard.add(body["data"]["object"]["id"])

    fake.webhooks.deliver_to(fake.webhooks.asgi(plain(hear)), "customer.created")

    def open_some() -> None:
        ids = [client.v1.customers.create({}).id for _ in range(10)]
        missing.extend(set(ids) - heard)

    threads = [threading.Thread(target=open_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(heard), missing) == (40, [])


# What an application is called with


def plain(hook: Hook) -> Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]:
    """An application without a framework."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        body = (await receive())["body"]
        await hook(json.loads(body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    return app


def test_the_application_gets_what_asgi_says(fake: FakeStripe, client: stripe.StripeClient) -> None:
    scopes = []
    messages = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        messages.append(await receive())
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})
        messages.append(await receive())

    url = "https://shop.example:8443/h%C3%B6ks/%2F?a=1&b=%20"
    inbox = fake.webhooks.deliver_to(fake.webhooks.asgi(app, url), "customer.created")
    client.v1.customers.create({})
    fake.webhooks.raise_failures()
    (scope,) = scopes
    headers = dict(scope.pop("headers"))
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/höks//",
        "raw_path": b"/h%C3%B6ks/%2F",
        "query_string": b"a=1&b=%20",
        "root_path": "",
        "client": ("127.0.0.1", 0),
        "server": ("shop.example", 8443),
    }
    assert headers[b"host"] == b"shop.example:8443"
    assert headers[b"content-length"] == str(len(inbox[0].body)).encode()
    assert headers[b"stripe-signature"].startswith(b"t=")
    assert messages == [
        {"type": "http.request", "body": inbox[0].body, "more_body": False},
        {"type": "http.disconnect"},
    ]


@pytest.mark.parametrize(
    ("url", "path", "server"),
    [
        ("/hooks", "/hooks", ("localhost", 80)),
        ("https://shop", "/", ("shop", 443)),
        ("http://me:secret@[::1]/ö", "/ö", ("::1", 80)),
    ],
)
def test_a_url_may_be_short(
    fake: FakeStripe, client: stripe.StripeClient, url: str, path: str, server: tuple[str, int]
) -> None:
    scopes = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await plain(nothing)(scope, receive, send)

    fake.webhooks.deliver_to(fake.webhooks.asgi(app, url), "customer.created")
    client.v1.customers.create({})
    fake.webhooks.raise_failures()
    assert (scopes[0]["path"], scopes[0]["server"]) == (path, server)
    assert b"secret" not in dict(scopes[0]["headers"])[b"host"]


async def nothing(_body: dict[str, Any]) -> None: ...


def test_an_application_of_asgi_2_is_called_twice(fake: FakeStripe, client: stripe.StripeClient) -> None:
    class App:
        def __init__(self, scope: Scope) -> None:
            self.scope = scope

        async def __call__(self, receive: Receive, send: Send) -> None:
            await plain(nothing)(self.scope, receive, send)

    def function(scope: Scope) -> App:
        return App(scope)

    for handler in (fake.webhooks.asgi(App), fake.webhooks.app(App), fake.webhooks.asgi(function)):
        fake.webhooks.deliver_to(handler, "customer.created")
    client.v1.customers.create({})
    assert [each.outcome.status for each in fake.webhooks.tries] == [200] * 3


def test_app_takes_an_asgi_application_too(fake: FakeStripe, client: stripe.StripeClient) -> None:
    app = plain(nothing)

    def middleware(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return app(scope, receive, send)

    for each in (app, partial(app), FastAPI(), middleware):
        fake.webhooks.deliver_to(fake.webhooks.app(each), "customer.created")
    client.v1.customers.create({})
    assert [each.outcome.status for each in fake.webhooks.tries] == [200, 200, 404, 200]
    fake.webhooks.failures.clear()


def test_what_is_no_asgi_application_is_refused_at_once(fake: FakeStripe) -> None:
    wrong: Any
    for wrong in (Flask("shop"), Flask("shop").wsgi_app):
        with pytest.raises(Misuse, match=r"webhooks\.app\(\) takes a WSGI one") as caught:
            fake.webhooks.asgi(wrong)
        assert caught.value.param == "app"
    for wrong in (7, "shop:app", None, nothing, lambda: None):
        with pytest.raises(Misuse, match="app must be an ASGI application, called with scope, receive and send, not"):
            fake.webhooks.asgi(wrong)
    with pytest.raises(Misuse, match="app must be an ASGI application"):
        fake.webhooks.app(nothing)
    for wrong in (7, "shop:app", None, lambda _notification: 200):
        with pytest.raises(Misuse, match="app must be a WSGI or an ASGI application, not"):
            fake.webhooks.app(wrong)
    wrong = 7
    for make in (fake.webhooks.asgi, fake.webhooks.app):
        with pytest.raises(Misuse, match="url must be a string, not 7"):
            make(FastAPI(), wrong)
    with pytest.raises(Misuse, match="lifespan must be true or false, not 7"):
        fake.webhooks.asgi(FastAPI(), lifespan=wrong)


def test_the_application_knows_nothing_of_the_callers_context(fake: FakeStripe, client: stripe.StripeClient) -> None:
    whose = ContextVar("whose", default="nobody's")
    seen = []

    async def hook(_body: dict[str, Any]) -> None:
        seen.append(whose.get())
        whose.set("the hook's")

    fake.webhooks.deliver_to(fake.webhooks.asgi(plain(hook)), "customer.created")
    whose.set("the test's")
    for _ in range(2):
        client.v1.customers.create({})
    assert (seen, whose.get()) == (["nobody's"] * 2, "the test's")


def test_what_is_bound_to_the_loop_outlives_a_notification(fake: FakeStripe, client: stripe.StripeClient) -> None:
    kept: dict[asyncio.AbstractEventLoop, asyncio.Queue[str]] = {}

    async def hook(body: dict[str, Any]) -> None:
        queue = kept.setdefault(asyncio.get_running_loop(), asyncio.Queue())
        await queue.put(body["type"])

    handlers = [fake.webhooks.asgi(plain(hook), path) for path in ("/one", "/two")]
    for handler in handlers:
        fake.webhooks.deliver_to(handler, "customer.*")
    client.v1.customers.create({})
    fake.reset()
    fake.webhooks.deliver_to(handlers[0], "customer.*")
    client.v1.customers.create({})
    assert [queue.qsize() for queue in kept.values()] == [3]


def test_an_answer_in_pieces_is_not_broken_off(fake: FakeStripe, client: stripe.StripeClient) -> None:
    app = FastAPI()
    sent = []

    @app.post("/")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"a", b"b", b"c"):
                await asyncio.sleep(0)
                sent.append(piece)
                yield piece

        return StreamingResponse(pieces())

    fake.webhooks.deliver_to(fake.webhooks.asgi(app), "customer.created")
    client.v1.customers.create({})
    assert sent == [b"a", b"b", b"c"]


# Failures


def deliver(fake: FakeStripe, client: stripe.StripeClient, app: Any) -> None:  # noqa: ANN401  any application
    fake.webhooks.deliver_to(fake.webhooks.asgi(app), "customer.created")
    client.v1.customers.create({})


def test_an_exception_of_the_application_is_the_handlers_failure(fake: FakeStripe, client: stripe.StripeClient) -> None:
    app = FastAPI()

    @app.post("/")
    async def ledger() -> None:
        raise LookupError("no such order")

    deliver(fake, client, app)
    with pytest.raises(LookupError, match="no such order") as caught:
        fake.webhooks.raise_failures()
    assert "ledger" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert fake.webhooks.tries[0].outcome.error == "LookupError: no such order"


def test_background_tasks_belong_to_the_answer(fake: FakeStripe, client: stripe.StripeClient) -> None:
    app = FastAPI()
    done: list[str] = []

    @app.post("/")
    async def later(tasks: BackgroundTasks) -> None:
        tasks.add_task(done.append, "mail")
        tasks.add_task(int, "no number")

    deliver(fake, client, app)
    assert done == ["mail"]
    with pytest.raises(ValueError, match="no number"):
        fake.webhooks.raise_failures()


def test_an_answer_other_than_2xx_is_a_failure(fake: FakeStripe, client: stripe.StripeClient) -> None:
    deliver(fake, client, FastAPI())
    with pytest.raises(HandlerFailed, match=r"^POST / of the application answered 404 to .+: {.detail.:.Not Found.}$"):
        fake.webhooks.raise_failures()
    assert fake.webhooks.tries[0].outcome.status == 404


START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body"}


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([], "the application has returned without an answer"),
        ([START], "the application has returned before its answer was complete"),
        ([START, BODY | {"more_body": True}], "the application has returned before its answer was complete"),
        ([BODY], "the application sends 'http.response.body', but nothing was started"),
        ([START, START], "the application sends 'http.response.start', but the answer is under way or complete"),
        ([START, BODY, BODY], "the application sends 'http.response.body', but the answer is under way or complete"),
        ([{"type": "websocket.accept"}], "the application sends 'websocket.accept', but nothing was started"),
    ],
)
def test_a_broken_answer_is_a_failure(
    fake: FakeStripe, client: stripe.StripeClient, messages: list[dict[str, object]], error: str
) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    deliver(fake, client, app)
    with pytest.raises(RuntimeError, match=f"^{error}$"):
        fake.webhooks.raise_failures()


def test_an_application_that_never_answers_fails_in_time_and_is_cancelled(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    cancelled = threading.Event()

    async def hook(_body: dict[str, Any]) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    fake.webhooks.timeout = 0.05
    deliver(fake, client, plain(hook))
    with pytest.raises(TimeoutError, match=r"it has not answered within 0\.05 s"):
        fake.webhooks.raise_failures()
    assert cancelled.wait(60)
    fake.webhooks.timeout = 60
    fake.webhooks.stand_in("http://localhost/", fake.webhooks.asgi(plain(nothing)))
    client.v1.webhook_endpoints.create({"url": "http://localhost/", "enabled_events": ["customer.updated"]})
    client.v1.customers.update(client.v1.customers.list().data[0].id, {"name": "Ada"})
    assert fake.webhooks.tries[-1].outcome.status == 200


def test_an_application_that_was_cancelled_cancels_nobody_else(fake: FakeStripe, client: stripe.StripeClient) -> None:
    async def hook(_body: dict[str, Any]) -> None:
        raise asyncio.CancelledError

    async def test() -> None:
        await client.v1.customers.create_async({})

    fake.webhooks.deliver_to(fake.webhooks.asgi(plain(hook)), "customer.created")
    asyncio.run(test())
    with pytest.raises(RuntimeError, match="it was cancelled before it has answered"):
        fake.webhooks.raise_failures()


def test_an_application_that_exits_does_not_end_the_loop(fake: FakeStripe, client: stripe.StripeClient) -> None:
    exits = [SystemExit("enough"), None]

    async def hook(_body: dict[str, Any]) -> None:
        if (failure := exits.pop(0)) is not None:
            raise failure

    fake.webhooks.deliver_to(fake.webhooks.asgi(plain(hook)), "customer.created")
    with pytest.raises(SystemExit, match="enough"):
        client.v1.customers.create({})
    client.v1.customers.create({})
    assert fake.webhooks.tries[-1].outcome.status == 200


# Async functions


def test_a_handler_may_be_an_async_function(fake: FakeStripe, client: stripe.StripeClient) -> None:
    heard: list[str] = []

    async def handler(notification: Notification) -> int:
        name = notification.json["data"]["object"]["name"]
        heard.append(name)
        if notification.type == "customer.created":
            await client.v1.customers.update_async(notification.json["data"]["object"]["id"], {"name": f"{name}!"})
        return 204

    class Hook:
        async def __call__(self, notification: Notification) -> None:
            heard.append(notification.type)

    async def test() -> None:
        await client.v1.customers.create_async({"name": "Ada"})
        assert heard == ["Ada", "Ada!", "customer.created"]

    fake.webhooks.deliver_to(handler, "customer.*")
    fake.webhooks.deliver_to(Hook(), "customer.created")
    asyncio.run(test())
    assert [each.outcome.status for each in fake.webhooks.tries] == [204, 204, 200]


def test_an_async_function_fails_as_others_do(fake: FakeStripe, client: stripe.StripeClient) -> None:
    async def fails(_notification: Notification) -> int:
        raise LookupError("no such order")

    async def refuses(_notification: Notification) -> int:
        return 503

    async def waits(_notification: Notification) -> int:
        await asyncio.Event().wait()
        return 200

    fake.webhooks.timeout = 0.05
    for handler in (fails, refuses, waits):
        fake.webhooks.stand_in(HOOKS, handler)
        client.v1.webhook_endpoints.create({"url": HOOKS, "enabled_events": ["customer.created"]})
        client.v1.customers.create({})
        client.v1.webhook_endpoints.delete(client.v1.webhook_endpoints.list().data[0].id)
    fake.webhooks.timeout = 60
    assert [type(each) for each in fake.webhooks.failures] == [LookupError, HandlerFailed, TimeoutError]
    fake.webhooks.failures.clear()


def test_an_application_is_no_handler_by_itself(fake: FakeStripe) -> None:
    wrong: Any = FastAPI()
    with pytest.raises(Misuse, match=r"not an ASGI application: give webhooks.asgi"):
        fake.webhooks.deliver_to(wrong)


# Start-up and shutdown


class Started:
    """An application with a lifespan, and what has happened to it."""

    def __init__(self, *, fails: str = "") -> None:
        self.story: list[str] = []
        self.fails = fails
        self.app = FastAPI(lifespan=self.lifespan)
        self.app.post("/")(self.hook)

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[dict[str, object]]:
        self.happens("up")
        yield {"loop": asyncio.get_running_loop()}
        self.happens("down")

    async def hook(self, request: Request) -> None:
        state = getattr(request.state, "loop", None)
        self.happens("hook" if state is asyncio.get_running_loop() else "hook without state")

    def happens(self, what: str) -> None:
        self.story.append(what)
        if what == self.fails:
            raise LookupError(what)


def test_an_application_is_started_once_if_that_is_wanted(client: stripe.StripeClient, fake: FakeStripe) -> None:
    shop = Started()
    for path in ("/", "/?again"):
        fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, path, lifespan=True), "customer.created")
    assert shop.story == []
    client.v1.customers.create({})
    assert shop.story == ["up", "hook", "hook"]
    fake.close()
    assert shop.story == ["up", "hook", "hook", "down"]


def test_by_default_an_application_is_not_started(client: stripe.StripeClient, fake: FakeStripe) -> None:
    shop = Started()
    deliver(fake, client, shop.app)
    fake.close()
    assert shop.story == ["hook without state"]


def test_a_start_up_that_fails_is_the_failure_of_each_notification(
    client: stripe.StripeClient, fake: FakeStripe
) -> None:
    shop = Started(fails="up")
    fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, lifespan=True), "customer.created")
    for _ in range(2):
        client.v1.customers.create({})
        with pytest.raises(LookupError, match="up"):
            fake.webhooks.raise_failures()
    fake.close()
    assert shop.story == ["up"]


def test_a_shutdown_that_fails_is_a_failure_too(client: stripe.StripeClient, fake: FakeStripe) -> None:
    shop = Started(fails="down")
    fake.webhooks.deliver_to(fake.webhooks.asgi(shop.app, lifespan=True), "customer.created")
    client.v1.customers.create({})
    fake.close()
    with pytest.raises(LookupError, match="down"):
        fake.webhooks.raise_failures()


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([], "the application has no lifespan: it returned before it has started up"),
        (["startup.failed"], "the application says lifespan.startup.failed: no disk"),
        (["startup.complete", "shutdown.failed"], "the application says lifespan.shutdown.failed: no disk"),
    ],
)
def test_an_application_may_say_that_its_lifespan_failed(
    client: stripe.StripeClient, fake: FakeStripe, messages: list[str], error: str
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await plain(nothing)(scope, receive, send)
        else:
            for message in messages:
                await receive()
                await send({"type": f"lifespan.{message}", "message": "no disk"})

    fake.webhooks.deliver_to(fake.webhooks.asgi(app, lifespan=True), "customer.created")
    client.v1.customers.create({})
    fake.close()
    with pytest.raises(RuntimeError, match=f"^{error}$"):
        fake.webhooks.raise_failures()


# The end


@pytest.mark.parametrize("end", ["reset", "close", "begin"])
@pytest.mark.parametrize("path", ["/async", "/thread"])
def test_a_route_may_end_the_world_that_it_is_called_from(
    fake: FakeStripe, client: stripe.StripeClient, end: str, path: str
) -> None:
    app = FastAPI()

    @app.post("/async")
    async def end_async() -> None:
        getattr(fake, end)()

    @app.post("/thread")
    def end_in_a_thread() -> None:
        getattr(fake, end)()

    fake.webhooks.deliver_to(fake.webhooks.asgi(app, path), "customer.created")
    client.v1.customers.create({})
    fake.webhooks.failures.clear()
    fake.close()
    wait_until(lambda: LOOP not in [thread.name for thread in threading.enumerate()])


def test_what_is_under_way_when_the_fake_is_closed_is_cancelled(fake: FakeStripe, client: stripe.StripeClient) -> None:
    begun = threading.Event()

    async def hook(_body: dict[str, Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    fake.webhooks.deliver_to(fake.webhooks.asgi(plain(hook)), "customer.created")
    thread = threading.Thread(target=client.v1.customers.create, args=({},))
    thread.start()
    assert begun.wait(60)
    fake.close()
    thread.join()
    with pytest.raises(RuntimeError, match="the fake was closed before it has answered"):
        fake.webhooks.raise_failures()


def test_a_loop_that_does_not_end_is_a_failure(fake: FakeStripe, client: stripe.StripeClient) -> None:
    begun, let_go = threading.Event(), threading.Event()

    async def hook(_body: dict[str, Any]) -> None:
        begun.set()
        let_go.wait(60)

    fake.webhooks.timeout = 0.05
    deliver(fake, client, plain(hook))
    assert begun.wait(60)
    fake.webhooks.failures.clear()
    fake.close()
    let_go.set()
    with pytest.raises(TimeoutError, match=r"the event loop of handlers has not ended within 0\.05 s: something"):
        fake.webhooks.raise_failures()
    wait_until(lambda: LOOP not in [thread.name for thread in threading.enumerate()])


def test_handlers_are_served_again_when_the_fake_begins_again(fake: FakeStripe, client: stripe.StripeClient) -> None:
    app = plain(nothing)
    deliver(fake, client, app)
    fake.engine.pause("between two tests")
    assert LOOP not in [thread.name for thread in threading.enumerate()]
    fake.begin()
    deliver(fake, stripe.StripeClient(KEY, http_client=fake.http_client()), app)
    assert [each.outcome.status for each in fake.webhooks.tries] == [200]


CLOSING_SHOP = """
import contextlib

import stripe
from fastapi import FastAPI

closed = []


@contextlib.asynccontextmanager
async def lifespan(app):
    yield
    closed.append(stripe.Customer.create(api_key="sk_test_shop").id)


app = FastAPI(lifespan=lifespan)
app.post("/")(lambda: None)


def test_an_event_starts_the_application(fakestripe):
    fakestripe.webhooks.deliver_to(fakestripe.webhooks.asgi(app, lifespan=True), "customer.created")
    stripe.Customer.create(api_key="sk_test_shop")


def test_its_last_call_was_answered():
    assert closed[0].startswith("cus_")
"""


def test_in_a_test_run_an_application_is_shut_down_before_its_calls_are_real_again(tmp_path: Path) -> None:
    pages.run_tests(tmp_path, test_shop=CLOSING_SHOP)


DJANGO = """
import json
import threading

import django
import stripe
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.test import AsyncClient
from django.urls import path

from fakestripe_meters import FakeStripe

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x")
django.setup()
heard = []
fake = FakeStripe(now="2025-01-01", seed=1)
customers = stripe.StripeClient("sk_test_fakestripe", http_client=fake.http_client()).v1.customers


def hear(request):
    event = json.loads(request.body)
    heard.append(event["type"])
    if event["type"] == "customer.created":
        customers.update(event["data"]["object"]["id"], {"name": "Ada"})
    return HttpResponse()


async def hear_async(request):
    return hear(request)


def open_account(request):
    customers.create({})
    return HttpResponse()


async def open_async(request):
    return open_account(request)


urlpatterns = [path(view.__name__, view) for view in (hear, hear_async, open_account, open_async)]


async def main():
    for hook in (hear, hear_async):
        fake.reset()
        fake.webhooks.deliver_to(fake.webhooks.app(ASGIHandler(), f"/{hook.__name__}"), "customer.*")
        for view in (open_account, open_async):
            heard.clear()
            assert (await AsyncClient().post(f"/{view.__name__}")).status_code == 200
            fake.webhooks.raise_failures()
            assert heard == ["customer.created", "customer.updated"], (view, hook, heard, fake.webhooks.tries)
    fake.close()
    fake.webhooks.raise_failures()
    print("fine")


import asyncio
asyncio.run(main())
"""


def test_django_is_served() -> None:
    assert pages.run_program(DJANGO) == "fine\n"
