"""Read HTTP/1.1 from a connection: the request line, the headers, and the body.

The reader is our own. It is as fast as `httptools`, because a client repeats its header lines, and a line that was read
before is found in a cache; `benchmarks/heads.py` compares the two. It needs no compiled package, limits the length and
the number of lines, and refuses all that proxies and servers are known to disagree about.
"""

import re
from collections.abc import Callable
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

REQUEST_LINE = re.compile(r"([!-~]+) ([^\s]+) HTTP/1\.([01])")
LONGEST_LINE = 65_536
MOST_LINES = 100
PIECE = 65_536
LONGEST_KEPT = 4_096
"""How long the head of a request may be whose lines are kept in a cache."""
END = re.compile(rb"\n\r?\n")
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(r"[\0\r\n]")
LINE_ENDS = (b"\r", b"\n")
GONE = "the client went away in the middle of its request"
LINE_TOO_LONG = f"The request line is longer than {LONGEST_LINE} bytes, or cut off"
HEADER_TOO_LONG = f"A header line is longer than {LONGEST_LINE} bytes"
TOO_MANY = f"The request has more than {MOST_LINES} header lines"


class Refused(Exception):  # noqa: N818  the request is refused
    """What was read is not a valid HTTP request, or is too large. `status` is that of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Target(NamedTuple):
    """A request line: the path is decoded to bytes, the query is as it came."""

    method: str
    path: bytes
    query: str
    protocol: str


Header = tuple[str, str]
Headers = dict[str, Header]
"""By names in lower case: the name as in `Content-Type`, and the value. Repeated headers are joined by commas."""


class Head(NamedTuple):
    """A request without its body."""

    target: Target
    headers: Headers

    def value(self, lower_name: str) -> str:
        """Return the value of a header, empty without one."""
        found = self.headers.get(lower_name)
        return "" if found is None else found[1]


class Reader:
    """The bytes of a connection, in the order in which they arrive. `receive` waits for some more, and returns them."""

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._held = b""

    @property
    def holds(self) -> bool:
        """Whether some bytes have arrived that nobody has read."""
        return bool(self._held)

    def head(self) -> Head | None:
        """Return what begins the next request; None if the client has closed before it has begun one.

        Raises:
            Refused: It is not HTTP/1.1, or too long.
            ConnectionError: The client has closed in the middle of it.
        """
        held = self._held or self._receive(PIECE)
        if held[:1] in LINE_ENDS:
            held = self._after_blank_line(held)
        end, searched = END.search(held), 0
        while end is None:
            piece = self._receive(PIECE)
            if not piece:
                _check_cut_off(held)
                return None
            searched = max(0, len(held) - 2)
            held += piece
            _check_growing(held)
            end = END.search(held, searched)
        self._held = held[end.end() :]
        return _head(held[: end.start()])

    def read(self, size: int) -> bytes:
        """Return the next bytes; ConnectionError if the client closes before them."""
        held = self._held
        if len(held) < size:
            pieces, missing = [held], size - len(held)
            while missing > 0:
                pieces.append(piece := self._received())
                missing -= len(piece)
            held = b"".join(pieces)
        self._held = held[size:]
        return held[:size]

    def line(self) -> bytes:
        """Return the next line without its end."""
        held, begun = self._held, 0
        while (end := held.find(b"\n", begun, LONGEST_LINE)) < 0:
            if len(held) >= LONGEST_LINE:
                raise Refused(431, HEADER_TOO_LONG)
            begun = len(held)
            held += self._received()
        self._held = held[end + 1 :]
        return held[:end].removesuffix(b"\r")

    def _received(self) -> bytes:
        piece = self._receive(PIECE)
        if not piece:
            raise ConnectionAbortedError(GONE)
        return piece

    def _after_blank_line(self, held: bytes) -> bytes:
        """Drop one blank line before a request (RFC 9112, 2.2)."""
        while held == b"\r" and (piece := self._receive(PIECE)):
            held += piece
        held = held[2:] if held.startswith(b"\r\n") else held.removeprefix(b"\n")
        return held or self._receive(PIECE)


def _check_cut_off(held: bytes) -> None:
    """Raise if the client has begun a request, and not finished it."""
    if b"\n" in held:
        raise ConnectionAbortedError(GONE)
    if held:
        raise Refused(414, LINE_TOO_LONG)


def _check_growing(held: bytes) -> None:
    """Raise `Refused` if a request that is still arriving is too long already."""
    if len(held) <= LONGEST_LINE:
        return
    lines = held.split(b"\n", MOST_LINES + 2)
    _check_lengths(lines)
    if len(lines) > MOST_LINES + 1:
        raise Refused(431, TOO_MANY)


def _check_lengths(lines: list[bytes]) -> None:
    if len(lines[0]) >= LONGEST_LINE:
        raise Refused(414, LINE_TOO_LONG)
    if any(len(line) >= LONGEST_LINE for line in lines):
        raise Refused(431, HEADER_TOO_LONG)


def _head(read: bytes) -> Head:
    line, *rest = read.split(b"\n")
    target_of: Callable[[bytes], Target] = _target
    header_of: Callable[[bytes], tuple[str, Header]] = _header
    if len(read) >= LONGEST_KEPT:
        _check_lengths([line, *rest])
        target_of, header_of = _target.__wrapped__, _header.__wrapped__
    if len(rest) > MOST_LINES:
        raise Refused(431, TOO_MANY)
    target, pairs = target_of(line), list(map(header_of, rest))
    headers = dict(pairs)
    if len(headers) < len(pairs):
        headers = _joined(pairs)
    if "" in headers:
        del headers[""]
    return Head(target, headers)


def _joined(pairs: Iterable[tuple[str, Header]]) -> Headers:
    """Return the headers where some are repeated."""
    headers: Headers = {}
    for lower, (name, value) in pairs:
        headers[lower] = (name, f"{headers[lower][1]},{value}" if lower in headers else value)
    return headers


@lru_cache(maxsize=1024)
def _target(line: bytes) -> Target:
    match = REQUEST_LINE.fullmatch(line.rstrip(b"\r").decode("latin-1"))
    if match is None:
        raise Refused(400, "The request line is malformed")
    method, target, minor = match.groups()
    path, _, query = _without_host(target).partition("?")
    return Target(method, unquote_to_bytes(path.encode("latin-1")), query, f"HTTP/1.{minor}")


def _without_host(target: str) -> str:
    """Return the path and query of a request line; of `http://host/path` only what follows the host."""
    if target.startswith("/") or "://" not in target:
        return target
    _, slash, rest = target.partition("://")[2].partition("/")
    return slash + rest


@lru_cache(maxsize=1024)
def _header(line: bytes) -> tuple[str, Header]:
    """Return a header by its name in lower case. A name with an underscore counts as none, and becomes empty.

    WSGI could not tell it from the same name with a dash, and a proxy that removes the one does not know the other.
    """
    name, colon, value = line.removesuffix(b"\r").decode("latin-1").partition(":")
    if not colon or not NAME.fullmatch(name) or CONTROL.search(value):
        raise Refused(400, "A header line is malformed")
    return "" if "_" in name else name.lower(), (name.title(), value.strip(" \t"))
