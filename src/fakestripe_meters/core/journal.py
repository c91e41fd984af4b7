"""The journal: the last requests and their outcomes, oldest first."""

from collections import Counter
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from fakestripe_meters.core import printing

KEPT = 10_000
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
