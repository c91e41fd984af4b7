"""One API key's world: everything it has ever made, and the lock that makes each request atomic."""

from collections.abc import Callable
from collections.abc import Mapping
from threading import RLock
from typing import Any
from typing import ClassVar
from typing import NamedTuple
from typing import TypeVar

from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.limiter import Limiter
from fakestripe_meters.core.replays import Replays
from fakestripe_meters.core.settings import Settings

API_VERSION = "2025-08-27.preview"
"""The version that every account speaks by default, and in whose shapes its events are kept."""


class Name(NamedTuple):
    """What names an account: an API key, and the connected account (`Stripe-Account`), if one was sent."""

    key: str
    connected: str | None = None


class Cause(NamedTuple):
    """The request that an event comes from, with its Idempotency-Key. Scheduled work has neither."""

    request_id: str | None = None
    idempotency_key: str | None = None


class Part:
    """A kind of state that an account makes when it is first asked for; nothing else needs to know of it.

    Subclasses are dataclasses that start empty: `class Meters(Part, name="billing.meters")`. Their
    fields are what a snapshot carries.
    """

    kinds: ClassVar[dict[str, type["Part"]]] = {}
    name: ClassVar[str]

    def __init_subclass__(cls, *, name: str) -> None:
        cls.name = name
        Part.kinds[name] = cls


P = TypeVar("P", bound=Part)


DueWork = Callable[["Account", str], None]
"""Does scheduled work of one kind, given the account and the entry's subject."""


class Account:
    """All state of one account. Reset is dropping it; two accounts never meet."""

    def __init__(
        self,
        name: Name,
        settings: Settings,
        seed: str,
        *,
        due_work: Mapping[str, DueWork],
        others: "Mapping[Name, Account] | None" = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.due_work = due_work
        self._others = {} if others is None else others
        self.lock = RLock()
        self.now_ns = 0
        """The instant of the work at hand: the request's, or the due time of what is being caught up."""
        self.cause = Cause()
        """Of the events that are published now."""
        self.ids = Ids(seed)
        self.agenda = Agenda()
        self.limiter = Limiter()
        self.replays: Replays[Any] = Replays()
        self.parts: dict[type[Part], Part] = {}

    @property
    def id(self) -> str:
        """`acct_…`: the one in the name, or one derived from the key."""
        return self.name.connected or f"acct_{tail(self.name.key, 16)}"

    @property
    def platform(self) -> "Account | None":
        """For a connected account the one of the key itself, as far as it was ever used."""
        return None if self.name.connected is None else self._others.get(Name(self.name.key))

    @property
    def now(self) -> int:
        """The instant of the work at hand in Unix seconds, as Stripe's `created`."""
        return self.now_ns // SECOND_NS

    def admit(self, bucket: str, tokens: int = 1) -> str | None:
        """Count a call against the limits in force; None if it may pass, else the reason Stripe names."""
        return self.limiter.admit(bucket, self.settings.limits, self.now_ns, tokens)

    def do_due(self, entry: Entry, now_ns: int) -> None:
        """Do one piece of scheduled work, with `now_ns` as the present."""
        self.now_ns, self.cause = now_ns, Cause()
        self.due_work[entry.kind](self, entry.subject)

    def part(self, kind: type[P]) -> P:
        """This account's state of one kind, made on first use."""
        found: Any = self.parts.get(kind)
        if found is None:
            found = self.parts[kind] = kind()
        return found  # type: ignore[no-any-return]  # a cast would cost as much as the rest
