"""What the buckets of a question are called: on the axis, in the table, and on a bar."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from fakestripe_meters.pages.chart import Slot
from fakestripe_meters.pages.usage_asking import ALL


def slots(edges: Sequence[int], per: str, where: ZoneInfo) -> list[Slot]:
    """Return the places for the bars, with what stands below them on the axis."""
    made: list[Slot] = []
    for start, _ in pairwise(edges):
        local = _local(start, where)
        opens = per == "hour" and local.hour == 0 and local.minute == 0
        made.append(Slot(start, "" if per == ALL else _axis(local, per, opens=opens), opens))
    return made


def names(edges: Sequence[int], per: str, where: ZoneInfo) -> dict[int, str]:
    """Return what each bucket is called, by its start. An hour that comes twice has the zone's name as well."""
    one_year = bool(edges) and _local(edges[0], where).year == _local(edges[-1] - 1, where).year
    made = {start: name(start, end, per, where, with_year=not one_year) for start, end in pairwise(edges)}
    twice = {text for text, count in Counter(made.values()).items() if count > 1}
    return {start: f"{text} {_local(start, where):%Z}" if text in twice else text for start, text in made.items()}


def name(start: int, end: int, per: str, where: ZoneInfo, *, with_year: bool = True) -> str:
    """Return what a bucket is called: `Fri, Jan 31, 2025`."""
    local = _local(start, where)
    day = f"{local:%b} {local.day}" + (f", {local.year}" if with_year else "")
    if per == "hour":
        return f"{local:%a}, {day}, {local:%H:%M}"
    if per == "day":
        return f"{local:%a}, {day}"
    if per == "week":
        return f"Week of {day}"
    if per == "month":
        return f"{local:%B} {local.year}"
    return stretch(start, end, where)


def stretch(start: int, end: int, where: ZoneInfo) -> str:
    """Return from when to when a stretch of time is, without the times if both are midnights."""
    first, last = _local(start, where), _local(end, where)
    if first.time() == last.time() == dt.time():
        last -= dt.timedelta(days=1)
        begun, ended = (f"{each:%a}, {each:%b} {each.day}, {each.year}" for each in (first, last))
        return begun if begun == ended else f"{begun} to {ended}"
    return f"{moment(start, where)} to {moment(end, where)}"


def moment(instant: int, where: ZoneInfo) -> str:
    """Return an instant: `Fri, Jan 31, 2025, 10:00 CET`; with its seconds, if there are any."""
    local = _local(instant, where)
    time = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{local:%a}, {local:%b} {local.day}, {local.year}, {time} {local:%Z}"


def clock(instant: int, where: ZoneInfo) -> str:
    """Return the time of day of an instant: `10:00:00`."""
    return f"{_local(instant, where):%H:%M:%S}"


def _axis(local: dt.datetime, per: str, *, opens: bool) -> str:
    if per == "hour" and not opens:
        return f"{local:%H:%M}"
    if per == "month":
        return f"{local:%b} {local.year}"
    return f"{local:%b} {local.day}"


def _local(instant: int, where: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromtimestamp(instant, where)
