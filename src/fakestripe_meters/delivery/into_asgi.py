"""Use an ASGI application as a webhook handler: no socket, and an event loop that is not the caller's."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit

from fakestripe_meters.delivery.apps import Answered
from fakestripe_meters.delivery.apps import App
from fakestripe_meters.delivery.apps import is_double
from fakestripe_meters.delivery.handler_loop import HandlerLoop
from fakestripe_meters.delivery.handler_loop import Kept
from fakestripe_meters.delivery.notification import Notification

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
VERSION = {"version": "3.0", "spec_version": "2.4"}
UNQUOTED = "/%:@!$&'()*+,;="
"""What a path may hold as it is; it comes quoted, unless its author has not thought of it."""


def into_asgi(
    app: App, url: str, loop: HandlerLoop, timeout_s: Callable[[], float], *, lifespan: bool = False
) -> Callable[[Notification], int]:
    """Return a handler that POSTs a notification to the path of `url` in `app`, and returns the answer's status.

    With `lifespan`, the application is started on the loop before its first notification, and shut down when the loop
    ends; what it keeps as its state is in the scope of each request.
    """

    def handle(notification: Notification) -> int:
        async def deliver(kept: dict[int, Kept]) -> int:
            scope = _scope(url, notification)
            if lifespan:
                running = kept.get(id(app))
                if not isinstance(running, Lifespan):
                    running = kept[id(app)] = Lifespan(app)
                scope["state"] = (await running.started()).copy()
            exchange = Exchange(notification.body)
            await _call(app, scope, exchange.receive, exchange.send)
            return Answered(exchange.outcome(), urlsplit(url).path or "/", exchange.answer)

        return loop.run(deliver, timeout_s())

    return handle


class Exchange:
    """One request, and what the application sends in answer."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status: int | None = None
        self.answer = b""
        self._complete = asyncio.Event()

    async def receive(self) -> Message:
        """Return the body, and when the answer is complete, that the client has gone."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take the start of an answer, and then its body in pieces."""
        kind = message["type"]
        if kind == "http.response.start" and self._status is None:
            self._status = int(message["status"])
        elif kind == "http.response.body" and self._status is not None and not self._complete.is_set():
            self.answer += message.get("body", b"")
            if not message.get("more_body", False):
                self._complete.set()
        else:
            reason = "nothing was started" if self._status is None else "the answer is under way or complete"
            raise RuntimeError(f"the application sends {kind!r}, but {reason}")

    def outcome(self) -> int:
        """Return the status of a complete answer."""
        if self._status is None or not self._complete.is_set():
            missing = "without an answer" if self._status is None else "before its answer was complete"
            raise RuntimeError(f"the application has returned {missing}")
        return self._status


class Lifespan:
    """An application's start-up and shutdown."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._failed: str | None = None
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._messages.put_nowait({"type": "lifespan.startup"})
        self._starting = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())

    async def started(self) -> dict[str, Any]:
        """Return the state of the application once it has started up; raise what went wrong."""
        await asyncio.shield(self._starting)
        return self._state

    async def end(self) -> None:
        """Shut the application down; raise what goes wrong."""
        if self._starting.done() and self._starting.exception() is None:
            self._messages.put_nowait({"type": "lifespan.shutdown"})
        else:
            self._task.cancel()
        await self._task

    async def _run(self) -> None:
        try:
            await self._speak()
        except Exception as failure:
            if self._starting.done():
                raise
            self._starting.set_exception(failure)

    async def _speak(self) -> None:
        scope = {"type": "lifespan", "asgi": VERSION, "state": self._state}
        await _call(self._app, scope, self._messages.get, self._send)
        if self._failed is not None:
            raise RuntimeError(self._failed)
        if not self._starting.done():
            raise RuntimeError("the application has no lifespan: it returned before it has started up")

    async def _send(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            self._starting.set_result(None)
        elif message["type"].endswith(".failed"):
            self._failed = f"the application says {message['type']}: {message.get('message', '')}"


async def _call(
    app: App, scope: Scope, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    if is_double(app):
        await app(scope)(receive, send)
    else:
        await app(scope, receive, send)


def _scope(url: str, notification: Notification) -> Scope:
    parts = urlsplit(url)
    path = parts.path or "/"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    headers = {"Host": parts.netloc.rpartition("@")[2] or "localhost", **notification.headers}
    headers["Content-Length"] = str(len(notification.body))
    return {
        "type": "http",
        "asgi": VERSION,
        "http_version": "1.1",
        "method": "POST",
        "scheme": parts.scheme or "http",
        "path": unquote(path),
        "raw_path": quote(path, safe=UNQUOTED).encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "localhost", port),
    }
