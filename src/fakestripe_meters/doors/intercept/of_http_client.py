"""Intercept `http.client`, and with it `urllib.request`; and `urllib3` without requests: replace `connect`.

Instead of a socket, a connection gets an object that asks the engine when the answer is read.
"""

from collections.abc import Callable
from http.client import HTTPConnection
from http.client import HTTPSConnection
from io import BufferedReader
from io import BytesIO
from io import RawIOBase
from typing import Any

import urllib3.connection

from fakestripe_meters.doors.intercept import mocks
from fakestripe_meters.doors.intercept.hosts import Answers
from fakestripe_meters.doors.intercept.hosts import Vendor
from fakestripe_meters.doors.intercept.hosts import engine_at
from fakestripe_meters.doors.intercept.http_bytes import answer_to
from fakestripe_meters.doors.intercept.http_bytes import written
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.waiting import wait
from fakestripe_meters.wire.message import Response

Connect = Callable[[Any], None]
OWNERS = (HTTPConnection, HTTPSConnection, urllib3.connection.HTTPConnection, urllib3.connection.HTTPSConnection)
"""Each has a `connect` of its own."""


def patches() -> list[Patch]:
    """Return what to replace."""
    return [Patch(owner, "connect", _connector) for owner in OWNERS]


class Line:
    """What stands for a connected socket: the methods that `http.client` and urllib3 call."""

    def __init__(self, engine: Answers, timeout: object) -> None:
        self._engine = engine
        self._sent = bytearray()
        self.settimeout(timeout)

    def settimeout(self, timeout: object) -> None:
        """Limit the wait for an answer. The libraries have a mark of their own for "no limit"."""
        self._patience = timeout if isinstance(timeout, int | float) else float("inf")

    def sendall(self, data: Any) -> None:  # noqa: ANN401  any buffer
        """Keep a part of the request."""
        self._sent += data

    def makefile(self, *_how: object) -> BufferedReader:
        """Return the answer as a file. The request is handled when it is read."""
        return BufferedReader(Answering(self.answer))

    def answer(self) -> bytes:
        """Return the answer, when it is due; TimeoutError if the client does not wait so long."""
        answer = answer_to(bytes(self._sent), self._engine) or Response(400, {}, b"", close=True)
        wait(min(answer.delay_s, self._patience))
        if answer.delay_s > self._patience:
            message = "timed out"
            raise TimeoutError(message)
        return b"" if answer.close else written(answer)

    def shutdown(self, _how: int) -> None:
        """Do nothing: nothing is open."""

    def close(self) -> None:
        """Do nothing, as above."""


class Answering(RawIOBase):
    """The bytes that a function returns, which is called when the first is read."""

    def __init__(self, answer: Callable[[], bytes]) -> None:
        self._answer = answer
        self._stream: BytesIO | None = None

    def readable(self) -> bool:
        """Return True, as a stream that can be read must."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  any writable buffer
        """Fill `buffer`, and return how many bytes."""
        if self._stream is None:
            self._stream = BytesIO(self._answer())
        return self._stream.readinto(buffer)


def _connector(original: Connect) -> Connect:
    def connect(connection: Any) -> None:  # noqa: ANN401  of either library
        host = getattr(connection, "_tunnel_host", None) or connection.host  # else a proxy's would count
        engine = engine_at(host.lower(), "https")
        if engine is None or (isinstance(engine, Vendor) and mocks.sockets_are_faked()):
            original(connection)
            return
        connection.sock = Line(engine, connection.timeout)
        if hasattr(connection, "is_verified"):  # urllib3 would warn that nobody has seen a certificate
            connection.is_verified = True

    return connect
