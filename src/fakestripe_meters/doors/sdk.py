"""Calls of the official SDK straight into the engine, by a `stripe.HTTPClient`: no socket, nothing patched."""

from collections.abc import AsyncIterator
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any
from typing import NoReturn
from urllib.parse import unquote
from urllib.parse import urlsplit

import stripe

from fakestripe_meters.doors.waiting import wait
from fakestripe_meters.doors.waiting import wait_async
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

LOST = "Unexpected error communicating with Stripe: a planned fault of the fake dropped the connection."


class Answered(dict[str, str]):
    """The headers of an answer, found by their names in any case: the SDK uses several spellings."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(_spelled(name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(_spelled(name))

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  as it is inherited
        """Return the value of a header, or the default."""
        return super().get(_spelled(name), default)


@lru_cache(maxsize=256)
def _spelled(name: str) -> str:
    """Return a header's name as the engine spells it: `Request-Id`."""
    return name.title().replace("Www-", "WWW-")


Answer = tuple[bytes, int, Answered]


class Client(stripe.HTTPClient):
    """A client for `StripeClient(http_client=…)` or `stripe.default_http_client`. It never waits before a retry."""

    name = "fakestripe"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._pauses = engine.pauses

    def request(  # type: ignore[override]  # the SDK says str for a body and means bytes
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: str | bytes | None = None
    ) -> Answer:
        """Return body, status and headers; raise `APIConnectionError` if a planned fault drops the connection."""
        response = self._ask(_request(method, url, headers, post_data))
        wait(response.delay_s)
        return _answer(response)

    def request_stream(  # type: ignore[override]  # as above
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: str | bytes | None = None
    ) -> tuple[BytesIO, int, Answered]:
        """Like `request`, but return the body as a file object."""
        body, status, answered = self.request(method, url, headers, post_data)
        return BytesIO(body), status, answered

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | bytes | None = None
    ) -> Answer:
        """Like `request`, for the SDK's `*_async` methods."""
        response = self._ask(_request(method, url, headers, post_data))
        await wait_async(response.delay_s)
        return _answer(response)

    async def request_stream_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | bytes | None = None
    ) -> tuple[AsyncIterator[bytes], int, Answered]:
        """Like `request_async`, but return the body as an iterator of bytes."""
        body, status, answered = await self.request_async(method, url, headers, post_data)
        return _pieces(body), status, answered

    async def sleep_async(self, secs: float) -> None:
        """Do not wait before a retry: waiting does not move emulated time."""

    def close(self) -> None:
        """Do nothing: nothing is open."""

    async def close_async(self) -> None:
        """Do nothing: nothing is open."""

    def _ask(self, request: Request) -> Response:
        """Ask the engine, unless the test is over for which this client was made."""
        late = self._pauses != self._engine.pauses
        return self._engine.refuse_late_client() if late else self._engine.handle(request)

    def _sleep_time_seconds(self, *_about: Any, **_more: Any) -> float:  # noqa: ANN401  before 15 there was one more
        return 0


def _request(method: str, url: str, headers: Mapping[str, str] | None, body: str | bytes | None) -> Request:
    content = body.encode() if isinstance(body, str) else body or b""
    return Request(method.upper(), *_target(url), Headers(headers or {}), content)


@lru_cache(maxsize=1024)
def _target(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return unquote(parts.path), parts.query


def _answer(response: Response) -> Answer:
    if response.close:
        _hang_up()
    return response.body, response.status, Answered(response.headers)


def _hang_up() -> NoReturn:
    raise stripe.APIConnectionError(LOST, should_retry=True)  # type: ignore[no-untyped-call]  # the SDK's gap


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body
