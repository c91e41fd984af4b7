"""What a world needs from the code that sends its deliveries. The engine passes it to the world."""

from typing import TYPE_CHECKING
from typing import Protocol

from fakestripe_meters.core.account import Account

if TYPE_CHECKING:
    from fakestripe_meters.core.world import World


class Courier(Protocol):
    """What a world needs from the code that sends its deliveries."""

    tried: int
    """How often something was sent."""

    def attend(self, world: "World") -> None:
        """See to it that polls are done when they are due while the clock of a world runs."""

    def dispatch(self, world: "World", account: Account) -> None:
        """Send what an account has ready. Called after its lock is released, never under it."""

    def wait_until_sent(self, world: "World") -> None:
        """Send what all accounts have ready, and return when it was received or has failed."""

    def send_ready(self, world: "World") -> None:
        """Send what all accounts have ready."""

    def admit(self, *, leave: bool = False) -> bool:
        """Wait until the deliveries that are under way have ended, and return True.

        If the caller may be the receiver of one of them, it would wait for itself: raise `Conflict`. But with `leave`,
        return False if another call already waits for it.
        """

    def admit_move(self) -> None:
        """Do the same for a call that moves the clock, and raise `Conflict` if receivers move it without end."""

    def awaited(self) -> frozenset[object]:
        """Return the deliveries that are under way and that calls wait for."""

    def forget(self, *, restored: bool = False) -> None:
        """Drop everything of the old world: a new one begins. No call waits for its deliveries any more.

        If it is `restored`, the test goes on: what it receives with is kept.
        """

    def drop(self, account: Account) -> None:
        """Drop everything of one account. No call waits for its deliveries any more."""


class NoCourier:
    """Sends nothing: deliveries stay ready."""

    tried = 0

    def attend(self, world: "World") -> None:
        """Do nothing."""

    def dispatch(self, world: "World", account: Account) -> None:
        """Do nothing."""

    def wait_until_sent(self, world: "World") -> None:
        """Return at once."""

    def send_ready(self, world: "World") -> None:
        """Do nothing."""

    def admit(self, *, leave: bool = False) -> bool:  # noqa: ARG002  as the protocol has it
        """Return at once."""
        return True

    def admit_move(self) -> None:
        """Return at once."""

    def awaited(self) -> frozenset[object]:
        """Return nothing."""
        return frozenset()

    def forget(self, *, restored: bool = False) -> None:
        """Do nothing."""

    def drop(self, account: Account) -> None:
        """Do nothing."""
