"""The proxy: a WSGI application that passes each request on to Stripe, and each answer back."""

import json
import re
from collections.abc import Iterable
from dataclasses import field
from http import HTTPStatus
from http.client import HTTPConnection
from http.client import HTTPException
from http.client import HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.parse import urlsplit

from fakestripe_meters.core import keys
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.doors import environs
from fakestripe_meters.engine import LARGEST_BODY
from fakestripe_meters.recording.tape import Answer
from fakestripe_meters.recording.tape import Tape
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

if TYPE_CHECKING:
    from wsgiref.types import StartResponse
    from wsgiref.types import WSGIEnvironment

TIMEOUT_S = 80
TEST_KEYS = ("sk_test_", "rk_test_", "pk_test_")
STRIPE = "https://api.stripe.com"
STREAMS_HOST = "https://meter-events.stripe.com"
STREAM = "/v2/billing/meter_event_stream"
SESSIONS = "/v2/billing/meter_event_session"
TOKEN = re.compile(r'"authentication_token"\s*:\s*"([^"]+)"')
PASSED_ON = (
    "Accept",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Stripe-Account",
    "Stripe-Context",
    "Stripe-Version",
    "User-Agent",
    "X-Stripe-Client-User-Agent",
)
OF_THE_CONNECTION = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "set-cookie", "transfer-encoding", "upgrade"}
)
"""Headers of an answer that are not for the client."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Passes requests on to `to`, and records them."""

    to: str
    tape: Tape
    tokens: set[str] = field(default_factory=set)
    """The tokens of meter event sessions that were begun with a test key: the stream takes no key."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        answer = self._answer(environs.request(environ))
        headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in OF_THE_CONNECTION]
        headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status} {_phrase(answer.status)}", headers)
        return [answer.body]

    def _answer(self, request: Request) -> Answer:
        key = keys.from_authorization(request.headers.get("Authorization"))
        if key and not key.startswith(TEST_KEYS) and key not in self.tokens:
            return _own(403, "This is not a test key. Nothing was sent to Stripe: only test keys are.")
        if len(request.body) > LARGEST_BODY:
            return _own(413, f"The body is longer than {LARGEST_BODY:,} bytes.")
        try:
            answer = self._forwarded(request)
        except (OSError, HTTPException) as error:
            return _own(502, f"Cannot reach {urlsplit(self.to).netloc}: {str(error) or type(error).__name__}.")
        self.tokens.update(TOKEN.findall(answer.body.decode("utf-8", "replace")) if request.path == SESSIONS else ())
        self.tape.add(request, answer)
        return answer

    def _forwarded(self, request: Request) -> Answer:
        parts = urlsplit(STREAMS_HOST if request.path == STREAM and self.to == STRIPE else self.to)
        target = parts.path.rstrip("/") + quote(request.path) + (f"?{request.query}" if request.query else "")
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=TIMEOUT_S)
        try:
            connection.request(request.method, target, request.body or None, headers)
            answer = connection.getresponse()
            return Answer(answer.status, Headers(answer.getheaders()), answer.read())
        finally:
            connection.close()


def _own(status: int, message: str) -> Answer:
    """Return an answer of the proxy's own, in the form of Stripe's errors."""
    kind = "api_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004  the number is its name
    body = json.dumps({"error": {"message": f"fakestripe-meters record: {message}", "type": kind}}, indent=2)
    return Answer(status, Headers({"Content-Type": "application/json"}), body.encode() + b"\n")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
