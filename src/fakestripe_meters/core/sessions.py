"""Meter event sessions: tokens that open the stream, and nothing else, for a quarter of an hour."""

from dataclasses import dataclass
from dataclasses import field

from fakestripe_meters.core.account import Part

GOOD_FOR_S = 900


@dataclass(slots=True, eq=False)
class Session:
    """A session as it is kept."""

    id: str
    token: str
    created_ns: int
    expires_ns: int


@dataclass(eq=False)
class Sessions(Part, name="sessions"):
    """An account's sessions that are good yet, by token."""

    by_token: dict[str, Session] = field(default_factory=dict)

    def add(self, session: Session) -> None:
        """Keep a new session, and forget those that have expired by its birth."""
        now_ns = session.created_ns
        self.by_token = {token: each for token, each in self.by_token.items() if each.expires_ns > now_ns}
        self.by_token[session.token] = session

    def holds(self, token: str, now_ns: int) -> bool:
        """Whether a token is one of these and good at that instant."""
        session = self.by_token.get(token)
        return session is not None and now_ns < session.expires_ns
