"""Instants as API v2 writes them: RFC 3339 in UTC, with milliseconds."""

import datetime as dt
import re
from collections.abc import Callable
from typing import NewType

from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.clock import SECOND_NS

Instant = NewType("Instant", int)
"""Nanoseconds since 1970."""

MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:")
TAIL = re.compile(r"(?:\.([0-9]{1,9}))?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))")
SECONDS_NS = {f"{second:02d}": second * SECOND_NS for second in range(60)}
MOST_KEPT = 4096
LAST_NS = LAST_SECOND * SECOND_NS
MILLISECOND_NS = 1_000_000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SECOND_LONG = dt.timedelta(seconds=1)


def parse(text: str) -> Instant:
    """Parse an RFC 3339 date and time; raise ValueError unless it is an instant between 1970 and 3000.

    Events that are sent together share few minutes and fractions: caching both makes this fast.
    """
    try:
        instant = _MINUTES[text[:17]] + SECONDS_NS[text[17:19]] + _TAILS[text[19:]]
    except KeyError:
        raise ValueError(text) from None
    if not 0 <= instant <= LAST_NS:  # an offset leads beyond what its minute alone does not
        raise ValueError(text)
    return instant  # type: ignore[return-value]  # NewType costs a call


class _Parsed(dict[str, int]):
    """The numbers of texts that were parsed lately."""

    def __init__(self, parse_one: Callable[[str], int]) -> None:
        super().__init__()
        self._parse_one = parse_one

    def __missing__(self, text: str) -> int:
        if len(self) >= MOST_KEPT:
            self.clear()
        number = self[text] = self._parse_one(text)
        return number


def _minute_ns(text: str) -> int:
    if not MINUTE.fullmatch(text):
        raise ValueError(text)
    seconds = (dt.datetime.fromisoformat(f"{text}00+00:00".upper()) - EPOCH) // SECOND_LONG
    if not 0 <= seconds <= LAST_SECOND:
        raise ValueError(text)
    return seconds * SECOND_NS


def _tail_ns(text: str) -> int:
    match = TAIL.fullmatch(text)
    if match is None:
        raise ValueError(text)
    fraction, sign, hours, minutes = match.groups(default="0")
    ahead = (int(hours) * HOUR_S + int(minutes) * MINUTE_S) * SECOND_NS
    return int(fraction.ljust(9, "0")) + (ahead if sign == "-" else -ahead)


_MINUTES, _TAILS = _Parsed(_minute_ns), _Parsed(_tail_ns)


def rfc3339(instant_ns: int) -> str:
    """Return an instant as `2025-01-01T00:00:00.000Z`, cut to milliseconds."""
    seconds, rest_ns = divmod(instant_ns, SECOND_NS)
    return f"{EPOCH + seconds * SECOND_LONG:%Y-%m-%dT%H:%M:%S}.{rest_ns // MILLISECOND_NS:03d}Z"


def rfc3339_exact(instant_ns: int) -> str:
    """Return an instant as RFC 3339, to the nanosecond."""
    return f"{rfc3339(instant_ns)[:-1]}{instant_ns % MILLISECOND_NS:06d}Z"
