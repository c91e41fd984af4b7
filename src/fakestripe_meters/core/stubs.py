"""Stubs: answers that a test gives to calls, in the place of the fake's own."""

from collections import deque
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.patterns import Pattern

KEPT = 10_000
"""How many calls a stub remembers: as many as the journal."""


@dataclass(frozen=True, slots=True)
class StubbedCall:
    """A request that a stub has answered: `method`, `path`, `params` and more. Its API keys are masked."""

    at: int
    """When it came, in Unix seconds of the fake's clock."""
    account: str
    """The API key, masked."""
    method: str
    path: str
    params: Any
    """What was sent, in the query and in the body: a hash; the size as text if it could not be read."""
    headers: Mapping[str, str] = field(repr=False)
    """All headers; a name is found in any case."""
    request_id: str
    """The `Request-Id` of the answer."""


@dataclass(slots=True, eq=False, repr=False)
class Stub:
    """The answer to each call that matches `method` and `path`, or to the next `times`. `FakeStripe.stub` makes it.

    `pattern` is both as one, `status` is the answer's, and `body` is what is sent for `json`.
    """

    method: str
    path: str
    json: Any
    """The answer's body, as it was given."""
    status: int
    headers: Mapping[str, str]
    """Headers that the answer has besides the usual ones."""
    times: int | None
    """How many calls it answers; None for all."""
    body: bytes = b""
    met: int = 0
    """How many calls it has answered."""
    pattern: Pattern = field(init=False)
    _calls: deque[StubbedCall] = field(default_factory=lambda: deque(maxlen=KEPT))
    _home: "Stubs | None" = None

    def __post_init__(self) -> None:
        self.pattern = Pattern(self.method, self.path)

    def __repr__(self) -> str:
        answered = f"{self.met} answered" if self.times is None else f"{self.met} of {self.times} answered"
        return f"<Stub {self.pattern} → {self.status}: {answered}>"

    @property
    def calls(self) -> list[StubbedCall]:
        """The calls that it has answered, oldest first: their `params`, `headers` and `account`, with keys masked."""
        return list(self._calls)

    @property
    def outcome(self) -> str:
        """What a call that it answers gets, in a few words."""
        return f"stub {self.status}"

    @property
    def account(self) -> str | None:
        """None: a stub answers every account."""
        return None

    def remove(self) -> None:
        """Answer no more calls. `calls` can still be read."""
        if self._home is not None:
            self._home.remove(self)

    def note(self, call: StubbedCall) -> None:
        """Remember a call that it answers."""
        self._calls.append(call)


class Stubs:
    """All stubs, in the order in which they were planned."""

    def __init__(self) -> None:
        self.planned: list[Stub] = []
        """Never changed in place."""
        self._lock = Lock(Rank.LEAF)

    def plan(self, stub: Stub) -> None:
        """Add a stub."""
        stub._home = self  # noqa: SLF001  they belong together
        with self._lock:
            self.planned = [*self.planned, stub]

    def remove(self, stub: Stub) -> None:
        """Remove a stub, if it is there."""
        with self._lock:
            self.planned = [each for each in self.planned if each is not stub]

    def clear(self) -> None:
        """Remove all stubs."""
        with self._lock:
            self.planned = []

    def answers(self, method: str, path: str) -> bool:
        """Whether a stub would answer a request."""
        return any(_applies(each, method, path) for each in self.planned)

    def take(self, method: str, path: str) -> Stub | None:
        """Return the stub that answers a request, and count it: the latest one that matches; None if none does."""
        with self._lock:
            for stub in reversed(self.planned):
                if _applies(stub, method, path):
                    stub.met += 1
                    return stub
        return None


def _applies(stub: Stub, method: str, path: str) -> bool:
    return (stub.times is None or stub.met < stub.times) and stub.pattern.matches(method, path)
