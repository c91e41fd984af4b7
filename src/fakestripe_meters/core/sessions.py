"""Meter event sessions: tokens that authenticate requests to the stream only, for fifteen minutes.

They are in `core/` because the world finds an account by its token.
"""

from dataclasses import field
from itertools import takewhile

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.undo import note
from fakestripe_meters.core.undo import record

GOOD_FOR_S = 900


@record
class Session:
    """The record of a session."""

    id: str
    token: str
    created_ns: int
    expires_ns: int


@dataclass(eq=False)
class Sessions(Part, name="sessions"):
    """An account's sessions by token, oldest first."""

    by_token: Index[Session] = field(default_factory=Index)

    def add(self, account: Account, session: Session) -> None:
        """Add a new session, and drop those that have expired."""
        expired = list(takewhile(lambda token: not self.holds(token, session.created_ns), self.by_token))
        self.by_token.forget(expired)
        for token in expired:
            account.tokens.pop(token, None)
        self.by_token[session.token] = session
        note(account.tokens.pop, session.token, None)
        account.tokens[session.token] = account.name

    def holds(self, token: str, now_ns: int) -> bool:
        """Whether a token belongs to a session that is valid at that instant."""
        session = self.by_token.get(token)
        return session is not None and now_ns < session.expires_ns
