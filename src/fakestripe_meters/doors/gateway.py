"""Pass a request from a connection to a WSGI application, and take its answer."""

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol

from fakestripe_meters.doors.bodies import Body
from fakestripe_meters.doors.reading import Head

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

Answer = tuple[str, list[tuple[str, str]], bytes]
"""The status line without the version, the headers, and the whole body."""
UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Address(Protocol):
    """What an environment says of the server."""

    host: str
    port: int
    closing: threading.Event


def environ_of(head: Head, body: Body, client: str, server: Address) -> dict[str, Any]:
    """Return a request as a WSGI environment (PEP 3333): bytes that are no ASCII as if they were Latin-1."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.target.method,
        "PATH_INFO": head.target.path.decode("latin-1"),
        "QUERY_STRING": head.target.query,
        "SERVER_PROTOCOL": head.target.protocol,
        "SCRIPT_NAME": "",
        "SERVER_NAME": server.host,
        "SERVER_PORT": str(server.port),
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "fakestripe_meters.closing": server.closing,
    }
    for lower, (_, value) in head.headers.items():
        environ[UNPREFIXED.get(lower) or f"HTTP_{lower.upper().replace('-', '_')}"] = value
    return environ


def run(app: "WSGIApplication", environ: dict[str, Any]) -> Answer:
    """Return the answer of an application, put together."""
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
