"""Destinations of events: v1's webhook endpoints and v2's event destinations, which share a record and its checks."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events import addresses

EVENT_TYPE = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?")
LONGEST_URL = 2_048
Payload = Literal["snapshot", "thin"]


@record
class Destination:
    """The record of a webhook endpoint (v1) or of an event destination (v2)."""

    id: str
    created_ns: int
    updated_ns: int
    payload: Payload
    url: str
    secret: str
    enabled_events: Sequence[str]
    api_version: str | None = None
    name: str = ""
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    events_from: Sequence[str] = field(default_factory=list)
    enabled: bool = True

    def wants(self, kind: str, payload: Payload) -> bool:
        """Whether the destination receives events of type `kind`, written as `payload`."""
        return self.enabled and self.payload == payload and matches(kind, self.enabled_events)


@dataclass(eq=False)
class Destinations(Part, name="destinations"):
    """An account's destinations: `endpoints` were made through v1, `destinations` through v2."""

    endpoints: Table[Destination] = field(default_factory=Table)
    destinations: Table[Destination] = field(default_factory=Table)

    def __iter__(self) -> Iterator[Destination]:
        """Yield all destinations, from a copy: connected accounts read them without the account's lock."""
        return iter([*self.endpoints, *self.destinations])


@dataclass(frozen=True, slots=True)
class Listener:
    """A destination that a test listens with: to all accounts, or to that of an API key and those connected to it."""

    destination: Destination
    key: str | None = None


def listeners(account: Account) -> Iterator[Destination]:
    """Yield the destinations of an account's events: the test's, its own, and its platform's for connected accounts."""
    for listener in account.listeners:
        if listener.key in (None, account.name.key):
            yield listener.destination
    own = account.peek(Destinations)
    if own is not None:
        yield from (each for each in own if "@self" in each.events_from)
    platform = account.platform
    others = None if platform is None else platform.peek(Destinations)
    if others is not None:
        yield from (each for each in others if "@accounts" in each.events_from)


def matches(kind: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches a type: the type itself, a group such as `billing.meter.*`, or `*`."""
    return any(
        pattern in (kind, "*") or (pattern.endswith(".*") and kind.startswith(pattern[:-1])) for pattern in patterns
    )


def check_url(url: str, path: str) -> None:
    """Raise StripeError 400 unless `url` is an HTTP URL. Whether it can be reached is not checked."""
    try:
        addresses.parse(url)
    except ValueError:
        scheme_missing = url.partition(":")[0].lower() not in addresses.SCHEMES
        raise errors.objects.invalid_url(path, scheme_missing=scheme_missing) from None


@inferred("unknown types are not refused, as new ones appear")
def check_types(types: tuple[str, ...], path: str) -> None:
    """Raise StripeError 400 unless these can be types of events."""
    if not types:
        raise errors.params.empty_param(path)
    for index, kind in enumerate(types):
        if not EVENT_TYPE.fullmatch(kind):
            raise errors.objects.invalid_event_type(f"{path}[{index}]", kind)
