"""Planned faults: the next requests that match go wrong as a test has ordered."""

from dataclasses import dataclass
from threading import Lock


@dataclass(slots=True)
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


class Faults:
    """All planned faults in the order of their planning."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = Lock()

    def plan(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._planned.append(fault)

    def strike(self, method: str, path: str) -> Fault | None:
        """The first fault that matches, counted down, and forgotten when it has struck often enough."""
        if not self._planned:
            return None
        with self._lock:
            for fault in self._planned:
                if fault.matches(method, path):
                    fault.times -= 1
                    if not fault.times:
                        self._planned.remove(fault)
                    return fault
        return None

    def planned(self) -> list[Fault]:
        """What has yet to strike."""
        return list(self._planned)

    def clear(self) -> None:
        """Forget them all."""
        self._planned.clear()
