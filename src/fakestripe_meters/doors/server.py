"""Serve a WSGI application on a socket, in a thread: Werkzeug's threaded server, with connections kept alive."""

import logging
import socket
import ssl
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from typing import Any

from werkzeug.serving import ThreadedWSGIServer

from fakestripe_meters.core import printing
from fakestripe_meters.doors.connection import Connection

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

BACKLOG = 128
POLL_S = 0.01
GRACE_S = 0.5
"""For how many seconds a closing server waits for unfinished answers."""
log = logging.getLogger("fakestripe_meters")


class Server:
    """Serves an application from its construction until `close`; `OSError` if the address is not available.

    `port` 0 takes a free port. With `tls` the server speaks HTTPS. Each connection has a thread; the threads do not
    keep the program running.
    """

    def __init__(
        self, app: "WSGIApplication", host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Werkzeug prints a message and exits if an address is taken, so it gets a socket that is bound already.
        with socket.create_server((host, port), family=family, backlog=BACKLOG) as bound:
            self._listener = Listener(host, app, bound, tls)
        self.scheme = "https" if tls else "http"
        self.host = host
        self.port: int = self._listener.port
        serve = self._listener.serve_forever
        self._thread = threading.Thread(target=serve, args=(POLL_S,), name="fakestripe-meters", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address: `http://127.0.0.1:12111`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def close(self) -> None:
        """Finish the answers that are under way, within half a second, and close every connection."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.hang_up()


class Listener(ThreadedWSGIServer):
    """Werkzeug's server, which keeps track of its open connections."""

    daemon_threads = True

    def __init__(self, host: str, app: "WSGIApplication", bound: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self.secure = tls is not None
        self._warned = False
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._quiet = threading.Event()
        handler: Any = Connection  # Werkzeug only ever calls it
        super().__init__(host, bound.getsockname()[1], app, handler, fd=bound.fileno())

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection. The connection's own thread does the TLS handshake."""
        request, client_address = super().get_request()
        if self._tls is not None:
            request = self._tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        return request, client_address

    def misunderstood(self, why: str) -> None:
        """Log once that a client speaks TLS to a plain port, or the other way round: few clients show the answer."""
        if not self._warned:
            self._warned = True
            log.warning("fakestripe-meters: %s:%s: %s.", self.host, self.port, why)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as it is inherited
        """Keep track of a new connection, and give it a thread."""
        self._quiet.clear()
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  as it is inherited
        """Close a connection that its thread has finished with."""
        super().shutdown_request(request)
        self._connections.discard(request)
        if not self._connections:
            self._quiet.set()

    def hang_up(self) -> None:
        """Read nothing more, wait up to half a second for the last answers, and cut off what is still open."""
        self.closing.set()
        self._shut(socket.SHUT_RD)
        if self._connections:
            self._quiet.wait(GRACE_S)
        self._shut(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  as it is inherited
        """Log an exception in the fake; a client that closed the connection is no error."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            log.error("a connection failed\n%s", printing.trace(error))

    def _shut(self, direction: int) -> None:
        for connection in tuple(self._connections):
            with suppress(OSError):
                socket.socket.shutdown(connection, direction)  # a TLS socket's own method would go on unencrypted
