"""Whose URLs are answered, and by whom at the moment."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

from fakestripe_meters.doors.stripe_hosts import HOSTS
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True, eq=False)
class Answerer:
    """An engine that answers for Stripe's hosts, and where its own socket is, if one is open."""

    engine: Engine
    url: Callable[[], str | None]


ACTIVE: list[Answerer] = []
"""Who answers: the last of them. The one state of the process that interception has."""


def engine_at(host: str, scheme: str) -> Engine | None:
    """The engine that answers for a host; None for hosts that are not Stripe's, and when nobody intercepts."""
    if not ACTIVE or host not in HOSTS or scheme not in SCHEMES:
        return None
    return ACTIVE[-1].engine


def engine_for(url: str) -> Engine | None:
    """The same for a whole URL."""
    parts = urlsplit(url)
    return engine_at(parts.hostname or "", parts.scheme)


def is_own(url: str) -> bool:
    """Whether a URL leads to the socket of someone who intercepts."""
    return any((own := each.url()) is not None and f"{url}/".startswith(f"{own}/") for each in ACTIVE)


def request_to(url: str, method: str, headers: Mapping[str, str], body: Any) -> Request:  # noqa: ANN401  what HTTP libraries take
    """A request in our words. A body may be text, bytes, a file, or pieces of bytes."""
    parts = urlsplit(url)
    return Request(method.upper(), unquote(parts.path), parts.query, Headers(headers), _content(body))


def _content(body: Any) -> bytes:  # noqa: ANN401  as above
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body or ())
