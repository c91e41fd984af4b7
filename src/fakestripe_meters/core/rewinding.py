"""A clock that goes back: whether too much has happened for that, and what is forgotten then."""

from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.accounts import Accounts
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.errors import Misuse


def rewind(clock: Clock, known: Accounts, accounts: Sequence[Account], instant_ns: int) -> None:
    """Forget what has not happened yet at an instant, or raise `Misuse`, as `World.rewound` says.

    All accounts are locked, oldest first.
    """
    newest = max((each.own_ns // SECOND_NS for each in accounts if not each.blank), default=-1)
    if newest >= 0 and clock.frozen:
        message = (
            "a frozen clock cannot go back after something has happened, and this one is at "
            f"{clock.now()}: reset the fake first"
        )
        raise Misuse(message, param="freeze")
    if instant_ns // SECOND_NS < newest:
        message = (
            f"the clock cannot be frozen before {newest}, when something has happened: choose that time or a "
            "later one, or reset the fake first"
        )
        raise Misuse(message, param="freeze")
    for account in accounts:
        if account.blank:  # its limits have counted at times that are still to come
            known.remove(account)
            account.forgotten = True
