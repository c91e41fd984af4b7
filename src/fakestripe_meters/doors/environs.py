"""Translate a WSGI environment, or what was read from a connection, into the engine's `Request`."""

import threading
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

from fakestripe_meters.doors.bodies import Body
from fakestripe_meters.doors.reading import PIECE
from fakestripe_meters.doors.reading import Head
from fakestripe_meters.engine import LARGEST_BODY
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

NO_TYPE = ("Content-Type", "")
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def request(environ: WSGIEnvironment) -> Request:
    """Return the request that a WSGI environment describes."""
    return Request(
        environ["REQUEST_METHOD"],
        _decoded(environ["PATH_INFO"]),
        query(environ),
        Headers(_headers(environ)),
        body(environ, LARGEST_BODY),
    )


def request_of(head: Head, body: Body) -> Request:
    """Return the request that was read from a connection, and what its body has."""
    target = head.target
    # As of a WSGI environment: the length is that of the body, and an empty type is none.
    headers = Headers(each for name, each in head.headers.items() if name != "content-length" and each != NO_TYPE)
    path = target.path.decode("utf-8", "replace")
    return Request(target.method, path, _encoded(target.query), headers, body.up_to(LARGEST_BODY))


def _decoded(latin: str) -> str:
    """Decode UTF-8 that WSGI passes on as if it were Latin-1."""
    return latin if latin.isascii() else latin.encode("latin-1").decode("utf-8", "replace")


def query(environ: WSGIEnvironment) -> str:
    """Return the query string, with all that is not ASCII percent-encoded."""
    return _encoded(environ.get("QUERY_STRING", ""))


def _encoded(latin: str) -> str:
    return latin if latin.isascii() else quote(latin.encode("latin-1"), safe=PRINTABLE)


def _headers(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield _header_name(name), value
    if content_type := environ.get("CONTENT_TYPE"):
        yield "Content-Type", content_type


@lru_cache(maxsize=256)
def _header_name(name: str) -> str:
    return name.removeprefix("HTTP_").replace("_", "-").title()


def body(environ: WSGIEnvironment, most: int) -> bytes:
    """Return the body, or the first `most` + 1 bytes of a larger one: no more is ever read."""
    return b"".join(pieces(environ, most))


def pieces(environ: WSGIEnvironment, most: int) -> Iterator[bytes]:
    """Yield the body, or the first `most` + 1 bytes of a larger one, a piece at a time."""
    left = most + 1
    if not environ.get("wsgi.input_terminated"):
        left = min(left, _length(environ))
    stream = environ["wsgi.input"]
    while left and (piece := stream.read(min(left, PIECE))):
        yield piece
        left -= len(piece)


def _length(environ: WSGIEnvironment) -> int:
    """Return the Content-Length, in bytes; 0 if it is not a number, for then there is no body."""
    length: str = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def hold(environ: WSGIEnvironment, delay_s: float) -> None:
    """Wait `delay_s` real seconds, or until the server closes."""
    closing: threading.Event = environ.get("fakestripe_meters.closing") or threading.Event()
    closing.wait(delay_s)
