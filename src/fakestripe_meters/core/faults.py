"""Planned faults: the next requests that match go wrong as a test has ordered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock


@dataclass(slots=True, eq=False)
class Fault:
    """What goes wrong, and how often it still will.

    `status` is the Stripe error to answer; with `after_commit` the work is done first and only its
    answer lost; `delay_s` holds the answer up in real seconds; `close` drops the connection.
    """

    method: str
    path: str
    status: int | None = None
    times: int = 1
    after_commit: bool = False
    delay_s: float = 0.0
    close: bool = False

    @property
    def goes_wrong(self) -> bool:
        """Whether the answer is lost or replaced, not only late."""
        return self.close or self.status is not None

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one of those to go wrong; `*` stands for any method or path."""
        return self.method in ("*", method) and self.path in ("*", path)


class Chaos:
    """Faults by chance, which is always the same: a request's fate is a function of the seed, its call and number.

    So it does not matter in which order different calls come. Of the requests that match, about the share
    `rate` goes wrong, each with one of `faults`.
    """

    def __init__(self, seed: int | str, rate: float, faults: Sequence[Fault]) -> None:
        self._seed = seed
        self._rate = rate
        self._faults = faults
        self._calls: Counter[str] = Counter()

    def strike(self, method: str, path: str) -> Fault | None:
        """What befalls the next request."""
        if not self._faults[0].matches(method, path):
            return None
        call = f"{method} {path}"
        self._calls[call] += 1
        digest = blake2b(f"{self._seed}/{call}/{self._calls[call]}".encode(), digest_size=16).digest()
        chance, choice = int.from_bytes(digest[:8]), int.from_bytes(digest[8:])
        return self._faults[choice % len(self._faults)] if chance < self._rate * 2**64 else None


class Faults:
    """All planned faults in the order of their planning."""

    def __init__(self) -> None:
        self.chaos: Chaos | None = None
        self._planned: list[Fault] = []
        self._lock = Lock()

    def plan(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._planned.append(fault)

    def strike(self, method: str, path: str) -> Fault | None:
        """The first fault that matches, counted down, and forgotten when it has struck often enough; else chance."""
        if not self._planned and self.chaos is None:
            return None
        with self._lock:
            for fault in self._planned:
                if fault.matches(method, path):
                    fault.times -= 1
                    if not fault.times:
                        self._planned.remove(fault)
                    return fault
            return self.chaos.strike(method, path) if self.chaos is not None else None

    def planned(self) -> list[Fault]:
        """What has yet to strike."""
        return list(self._planned)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._planned.clear()
