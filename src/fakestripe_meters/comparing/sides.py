"""The two sides of the conversation: a Stripe over HTTP, paced and patient, and the fake in this process."""

import json
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from http.client import HTTPConnection
from http.client import HTTPException
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlencode
from urllib.parse import urlsplit

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import process_ns
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.fake import FakeStripe
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

Json = Any
PER_SECOND = 20
"""Requests a second: a sandbox allows 25."""
TIMEOUT_S = 60
TRIES = 6
UNAUTHORIZED = 401
TOO_MANY = 429
FORM = "application/x-www-form-urlencoded"


class CouldNotRunError(Exception):
    """The conversation cannot go on; the message is one line."""


class InterruptedRunError(CouldNotRunError):
    """The user ended the conversation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one side has answered."""

    status: int
    headers: Mapping[str, str]
    tree: Json

    @property
    def accepted(self) -> bool:
        """Whether the request was not refused."""
        return self.status < 400  # noqa: PLR2004  where errors begin


Send = Callable[[str, str, Json, str], Answer]
"""Method, path, parameters and version to an answer."""


class Pace:
    """Real time, in seconds: no two requests closer together than the pace allows, and waits that an end cuts short."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._next_ns = 0

    def now(self) -> float:
        """Return the time in Unix seconds."""
        return process_ns() / SECOND_NS

    def wait(self, seconds: float) -> None:
        """Wait; raise `InterruptedRunError` if the user ends the conversation, also if that was before."""
        if self.ended.wait(seconds):
            raise InterruptedRunError("interrupted")

    def turn(self) -> None:
        """Wait until the next request may be sent."""
        self.wait(max(0.0, self._next_ns / SECOND_NS - self.now()))
        self._next_ns = int((self.now() + 1 / PER_SECOND) * SECOND_NS)


@dataclass(frozen=True, slots=True)
class Remote:
    """Stripe, or a server that stands for it."""

    url: str
    key: str
    pace: Pace

    def send(self, method: str, path: str, params: Json, version: str) -> Answer:
        """Send a request; wait and try again as long as the rate limit, or a clock that advances, refuses it."""
        for doubling in range(TRIES):
            self.pace.turn()
            answer = self._sent(method, path, params, version)
            if answer.status != TOO_MANY:
                return self._checked(answer)
            self.pace.wait(min(2.0**doubling, 8.0))
        raise CouldNotRunError(f"{self._host} answers 429 again and again: {_message(answer.tree)}")

    def _sent(self, method: str, path: str, params: Json, version: str) -> Answer:
        target, body, headers = written(method, path, params, self.key, version)
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=TIMEOUT_S)
        try:
            connection.request(method, parts.path.rstrip("/") + target, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, Headers(answer.getheaders()), _read(answer.read(), self._host))
        except (OSError, HTTPException) as error:
            raise CouldNotRunError(f"cannot reach {self._host}: {str(error) or type(error).__name__}") from None
        finally:
            connection.close()

    def _checked(self, answer: Answer) -> Answer:
        if answer.status == UNAUTHORIZED:
            raise CouldNotRunError(f"{self._host} refuses the key: {_message(answer.tree)}")
        if answer.tree.get("livemode") is True:
            raise CouldNotRunError(f"{self._host} answers in live mode: nothing more is sent there")
        return answer

    @property
    def _host(self) -> str:
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Fake:
    """The fake, asked without a socket."""

    fake: FakeStripe

    def send(self, method: str, path: str, params: Json, version: str) -> Answer:
        """Send a request."""
        target, body, headers = written(method, path, params, self.fake.api_key, version)
        where, _, query = target.partition("?")
        answer = self.fake.engine.handle(Request(method, unquote(where), query, Headers(headers), body))
        return Answer(answer.status, Headers(answer.headers), json.loads(answer.body))


def written(method: str, path: str, params: Json, key: str, version: str) -> tuple[str, bytes, dict[str, str]]:
    """Return the target, the body and the headers of a request, as an SDK would write them."""
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": version}
    if method != "POST":
        query = urlencode(list(_pairs(params)))
        return f"{path}?{query}" if query else path, b"", headers
    in_json = path.startswith("/v2/")
    headers["Content-Type"] = "application/json" if in_json else FORM
    body = json.dumps(params) if in_json else urlencode(list(_pairs(params)))
    return path, body.encode(), headers


def _pairs(tree: Json, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield a tree as form fields, arrays with indices. None is left out; an empty hash or array is an empty text."""
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if members is None:
        if tree is not None:
            yield name, str(tree)
    elif not tree and name:
        yield name, ""
    else:
        for key, value in members:
            yield from _pairs(value, f"{name}[{key}]" if name else str(key))


def _read(body: bytes, host: str) -> Json:
    try:
        tree = json.loads(body)
    except ValueError:
        tree = None
    if not isinstance(tree, dict):
        raise CouldNotRunError(f"{host} does not answer as Stripe does: its answer is not a JSON object")
    return tree


def _message(tree: Json) -> str:
    error = tree.get("error")
    return str(error.get("message", "")) if isinstance(error, dict) else ""
