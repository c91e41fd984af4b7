"""Intercept `httpx`, which the SDK's asynchronous calls use: replace `handle_request` of its own transports.

That is above `httpcore`, which respx replaces. A client with another transport is not intercepted.
"""

from collections.abc import Awaitable
from collections.abc import Callable

import httpx

from fakestripe_meters.doors.intercept.hosts import engine_at
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.waiting import wait
from fakestripe_meters.doors.waiting import wait_async
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

Handle = Callable[[httpx.HTTPTransport, httpx.Request], httpx.Response]
HandleAsync = Callable[[httpx.AsyncHTTPTransport, httpx.Request], Awaitable[httpx.Response]]


def patches() -> list[Patch]:
    """Return what to replace."""
    return [
        Patch(httpx.HTTPTransport, "handle_request", _handler),
        Patch(httpx.AsyncHTTPTransport, "handle_async_request", _async_handler),
    ]


def _handler(original: Handle) -> Handle:
    def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        engine = engine_at(request.url.host, request.url.scheme)
        if engine is None:
            return original(transport, request)
        answer = _ask(engine, request, request.read())
        wait(_patience(request, answer))
        return _answered(request, answer)

    return handle_request


def _async_handler(original: HandleAsync) -> HandleAsync:
    async def handle_async_request(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        engine = engine_at(request.url.host, request.url.scheme)
        if engine is None:
            return await original(transport, request)
        answer = _ask(engine, request, await request.aread())
        await wait_async(_patience(request, answer))
        return _answered(request, answer)

    return handle_async_request


def _ask(engine: Engine, request: httpx.Request, body: bytes) -> Response:
    url = request.url
    return engine.handle(Request(request.method, url.path, url.query.decode(), Headers(request.headers), body))


def _read_timeout(request: httpx.Request) -> float:
    seconds: float | None = request.extensions.get("timeout", {}).get("read")
    return float("inf") if seconds is None else seconds


def _patience(request: httpx.Request, answer: Response) -> float:
    return min(answer.delay_s, _read_timeout(request))


def _answered(request: httpx.Request, answer: Response) -> httpx.Response:
    if answer.delay_s > _read_timeout(request):
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if answer.close:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)
