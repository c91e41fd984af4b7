"""Stored answers by Idempotency-Key."""

import heapq
from collections import OrderedDict
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import Generic
from typing import NamedTuple
from typing import TypeVar

from fakestripe_meters.core.late import dataclass

# documented: which results are kept, and for how long, https://docs.stripe.com/api/idempotent_requests.
# inferred: a planned fault is not kept, unless the work was done. Then a retry gets the answer of that work.
KEPT = 10_000
"""How many answers an account keeps; beyond that, the oldest is dropped early.

Each POST of an SDK has a key, and while the clock is frozen no answer expires.
"""
A = TypeVar("A")


@dataclass(slots=True)
class Answer:
    """An answer as it is kept."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Kept:
    """An answer in a snapshot: the fields of `Replay`, with the key."""

    key: str
    fingerprint: tuple[str, str, Any]
    answer: Answer
    until_ns: int


class Replay(NamedTuple, Generic[A]):
    """The request that a key was first used for, its answer, and the instant until which it is kept."""

    fingerprint: Any
    answer: A
    until_ns: int


class Replays(Generic[A]):
    """Answers by key. Each is dropped when its own time is over, or when there are too many."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._by_key: OrderedDict[str, Replay[A]] = OrderedDict()
        self._ends: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._by_key)

    def lookup(self, key: str, now_ns: int) -> Replay[A] | None:
        """Return the answer stored under `key`, or None."""
        replay = self._by_key.get(key)
        return replay if replay is not None and now_ns < replay.until_ns else None

    def store(self, key: str, fingerprint: object, answer: A, *, now_ns: int, kept_ns: int) -> None:
        """Store an answer for `kept_ns` nanoseconds; drop those whose time is over."""
        while self._ends and self._ends[0][0] <= now_ns:
            until_ns, old = heapq.heappop(self._ends)
            if old in self._by_key and self._by_key[old].until_ns == until_ns:
                del self._by_key[old]
        self._by_key.pop(key, None)  # the newest is last
        self._by_key[key] = Replay(fingerprint, answer, now_ns + kept_ns)
        heapq.heappush(self._ends, (now_ns + kept_ns, key))
        if len(self._by_key) > self._kept:
            self._by_key.popitem(last=False)  # a plain dict slows down when its first keys are deleted
        if len(self._ends) > 2 * self._kept:
            self._ends = self._sorted_ends()

    def __iter__(self) -> Iterator[tuple[str, Replay[A]]]:
        """Yield the keys with what is stored under each, oldest first."""
        return iter(self._by_key.items())

    def load(self, replays: Iterable[tuple[str, Replay[A]]]) -> None:
        """Take over what another one yields."""
        self._by_key = OrderedDict(replays)
        self._ends = self._sorted_ends()

    def _sorted_ends(self) -> list[tuple[int, str]]:
        return sorted((replay.until_ns, key) for key, replay in self._by_key.items())
