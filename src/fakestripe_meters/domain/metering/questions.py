"""Queries of usage: payload keys become positions, and time ranges become buckets that can hold usage."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fakestripe_meters.core import errors
from fakestripe_meters.core import windows
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.usage import Row
from fakestripe_meters.domain.records.meters import Meter

LONGEST_BUCKET_S = 32 * DAY_S
MOST_FILTERS = 10
"""How many dimensions a filter can name."""
Places = dict[int, frozenset[str]]
"""Positions in the dimension values of a series, and for each a set of values."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The payload keys of a meter of one kind, `dimension` or `tenant`, and where they begin in a series' values."""

    kind: str
    names: Sequence[str]
    offset: int = 0

    def places(self, keys: Sequence[str], path: str) -> tuple[int, ...]:
        """Return the positions of `keys`; raise StripeError 400 for a key that the meter does not have."""
        return tuple([self._place(key, f"{path}[{index}]") for index, key in enumerate(keys)])

    def filters(self, filters: Mapping[str, Iterable[str]] | None, path: str) -> Places:
        """Return the positions of filtered keys with the values that pass; raise StripeError 400 as `places` does."""
        given = (filters or {}).items()
        return {self._place(key, f"{path}[{key}]"): frozenset(values) for key, values in given}

    def _place(self, key: str, path: str) -> int:
        if key not in self.names:
            raise errors.metering.not_a_payload_key(path, key, self.kind)
        return self.names.index(key) + self.offset


def dimensions(meter: Meter) -> Keys:
    """Return a meter's dimension payload keys."""
    return Keys("dimension", meter.dimension_keys)


def tenants(meter: Meter) -> Keys:
    """Return a meter's tenant payload keys."""
    return Keys("tenant", meter.tenant_keys, len(meter.dimension_keys))


@dataclass(frozen=True, slots=True)
class Buckets:
    """A time range, cut into calendar buckets of a time zone; the first and the last may be cut short."""

    start: int
    end: int
    window: windows.Window | None
    zone: ZoneInfo

    def edges(self, first: int, last: int) -> list[int]:
        """Return the edges of all buckets that can hold usage from `first` to `last`, in Unix seconds.

        Buckets far outside of that are left out, so that a range of a thousand years costs no more than the usage in
        it.
        """
        start, end = self.start, self.end
        if self.window is not None:
            start = max(start, first - first % DAY_S - 2 * LONGEST_BUCKET_S)
            end = min(end, last - last % DAY_S + 2 * LONGEST_BUCKET_S)
        if start >= end:
            return []
        try:
            return windows.edges(start, end, self.window, self.zone)
        except ValueError:
            raise errors.metering.too_many_buckets("value_grouping_window") from None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which series of a meter count, and which values their sums are grouped by."""

    where: Mapping[int, frozenset[str]]
    """Positions, and for each the values of which a series must have one."""
    without: Mapping[int, frozenset[str]]
    """Positions, and for each the values of which a series must have none."""
    group_by: Sequence[int] = ()

    def passes(self, values: Sequence[str | None]) -> bool:
        """Return whether a series with these values counts."""
        return all(values[place] in allowed for place, allowed in self.where.items()) and not any(
            values[place] in refused for place, refused in self.without.items()
        )


# inferred: a filter lets any of its values through, and all keys must match. An event without a key has no value of it.
EVERYTHING = Selection({}, {})


def rows(
    account: Account, meter: Meter, customer: str, buckets: Buckets, selection: Selection = EVERYTHING
) -> list[Row]:
    """Return a customer's visible usage of one meter, ascending by bucket and group; empty buckets are left out."""
    ledger = account.part(Intake).ledger(meter.id)
    span = ledger.span(customer)
    if span is None:
        return []
    where = selection.passes if selection.where or selection.without else None
    return ledger.query(customer, buckets.edges(*span), where=where, group_by=selection.group_by)


def named(keys: Sequence[str], group: Sequence[str | None]) -> dict[str, str] | None:
    """Return the values of a group by key, missing ones left out; None if there are no keys."""
    if not keys:
        return None
    return {key: value for key, value in zip(keys, group, strict=True) if value is not None}
