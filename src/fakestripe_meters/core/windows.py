"""The edges of a time zone's calendar hours, days, weeks and months, as Unix seconds."""

from bisect import bisect_left
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from itertools import groupby
from typing import Literal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import MINUTE_S

# inferred: weeks begin on Monday. Days have 23 or 25 hours when clocks change, and the hour that comes twice makes two
# buckets.
Window = Literal["hour", "day", "week", "month"]

_SECONDS = {"minute": MINUTE_S, "hour": HOUR_S, "day": DAY_S}
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()

# A week inside what datetime can hold, so that no zone's local time leaves it.
_EARLIEST = (datetime.min.replace(tzinfo=UTC) + timedelta(weeks=1) - _EPOCH) // _SECOND
_LATEST = (datetime.max.replace(tzinfo=UTC) - timedelta(weeks=1) - _EPOCH) // _SECOND
_MOST_BUCKETS = 1_000_000

# ZoneInfo does not show when its offset changes, so `_stretches` reads the offset every other day: in the whole tz
# database no two changes are closer than that (the closest, in Freetown in 1939, are almost four days apart).
_PROBE = 2 * DAY_S
# A date that began before the range must not begin again within it. Dates have been repeated for a whole day: in
# Alaska in 1867, on Kwajalein in 1969.
_LOOK_BACK = 2 * DAY_S


class _Stretch(NamedTuple):
    """Seconds [start, end) during which a zone keeps one offset from UTC."""

    start: int
    end: int
    offset: int


def edges(start: int, end: int, window: Window | None, zone: ZoneInfo) -> list[int]:
    """Return the edges of the buckets that partition [start, end), as Unix seconds.

    The first is `start`, the last is `end`, so the outer buckets may be clipped; between them lie the
    instants at which an hour, a day, a week (on Monday) or a month begins in `zone`. Without a window there
    is one bucket; when `start` equals `end` there is none, and the one edge is `start`.

    A day begins at the first instant with its date. If midnight is skipped, that is the instant of the jump; a skipped
    day has no bucket, and a date that is repeated does not begin again. An hour begins whenever the local clock reaches
    it or jumps past its beginning, so the repeated hour in autumn gives two buckets. Where clocks shift by half an hour
    (Lord Howe Island), the hour in which they go back lasts ninety minutes, and the one into which they jump thirty.

    Raises:
        ValueError: `start` lies after `end`; or there is a window and a bound is outside the years 1 to 9999,
            or there would be more than a million buckets.
    """
    if start > end:
        raise ValueError("start must not be after end")
    if window is None or start == end:
        return sorted({start, end})
    _refuse_unbounded(start, end, window)
    stretches = _stretches(start - _LOOK_BACK, end, zone)
    begins = _hours(stretches) if window == "hour" else _calendar(stretches, _LABELS[window])
    return [start, *(instant for instant in begins if start < instant < end), end]


def aligned(timestamp: int, unit: Literal["minute", "hour", "day"]) -> bool:
    """Whether `timestamp` is the first second of a UTC minute, hour or day."""
    return timestamp % _SECONDS[unit] == 0


def _refuse_unbounded(start: int, end: int, window: Window) -> None:
    if start < _EARLIEST or end > _LATEST:
        raise ValueError("start and end must lie within the years 1 to 9999")
    if (end - start) // _SECONDS.get(window, DAY_S) > _MOST_BUCKETS:
        raise ValueError(f"the range holds more than {_MOST_BUCKETS} buckets")


def _stretches(start: int, end: int, zone: ZoneInfo) -> Iterator[_Stretch]:
    offset = _offset(start, zone)
    for probe in range(start, end, _PROBE):
        after = _offset(probe + _PROBE, zone)
        if after != offset:
            change = _change(probe, offset, zone)
            yield _Stretch(start, change, offset)
            start, offset = change, after
    yield _Stretch(start, max(start, end), offset)


def _change(probe: int, offset: int, zone: ZoneInfo) -> int:
    seconds = range(probe, probe + _PROBE)
    return probe + bisect_left(seconds, x=True, key=lambda second: _offset(second, zone) != offset)


def _offset(timestamp: int, zone: ZoneInfo) -> int:
    local = (_EPOCH + timedelta(seconds=timestamp)).astimezone(zone)
    return (local.utcoffset() or timedelta()) // _SECOND


def _hours(stretches: Iterator[_Stretch]) -> Iterator[int]:
    latest = None
    for start, end, offset in stretches:
        hour, past = divmod(start + offset, HOUR_S)
        if latest is not None and hour > latest and past:
            yield start
        yield from range(start + -past % HOUR_S, end, HOUR_S)
        latest = (end - 1 + offset) // HOUR_S


def _calendar(stretches: Iterator[_Stretch], label: Callable[[int], int]) -> Iterator[int]:
    spans = groupby(_days(stretches), key=lambda begun: label(begun[1]))
    return (next(days)[0] for _, days in spans)


def _days(stretches: Iterator[_Stretch]) -> Iterator[tuple[int, int]]:
    """Yield the instant at which each local day begins, with the day counted from 1 January 1970."""
    latest = None
    for start, end, offset in stretches:
        midnights = range(start + -(start + offset) % DAY_S, end, DAY_S)
        for instant in (start, *midnights):
            day = (instant + offset) // DAY_S
            if latest is None or day > latest:
                yield instant, day
                latest = day


def _month(day: int) -> int:
    first = date.fromordinal(_EPOCH_DAY + day)
    return first.year * 12 + first.month


_LABELS: dict[Window, Callable[[int], int]] = {
    "day": lambda day: day,
    "week": lambda day: (day + 3) // 7,  # 1 January 1970 was a Thursday
    "month": _month,
}
