"""Billing periods: the instants at which a subscription's cycle turns, counted from one anchor.

Instants are whole Unix seconds, read in UTC within the years 1 to 9999. Every edge is computed from the
anchor itself, so the 31st comes back after February: 31 January, 28 February, 31 March.
"""

from calendar import monthrange
from datetime import MAXYEAR
from datetime import MINYEAR
from datetime import date
from typing import Literal
from typing import NamedTuple

from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.late import dataclass

Interval = Literal["day", "week", "month", "year"]
# observed: the order in which a refusal names them (crvouga/mockingbird).
INTERVALS = ("month", "year", "week", "day")

_SECONDS: dict[Interval, int] = {"day": DAY_S, "week": 7 * DAY_S}
_MONTHS: dict[Interval, int] = {"month": 1, "year": 12}

LONGEST_COUNT = 1095
"""Three years in days: no interval is longer."""

_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_S = (date.min.toordinal() - _EPOCH) * DAY_S
_LAST_S = (date.max.toordinal() - _EPOCH + 1) * DAY_S - 1


class Period(NamedTuple):
    """A billing period [start, end), in Unix seconds: it includes `start` and excludes `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """A billing cycle: its edges lie `interval_count` intervals apart, at `anchor`, after it and before it.

    All instants are Unix seconds; one outside the years 1 to 9999 raises ValueError.
    """

    anchor: int
    interval: Interval
    interval_count: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for a cycle without length, or for one that no price has."""
        if not 1 <= self.interval_count <= LONGEST_COUNT:
            msg = f"interval_count must be at least 1 and at most {LONGEST_COUNT}, not {self.interval_count}"
            raise ValueError(msg)
        within_calendar(self.anchor)

    def edge(self, k: int) -> int:
        """Return the instant `k` cycles after the anchor; negative `k` lies before it.

        Months keep the anchor's day and time of day, or take the month's last day when it is shorter.
        """
        steps = k * self.interval_count
        if self.interval in _SECONDS:
            return within_calendar(self.anchor + steps * _SECONDS[self.interval])
        return _months_after(self.anchor, steps * _MONTHS[self.interval])

    def index(self, instant: int) -> int:
        """Return the `k` of the period that contains `instant`: the last edge not after it."""
        return self._period(instant)[0]

    def period(self, instant: int) -> Period:
        """Return the period that contains `instant`; an edge belongs to the period it opens."""
        k, start = self._period(instant)
        return Period(start, self.edge(k + 1))

    def _period(self, instant: int) -> tuple[int, int]:
        """Return the `k` of the period that contains `instant`, and the edge that opens it."""
        if self.interval in _SECONDS:
            k = (within_calendar(instant) - self.anchor) // (self.interval_count * _SECONDS[self.interval])
            return k, self.edge(k)
        months = _month_number(instant) - _month_number(self.anchor)
        k = months // (self.interval_count * _MONTHS[self.interval])
        # Edge k lies in the instant's own month at the latest, but it may lie after the instant.
        start = self.edge(k)
        return (k, start) if start <= instant else (k - 1, self.edge(k - 1))

    def next_edge(self, instant: int) -> int:
        """Return the first edge strictly after `instant`."""
        return self.edge(self.index(instant) + 1)


def within_calendar(instant: int) -> int:
    """Return an instant in Unix seconds, or raise ValueError if it lies outside the years 1 to 9999."""
    if not _FIRST_S <= instant <= _LAST_S:
        msg = f"{instant} lies outside the years {MINYEAR} to {MAXYEAR}"
        raise ValueError(msg)
    return instant


def check_period(start: int, end: int) -> None:
    """Raise ValueError for a period that ends before it begins, or that lies outside the years 1 to 9999."""
    if within_calendar(end) < within_calendar(start):
        msg = f"a period ends before it begins: from {start} to {end}"
        raise ValueError(msg)


def _utc_date(instant: int) -> date:
    return date.fromordinal(within_calendar(instant) // DAY_S + _EPOCH)


def _month_number(instant: int) -> int:
    day = _utc_date(instant)
    return day.year * 12 + day.month - 1


def _months_after(anchor: int, months: int) -> int:
    year, month = divmod(_month_number(anchor) + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        msg = f"{months} months from {anchor} lie outside the years {MINYEAR} to {MAXYEAR}"
        raise ValueError(msg)
    last_day = monthrange(year, month + 1)[1]
    day = date(year, month + 1, min(_utc_date(anchor).day, last_day))
    return (day.toordinal() - _EPOCH) * DAY_S + anchor % DAY_S
