"""Intercept aiohttp: its connector opens a connection that asks the engine, instead of one over a socket."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from threading import Event
from types import ModuleType
from typing import Any

from fakestripe_meters.doors.intercept.hosts import Answers
from fakestripe_meters.doors.intercept.hosts import engine_at
from fakestripe_meters.doors.intercept.http_bytes import GO_AHEAD
from fakestripe_meters.doors.intercept.http_bytes import answer_to
from fakestripe_meters.doors.intercept.http_bytes import waits
from fakestripe_meters.doors.intercept.http_bytes import written
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.wire.message import Response

Create = Callable[..., Awaitable[Any]]
OPENS = "_create_connection"
"""What every connector has to have. In a version of aiohttp without it, calls to Stripe are refused."""


def patches(aiohttp: ModuleType) -> list[Patch]:
    """Return what to replace."""
    owner = aiohttp.TCPConnector
    return [Patch(owner, OPENS, _creator)] if OPENS in vars(owner) else []


def _creator(original: Create) -> Create:
    async def create(connector: Any, request: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401  passed on
        engine = engine_at(request.url.host.lower(), request.url.scheme)
        if engine is None:
            return await original(connector, request, *rest, **named)
        protocol = connector._factory()  # noqa: SLF001  what the original calls
        protocol.connection_made(Line(engine, protocol))
        return protocol

    return create


class Line(asyncio.Transport):
    """What stands for a connection: it answers as soon as a whole request was written."""

    def __init__(self, engine: Answers, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._engine = engine
        self._protocol = protocol
        self._sent = bytearray()
        self._closed = Event()
        self._told = False
        """Whether the client was told to send the body."""
        self._answering: asyncio.Task[None] | None = None

    def write(self, data: Any) -> None:  # noqa: ANN401  any buffer
        """Keep a part of the request, and answer if it is the last one."""
        self._sent += data
        if self._answering is None:
            try:
                answer = answer_to(bytes(self._sent), self._engine)
            except Exception as error:  # noqa: BLE001  a bug of the fake, which also keeps it
                self._close(error)
                return
            loop = asyncio.get_running_loop()
            if answer is not None:
                self._answering = loop.create_task(self._send(answer))
            elif not self._told and waits(self._sent):
                self._told = True
                loop.call_soon(self._protocol.data_received, GO_AHEAD)

    def is_closing(self) -> bool:
        """Return whether it is closed."""
        return self._closed.is_set()

    def close(self) -> None:
        """Close it: no answer comes any more."""
        self._close(None)

    def abort(self) -> None:
        """Close it, as above."""
        self._close(None)

    def get_write_buffer_size(self) -> int:
        """Return 0: nothing is held back."""
        return 0

    def pause_reading(self) -> None:
        """Do nothing: an answer comes in one piece."""

    def resume_reading(self) -> None:
        """Do nothing, as above."""

    async def _send(self, answer: Response) -> None:
        if answer.delay_s:  # a thread waits, because an event loop under freezegun would never wake up
            await asyncio.to_thread(self._closed.wait, answer.delay_s)
        if not self.is_closing():
            if not answer.close:
                self._protocol.data_received(written(answer))
            self.close()

    def _close(self, error: Exception | None) -> None:
        if not self.is_closing():
            self._closed.set()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, error)
