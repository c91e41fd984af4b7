"""HTTP/1.1 as bytes: for clients that write a request to a connection, and read the answer from it.

Each answer ends its connection, so that the next request asks again who answers.
"""

from http.client import responses as REASONS  # noqa: N812  a table
from io import BytesIO

from fakestripe_meters.doors.bodies import body_of
from fakestripe_meters.doors.environs import request_of
from fakestripe_meters.doors.intercept.hosts import Answers
from fakestripe_meters.doors.intercept.hosts import ask
from fakestripe_meters.doors.reading import Reader
from fakestripe_meters.doors.reading import Refused
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

GO_AHEAD = b"HTTP/1.1 100 Continue\r\n\r\n"


def waits(sent: bytes | bytearray) -> bool:
    """Return whether a client has sent the head of a request, and keeps the body back until it is told to go ahead."""
    head, end, _ = sent.partition(b"\r\n\r\n")
    return bool(end) and b"\r\nexpect: 100-continue" in head.lower()


def request_in(sent: bytes) -> Request | None:
    """Return the request that a client has sent, or None if its end is still to come; raise `Refused` if it is none."""
    reader = Reader(BytesIO(sent).read)
    try:
        head = reader.head()
        return None if head is None else request_of(head, body_of(head, reader))
    except ConnectionAbortedError:
        return None


def answer_to(sent: bytes, engine: Answers) -> Response | None:
    """Return the answer to what a client has sent, or None if the request's end is still to come."""
    try:
        request = request_in(sent)
    except Refused as refused:
        return Response(refused.status, {"Content-Type": "text/plain"}, f"{refused}.".encode())
    return ask(engine, request) if request is not None else None


def written(answer: Response) -> bytes:
    """Return an answer as it is sent."""
    headers = {"Content-Length": str(len(answer.body)), **answer.headers, "Connection": "close"}
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, '')}", *map(": ".join, headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + answer.body
