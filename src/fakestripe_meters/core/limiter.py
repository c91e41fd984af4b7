"""Rate limits: token buckets in whole numbers on the emulated clock, and the profiles as data."""

from collections.abc import Mapping
from dataclasses import fields
from dataclasses import replace

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import instead
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.late import dataclass

MOST_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The most calls per second of each account, by kind; None is no limit. A kind without one counts as `global_`."""

    analytics: int | None = None
    meter_events: int | None = None
    stream: int | None = None
    global_: int | None = None

    def to_json(self) -> dict[str, int | None]:
        """Return the limits as the control plane shows them."""
        return {
            "analytics": self.analytics,
            "meter_events": self.meter_events,
            "stream": self.stream,
            "global": self.global_,
        }


# documented: the rates of each kind of call, in live mode and in sandboxes, https://docs.stripe.com/rate-limits.
# inferred: a limit is a bucket that holds the calls of one second and refills continuously. Calls are counted after
# authentication and before routing.
PROFILES = {
    "documented": Limits(analytics=100, meter_events=1_000, stream=10_000),
    "live": Limits(analytics=100, meter_events=1_000, stream=10_000, global_=100),
    "sandbox": Limits(analytics=100, global_=25),
    "off": Limits(),
}

BUCKETS = ("analytics", "meter_events", "meter_events/v2", "stream", "global_")
"""What counts calls. One name per bucket, which begins with the name of its limit."""


def profile(name: object) -> Limits:
    """Return the limits of a named profile; raise `Misuse` for any other name."""
    if not isinstance(name, str) or name not in PROFILES:
        message = f"unknown limit profile {quoted(name)}: {instead(PROFILES)}"
        raise Misuse(message, param="profile")
    return PROFILES[name]


def changed(limits: Limits, name: str, value: object) -> Limits:
    """Return `limits` with one of them set; raise `Misuse` if there is no such limit, or the value is not a rate."""
    field = "global_" if name == "global" else name
    if field not in {known.name for known in fields(Limits)} or name == "global_":
        message = f"unknown limit {quoted(name)}: {instead(limits.to_json())}"
        raise Misuse(message, param=name)
    if value is not None and (type(value) is not int or not 1 <= value <= MOST_PER_SECOND):
        message = (
            f"{name} must be calls per second from 1 to {MOST_PER_SECOND}, or null for no limit, not {quoted(value)}"
        )
        raise Misuse(message, param=name)
    return replace(limits, **{field: value})


class Bucket:
    """Tokens for one second, refilled continuously. `level` counts them in units of 1 / `SECOND_NS`."""

    __slots__ = ("level", "rate", "seen_ns")

    def __init__(self, rate: int, now_ns: int) -> None:
        self.rate = rate
        self.level = rate * SECOND_NS
        self.seen_ns = now_ns

    def left(self, now_ns: int) -> int:
        """Return the tokens that are left, in units of 1 / `SECOND_NS`."""
        return min(self.rate * SECOND_NS, self.level + max(0, now_ns - self.seen_ns) * self.rate)

    def take(self, tokens: int, now_ns: int) -> bool:
        """Take `tokens`, and return whether that many were left; else take none."""
        if now_ns != self.seen_ns:
            self.level, self.seen_ns = self.left(now_ns), now_ns
        if self.level < tokens * SECOND_NS:
            return False
        self.level -= tokens * SECOND_NS
        return True


class Limiter:
    """The buckets of one account. Each is made on first use, and again when its limit changes."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def admit(self, name: str, limits: Limits, now_ns: int, tokens: int = 1) -> str | None:
        """Count a call of the kind `name`; return None if it may pass, else Stripe's name of the limit.

        A kind for which `limits` has no rate counts against `global_`. v1 and v2 meter events have the same rate but
        separate buckets, so a name can have a suffix: `meter_events/v2`.
        """
        rate = getattr(limits, name.partition("/")[0], None)
        if rate is not None:
            return None if self._bucket(name, rate, now_ns).take(tokens, now_ns) else "endpoint-rate"
        if limits.global_ is None:
            return None
        return None if self._bucket("global", limits.global_, now_ns).take(1, now_ns) else "global-rate"

    def left(self, limits: Limits, now_ns: int) -> dict[str, int | None]:
        """Return how many calls each bucket would still admit, by name; None for a kind without a limit of its own."""
        rates = {"global" if name == "global_" else name: getattr(limits, name.partition("/")[0]) for name in BUCKETS}
        return {name: None if rate is None else self._left(name, rate, now_ns) for name, rate in rates.items()}

    def _left(self, name: str, rate: int, now_ns: int) -> int:
        bucket = self._buckets.get(name)
        return rate if bucket is None or bucket.rate != rate else bucket.left(now_ns) // SECOND_NS

    def is_half_used(self, now_ns: int) -> bool:
        """Return whether more than half of a limit is used up."""
        return any(bucket.left(now_ns) * 2 < bucket.rate * SECOND_NS for bucket in self._buckets.values())

    def dump(self) -> dict[str, tuple[int, int, int]]:
        """Return the buckets by name, for a snapshot: rate, level, and the instant of the last call."""
        return {name: (each.rate, each.level, each.seen_ns) for name, each in self._buckets.items()}

    def load(self, dumped: Mapping[str, tuple[int, int, int]]) -> None:
        """Take over the buckets of a dump."""
        for name, (rate, level, seen_ns) in dumped.items():
            bucket = self._buckets[name] = Bucket(rate, seen_ns)
            bucket.level = level

    def _bucket(self, name: str, rate: int, now_ns: int) -> Bucket:
        bucket = self._buckets.get(name)
        if bucket is None or bucket.rate != rate:
            bucket = self._buckets[name] = Bucket(rate, now_ns)
        return bucket
