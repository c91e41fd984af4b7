"""What reading the head of a request takes, by our reader and by the parser under uvicorn.

python -m benchmarks.heads
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import count

import httptools

from benchmarks import bars
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import compare
from benchmarks.figures import show
from fakestripe_meters.doors.reading import Reader

NUMBERS = count()
LINES = (
    "POST /v1/billing/meter_events HTTP/1.1",
    "Host: 127.0.0.1:12111",
    "User-Agent: Stripe/v1 PythonBindings/16.1.0",
    "Accept-Encoding: gzip, deflate",
    "Accept: */*",
    "Connection: keep-alive",
    'X-Stripe-Client-User-Agent: {"bindings_version": "16.1.0", "lang": "python", "publisher": "stripe"}',
    "Stripe-Version: 2026-10-28.preview",
    "Authorization: Bearer sk_test_fakestripe",
    "Content-Type: application/x-www-form-urlencoded",
)


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    took = compare({"ours": ours, "theirs": theirs}, rounds=size.pick(25, 3), times=size.pick(2_000, 50))
    yield bars.HEAD.ratio(took["ours"], took["theirs"])


def request() -> bytes:
    """A request as the SDK sends it: only its Idempotency-Key is a new one each time."""
    return "\r\n".join([*LINES, f"Idempotency-Key: key-{next(NUMBERS)}", "", ""]).encode()


def ours() -> None:
    """Read it by our reader."""
    head = Reader(BytesIO(request()).read).head()
    assert head is not None
    assert len(head.headers) == len(LINES)


class Protocol:
    """What httptools calls: it collects what our reader returns."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: dict[str, tuple[str, str]] = {}

    def on_url(self, url: bytes) -> None:
        """Keep the target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, by its name in any case."""
        shown = name.decode("latin-1")
        self.headers[shown.lower()] = (shown, value.decode("latin-1"))


def theirs() -> None:
    """Read it by httptools, which says neither what a path is once it is decoded, nor refuses all that we refuse."""
    protocol = Protocol()
    parser = httptools.HttpRequestParser(protocol)
    parser.feed_data(request())
    path, _, query = protocol.url.decode("latin-1").partition("?")
    assert (parser.get_method(), path, query) == (b"POST", "/v1/billing/meter_events", "")
    assert len(protocol.headers) == len(LINES)


if __name__ == "__main__":
    show(measure)
