"""What a world needs of whoever carries its deliveries out."""

from typing import TYPE_CHECKING

from fakestripe_meters.core.account import Account

if TYPE_CHECKING:
    from fakestripe_meters.core.world import World


class Post:
    """Carries nothing: what is to be delivered stays where it is."""

    def dispatch(self, world: "World", account: Account) -> None:
        """Send what an account has ready; called whenever its lock is released, and never under it."""

    def settle(self, world: "World") -> None:
        """Send what all accounts have ready, and return when it has been taken or refused."""

    def forget(self) -> None:
        """A new world begins: nothing of the old one is sent any more."""
