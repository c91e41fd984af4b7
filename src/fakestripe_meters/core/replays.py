"""Idempotency-Key → the stored answer."""

from collections import deque
from dataclasses import dataclass
from typing import Generic
from typing import TypeVar

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Replay(Generic[A]):
    """What a key was first used for, and what was answered."""

    fingerprint: object
    answer: A
    until_ns: int


class Replays(Generic[A]):
    """Answers by key, forgotten when their time is over."""

    def __init__(self) -> None:
        self._by_key: dict[str, Replay[A]] = {}
        self._ages: deque[tuple[int, str]] = deque()

    def find(self, key: str, now_ns: int) -> Replay[A] | None:
        """The answer stored under `key`, if it is still remembered."""
        replay = self._by_key.get(key)
        return replay if replay is not None and now_ns < replay.until_ns else None

    def store(self, key: str, fingerprint: object, answer: A, *, now_ns: int, kept_ns: int) -> None:
        """Remember an answer for `kept_ns`; whatever is older than that is dropped on the way."""
        while self._ages and self._ages[0][0] <= now_ns:
            until_ns, old = self._ages.popleft()
            if self._by_key[old].until_ns == until_ns:
                del self._by_key[old]
        until_ns = now_ns + kept_ns
        self._by_key[key] = Replay(fingerprint, answer, until_ns)
        self._ages.append((until_ns, key))
