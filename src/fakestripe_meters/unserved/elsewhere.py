"""Pass calls on that are not served: to stripe-mock, to a recorder, or to any server that speaks Stripe's API.

The standard library sends them, so that tools which intercept `requests` or `httpx` in this process do not catch them.
"""

import json
import re
from http.client import HTTPConnection
from http.client import HTTPException
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import quote
from urllib.parse import urlsplit

from fakestripe_meters.core import errors
from fakestripe_meters.core import keys
from fakestripe_meters.core import printing
from fakestripe_meters.core.errors import NOT_SERVED
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.wire import v1
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response
from fakestripe_meters.wire.tree import pretty

TIMEOUT_S = 80.0
"""As long as Stripe's SDKs wait for an answer."""
LARGEST_ANSWER = 16_777_216
PASSED_ON = "Fakestripe-Passed-On"
"""The header that marks a call which was passed on: it is not passed on again."""
SENT_ALONG = (
    "accept",
    "content-type",
    "idempotency-key",
    "stripe-account",
    "stripe-context",
    "stripe-version",
    "user-agent",
    "x-stripe-client-user-agent",
)
LEFT_OUT = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers of an answer that belong to its connection."""
LIVE_KEY = re.compile(r"[srp]k_live_")
SAFE_IN_PATH = "/!$&'()*+,;=:@~"
REASONS = (OSError, HTTPException, ValueError)
"""What keeps another server from answering."""


class Elsewhere:
    """Another server, which answers the calls that are not served."""

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError:
            raise _misuse(url) from None
        extra = parts.username or parts.password or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not self._host or extra:
            raise _misuse(url)
        self.url = url
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._path = parts.path.rstrip("/")

    def answer(self, request: Request, exchange: Exchange, refusal: Response) -> Response:
        """Return the other server's answer to a call whose URL is not served, or 502; any other refusal stays."""
        refused = exchange.error or {}
        if refused.get("code") != NOT_SERVED or "param" in refused:
            return refusal
        exchange.hint = f"passed on to {self.url}"
        try:
            answer = self._ask(request)
        except REASONS as reason:
            error = errors.unserved.not_passed_on(request.method, request.path, self.url, _told(reason))
            tree = v1.error_object(error, account=None, request_id="")
            answer = Response(error.status, refusal.headers, pretty({"error": printing.masked(tree)}))
        exchange.status, exchange.error = answer.status, _error_in(answer)
        return answer

    def _ask(self, request: Request) -> Response:
        """Send the request, and return the answer; raise one of `REASONS`."""
        headers = self._headers(request)
        target = self._path + quote(request.path, safe=SAFE_IN_PATH) + (f"?{request.query}" if request.query else "")
        if any(map(LIVE_KEY.search, (request.path, request.query, request.body.decode("latin-1"), *headers.values()))):
            raise ValueError("the call holds a live key")
        # With a port of None, the standard library would look for one in the last part of an IPv6 address.
        connection = self._kind(self._host, self._port or self._kind.default_port, timeout=TIMEOUT_S)
        try:
            connection.request(request.method, target, request.body or None, headers)
            answer = connection.getresponse()
            body = answer.read(LARGEST_ANSWER + 1)
        finally:
            connection.close()
        if len(body) > LARGEST_ANSWER:
            raise ValueError(f"its answer is larger than {LARGEST_ANSWER} bytes")
        if answer.length:
            raise ValueError("its answer is cut off")
        kept = {name: " ".join(value.split()) for name, value in answer.getheaders() if name.lower() not in LEFT_OUT}
        return Response(answer.status, kept, body)

    def _headers(self, request: Request) -> dict[str, str]:
        if request.headers.lookup(PASSED_ON.lower()) is not None:
            raise ValueError("the call was passed on before: does that server pass calls on to this one?")
        sent = {name: value for name in SENT_ALONG if (value := request.headers.lookup(name)) is not None}
        key = keys.from_authorization(request.headers.lookup("authorization"))
        return sent | {"authorization": f"Bearer {key}", PASSED_ON: "true"}


def _misuse(url: str) -> Misuse:
    shown = errors.quoted(url)
    return Misuse(f"elsewhere must be the http or https URL of a server, not {shown}", param="elsewhere")


def _told(reason: Exception) -> str:
    if isinstance(reason, TimeoutError):
        return f"no answer within {TIMEOUT_S:g} seconds"
    return str(reason) or type(reason).__name__


def _error_in(answer: Response) -> dict[str, Any] | None:
    """Return the error that an answer has in Stripe's form, for the journal."""
    try:
        error = json.loads(answer.body)["error"]
    except (ValueError, TypeError, KeyError):
        return None
    return printing.masked(error) if isinstance(error, dict) else None
