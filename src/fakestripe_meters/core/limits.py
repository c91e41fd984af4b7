"""Rate limits as data: what each counts, how much of it, and the profiles."""

from dataclasses import replace
from typing import NamedTuple

from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import instead
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.late import dataclass

MOST = 1_000_000
"""The highest rate, and the most calls at once."""


class Kind(NamedTuple):
    """What a limit counts, and what Stripe calls it."""

    counts: str
    """What it counts, and in what time: `calls per second`."""
    reason: str = "endpoint-rate"
    """What `Stripe-Rate-Limited-Reason` says when it is used up; empty for that of a lock, which has no such header."""
    per_s: int = 1
    """In how many seconds; 0 for calls at once."""


# documented: which limits there are, their rates and times, and the reasons, https://docs.stripe.com/rate-limits.
# inferred: the reason of each; all searches share a limit, and so do all reads of files, and all writes; a request
# that changes several quantities of a subscription is one update; only the plain update of a payment intent is one.
KINDS = {
    "analytics": Kind("calls per second"),
    "meter_events": Kind("calls per second"),
    "stream": Kind("events per second"),
    "global": Kind("calls per second", "global-rate"),
    "endpoint": Kind("calls per second"),
    "search": Kind("calls per second"),
    "file_reads": Kind("calls per second"),
    "file_writes": Kind("calls per second"),
    "subscription_invoices_per_minute": Kind("new invoices per minute", "resource-specific", MINUTE_S),
    "subscription_invoices_per_day": Kind("new invoices per day", "resource-specific", DAY_S),
    "subscription_quantities_per_hour": Kind("changes of quantities per hour", "resource-specific", HOUR_S),
    "payment_intent_updates_per_hour": Kind("updates per hour", "resource-specific", HOUR_S),
    "global_concurrency": Kind("calls at once", "global-concurrency", 0),
    "endpoint_concurrency": Kind("calls at once", "endpoint-concurrency", 0),
    "object_concurrency": Kind("calls at once", "", 0),
}
"""All limits by their public names."""


REASONS = tuple(dict.fromkeys(each.reason for each in KINDS.values() if each.reason))
"""What the header of a 429 can say."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of each account, by kind; None is no limit.

    Most count the calls of the account. `endpoint` counts those of each operation apart, unless the operation has a
    limit of its own. The limits of subscriptions, of payment intents and of objects count for each of these apart.
    """

    analytics: int | None = None
    meter_events: int | None = None
    stream: int | None = None
    global_: int | None = None
    endpoint: int | None = None
    search: int | None = None
    file_reads: int | None = None
    file_writes: int | None = None
    subscription_invoices_per_minute: int | None = None
    subscription_invoices_per_day: int | None = None
    subscription_quantities_per_hour: int | None = None
    payment_intent_updates_per_hour: int | None = None
    global_concurrency: int | None = None
    endpoint_concurrency: int | None = None
    object_concurrency: int | None = None

    def of(self, name: str) -> int | None:
        """Return the limit of a public name."""
        rate: int | None = getattr(self, "global_" if name == "global" else name)
        return rate

    @property
    def at_once(self) -> bool:
        """Whether calls that are answered at the same time are limited."""
        return not (self.global_concurrency is self.endpoint_concurrency is self.object_concurrency is None)

    def to_json(self) -> dict[str, int | None]:
        """Return the limits as the control plane shows them."""
        return {name: self.of(name) for name in KINDS}


# documented: the rates of each kind of call, in live mode and in sandboxes, https://docs.stripe.com/rate-limits.
# inferred: a limit is a bucket that holds the calls of one second and refills continuously; those of a minute, an hour
# or a day likewise. Calls are counted after authentication and before routing. A sandbox has no limits for single
# objects. Searches and calls about files count as calls of the account, too.
PROFILES = {
    "documented": Limits(analytics=100, meter_events=1_000, stream=10_000),
    "live": Limits(
        analytics=100,
        meter_events=1_000,
        stream=10_000,
        global_=100,
        endpoint=25,
        search=20,
        file_reads=20,
        file_writes=20,
        subscription_invoices_per_minute=10,
        subscription_invoices_per_day=20,
        subscription_quantities_per_hour=200,
        payment_intent_updates_per_hour=1_000,
    ),
    "sandbox": Limits(analytics=100, global_=25),
    "off": Limits(),
}

APART = ("analytics", "meter_events", "meter_events/v2", "stream")
"""The buckets of calls that do not count as calls of the account while they have a limit of their own."""
OF_OPERATIONS = ("global", "search", "file_reads", "file_writes")
"""The buckets of all other calls of an account."""
BUCKETS = (*APART, *OF_OPERATIONS)
"""What counts calls of an account. One name per bucket, which begins with the name of its limit."""
LIMIT_OF = {each: each.partition("/")[0] for each in BUCKETS}
"""The limit of each, by its public name."""


def counted(bucket: str | None, route: str, limits: Limits) -> tuple[str, ...]:
    """Return the limits, by their public names, that count a call of a kind to an operation."""
    kind = "stream" if bucket is None else bucket.partition("/")[0]
    own = kind != "global" and limits.of(kind) is not None
    if own and kind in APART:
        return (kind,)
    if own or route:
        return ("global", kind if own else "endpoint")
    return ("global",)


class Over(NamedTuple):
    """A limit that is used up."""

    name: str
    most: int

    @property
    def reason(self) -> str:
        """What Stripe calls it."""
        return KINDS[self.name].reason

    def __str__(self) -> str:
        return f"over the limit {self.name}: {self.most:,} {KINDS[self.name].counts}"


def profile(name: object) -> Limits:
    """Return the limits of a named profile; raise `Misuse` for any other name."""
    if not isinstance(name, str) or name not in PROFILES:
        message = f"unknown limit profile {quoted(name)}: {instead(PROFILES)}"
        raise Misuse(message, param="profile")
    return PROFILES[name]


def changed(limits: Limits, name: str, value: object) -> Limits:
    """Return `limits` with one of them set; raise `Misuse` if there is no such limit, or the value is not a rate."""
    if name not in KINDS:
        message = f"unknown limit {quoted(name)}: {instead(KINDS)}"
        raise Misuse(message, param=name)
    if value is not None and (type(value) is not int or not 1 <= value <= MOST):
        message = f"{name} must be {KINDS[name].counts} from 1 to {MOST}, or null for no limit, not {quoted(value)}"
        raise Misuse(message, param=name)
    return replace(limits, **{"global_" if name == "global" else name: value})
