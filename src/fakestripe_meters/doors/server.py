"""Serve a fake, or any WSGI application, on a socket: HTTP/1.1 with connections kept alive, a thread for each."""

import logging
import selectors
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from fakestripe_meters.core import printing
from fakestripe_meters.doors.connection import Connection

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
        self._connections: set[socket.socket] = set()
        self._quiet = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        self._end, self._ending = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, name="fakestripe-meters", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address: `http://127.0.0.1:12111`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def close(self) -> None:
        """Finish the answers that are under way, within half a second, and close every connection."""
        self._end.close()
        self._thread.join()
        self._hang_up()

    def misunderstood(self, why: str) -> None:
        """Log once that a client speaks TLS to a plain port, or the other way round: few clients show the answer."""
        if not self._warned:
            self._warned = True
            log.warning("fakestripe-meters: %s:%s: %s.", self.host, self.port, why)

    def _accept(self) -> None:
        """Accept connections, and give each a thread, until the other end of the pair is closed."""
        with selectors.DefaultSelector() as waiting, self._listener, self._ending:
            waiting.register(self._listener, selectors.EVENT_READ)
            waiting.register(self._ending, selectors.EVENT_READ)
            while all(key.fileobj is self._listener for key, _ in waiting.select()):
                try:
                    self._begin(*self._listener.accept())
                except OSError:  # the client is gone already, or the process has too many files open
                    self.closing.wait(RESPITE_S)

    def _begin(self, connection: socket.socket, address: tuple[str, int]) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:  # the connection's own thread does the handshake
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._quiet.clear()
        self._connections.add(connection)
        threading.Thread(target=self._serve, args=(connection, address[0]), daemon=True).start()

    def _serve(self, connection: socket.socket, client: str) -> None:
        """Serve a connection to its end. A client that closes it is no error."""
        try:
            Connection(connection, client, self).handle()
        except OSError:
            pass
        except Exception as error:  # noqa: BLE001  the server must go on
            log.error("a connection failed\n%s", printing.trace(error))  # noqa: TRY400  `exception` masks nothing
        finally:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            connection.close()
            self._connections.discard(connection)
            if not self._connections:
                self._quiet.set()

    def _hang_up(self) -> None:
        """Read nothing more, wait up to half a second for the last answers, and cut off what is still open."""
        self.closing.set()
        self._shut(socket.SHUT_RD)
        if self._connections:
            self._quiet.wait(GRACE_S)
        self._shut(socket.SHUT_RDWR)

    def _shut(self, direction: int) -> None:
        for connection in tuple(self._connections):
            with suppress(OSError):
                socket.socket.shutdown(connection, direction)  # a TLS socket's own method would go on unencrypted
