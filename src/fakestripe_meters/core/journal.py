"""The journal: the last requests and their outcomes, oldest first."""

import datetime as dt
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from fakestripe_meters.core import printing

KEPT = 10_000


@dataclass(slots=True, eq=False, repr=False)
class Exchange:
    """One request and its outcome. It contains API keys in full; they are masked where it is shown."""

    at: int
    account: str | None
    method: str
    path: str
    params: Any = None
    status: int = 0
    error: dict[str, Any] | None = None
    request_id: str = ""
    idempotency_key: str | None = None
    api_version: str | None = None
    hint: str | None = None
    """For an unknown URL: the nearest URL that the fake serves. For a planned fault: that it was planned."""
    ignored: tuple[str, ...] = ()
    """The parameters that were taken without effect, because only Stripe has them."""

    def __str__(self) -> str:
        """Return one line: the time, the request, and its outcome."""
        when = dt.datetime.fromtimestamp(self.at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        error = self.error or {}
        reason = error.get("message", "") if self.error else ""
        code = f" {error['code']}" if error.get("code") else ""
        hint = f" ({self.hint})" if self.hint else ""
        hint += f" (without effect: {', '.join(self.ignored)})" if self.ignored else ""
        answer = f"{self.status or 'no answer'}{code}{reason and f': {reason}'}{hint}"
        return printing.line(f"{when} {self.method} {self.path} → {answer}")

    def __repr__(self) -> str:
        noted = ", ".join(f"{each.name}={printing.masked(getattr(self, each.name))!r}" for each in fields(self))
        return f"{type(self).__name__}({noted})"

    def says(self, value: str) -> bool:
        """Whether a segment of the path, or any value within the parameters, equals `value`."""
        return value in self.path.split("/") or value in _leaves(self.params)


class Exchanges(list[Exchange]):
    """A selection of a journal's exchanges, oldest first. `str` gives one line for each."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))

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

    def __init__(self, kept: int = KEPT) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=kept)
        self._changing = Lock()  # one of `core.locks` would cost each request more; nothing is called under this one

    def add(self, exchange: Exchange) -> None:
        """Add a request; its outcome is filled in later."""
        with self._changing:
            self._exchanges.append(exchange)

    def forget(self, account: str) -> None:
        """Drop the exchanges of one account (API key)."""
        with self._changing:
            rest = [exchange for exchange in self if exchange.account != account]
            self._exchanges = deque(rest, maxlen=self._exchanges.maxlen)

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges, oldest first, from a copy: requests may arrive meanwhile."""
        return iter(self._exchanges.copy())

    def __len__(self) -> int:
        return len(self._exchanges)
