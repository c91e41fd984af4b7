"""Serve HTTP/1.1 on one connection: one request after another for a WSGI application, each answer in one piece."""

import json
import logging
import socket
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from http.client import responses
from socketserver import StreamRequestHandler
from typing import TYPE_CHECKING
from typing import Protocol

from fakestripe_meters.core import printing
from fakestripe_meters.doors import dialects
from fakestripe_meters.doors.reading import Body
from fakestripe_meters.doors.reading import Environ
from fakestripe_meters.doors.reading import Refused
from fakestripe_meters.doors.reading import add_headers
from fakestripe_meters.doors.reading import body_of
from fakestripe_meters.doors.reading import request_line
from fakestripe_meters.doors.reading import target_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

LINGER_S = 1.0
LINGER_READS = 1_024
PIECE = 65_536
Answer = tuple[str, list[tuple[str, str]], bytes]
log = logging.getLogger("fakestripe_meters")


class Serving(Protocol):
    """What a connection needs from its server."""

    app: "WSGIApplication"
    host: str
    port: int
    closing: threading.Event
    secure: bool

    def misunderstood(self, why: str) -> None:
        """Note that a client speaks TLS to a plain port, or the other way round."""


class Connection(StreamRequestHandler):
    """Answers one client until either side closes.

    Werkzeug's own handler closes the connection after each answer, and the standard library's needs as much time
    to read the headers as the engine for a whole request. Each answer is sent in one piece, so that neither
    Nagle's algorithm nor a delayed acknowledgement holds back a part of it.
    """

    disable_nagle_algorithm = True
    server: Serving  # type: ignore[assignment]  # narrower than in socketserver

    def handle(self) -> None:
        """Answer one request after another. A client that closes the connection is no error."""
        with suppress(ConnectionError):
            why = dialects.misunderstanding(self.request, secure=self.server.secure)
            if why is not None:
                self.server.misunderstood(why)
                self._refuse(Refused(400, why), plainly=True)
                return
            while self._answer_next():
                pass

    def _answer_next(self) -> bool:
        """Answer a request, and return whether another one may follow."""
        try:
            line = request_line(self.rfile)
            if not line:
                return False
            environ = self._environ(line)
            status, headers, content = _run(self.server.app, environ)
        except Refused as refused:
            return self._refuse(refused)
        except ConnectionError:
            return False
        except Exception as error:  # noqa: BLE001  the server must go on
            log.error("the application failed\n%s", printing.trace(error))  # noqa: TRY400  `exception` masks nothing
            return self._refuse(Refused(500, "fakestripe-meters failed: this is a bug in fakestripe-meters"))
        body: Body = environ["wsgi.input"]
        stays = body.ended and _stays(environ)
        self._send(status, headers, content, stays=stays)
        if not body.ended:
            self._linger()
        return stays

    def _environ(self, line: str) -> Environ:
        environ: Environ = {
            **target_of(line),
            "SCRIPT_NAME": "",
            "SERVER_NAME": self.server.host,
            "SERVER_PORT": str(self.server.port),
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "fakestripe_meters.closing": self.server.closing,
        }
        add_headers(environ, self.rfile)
        environ["wsgi.input"] = body_of(environ, self.rfile)
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.request.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return environ

    def _send(
        self, status: str, headers: Iterable[tuple[str, str]], content: bytes, *, stays: bool, plainly: bool = False
    ) -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        lines += ["Connection: keep-alive" if stays else "Connection: close", "", ""]
        send = partial(dialects.send_plainly, self.request) if plainly else self.request.sendall
        send("\r\n".join(lines).encode("latin-1", "replace") + content)

    def _refuse(self, refused: Refused, *, plainly: bool = False) -> bool:
        """Answer with Stripe's error envelope, and close: where the next request would begin is not known any more."""
        error = {
            "message": f"{refused}.",
            "type": "api_error" if refused.status >= 500 else "invalid_request_error",  # noqa: PLR2004  the number is its name
        }
        content = json.dumps({"error": error}, indent=2).encode() + b"\n"
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        self._send(f"{refused.status} {responses[refused.status]}", headers, content, stays=False, plainly=plainly)
        self._linger()
        return False

    def _linger(self) -> None:
        """Read what the client is still sending: closing before that would reset the connection and lose the answer."""
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
            self.request.settimeout(LINGER_S)
            for _ in range(LINGER_READS):
                if not self.request.recv(PIECE):
                    break


def _stays(environ: Environ) -> bool:
    wish = environ.get("HTTP_CONNECTION", "").lower()
    return "keep-alive" in wish if environ["SERVER_PROTOCOL"] == "HTTP/1.0" else "close" not in wish


def _run(app: "WSGIApplication", environ: Environ) -> Answer:
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    pieces: list[bytes] = []

    def start_response(
        status: str,
        headers: list[tuple[str, str]],
        exc_info: object = None,  # noqa: ARG001  nothing was sent yet, so nothing must be raised
    ) -> Callable[[bytes], object]:
        begun[:] = [(status, headers)]
        return pieces.append

    answer = app(environ, start_response)
    try:
        pieces.extend(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    status, headers = begun[0]
    return status, headers, b"".join(pieces)
