"""Billing periods by the calendar: an anchor, and how far the n-th period's edge is from it."""

from calendar import monthrange
from datetime import UTC
from datetime import datetime

MONTHS = {"month": 1, "quarter": 3, "year": 12}
SECONDS = {"week": 7 * 86_400}


def edge(anchor: int, interval: str, number: int) -> int:
    """Return where the period with a number begins: the day of the month is the anchor's, or the month's last."""
    if interval in SECONDS:
        return anchor + number * SECONDS[interval]
    begin = datetime.fromtimestamp(anchor, UTC)
    years, month = divmod(begin.month - 1 + number * MONTHS[interval], 12)
    year = begin.year + years
    day = min(begin.day, monthrange(year, month + 1)[1])
    return int(begin.replace(year=year, month=month + 1, day=day).timestamp())


def period(anchor: int, interval: str, instant: int) -> tuple[int, int]:
    """Return the period of an anchor that an instant is in."""
    number = 0
    while edge(anchor, interval, number + 1) <= instant:
        number += 1
    while edge(anchor, interval, number) > instant:
        number -= 1
    return edge(anchor, interval, number), edge(anchor, interval, number + 1)


def after(anchor: int, interval: str, start: int) -> int:
    """Return the end of the period that begins at an edge of the anchor's months or weeks."""
    unit = "week" if interval in SECONDS else "month"
    number = 0
    while edge(anchor, unit, number) < start:
        number += 1
    return edge(anchor, unit, number + MONTHS.get(interval, 1))
