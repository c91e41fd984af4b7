"""Intercept `httpx`, which the SDK's asynchronous calls use, and httpx2, its successor with the same transports.

`handle_request` of the library's own transports is replaced. That is above `httpcore`, which respx replaces. A client
with another transport is not intercepted.
"""

from collections.abc import Awaitable
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING
from typing import Any

from fakestripe_meters.doors.intercept import mocks
from fakestripe_meters.doors.intercept.hosts import Answers
from fakestripe_meters.doors.intercept.hosts import Vendor
from fakestripe_meters.doors.intercept.hosts import ask
from fakestripe_meters.doors.intercept.hosts import engine_at
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.waiting import wait
from fakestripe_meters.doors.waiting import wait_async
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

if TYPE_CHECKING:
    import httpx

Handle = Callable[[Any, "httpx.Request"], "httpx.Response"]
HandleAsync = Callable[[Any, "httpx.Request"], Awaitable["httpx.Response"]]


def patches(library: ModuleType) -> list[Patch]:
    """Return what to replace in either of the two."""
    return [
        Patch(library.HTTPTransport, "handle_request", _handler(library)),
        Patch(library.AsyncHTTPTransport, "handle_async_request", _async_handler(library)),
    ]


def _handler(library: ModuleType) -> Callable[[Handle], Handle]:
    def make(original: Handle) -> Handle:
        def handle_request(transport: "httpx.HTTPTransport", request: "httpx.Request") -> "httpx.Response":
            engine = engine_at(request.url.host, request.url.scheme)
            if engine is None:
                return original(transport, request)
            if _is_mocked(engine, original, library):
                try:
                    return original(transport, request)
                except AssertionError as error:
                    if not mocks.is_unmatched(error):
                        raise
            answer = _ask(engine, request, request.read())
            wait(_patience(request, answer))
            return _answered(library, request, answer)

        return handle_request

    return make


def _async_handler(library: ModuleType) -> Callable[[HandleAsync], HandleAsync]:
    def make(original: HandleAsync) -> HandleAsync:
        async def handle_async_request(
            transport: "httpx.AsyncHTTPTransport", request: "httpx.Request"
        ) -> "httpx.Response":
            engine = engine_at(request.url.host, request.url.scheme)
            if engine is None:
                return await original(transport, request)
            if _is_mocked(engine, original, library):
                try:
                    return await original(transport, request)
                except AssertionError as error:
                    if not mocks.is_unmatched(error):
                        raise
            answer = _ask(engine, request, await request.aread())
            await wait_async(_patience(request, answer))
            return _answered(library, request, answer)

        return handle_async_request

    return make


def _is_mocked(engine: Answers, original: Callable[..., Any], library: ModuleType) -> bool:
    """Return whether a call to a vendor's host is first for what the test has mocked."""
    name = library.__name__
    return isinstance(engine, Vendor) and (not mocks.is_own(original, name) or mocks.below_httpx(name))


def _ask(engine: Answers, request: "httpx.Request", body: bytes) -> Response:
    url = request.url
    return ask(engine, Request(request.method, url.path, url.query.decode(), Headers(request.headers), body))


def _read_timeout(request: "httpx.Request") -> float:
    seconds: float | None = request.extensions.get("timeout", {}).get("read")
    return float("inf") if seconds is None else seconds


def _patience(request: "httpx.Request", answer: Response) -> float:
    return min(answer.delay_s, _read_timeout(request))


def _answered(library: ModuleType, request: "httpx.Request", answer: Response) -> "httpx.Response":
    if answer.delay_s > _read_timeout(request):
        raise library.ReadTimeout("The read operation timed out", request=request)
    if answer.close:
        raise library.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    response: httpx.Response = library.Response(
        answer.status, headers=answer.headers, content=answer.body, request=request
    )
    return response
