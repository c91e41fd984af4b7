"""Which URLs are answered, and by which engine."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from typing import Protocol
from urllib.parse import unquote
from urllib.parse import urlsplit

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.site import VENDORS
from fakestripe_meters.doors.stripe_hosts import HOSTS
from fakestripe_meters.doors.vendor_hosts import vendor_at
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True, eq=False)
class Answerer:
    """An engine that answers for Stripe's hosts, and the address of its own socket, if it is open.

    `leaks` says what becomes of connections to Stripe that are not intercepted: "refuse", "allow", or None for what the
    interception around it says.
    """

    engine: Engine
    url: Callable[[], str | None]
    leaks: str | None = None


class Answers(Protocol):
    """What answers for a host: an engine, or one that is told which vendor is meant."""

    def handle(self, request: Request) -> Response:
        """Return the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Vendor:
    """An engine that answers for a host of another vendor's, as below `/_vendors/`."""

    engine: Engine
    name: str
    host: str

    def handle(self, request: Request) -> Response:
        """Return the vendor's answer. The request keeps the name of the host, which may matter."""
        headers = Headers({**request.headers.sent, "Host": self.host})
        path = f"{VENDORS}/{self.name}{request.path}"
        return self.engine.handle(Request(request.method, path, request.query, headers, request.body))


ACTIVE: list[Answerer] = []
"""The active interceptions. The last one answers."""


def engine_at(host: str, scheme: str) -> Answers | None:
    """Return what answers for a host; None if it is neither Stripe's nor a vendor's, or no interception is active."""
    if not ACTIVE or scheme not in SCHEMES:
        return None
    host = host.removesuffix(".")
    if host in HOSTS:
        return ACTIVE[-1].engine
    vendor = vendor_at(host.lower())
    return None if vendor is None else Vendor(ACTIVE[-1].engine, vendor, host.lower())


def engine_for(url: str) -> Answers | None:
    """Return what answers for a URL, or None, as above."""
    parts = urlsplit(url)
    return engine_at(parts.hostname or "", parts.scheme)


def is_own(url: str) -> bool:
    """Return whether a URL leads to the own socket of an engine that is active."""
    return any((own := each.url()) is not None and f"{url}/".startswith(f"{own}/") for each in ACTIVE)


def request_to(url: str, method: str, headers: Mapping[str, str], body: Any) -> Request:  # noqa: ANN401  as HTTP libraries take it
    """Return a request for the engine. The body may be a string, bytes, a file, or an iterable of bytes."""
    parts = urlsplit(url)
    return Request(method.upper(), unquote(parts.path), parts.query, Headers(headers), _content(body))


def ask(engine: Answers, request: Request) -> Response:
    """Return the engine's answer; to HEAD without its body, whose length is in the headers."""
    answer = engine.handle(request)
    if request.method != "HEAD":
        return answer
    return replace(answer, headers={**answer.headers, "Content-Length": str(len(answer.body))}, body=b"")


def _content(body: Any) -> bytes:  # noqa: ANN401  as above
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body or ())
