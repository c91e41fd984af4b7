"""What a vendor's module declares: its calls, how it refuses, and how long it knows a repeat."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.patterns import ANY
from fakestripe_meters.core.patterns import segments
from fakestripe_meters.core.site import VENDORS
from fakestripe_meters.vendors.mapping import customer_of
from fakestripe_meters.wire.message import Request

NONE: Mapping[str, str] = {}
JSON = "application/json"
NO_RETRY = {"X-Should-Retry": "false"}
"""Some vendors' SDKs would send the request again and again without it."""


class Usage(NamedTuple):
    """One event, in the form in which those of all vendors are counted."""

    key: str
    """What tells it from other events, and is its identifier in the ledger: `<module>:<what the vendor calls it>`."""
    customer: str
    """The customer, as the vendor calls it."""
    name: str
    """What the meter's `event_name` must equal."""
    timestamp: int
    """When the usage happened, in Unix seconds."""
    properties: Mapping[str, Any]
    """What becomes the payload, in which the meter's value key and its dimension keys are looked up."""
    sent: Mapping[str, Any]
    """The event as it was sent, which the list of dropped usage shows."""
    amount: str | None = None
    """The value, if the vendor has a field of its own for it, which then has the meter's value key."""


class Reply(NamedTuple):
    """The answer to a call: its status, its body as JSON (None if it is empty) or as bytes, and its own headers."""

    status: int
    tree: Any = None
    headers: Mapping[str, str] = NONE


class Taken(NamedTuple):
    """What becomes of a call: the events that count, in their order, and the answer."""

    usage: Sequence[Usage]
    reply: Reply
    keep: Callable[[], None] | None = None
    """What the vendor remembers besides, once the events have counted."""


class Refusal(Exception):  # noqa: N818  it says what happened
    """What a vendor refuses. A call that raises it changes nothing. `extra` is what the vendor's envelope adds."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] = NONE,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.extra = dict(extra or {})
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to a vendor, and what a module may ask about the account. Modules change nothing."""

    request: Request
    body: Any
    """What the call's `reads` made of the body."""
    account: Account
    path: Sequence[str] = ()
    """The segments of the path for which the call's path has `*`."""

    @property
    def now(self) -> int:
        """The present, in Unix seconds."""
        return self.account.now

    def knows(self, customer: str) -> bool:
        """Whether what the vendor calls a customer is a customer of the account."""
        return customer_of(self.account, customer) is not None

    def holds(self, key: str, window_ns: int) -> bool:
        """Whether an event with that key has arrived within a window, whether it counts or was dropped."""
        intake = self.account.peek(Intake)
        return intake is not None and intake.holds(key, self.account.now_ns, window_ns)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its method, its path below the vendor's with `*` for a segment, and what it reads and does."""

    method: str
    path: str
    does: Callable[[Sent], Taken]
    reads: Callable[[Request], Any]


Found = tuple[Call, Sequence[str]]
"""A call, and what stands in the place of each `*`."""


def always(_request: Request) -> bool:
    """Return True: every request needs a key."""
    return True


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's ingestion. The name is that of its module, the title what people call it."""

    name: str
    title: str
    calls: Sequence[Call]
    window_ns: int
    """For how long after an event another one with its key is a repeat, which does not count; 0 for never."""
    envelope: Callable[[Refusal, str], Any]
    """Makes the body of a refusal; the second argument is the request's id."""
    needs_key: Callable[[Request], bool] = always
    no_key: str = "Unauthorized"
    """What the vendor says to a request without a key, with status 401."""
    error_type: str = JSON
    """The content type of refusals."""

    former: "Vendor | None" = None
    """The same vendor, as refusals of an older version of its API look."""
    former_path: str = ""
    """How the paths of that version begin."""

    def speaking(self, path: str) -> "Vendor":
        """Return the vendor whose refusals the caller of a path understands."""
        below = path[len(VENDORS) + len(self.name) + 1 :]
        return self.former if self.former is not None and below.startswith(self.former_path) else self

    def find(self, method: str, path: str) -> Found | None:
        """Return the call for a method and a path below the vendor's."""
        for call in self.calls:
            if call.method == method and (values := _values(call.path, path)) is not None:
                return call, values
        return None


def _values(pattern: str, path: str) -> Sequence[str] | None:
    """Return what stands in a path for each `*` of a pattern; None if the pattern does not match."""
    if pattern == path:
        return ()
    if ANY not in pattern:
        return None
    wanted, given = segments(pattern), segments(path)
    if len(wanted) != len(given) or any(one != other for one, other in zip(wanted, given, strict=True) if one != ANY):
        return None
    values = [other for one, other in zip(wanted, given, strict=True) if one == ANY]
    return values if all(values) else None
