"""Instants as API v2 writes them: RFC 3339 in UTC, with milliseconds."""

import datetime as dt
import re

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND

RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


class Instant(int):
    """Nanoseconds since 1970."""

    __slots__ = ()


def parse(text: str) -> Instant:
    """The instant that an RFC 3339 date and time names; ValueError if it is none, or beyond the year 3000."""
    if not RFC_3339.fullmatch(text):
        raise ValueError(text)
    elapsed = (dt.datetime.fromisoformat(text.upper()) - EPOCH) // MICROSECOND * 1_000
    if abs(elapsed) > LAST_SECOND * SECOND:
        raise ValueError(text)
    return Instant(elapsed)


def rfc3339(instant_ns: int) -> str:
    """`2025-01-01T00:00:00.000Z`; with microseconds only where there are any."""
    seconds, rest_ns = divmod(instant_ns, SECOND)
    when = EPOCH + dt.timedelta(seconds=seconds)
    fraction = f"{rest_ns // 1_000:06d}"
    return f"{when:%Y-%m-%dT%H:%M:%S}.{fraction.removesuffix('000')}Z"
