"""HTTP/1.1 as bytes: for clients that write a request to a connection, and read the answer from it.

Each answer ends its connection, so that the next request asks again who answers.
"""

from http.client import responses as REASONS  # noqa: N812  a table
from io import BytesIO

from fakestripe_meters.doors import environs
from fakestripe_meters.doors.reading import Refused
from fakestripe_meters.doors.reading import add_headers
from fakestripe_meters.doors.reading import body_of
from fakestripe_meters.doors.reading import request_line
from fakestripe_meters.doors.reading import target_of
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response


def request_in(sent: bytes) -> Request | None:
    """Return the request that a client has sent, or None if its end is still to come; raise `Refused` if it is none."""
    stream = BytesIO(sent)
    environ = target_of(request_line(stream))
    try:
        add_headers(environ, stream)
        environ["wsgi.input"], environ["wsgi.input_terminated"] = body_of(environ, stream), True
        return environs.request(environ)
    except ConnectionAbortedError:
        return None


def answer_to(sent: bytes, engine: Engine) -> Response | None:
    """Return the answer to what a client has sent, or None if the request's end is still to come."""
    try:
        request = request_in(sent)
    except Refused as refused:
        return Response(refused.status, {"Content-Type": "text/plain"}, f"{refused}.".encode())
    return engine.handle(request) if request is not None else None


def written(answer: Response) -> bytes:
    """Return an answer as it is sent."""
    headers = {**answer.headers, "Content-Length": str(len(answer.body)), "Connection": "close"}
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, '')}", *map(": ".join, headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + answer.body
