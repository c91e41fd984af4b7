"""What is left of each rate limit: token buckets in whole numbers on the emulated clock."""

from collections.abc import Mapping

from fakestripe_meters.core import undo
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.core.limits import LIMIT_OF
from fakestripe_meters.core.limits import OF_OPERATIONS
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.limits import Over


class Bucket:
    """Tokens for a time, refilled continuously. `level` counts them in units of 1 / `full_ns`, which is that time."""

    __slots__ = ("full_ns", "level", "rate", "seen_ns")

    def __init__(self, rate: int, now_ns: int, full_ns: int = SECOND_NS) -> None:
        self.rate = rate
        self.full_ns = full_ns
        self.level = rate * full_ns
        self.seen_ns = now_ns

    def left(self, now_ns: int) -> int:
        """Return the tokens that are left, in units of 1 / `full_ns`."""
        return min(self.rate * self.full_ns, self.level + max(0, now_ns - self.seen_ns) * self.rate)

    def whole(self, now_ns: int) -> int:
        """Return the tokens that are left."""
        return self.left(now_ns) // self.full_ns

    def take(self, tokens: int, now_ns: int) -> bool:
        """Take `tokens`, and return whether that many were left; else take none."""
        if now_ns != self.seen_ns:
            self.level, self.seen_ns = self.left(now_ns), now_ns
        if self.level < tokens * self.full_ns:
            return False
        self.level -= tokens * self.full_ns
        return True

    def give_back(self) -> None:
        """Give back one token that was taken."""
        self.level += self.full_ns


class Limiter:
    """The buckets of one account. Each is made on first use, and again when its limit changes."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}
        self.peaks: dict[str, int] = {}
        """The most that requests have done to one object in the time of a limit, by its name."""

    def admit(self, name: str, limits: Limits, now_ns: int, tokens: int = 1, route: str = "") -> Over | None:
        """Count a call of the kind `name`, to the operation `route`; return None if it may pass, else the limit.

        A kind of `APART` counts only against its own rate. Others, and those for which `limits` has no rate, count as
        calls of the account, and against the limit of the operation. v1 and v2 meter events have the same rate but
        separate buckets, so a name can have a suffix: `meter_events/v2`.
        """
        if name == "global":
            if limits.endpoint is limits.global_ is None:
                return None
            return self._count("", None, limits, now_ns, route)
        rate: int | None = getattr(limits, LIMIT_OF[name])
        if rate is None or name in OF_OPERATIONS:
            return self._count(name, rate, limits, now_ns, route)
        bucket = self._buckets.get(name)  # not by `_bucket`: every meter event comes here
        if bucket is None or bucket.rate != rate:
            bucket = self._bucket(name, rate, now_ns)
        return None if bucket.take(tokens, now_ns) else Over(LIMIT_OF[name], rate)

    def _count(self, name: str, rate: int | None, limits: Limits, now_ns: int, route: str) -> Over | None:
        """Count a call against the limit of its operation, which is its own or that of each, and of the account."""
        if rate is None and route:
            name, rate = f"endpoint/{route}", limits.endpoint
        own = None if rate is None else self._bucket(name, rate, now_ns)
        if own is not None and not own.take(1, now_ns):
            return Over(name.partition("/")[0], own.rate)
        if limits.global_ is None or self._bucket("global", limits.global_, now_ns).take(1, now_ns):
            return None
        if own is not None:
            own.give_back()
        return Over("global", limits.global_)

    def count(self, subject: str, names: tuple[str, ...], limits: Limits, now_ns: int) -> Over | None:
        """Count what a request does to one object against several limits; return None, or the one that is used up.

        An operation that is refused later gives back what it has taken.
        """
        taken: list[Bucket] = []
        for name in names:
            if (rate := limits.of(name)) is None:
                continue
            bucket = self._bucket(f"{name}/{subject}", rate, now_ns)
            if not bucket.take(1, now_ns):
                for each in taken:
                    each.give_back()
                return Over(name, rate)
            taken.append(bucket)
            self.peaks[name] = max(rate - bucket.whole(now_ns), self.peaks.get(name, 0))
        for each in taken:
            undo.note(each.give_back)
        return None

    def left(self, limits: Limits, now_ns: int) -> dict[str, int | None]:
        """Return how many calls each bucket would still admit, by name; None for a kind without a limit of its own.

        What counts for each operation or object apart has the least that is left of any, and those that are not full.
        """
        found = {name: self._left(name, limits.of(limit), now_ns) for name, limit in LIMIT_OF.items()}
        for name, kind in KINDS.items():
            if name not in found and kind.per_s:
                found |= self._left_of_each(name, limits.of(name), now_ns)
        return found

    def _left(self, name: str, rate: int | None, now_ns: int) -> int | None:
        bucket = self._buckets.get(name)
        return rate if bucket is None or bucket.rate != rate else bucket.whole(now_ns)

    def _left_of_each(self, name: str, rate: int | None, now_ns: int) -> dict[str, int | None]:
        if rate is None:
            return {name: None}
        each = {key: self._left(key, rate, now_ns) for key in self._buckets if key.startswith(f"{name}/")}
        used = {key: left for key, left in sorted(each.items()) if left is not None and left < rate}
        return {name: min(used.values(), default=rate), **used}

    def is_half_used(self, now_ns: int) -> bool:
        """Return whether more than half of a limit is used up."""
        return any(each.left(now_ns) * 2 < each.rate * each.full_ns for each in self._buckets.values())

    def dump(self) -> dict[str, tuple[int, int, int]]:
        """Return the buckets by name, for a snapshot: rate, level, and the instant of the last call."""
        return {name: (each.rate, each.level, each.seen_ns) for name, each in self._buckets.items()}

    def load(self, dumped: Mapping[str, tuple[int, int, int]]) -> None:
        """Take over the buckets of a dump."""
        for name, (rate, level, seen_ns) in dumped.items():
            bucket = self._buckets[name] = Bucket(rate, seen_ns, _full_ns(name))
            bucket.level = level

    def _bucket(self, name: str, rate: int, now_ns: int) -> Bucket:
        bucket = self._buckets.get(name)
        if bucket is None or bucket.rate != rate:
            bucket = self._buckets[name] = Bucket(rate, now_ns, _full_ns(name))
        return bucket


def _full_ns(name: str) -> int:
    """Return in what time a bucket fills up."""
    kind = KINDS.get(name.partition("/")[0])
    return (kind.per_s if kind else 1) * SECOND_NS
