"""An account: everything that requests with one API key have created, and the lock that makes each request atomic."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import ClassVar
from typing import NamedTuple
from typing import TypeVar

from fakestripe_meters.core import errors
from fakestripe_meters.core import undo
from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.called import Need
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.flights import Flights
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.keys import own_account
from fakestripe_meters.core.limiter import Limiter
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.limits import Over
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.progress import Watch
from fakestripe_meters.core.replays import Answer
from fakestripe_meters.core.replays import Replays
from fakestripe_meters.core.site import Site
from fakestripe_meters.core.sources import inferred

# inferred: the default version is the one that Stripe's guides to the analytics speak.
API_VERSION = "2025-08-27.preview"
"""The default API version of every account, and the version in whose shapes events are stored."""


class Name(NamedTuple):
    """The name of an account: an API key, and the connected account (`Stripe-Account`) if the request names one."""

    key: str
    connected: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({masked(self.key)!r}, {masked(self.connected)!r})"


class Cause(NamedTuple):
    """The request that causes an event: its id and its Idempotency-Key. Both are None for scheduled work."""

    request_id: str | None = None
    idempotency_key: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.request_id}, {masked(self.idempotency_key)!r})"


class Part:
    """Base class for everything an account stores. `Account.part()` creates a subclass on first use.

    Subclasses are dataclasses that start empty: `class Meters(Part, name="billing.meters")`. A snapshot carries
    their fields, which note their changes as those of a record do (`core.undo`).
    """

    __setattr__ = undo.change
    kinds: ClassVar[dict[str, type["Part"]]] = {}
    name: ClassVar[str]
    named_by: ClassVar[tuple[str, ...]]
    """The fields of other records that hold an id of one of its records, if those are never removed."""

    def __init_subclass__(cls, *, name: str, named_by: tuple[str, ...] = ()) -> None:
        cls.name = name
        cls.named_by = named_by
        Part.kinds[name] = cls


P = TypeVar("P", bound=Part)


DueWork = Callable[["Account", str], None]
"""A function that does scheduled work of one kind, given the account and the entry's subject."""

Repeats = Callable[["Account", Entry, int], int]
"""A function that estimates how often work schedules itself again after an entry, up to an instant in nanoseconds."""


class Account:
    """All state of one account. A reset drops it; accounts share nothing but settings."""

    def __init__(
        self,
        name: Name,
        settings: Settings,
        seed: str,
        *,
        due_work: Mapping[str, DueWork],
        others: "Mapping[Name, Account] | None" = None,
        tokens: dict[str, Name] | None = None,
        listeners: list[Any] | None = None,
        site: Site | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.due_work = due_work
        self._others = {} if others is None else others
        self.tokens = {} if tokens is None else tokens
        """The meter event sessions of all accounts: their accounts' names by token."""
        self.listeners: list[Any] = [] if listeners is None else listeners
        """What a test listens with to every account, or to those of one key. No account owns it, no list shows it."""
        self.site = site or Site()
        """Where the pages are that show its objects."""
        self.watch = watch or Watch()
        self.lock = Lock(Rank.ACCOUNT, f"{name.key}/{name.connected or ''}")
        self.forgotten = False
        """Whether the world has dropped the account. Code that still holds it may write to it; nothing reads that."""
        self.opened = 0
        """When it was made, in Unix seconds."""
        self.now_ns = 0
        """The instant of the current request, or the due time of the current scheduled work, in nanoseconds."""
        self.own_ns = 0
        """The same by the account's own clock: within the time of a test clock, `now_ns` is the test clock's."""
        self.cause = Cause()
        """Copied into the events that are published now."""
        self.ids = Ids(seed)
        self.agenda = Agenda()
        self.limiter = Limiter()
        self.flights = Flights()
        """The calls that are being answered, if calls at once are limited."""
        self.limits: Limits | None = None
        """Its own rate limits; None for those of the settings."""
        self.replays: Replays[Answer] = Replays()
        self.parts: dict[type[Part], Part] = {}
        self.called: set[Need] = set()
        """What was called here, with any key."""

    @property
    def id(self) -> str:
        """`acct_…`: the one in the name, or one derived from the key."""
        return self.name.connected or own_account(self.name.key)

    @property
    def platform(self) -> "Account | None":
        """For a connected account, the account of the key itself; None if no request has used it."""
        return None if self.name.connected is None else self._others.get(Name(self.name.key))

    @property
    def below(self) -> list["Account"]:
        """For the account of a key itself, those that are connected to it, oldest first; else an empty list."""
        key, connected = self.name
        others = list(self._others.values())  # requests with other keys may add some meanwhile
        return [] if connected else [each for each in others if each.name.key == key and each is not self]

    @property
    def now(self) -> int:
        """`now_ns` in whole Unix seconds, as Stripe's `created`."""
        return self.now_ns // SECOND_NS

    @property
    def blank(self) -> bool:
        """Whether nothing was created in it. It may have kept refusals, and used-up limits."""
        values = (value for part in self.parts.values() for value in vars(part).values())
        return not any(self.ids.counts.values()) and not self.agenda.waiting and not any(values)

    def admit(self, bucket: str, tokens: int = 1, route: str = "") -> Over | None:
        """Count a call against the current limits; return None if it may pass, else the limit that is used up."""
        return self.limiter.admit(bucket, self.limits or self.settings.limits, self.now_ns, tokens, route)

    @property
    def limits_in_force(self) -> Limits:
        """Its own rate limits, or else those of the settings."""
        return self.limits or self.settings.limits

    @inferred("what is done by itself is not counted, such as the invoice of a period or of a threshold")
    def count(self, subject: str, *limits: str) -> None:
        """Count what a request does to one object against the limits of it; raise StripeError 429 if one is used up."""
        if self.cause.request_id is not None:
            over = self.limiter.count(subject, limits, self.limits_in_force, self.own_ns)
            if over is not None:
                raise errors.requests.over_limit(over.reason, str(over))

    def do_due(self, entry: Entry, now_ns: int) -> None:
        """Do one piece of scheduled work as if the present were `now_ns`."""
        self.now_ns, self.cause = now_ns, Cause()
        self.due_work[entry.kind](self, entry.subject)

    def do_own(self, entry: Entry) -> None:
        """Do one piece of work that is scheduled by the account's own time."""
        self.own_ns = entry.due_ns
        self.do_due(entry, entry.due_ns)

    def part(self, kind: type[P]) -> P:
        """Return the account's part of one kind; create it on first use."""
        found: Any = self.parts.get(kind)  # not by `peek`: this is called several times for each event
        if found is None:
            found = self.parts[kind] = kind()
            undo.note(self.parts.pop, kind)
        return found  # type: ignore[no-any-return]  # a cast would cost as much as the rest

    def peek(self, kind: type[P]) -> P | None:
        """Return the account's part of one kind; None if nothing has used it."""
        return self.parts.get(kind)  # type: ignore[return-value]  # a part is stored under its own class
