"""Read HTTP/1.1 from a connection: the request line, the headers, and the body as a stream."""

import re
from collections.abc import Iterator
from functools import lru_cache
from io import BufferedIOBase
from io import RawIOBase
from typing import Any
from urllib.parse import unquote_to_bytes

REQUEST_LINE = re.compile(r"([!-~]+) ([^\s]+) HTTP/1\.([01])")
LONGEST_LINE = 65_536
MOST_LINES = 100
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(r"[\0\r\n]")
LENGTH = re.compile("[0-9]{1,18}")
CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(;.*)?", re.DOTALL)
Environ = dict[str, Any]


class Refused(Exception):  # noqa: N818  the request is refused
    """What was read is not a valid HTTP request, or is too large. `status` is that of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Body(RawIOBase):
    """One request's body as a stream, which ends after its length, before the next request on the connection."""

    def __init__(self, connection: BufferedIOBase, length: int = 0) -> None:
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
    """A body in chunks, each with its own length. Extensions and trailers are ignored."""

    def __init__(self, connection: BufferedIOBase) -> None:
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
        if size and not self._left and _line(self._connection):
            raise Refused(400, "The request's chunks are malformed")
        return size

    def _begin_chunk(self) -> None:
        match = CHUNK_SIZE.fullmatch(_line(self._connection))
        if match is None:
            raise Refused(400, "The request's chunks are malformed")
        self._left = int(match[1], 16)
        if not self._left:
            for _ in _lines(self._connection):
                pass
            self._over = True


def request_line(connection: BufferedIOBase) -> str:
    """Return the next request line, empty if the client has closed. Ignore a blank line before it (RFC 9112, 2.2)."""
    line = connection.readline(LONGEST_LINE)
    if line in (b"\r\n", b"\n"):
        line = connection.readline(LONGEST_LINE)
    if line and not line.endswith(b"\n"):
        raise Refused(414, f"The request line is longer than {LONGEST_LINE} bytes, or cut off")
    return line.rstrip(b"\r\n").decode("latin-1")


def target_of(line: str) -> Environ:
    """Return what a request line says, as a WSGI environment has it."""
    match = REQUEST_LINE.fullmatch(line)
    if match is None:
        raise Refused(400, "The request line is malformed")
    method, target, minor = match.groups()
    path, _, query = _without_host(target).partition("?")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1") if "%" in path else path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": f"HTTP/1.{minor}",
    }


def _without_host(target: str) -> str:
    """Return the path and query of a request line; of `http://host/path` only what follows the host."""
    if target.startswith("/") or "://" not in target:
        return target
    _, slash, rest = target.partition("://")[2].partition("/")
    return slash + rest


def _line(connection: BufferedIOBase) -> bytes:
    line = connection.readline(LONGEST_LINE)
    if line.endswith(b"\n"):
        return line[:-2] if line.endswith(b"\r\n") else line[:-1]
    if len(line) == LONGEST_LINE:
        raise Refused(431, f"A header line is longer than {LONGEST_LINE} bytes")
    message = "the client went away in the middle of its request"
    raise ConnectionAbortedError(message)


def _lines(connection: BufferedIOBase) -> Iterator[bytes]:
    """Yield the lines up to a blank one."""
    for _ in range(MOST_LINES + 1):
        line = _line(connection)
        if not line:
            return
        yield line
    raise Refused(431, f"The request has more than {MOST_LINES} header lines")


def add_headers(environ: Environ, connection: BufferedIOBase) -> None:
    """Read the headers into a WSGI environment. Repeated headers are joined by commas."""
    for line in _lines(connection):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not NAME.fullmatch(name) or CONTROL.search(value):
            raise Refused(400, "A header line is malformed")
        if "_" in name:  # WSGI could not tell it from the same name with a dash
            continue
        key, value = _key(name), value.strip(" \t")
        environ[key] = f"{environ[key]},{value}" if key in environ else value


@lru_cache(maxsize=256)
def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def body_of(environ: Environ, connection: BufferedIOBase) -> Body:
    """Return the body that the headers announce, still unread."""
    encoding, length = environ.get("HTTP_TRANSFER_ENCODING"), environ.get("CONTENT_LENGTH")
    if encoding is not None:
        # Both at once is how requests are smuggled past a proxy (RFC 9112, 6.1).
        if length is not None or encoding.lower() != "chunked":
            raise Refused(400, "The request's Transfer-Encoding is not understood")
        return ChunkedBody(connection)
    if length is not None and not LENGTH.fullmatch(length):
        raise Refused(400, "The request's Content-Length is malformed")
    return Body(connection, int(length or 0))
