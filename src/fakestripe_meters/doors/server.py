"""Serve a fake, or any WSGI application, on a socket: HTTP/1.1 with connections kept alive."""

import logging
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from fakestripe_meters.doors.connection import Connection
from fakestripe_meters.doors.relay import Relay

if TYPE_CHECKING:
    import ssl
    from wsgiref.types import WSGIApplication

    from fakestripe_meters.engine import Engine

BACKLOG = 128
GRACE_S = 0.5
"""For how many seconds a closing server waits for unfinished answers."""
RESPITE_S = 0.01
log = logging.getLogger("fakestripe_meters")


class Server:
    """Serves an application from its construction until `close`; `OSError` if the address is not available.

    If there is an `engine`, Stripe's paths go straight to it, and the application has the others. `port` 0 takes a free
    port. With `tls` the server speaks HTTPS. The threads do not keep the program running.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        engine: "Engine | None" = None,
        tls: "ssl.SSLContext | None" = None,
    ) -> None:
        self.app = app
        self.engine = engine
        self.secure = tls is not None
        self.scheme = "https" if tls else "http"
        self.host = host
        self.closing = threading.Event()
        self._tls = tls
        self._warned = False
        self._connections: set[Connection] = set()
        self._quiet = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self.socket.setblocking(False)  # noqa: FBT003  a client may be gone before it is accepted
        self.port: int = self.socket.getsockname()[1]
        self._relay = Relay()
        self._relay.add(self)

    @property
    def url(self) -> str:
        """The address: `http://127.0.0.1:12111`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def close(self) -> None:
        """Finish the answers that are under way, within half a second, and close every connection."""
        self._relay.drop(self)
        self.end()
        self.closing.set()
        self._shut(socket.SHUT_RD)
        if self._connections:
            self._quiet.wait(GRACE_S)
        self._shut(socket.SHUT_RDWR)
        self._relay.close()

    def answer(self) -> bool:
        """Accept a connection."""
        try:
            connection, address = self.socket.accept()
            connection.setblocking(True)  # noqa: FBT003  as above
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._begin(connection, address[0])
        except BlockingIOError:
            pass
        except OSError:  # the client is gone already, or the process has too many files open
            self.closing.wait(RESPITE_S)
        return True

    def end(self) -> None:
        """Accept no more connections."""
        self.socket.close()

    def ended(self, connection: Connection) -> None:
        """Note that a connection is closed."""
        self._connections.discard(connection)
        if not self._connections:
            self._quiet.set()

    def misunderstood(self, why: str) -> None:
        """Log once that a client speaks TLS to a plain port, or the other way round: few clients show the answer."""
        if not self._warned:
            self._warned = True
            log.warning("fakestripe-meters: %s:%s: %s.", self.host, self.port, why)

    def _begin(self, accepted: socket.socket, client: str) -> None:
        """Let the relay answer a connection, or a thread of its own if its answers are likely to wait."""
        if self._tls is not None:  # who answers does the handshake
            accepted = self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        connection = Connection(accepted, client, self)
        self._quiet.clear()
        self._connections.add(connection)
        if self._tls is None and self.engine is not None:
            self._relay.add(connection)
        else:
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        connection.handle()
        connection.end()

    def _shut(self, direction: int) -> None:
        shut = socket.socket.shutdown  # a TLS socket's own method would go on unencrypted
        for connection in tuple(self._connections):
            with suppress(OSError):
                shut(connection.socket, direction)
