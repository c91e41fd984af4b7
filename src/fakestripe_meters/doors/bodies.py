"""The body of a request, as its headers announce it."""

import re
from io import RawIOBase
from typing import Any

from fakestripe_meters.doors.reading import PIECE
from fakestripe_meters.doors.reading import Head
from fakestripe_meters.doors.reading import Reader
from fakestripe_meters.doors.reading import Refused

MOST_TRAILERS = 100
LENGTH = re.compile("[0-9]{1,18}")
CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(;.*)?", re.DOTALL)
MALFORMED = "The request's chunks are malformed"


class Body(RawIOBase):
    """One request's body as a stream, which ends after its length, before the next request on the connection."""

    def __init__(self, connection: Reader, length: int = 0) -> None:
        self._connection = connection
        self._left = length

    @property
    def ended(self) -> bool:
        """Whether the body was read to its end, so that the next request can follow."""
        return not self._left

    def readable(self) -> bool:
        """Return True, as a stream that can be read must."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  any writable buffer
        """Fill `buffer` from the body, and return how many bytes; ConnectionError if the client closes too early."""
        piece = memoryview(buffer)[: self._left]
        piece[:] = self._connection.read(len(piece))
        self._left -= len(piece)
        return len(piece)

    def up_to(self, most: int) -> bytes:
        """Return the body, or the first `most` + 1 bytes of a larger one: no more is ever read."""
        content = self._connection.read(min(self._left, most + 1))
        self._left -= len(content)
        return content


class ChunkedBody(Body):
    """A body in chunks, each with its own length. Extensions and trailers are ignored."""

    def __init__(self, connection: Reader) -> None:
        super().__init__(connection)
        self._over = False

    @property
    def ended(self) -> bool:
        """Whether the last chunk was read."""
        return self._over

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  any writable buffer
        """Fill `buffer` from the body, at most to the end of a chunk, and return how many bytes."""
        if not self._left and not self._over:
            self._begin_chunk()
        size = super().readinto(buffer)
        if size and not self._left and self._connection.line():
            raise Refused(400, MALFORMED)
        return size

    def up_to(self, most: int) -> bytes:
        """Return the body, or the first `most` + 1 bytes of a larger one: no more is ever read."""
        pieces, left = [], most + 1
        while left and (piece := self.read(min(left, PIECE))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _begin_chunk(self) -> None:
        match = CHUNK_SIZE.fullmatch(self._connection.line())
        if match is None:
            raise Refused(400, MALFORMED)
        self._left = int(match[1], 16)
        if not self._left:
            self._skip_trailers()
            self._over = True

    def _skip_trailers(self) -> None:
        for _ in range(MOST_TRAILERS + 1):
            if not self._connection.line():
                return
        raise Refused(431, f"The request has more than {MOST_TRAILERS} header lines")


def body_of(head: Head, connection: Reader) -> Body:
    """Return the body that the headers announce, still unread; `Refused` if where it ends is unclear."""
    encoding, length = head.headers.get("transfer-encoding"), head.headers.get("content-length")
    if encoding is not None:
        # Both at once is how requests are smuggled past a proxy (RFC 9112, 6.1).
        if length is not None or encoding[1].lower() != "chunked":
            raise Refused(400, "The request's Transfer-Encoding is not understood")
        return ChunkedBody(connection)
    if length is None:
        return Body(connection)
    if not LENGTH.fullmatch(length[1]):
        raise Refused(400, "The request's Content-Length is malformed")
    return Body(connection, int(length[1]))
