"""A WSGI application on a socket, in a thread: Werkzeug's threaded server, made to keep connections alive."""

import io
import json
import logging
import re
import socket
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from werkzeug.serving import ThreadedWSGIServer
from werkzeug.serving import WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import WSGIApplication

BACKLOG = 128
POLL_S = 0.01
GRACE_S = 0.5
"""For how long a closing server waits for answers that are being made."""
LINGER_S = 1.0
LINGER_READS = 1_024
PIECE = 65_536
LONGEST_LINE = 8_192
MOST_TRAILERS = 100
LENGTH = re.compile("[0-9]{1,18}")
CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,15})\s*(;.*)?", re.DOTALL)
log = logging.getLogger("fakestripe_meters")


class Malformed(Exception):  # noqa: N818  it says what the request is
    """What came is no HTTP request."""


class Server:
    """Serves an application from its making until `close`; `OSError` if the address cannot be had.

    `port` 0 takes a free one. Each connection has a thread, and threads never keep a program running.
    """

    def __init__(self, app: "WSGIApplication", host: str = "127.0.0.1", port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Werkzeug would print and exit where an address is taken, so it is given a socket that is bound already.
        with socket.create_server((host, port), family=family, backlog=BACKLOG) as bound:
            self._listener = Listener(host, app, bound)
        self.host = host
        self.port: int = self._listener.port
        serve = self._listener.serve_forever
        self._thread = threading.Thread(target=serve, args=(POLL_S,), name="fakestripe-meters", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:12111`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def close(self) -> None:
        """Finish the answers that are being made, within half a second, and close every connection."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.hang_up()


class Listener(ThreadedWSGIServer):
    """Werkzeug's server, knowing its open connections."""

    daemon_threads = True

    def __init__(self, host: str, app: "WSGIApplication", bound: socket.socket) -> None:
        self.closing = threading.Event()
        self.connections: set[Any] = set()
        self._quiet = threading.Event()
        super().__init__(host, bound.getsockname()[1], app, Connection, fd=bound.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as it is inherited
        """Note a new connection and give it a thread."""
        self._quiet.clear()
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  as it is inherited
        """Close a connection whose thread is done with it."""
        super().shutdown_request(request)
        self.connections.discard(request)
        if not self.connections:
            self._quiet.set()

    def hang_up(self) -> None:
        """Hear nothing more, wait a little for the last answers, and cut off whatever is open still."""
        self.closing.set()
        self._shut(socket.SHUT_RD)
        if self.connections:
            self._quiet.wait(GRACE_S)
        self._shut(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  as it is inherited
        """A failure of ours is logged; a client that went away is not worth a word."""
        if not isinstance(sys.exc_info()[1], OSError):
            log.exception("a connection failed")

    def _shut(self, direction: int) -> None:
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(direction)


class Connection(WSGIRequestHandler):
    """Request after request from one client; Werkzeug's own would close the connection after the first.

    An answer leaves in one piece, so that neither Nagle's algorithm nor a delayed acknowledgement holds
    a part of it back.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def run_wsgi(self) -> None:
        """Answer one request, or drop the connection where the application raises ConnectionError."""
        try:
            body = _body(self.headers.get_all("transfer-encoding"), self.headers.get_all("content-length"), self.rfile)
            status, headers, content = _run(self.server.app, self._environ(body))
        except Malformed as reason:
            self.send_error(400, str(reason))
        except ConnectionError:
            self.close_connection = True
        except Exception:
            log.exception("the application failed")
            self.send_error(500, "fakestripe-meters has failed: this is a bug of its own")
        else:
            self.close_connection = self.close_connection or not body.ended
            self._send(status, headers, content)
            if not body.ended:
                self._linger()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what cannot be read as a request, in Stripe's envelope, and close the connection."""
        self.close_connection = True
        reason = explain or message or self.responses.get(code, ("Refused",))[0]
        error = {"message": f"{reason}.", "type": "api_error" if code >= 500 else "invalid_request_error"}  # noqa: PLR2004  the number is its name
        content = json.dumps({"error": error}, indent=2).encode() + b"\n"
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        self._send(f"{code} {self.responses.get(code, ('',))[0]}", headers, content)
        self._linger()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  as it is inherited
        """Nothing: the journal knows."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the journal knows."""

    def _environ(self, body: "Body") -> dict[str, Any]:
        path, _, query = _target(self.path).partition("?")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": self.server.host,
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "fakestripe_meters.closing": self.server.closing,
        }
        for name, value in self.headers.items():
            _add_header(environ, name, value)
        return environ

    def _send(self, status: str, headers: Iterable[tuple[str, str]], content: bytes) -> None:
        lines = [f"HTTP/1.1 {status}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += ["Connection: close" if self.close_connection else "Connection: keep-alive", "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + content)

    def _linger(self) -> None:
        """Take in what is still being sent: closing over unread bytes resets the connection, answer and all."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_S)
            for _ in range(LINGER_READS):
                if not self.connection.recv(PIECE):
                    break


class Body(io.RawIOBase):
    """One request's body: it ends where its length says, whatever follows on the connection."""

    def __init__(self, connection: BinaryIO, length: int = 0) -> None:
        self._connection = connection
        self._left = length

    @property
    def ended(self) -> bool:
        """Whether it was read to its end, so that the next request can follow."""
        return not self._left

    def readable(self) -> bool:
        """As a stream must say."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill `buffer` as far as the body goes; ConnectionError if the client goes away before that."""
        piece = memoryview(buffer)[: self._left]
        piece[:] = self._exactly(len(piece))
        self._left -= len(piece)
        return len(piece)

    def _exactly(self, size: int) -> bytes:
        data = self._connection.read(size)
        if len(data) < size:
            message = "the client went away in the middle of its request"
            raise ConnectionAbortedError(message)
        return data


class ChunkedBody(Body):
    """A body in chunks, each with its own length; extensions and trailers are passed over."""

    def __init__(self, connection: BinaryIO) -> None:
        super().__init__(connection)
        self._over = False

    @property
    def ended(self) -> bool:
        """As above."""
        return self._over

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """As above, at most to the end of a chunk; Malformed if there is none where one should be."""
        if not self._left and not self._over:
            self._begin_chunk()
        size = super().readinto(buffer)
        if size and not self._left:
            self._end_of_line()
        return size

    def _begin_chunk(self) -> None:
        match = CHUNK_SIZE.fullmatch(self._line())
        if match is None:
            raise Malformed("The request's chunks are malformed")
        self._left = int(match[1], 16)
        if not self._left:
            self._pass_trailers()
            self._over = True

    def _pass_trailers(self) -> None:
        for _ in range(MOST_TRAILERS):
            if not self._line().strip():
                return
        raise Malformed("The request has too many trailers")

    def _end_of_line(self) -> None:
        if self._line().strip():
            raise Malformed("The request's chunks are malformed")

    def _line(self) -> bytes:
        line = self._connection.readline(LONGEST_LINE)
        if not line:
            self._exactly(1)
        return line


def _body(encodings: list[str] | None, lengths: list[str] | None, connection: BinaryIO) -> Body:
    if encodings is not None:
        # Both at once is how requests are smuggled past a proxy (RFC 9112, 6.1).
        if lengths is not None or [each.strip().lower() for each in encodings] != ["chunked"]:
            raise Malformed("The request's Transfer-Encoding is not understood")
        return ChunkedBody(connection)
    length = "0" if lengths is None else lengths[0].strip()
    if not LENGTH.fullmatch(length) or (lengths or [length])[1:]:
        raise Malformed("The request's Content-Length is malformed")
    return Body(connection, int(length))


def _target(path: str) -> str:
    """The path and query of a request line; of `http://host/path` what follows the host."""
    if path.startswith("/") or "://" not in path:
        return path
    _, slash, rest = path.partition("://")[2].partition("/")
    return slash + rest


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    if "_" in name:  # it would pass for the same name with a dash
        return
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    value = value.replace("\r", "").replace("\n", "")
    environ[key] = f"{environ[key]},{value}" if key in environ else value


def _run(app: "WSGIApplication", environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    pieces: list[bytes] = []

    def start_response(
        status: str,
        headers: list[tuple[str, str]],
        exc_info: object = None,  # noqa: ARG001  nothing is sent before all is known
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
