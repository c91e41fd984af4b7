"""The accounts of a world. Any key creates one, so those in which nothing was created are dropped."""

from collections import deque

from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.called import Called
from fakestripe_meters.core.sessions import Sessions
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred

MOST_BLANK = 1_000
"""How many accounts without content are kept: the newest ones."""


class Accounts(dict[Name, Account]):
    """Accounts by name, and the names of those that have meter event sessions, by token."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[str, Name] = {}
        self.owned: set[str] = set()
        """The ids of the accounts that keys have themselves."""
        self._newest: deque[Name] = deque()
        """Those that may be blank, oldest first."""

    def add(self, account: Account) -> None:
        """Add an account, with the sessions that it has."""
        self[account.name] = account
        if account.name.connected is None:
            self.owned.add(account.id)
        self.tokens.update(dict.fromkeys(_tokens(account), account.name))
        self._newest.append(account.name)

    def remove(self, account: Account) -> None:
        """Remove an account and its sessions, unless another has its name by now."""
        if self.get(account.name) is account:
            del self[account.name]
            if account.name.connected is None:
                self.owned.discard(account.id)
            for token in _tokens(account):
                self.tokens.pop(token, None)

    def called(self) -> list[Called]:
        """Return what was called in each of them."""
        return [{"": each.called} for each in list(self.values())]

    @documented("the path begins at the key (https://docs.stripe.com/context)")
    @inferred(
        "the id of the key's own account leads to that; an id in Stripe's form opens an account below the key: Stripe "
        "refuses what was not connected"
    )
    def reached(self, key: str, path: str, sent: str = "") -> str | None:
        """Return the connected account to which a path of ids leads from a key; None for the key's own account.

        Raise Stripe's 403 if it leads elsewhere. It shows the key that was `sent`, if that is another key of the
        account.
        """
        own = keys.own_account(key)
        identifier = path.removeprefix(f"{own}/")
        if identifier == own:
            return None
        is_free = keys.OPENED.fullmatch(identifier) and identifier not in self.owned
        if is_free or Name(key, identifier) in self:
            return identifier
        raise keys.out_of_reach(sent or key, path)

    @inferred("a connected account sees only itself")
    def shown(self, key: str, asking: str | None, identifier: str, *, sent: str = "") -> str | None:
        """Return what `reached` does for an account that a request names in its URL. It must exist already."""
        found = None if identifier == keys.own_account(key) else identifier
        if found == asking or (asking is None and Name(key, found) in self):
            return found
        raise keys.out_of_reach(sent or key, identifier)

    def holder(self, token: str, now_ns: int) -> Account | None:
        """Return the account of a session's token; None if there is no such session or it has expired."""
        name = self.tokens.get(token)
        account = self.get(name) if name is not None else None
        sessions = account.peek(Sessions) if account is not None else None
        return account if sessions is not None and sessions.holds(token, now_ns) else None

    def drop_blank(self, now_ns: int) -> None:
        """Drop the oldest blank account if there are too many. Call this after adding one, without any lock.

        An account that has content is not checked again. One that is in use, or has used up more than half of a rate
        limit, is checked again later.
        """
        for _ in range(min(2, len(self._newest) - MOST_BLANK)):
            account = self.get(self._newest.popleft())
            if account is not None and not self._drop(account, now_ns):
                self._newest.append(account.name)

    def _drop(self, account: Account, now_ns: int) -> bool:
        """Drop an account if it is blank. Return False if it must be checked again later."""
        if not account.lock.acquire(timeout=0):
            return False
        try:
            if not account.blank:
                return True
            if account.limiter.is_half_used(now_ns):
                return False
            account.forgotten = True
            self.remove(account)
            return True
        finally:
            account.lock.release()


def _tokens(account: Account) -> list[str]:
    sessions = account.peek(Sessions)
    return list(sessions.by_token) if sessions is not None else []
