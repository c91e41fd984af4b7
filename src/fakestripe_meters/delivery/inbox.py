"""What a test hears of webhooks: inboxes with notifications, and the events that nobody listened to."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import mask
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.notification import called
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.events.destinations import Listener
from fakestripe_meters.domain.events.destinations import matches
from fakestripe_meters.domain.events.snapshots import Events
from fakestripe_meters.domain.events.thin import ThinEvents


class Inbox:
    """The notifications that a test received, oldest first: iterate, index, or take `len`. `secret` verifies them.

    `id` and `url` are those of the endpoint or event destination that it stands for, and `received` is the list itself.
    """

    def __init__(self, listener: Listener) -> None:
        destination = listener.destination
        self.id = destination.id
        self.url = destination.url
        self.secret = destination.secret
        self.thin = destination.payload == "thin"
        """Whether it receives thin notifications, of API v2."""
        self.wanted = tuple(destination.enabled_events)
        """The types that it listens to, or groups of them."""
        self.account = None if listener.key is None else mask(listener.key)
        """The API key that it listens to, masked; None if it listens to every account."""
        self.received: list[Notification] = []

    def __iter__(self) -> Iterator[Notification]:
        return iter(list(self.received))

    def __len__(self) -> int:
        return len(self.received)

    def __getitem__(self, index: int) -> Notification:
        try:
            return self.received[index]
        except IndexError:
            raise IndexError(f"there is no notification {index} in {self!r}") from None

    def __repr__(self) -> str:
        kinds = "all types" if "*" in self.wanted else ", ".join(self.wanted)
        count = f"{len(self) or 'no'} notification{'' if len(self) == 1 else 's'}"
        thin = "thin, " if self.thin else ""
        return f"<Inbox of {self.account or 'every account'}: {kinds}, {thin}{count}>"

    @property
    def types(self) -> list[str]:
        """The types of the events, in the same order."""
        return [each.type for each in self.received]


@dataclass(frozen=True, slots=True)
class Unheard:
    """How many events of a `type` an account had that were for nobody: no inbox, handler, endpoint or destination.

    `count` is their number.
    """

    type: str
    account: str
    """The id of a connected account, or else the API key, masked."""
    count: int
    thin: bool
    """Whether they are events of API v2, which only listeners with `thin=True` and event destinations hear."""


def unheard(accounts: Iterable[Account]) -> list[Unheard]:
    """Return which events of these accounts were for nobody, in the order in which each type was first published."""
    found: list[Unheard] = []
    for account in accounts:
        with account.lock:
            deliveries = account.peek(Deliveries)
            heard = set() if deliveries is None else {each.event for each in deliveries.table}
            counts = Counter(
                (event.type, thin)
                for part, thin in ((account.peek(Events), False), (account.peek(ThinEvents), True))
                if part is not None
                for event in part.table
                if event.id not in heard
            )
        found += [Unheard(kind, called(account), count, thin) for (kind, thin), count in counts.items()]
    return found


def wanted(inbox: Inbox, event: Unheard, key: str) -> bool:
    """Whether an inbox would have received an event of a masked key's account, had it been there."""
    return inbox.thin == event.thin and inbox.account in {None, key} and matches(event.type, inbox.wanted)
