"""Use a WSGI application as a webhook handler: no socket, no thread."""

import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

from fakestripe_meters.delivery.apps import Answered
from fakestripe_meters.delivery.notification import Notification

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def into_wsgi(app: "WSGIApplication", url: str) -> Callable[[Notification], int]:
    """Return a handler that POSTs a notification to the path of `url` in `app`, and returns the answer's status."""

    def handle(notification: Notification) -> int:
        statuses: list[str] = []
        pieces: list[bytes] = []

        def start_response(status: str, _headers: Any, _failure: Any = None) -> Callable[[bytes], object]:  # noqa: ANN401  as WSGI says
            statuses[:] = [status]
            return pieces.append

        answer = app(_environ(url, notification), start_response)
        try:
            pieces.extend(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        return Answered(int(statuses[0].split()[0]), urlsplit(url).path or "/", b"".join(pieces))

    return handle


def _environ(url: str, notification: Notification) -> dict[str, Any]:
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path or "/", "latin-1"),
        "QUERY_STRING": parts.query,
        "CONTENT_LENGTH": str(len(notification.body)),
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme or "http",
        "wsgi.input": io.BytesIO(notification.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in notification.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
