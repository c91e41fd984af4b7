"""The journal: the last requests and their outcomes, oldest first."""

import json
from collections import Counter
from collections import deque
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from fakestripe_meters.core import printing

KEPT = 10_000
LARGEST = 16 * 2**20
"""How many bytes the answers may have that the journal keeps."""
OF_HEADERS = 2_048
"""What the headers of a request and of its answer are counted as."""
CREDENTIALS = {"authorization", "cookie", "proxy-authorization"}
NOT_SENT = "none was sent: a planned fault has dropped the connection"
GONE = f"it is no longer kept: the journal has the newest {LARGEST // 2**20} MB of answers"
NONE_YET = "there is none yet"
MOST_SHOWN = 4
"""How many kinds of exchanges the repr of a journal names."""


@dataclass(slots=True, eq=False, repr=False)
class Exchange:
    """One request and its outcome. `str` gives one line. In `FakeStripe.journal`, API keys are masked."""

    at: int
    """When it arrived, in Unix seconds of the fake's clock."""
    account: str | None
    """The API key of its account; None if it was refused before that was known."""
    method: str
    """Its method, such as `POST`."""
    path: str
    """The path of its URL."""
    params: Any = None
    """Its parameters, from the query and the body, as one tree of dicts, lists and strings."""
    status: int = 0
    """The status of the answer; 0 while there is none."""
    error: dict[str, Any] | None = None
    """Stripe's error, as in the answer; None if there was none."""
    request_id: str = ""
    """The `Request-Id` of the answer."""
    idempotency_key: str | None = None
    """The `Idempotency-Key` of the request."""
    api_version: str | None = None
    """The version of Stripe's API that it was answered in."""
    hint: str | None = None
    """For an unknown URL: the nearest URL that the fake serves. For a planned fault: that it was planned."""
    ignored: tuple[str, ...] = ()
    """The parameters that were taken without effect, because only Stripe has them."""
    connected: str | None = field(default=None, kw_only=True)
    """The id of its account, if that is a connected one."""
    no_answer: str | None = field(default=NONE_YET, kw_only=True)
    """Why `answer` and `headers` are None; None if they are not."""
    _sent: Mapping[str, str] | None = field(default=None, kw_only=True)
    _headers: dict[str, str] | None = field(default=None, kw_only=True)
    _body: bytes | None = field(default=None, kw_only=True)

    def __str__(self) -> str:
        """Return one line: the time, the request, and its outcome."""
        error = self.error or {}
        reason = error.get("message", "") if self.error else ""
        code = f" {error['code']}" if error.get("code") else ""
        hint = f" ({self.hint})" if self.hint else ""
        hint += f" (without effect: {', '.join(self.ignored)})" if self.ignored else ""
        answer = f"{self.status or 'no answer'}{code}{reason and f': {reason}'}{hint}"
        return printing.line(f"{printing.instant(self.at)} {self.method} {self.path} → {answer}")

    def __repr__(self) -> str:
        """Return the line, and the parameters: what a failing assertion shows."""
        params = f", params {printing.masked(self.params)!r}" if self.params else ""
        return f"<Exchange: {self}{params}>"

    @property
    def answer(self) -> Any:  # noqa: ANN401  any JSON
        """The body of the answer, parsed if it is JSON, with keys masked; None if `no_answer` says why."""
        if self._body is None:
            return None
        text = self._body.decode(errors="replace")
        try:
            return printing.masked(json.loads(text))
        except (ValueError, RecursionError):
            return printing.masked(text)

    @property
    def headers(self) -> dict[str, str] | None:
        """The headers of the answer, with keys masked; None if `no_answer` says why."""
        return None if self._headers is None else printing.masked(dict(self._headers))

    @property
    def request_headers(self) -> dict[str, str] | None:
        """The headers of the request, without credentials and with keys masked; None if they are not kept."""
        if self._sent is None:
            return None
        return printing.masked({name: value for name, value in self._sent.items() if name.lower() not in CREDENTIALS})

    def keep(self, sent: Mapping[str, str], headers: dict[str, str], body: bytes) -> None:
        """Keep the headers of the request, and the answer."""
        self._sent, self._headers, self._body, self.no_answer = sent, headers, body, None

    def lose(self, why: str) -> int:
        """Keep no answer any more; return how large it was."""
        size = OF_HEADERS + len(self._body or b"")
        self._sent = self._headers = self._body = None
        self.no_answer = why
        return size

    def says(self, value: str) -> bool:
        """Whether a segment of the path, or any value within the parameters, equals `value`."""
        return value in self.path.split("/") or value in _leaves(self.params)


class Exchanges(list[Exchange]):
    """A list of exchanges, oldest first: a journal, or what `find` has selected. `str` gives one line for each."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        """Return how many there are of each call and status: what a failing assertion shows."""
        kinds = Counter(printing.line(f"{each.method} {each.path} → {each.status or 'no answer'}") for each in self)
        shown = [kind if count == 1 else f"{count:,} × {kind}" for kind, count in kinds.items()]
        more = [f"and {len(shown) - MOST_SHOWN:,} more"] if len(shown) > MOST_SHOWN else []
        told = ", ".join([*shown[:MOST_SHOWN], *more])
        return f"<{printing.counted(len(self), 'exchange')}{told and f': {told}'}>"

    def find(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        customer: str | None = None,
        event_name: str | None = None,
        status: int | None = None,
    ) -> "Exchanges":
        """Select by method, path (`*` stands for anything), customer, event name and status."""
        return Exchanges(
            each
            for each in self
            if method in (None, each.method)
            and (path is None or fnmatchcase(each.path, path))
            and all(value is None or each.says(value) for value in (customer, event_name))
            and status in (None, each.status)
        )


def _leaves(tree: Any) -> Iterator[Any]:  # noqa: ANN401  any JSON tree
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list):
        yield tree
        return
    for each in tree:
        yield from _leaves(each)


class Journal:
    """The last exchanges of all accounts; beyond `kept`, the oldest are dropped."""

    def __init__(self, kept: int = KEPT, largest: int = LARGEST) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=kept)
        self._answered: deque[Exchange] = deque()
        """Those whose answers are kept."""
        self._size = 0
        self._largest = largest
        self._changing = Lock()  # one of `core.locks` would cost each request more; nothing is called under this one

    def add(self, exchange: Exchange) -> None:
        """Add a request; its outcome is filled in later."""
        with self._changing:
            self._exchanges.append(exchange)

    def keep(self, exchange: Exchange, sent: Mapping[str, str], headers: dict[str, str], body: bytes | None) -> None:
        """Keep the answer to a request, and the headers of both; forget the oldest if all of them get too large.

        There is no `body` if a planned fault drops the connection.
        """
        if body is None:
            exchange.no_answer = NOT_SENT
            return
        exchange.keep(sent, headers, body)
        with self._changing:
            self._answered.append(exchange)
            self._size += OF_HEADERS + len(body)
            while self._size > self._largest:
                self._size -= self._answered.popleft().lose(GONE)

    def forget(self, account: str) -> None:
        """Drop the exchanges of one account (API key)."""
        with self._changing:
            rest = [exchange for exchange in self if exchange.account != account]
            self._exchanges = deque(rest, maxlen=self._exchanges.maxlen)
            for exchange in self._answered:
                if exchange.account == account:
                    self._size -= exchange.lose(GONE)
            self._answered = deque(each for each in self._answered if each.account != account)

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges, oldest first, from a copy: requests may arrive meanwhile."""
        return iter(self._exchanges.copy())

    def __len__(self) -> int:
        return len(self._exchanges)
