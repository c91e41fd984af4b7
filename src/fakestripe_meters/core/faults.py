"""Planned faults: errors, delays and lost answers that a test plans for the next matching requests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from hashlib import blake2b

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.patterns import Pattern


@dataclass(slots=True, eq=False)
class Fault:
    """What goes wrong with the next `times` matching requests, of one `account` (API key) or of all.

    `status` is the status of the error to answer. With `after_commit` the work is done first, and only its answer is
    lost. `delay_s` delays the answer, in real seconds. `close` drops the connection.
    """

    method: str
    path: str
    status: int | None = None
    times: int = 1
    after_commit: bool = False
    delay_s: float = 0.0
    close: bool = False
    account: str | None = field(default=None, repr=False)
    code: str | None = None
    """The code of the error, where a status has several; None for the usual one."""
    reason: str | None = None
    """What `Stripe-Rate-Limited-Reason` says; None for the usual one."""
    met: int = 0
    """How many requests it has struck."""
    pattern: Pattern = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.pattern = Pattern(self.method, self.path)

    @property
    def goes_wrong(self) -> bool:
        """Whether the answer is lost or replaced, not only delayed."""
        return self.close or self.status is not None

    @property
    def outcome(self) -> str:
        """What a request that it strikes gets, in a few words."""
        ways = [
            " ".join(str(each) for each in (self.status, self.code, self.reason) if each is not None),
            f"{self.delay_s:g} s later" if self.delay_s else "",
            "connection dropped" if self.close else "",
            "after commit" if self.after_commit else "",
        ]
        return ", ".join(filter(None, ways))

    def matches(self, method: str, path: str, account: str | None = None) -> bool:
        """Whether the fault applies to a request with the API key `account`."""
        return self.account in (None, account) and self.pattern.matches(method, path)


@dataclass(frozen=True, slots=True)
class ChaosPlan:
    """What a test wishes to fail at random: the share `rate` of requests like `call`, in the ways that it names."""

    seed: int | str
    rate: float
    call: str
    statuses: tuple[int, ...]
    close: bool
    after_commit: bool


class Chaos:
    """Random faults, reproducible from a seed: about the share `rate` of matching requests gets one of `faults`.

    Whether a request gets one depends only on the seed, its method and path, and how many such requests came before.
    So the order of different calls does not matter.
    """

    def __init__(self, plan: ChaosPlan, faults: Sequence[Fault]) -> None:
        self.plan = plan
        self.met = 0
        """How many requests it has struck."""
        self._faults = faults
        self._calls: Counter[str] = Counter()

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault for the next request, or None."""
        if not self._faults[0].matches(method, path):
            return None
        call = f"{method} {path}"
        self._calls[call] += 1
        drawn = f"{self.plan.seed}/{call}/{self._calls[call]}".encode("utf-8", "surrogatepass")
        digest = blake2b(drawn, digest_size=16).digest()
        chance, choice = int.from_bytes(digest[:8]), int.from_bytes(digest[8:])
        if chance >= self.plan.rate * 2**64:
            return None
        self.met += 1
        return self._faults[choice % len(self._faults)]


class Faults:
    """All planned faults, in the order in which they were planned, and at most one `Chaos`."""

    def __init__(self) -> None:
        self.chaos: Chaos | None = None
        self._planned: list[Fault] = []
        self._lock = Lock(Rank.LEAF)

    def plan(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._planned.append(fault)

    def strike(self, method: str, path: str, account: str | None = None) -> Fault | None:
        """Return the fault for the next request: the first planned one that matches, else one by chance, else None.

        A planned fault is removed after its last use.
        """
        if not self._planned and self.chaos is None:
            return None
        with self._lock:
            for fault in self._planned:
                if fault.matches(method, path, account):
                    fault.met += 1
                    if fault.met == fault.times:
                        self._planned.remove(fault)
                    return fault
            return self.chaos.strike(method, path) if self.chaos is not None else None

    def planned(self) -> list[Fault]:
        """Return the faults that still apply."""
        return list(self._planned)

    def forget(self, account: str) -> None:
        """Remove the faults that are planned for one account (API key)."""
        with self._lock:
            self._planned = [each for each in self._planned if each.account != account]

    def clear(self) -> None:
        """Remove all planned faults."""
        with self._lock:
            self._planned.clear()
