"""What was planned and not met: faults, and stubs with a number of times, that no request ran into."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from typing import Protocol

from fakestripe_meters.core import printing
from fakestripe_meters.core.patterns import Pattern


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
        return "\n".join("\n    ".join([str(each), *each.near]) for each in self)


def unstruck(kind: Literal["fault", "stub"], planned: Planned, near: tuple[str, ...] = ()) -> Unstruck:
    """Return what is to be said of a fault or stub that was not met as often as planned."""
    account = None if planned.account is None else printing.mask(planned.account)
    return Unstruck(kind, str(planned.pattern), planned.outcome, planned.times or 0, planned.met, account, near)
