"""What was planned and not met: faults, and stubs with a number of times, that no request ran into."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Literal
from typing import Protocol

from fakestripe_meters.core import printing
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.patterns import ANY
from fakestripe_meters.core.patterns import Pattern
from fakestripe_meters.core.patterns import fits
from fakestripe_meters.core.patterns import segments

MOST_NEAR = 3


class Planned(Protocol):
    """A fault or a stub."""

    @property
    def pattern(self) -> Pattern:
        """The calls that it is for."""

    @property
    def outcome(self) -> str:
        """What a call gets from it."""

    @property
    def times(self) -> int | None:
        """How many calls it is for."""

    @property
    def met(self) -> int:
        """How many calls it has met."""

    @property
    def account(self) -> str | None:
        """The API key whose calls it is for; None for all."""


@dataclass(frozen=True, slots=True)
class Unstruck:
    """A fault or a stub that fewer requests met than planned. `str` gives one line."""

    kind: Literal["fault", "stub"]
    """What was planned."""
    call: str
    """The calls that it is for, such as `POST /v1/invoices/*/pay`."""
    outcome: str
    """What such a call gets: `500`, or `stub 200`."""
    planned: int
    """For how many requests it was planned."""
    met: int
    """How many requests have met it."""
    account: str | None = None
    """The API key whose requests it is for, masked; None for all."""
    near: tuple[str, ...] = ()
    """The requests that came closest, one line each, with what keeps them from matching."""

    @property
    def left(self) -> int:
        """How many requests it still waits for."""
        return self.planned - self.met

    def __str__(self) -> str:
        whose = f" for {self.account}" if self.account else ""
        return printing.line(f"{self.call}{whose} → {self.outcome}: planned {self.planned}, met {self.met}")


class Unstrucks(list[Unstruck]):
    """What was planned and not met, in the order of planning. `str` gives one line for each."""

    def __init__(self, found: Iterable[Unstruck] = ()) -> None:
        super().__init__(found)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def explained(self) -> str:
        """Return the same with the requests that came closest, indented below each line."""
        return "\n".join("\n    ".join([f"  {each}", *(f"near: {one}" for one in each.near)]) for each in self)


def unstruck(
    kind: Literal["fault", "stub"], planned: Planned, known: Sequence[str] = (), journal: Iterable[Exchange] = ()
) -> Unstruck:
    """Return what is to be said of a fault or stub that was not met as often as planned.

    `known` are the segments of the URL that it is for, with `*` for what varies.
    """
    near = [(rank, -at, line) for at, each in enumerate(journal) for rank, line in _near(planned, known, each)]
    lines = tuple(dict.fromkeys(line for *_, line in sorted(near)))[:MOST_NEAR]
    account = None if planned.account is None else printing.mask(planned.account)
    return Unstruck(kind, str(planned.pattern), planned.outcome, planned.times or 0, planned.met, account, lines)


def _near(planned: Planned, known: Sequence[str], exchange: Exchange) -> Iterator[tuple[int, str]]:
    """Yield how far a request is from matching, if not too far, and a line that says why it did not match."""
    pattern, path = planned.pattern, exchange.path
    if pattern.matches(exchange.method, path):
        if not exchange.request_id:
            rank, why = 1, "turned away before it"
        elif planned.account in (None, exchange.account) and planned.met:
            return  # it may be one that has met it
        elif planned.account in (None, exchange.account):
            rank, why = 3, "came before it, or met another plan"
        else:
            rank, why = 0, f"of another account: {printing.mask(exchange.account or '')}"
    elif pattern.path != ANY and pattern.matches(pattern.method, path):
        rank, why = 1, "another method"
    elif pattern.method in (ANY, exchange.method) and fits(list(known), segments(path)):
        rank, why = 2, "another id"
    else:
        return
    yield rank, printing.line(f"{exchange.method} {path} → {exchange.status or 'no answer'} ({why})")
