"""Serve HTTP/1.1 on one connection: one request after another, each answer in one piece.

Stripe's paths go to the engine. All others go to a WSGI application, which is not even loaded before the first of them.
"""

import json
import logging
import socket
import threading
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING
from typing import Protocol

from fakestripe_meters.core import printing
from fakestripe_meters.core.aside import step_aside
from fakestripe_meters.doors import dialects
from fakestripe_meters.doors.answering import STARTS
from fakestripe_meters.doors.answering import answer_of
from fakestripe_meters.doors.answering import status_line
from fakestripe_meters.doors.bodies import Body
from fakestripe_meters.doors.bodies import body_of
from fakestripe_meters.doors.environs import request_of
from fakestripe_meters.doors.gateway import environ_of
from fakestripe_meters.doors.gateway import run
from fakestripe_meters.doors.reading import PIECE
from fakestripe_meters.doors.reading import Head
from fakestripe_meters.doors.reading import Reader
from fakestripe_meters.doors.reading import Refused

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from fakestripe_meters.engine import Engine
    from fakestripe_meters.wire.message import Response

LINGER_S = 1.0
LINGER_READS = 1_024
WITHOUT_BODY = (204, 304)
log = logging.getLogger("fakestripe_meters")


class Serving(Protocol):
    """What a connection needs from its server."""

    app: "WSGIApplication"
    engine: "Engine | None"
    """Answers Stripe's paths; without one, the application has them too."""
    host: str
    port: int
    closing: threading.Event
    secure: bool

    def ended(self, connection: "Connection") -> None:
        """Note that a connection is closed."""

    def misunderstood(self, why: str) -> None:
        """Note that a client speaks TLS to a plain port, or the other way round."""


class Connection:
    """Answers one client until either side closes.

    Each answer is sent in one piece, so that neither Nagle's algorithm nor a delayed acknowledgement holds back a part
    of it.
    """

    def __init__(self, connection: socket.socket, client: str, server: Serving) -> None:
        self.socket = connection
        self._client = client
        self._server = server
        self._reader = Reader(connection.recv)
        self._is_new = True

    def handle(self) -> None:
        """Answer one request after another, until either side closes."""
        while self.answer():
            pass

    def answer(self) -> bool:
        """Answer the requests that have arrived, or the next one, and return whether more may follow."""
        try:
            if self._is_new and not self._greet():
                return False
            while (stays := self._answer_next()) and self._reader.holds:
                pass
        except OSError:  # a client that closes the connection is no error
            return False
        except Exception as error:  # noqa: BLE001  the server must go on
            log.error("a connection failed\n%s", printing.trace(error))  # noqa: TRY400  `exception` masks nothing
            return False
        return stays

    def end(self) -> None:
        """Close the connection."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        self.socket.close()
        self._server.ended(self)

    def _greet(self) -> bool:
        """Return whether the client speaks the dialect of this port; tell it if it does not."""
        self._is_new = False
        why = dialects.misunderstanding(self.socket, secure=self._server.secure)
        if why is not None:
            self._server.misunderstood(why)
            self._refuse(Refused(400, why), lambda sent: dialects.send_plainly(self.socket, sent))
        return why is None

    def _answer_next(self) -> bool:
        """Answer a request, and return whether another one may follow."""
        try:
            head = self._reader.head()
            if head is None:
                return False
            body = body_of(head, self._reader)
            if head.value("expect").lower() == "100-continue":
                self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            status, headers, content = self._answer(head, body)
        except Refused as refused:
            return self._refuse(refused, self.socket.sendall)
        except ConnectionError:
            return False
        except Exception as error:  # noqa: BLE001  the server must go on
            log.error("the application failed\n%s", printing.trace(error))  # noqa: TRY400  `exception` masks nothing
            failed = Refused(500, "fakestripe-meters failed: this is a bug in fakestripe-meters")
            return self._refuse(failed, self.socket.sendall)
        stays = body.ended and _stays(head)
        self.socket.sendall(_message(status, headers, content, stays=stays))
        if not body.ended:
            self._linger()
        return stays

    def _answer(self, head: Head, body: Body) -> tuple[str, Iterable[tuple[str, str]], bytes]:
        server = self._server
        if server.engine is None or not head.target.path.startswith(STARTS):
            step_aside()
            return run(server.app, environ_of(head, body, self._client, server))
        response = answer_of(server.engine, request_of(head, body))
        if response.delay_s:
            step_aside()
            server.closing.wait(response.delay_s)
        if response.close:
            raise ConnectionResetError
        return status_line(response.status), *_entity(response, sent=head.target.method != "HEAD")

    def _refuse(self, refused: Refused, send: Callable[[bytes], object]) -> bool:
        """Answer with Stripe's error envelope, and close: where the next request would begin is not known any more."""
        error = {
            "message": f"{refused}.",
            "type": "api_error" if refused.status >= 500 else "invalid_request_error",  # noqa: PLR2004  the number is its name
        }
        content = json.dumps({"error": error}, indent=2).encode() + b"\n"
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        send(_message(status_line(refused.status), headers, content, stays=False))
        self._linger()
        return False

    def _linger(self) -> None:
        """Read what the client is still sending: closing before that would reset the connection and lose the answer."""
        step_aside()
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(LINGER_S)
            for _ in range(LINGER_READS):
                if not self.socket.recv(PIECE):
                    break


def _stays(head: Head) -> bool:
    wish = head.value("connection").lower()
    return "keep-alive" in wish if head.target.protocol == "HTTP/1.0" else "close" not in wish


def _entity(response: "Response", *, sent: bool) -> tuple[list[tuple[str, str]], bytes]:
    """Return the headers and the body of an answer, as Werkzeug gives them."""
    headers = list(response.headers.items())
    if response.status not in WITHOUT_BODY:
        headers.append(("Content-Length", str(len(response.body))))
    elif response.status == 304:  # noqa: PLR2004  the number is its name
        headers = [each for each in headers if each[0] != "Content-Type"]
    return headers, response.body if sent else b""


def _message(status: str, headers: Iterable[tuple[str, str]], content: bytes, *, stays: bool) -> bytes:
    """Return an answer as it goes over the wire."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    connection = "keep-alive" if stays else "close"
    return f"HTTP/1.1 {status}\r\n{lines}Connection: {connection}\r\n\r\n".encode("latin-1", "replace") + content
