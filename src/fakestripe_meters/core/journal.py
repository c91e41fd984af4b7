"""What was asked and what was answered, oldest first."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KEPT = 10_000


@dataclass(slots=True)
class Exchange:
    """One request and its outcome. `account` is the whole key and never leaves the process unmasked."""

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


class Journal:
    """The last exchanges, of all accounts; the oldest give way to the newest."""

    def __init__(self, kept: int = KEPT) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=kept)

    def note(self, exchange: Exchange) -> None:
        """Add a request; its outcome is filled in when it is known."""
        self._exchanges.append(exchange)

    def forget(self, account: str) -> None:
        """Drop what one account asked."""
        rest = [exchange for exchange in self if exchange.account != account]
        self._exchanges = deque(rest, maxlen=self._exchanges.maxlen)

    def __iter__(self) -> Iterator[Exchange]:
        """Oldest first, over a copy: requests may arrive meanwhile."""
        return iter(self._exchanges.copy())

    def __len__(self) -> int:
        return len(self._exchanges)
