"""The accounts of a world. Any key names one, so those in which nothing was made are dropped again."""

from collections import deque

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.sessions import Sessions

MOST_BLANK = 1_000
"""How many accounts without content are kept: the newest."""


class Accounts(dict[Name, Account]):
    """Accounts by name, and the names of those that have meter event sessions, by token."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[str, Name] = {}
        self._newest: deque[Name] = deque()
        """Those that may be blank, oldest first."""

    def add(self, account: Account) -> None:
        """Add an account, with the sessions that it has."""
        self[account.name] = account
        self.tokens.update(dict.fromkeys(_tokens(account), account.name))
        self._newest.append(account.name)

    def remove(self, account: Account) -> None:
        """Remove an account and its sessions, unless another has its name by now."""
        if self.get(account.name) is account:
            del self[account.name]
            for token in _tokens(account):
                self.tokens.pop(token, None)

    def holder(self, token: str, now_ns: int) -> Account | None:
        """Return the account of a session's token; None if there is no such session or it has expired."""
        name = self.tokens.get(token)
        account = self.get(name) if name is not None else None
        sessions = account.peek(Sessions) if account is not None else None
        return account if sessions is not None and sessions.holds(token, now_ns) else None

    def tidy(self, now_ns: int) -> None:
        """Drop the oldest blank account if there are too many. Call this after adding one, without any lock.

        An account that has content is not looked at again. One that may be dropped later is: it is in use now, or has
        used up most of a rate limit.
        """
        for _ in range(min(2, len(self._newest) - MOST_BLANK)):
            account = self.get(self._newest.popleft())
            if account is not None and not self._drop(account, now_ns):
                self._newest.append(account.name)

    def _drop(self, account: Account, now_ns: int) -> bool:
        """Drop an account if it is blank; return whether that is decided."""
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
