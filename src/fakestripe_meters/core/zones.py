"""The time zones that Stripe accepts: the names of the tz database, including old aliases."""

from functools import cache
from zoneinfo import ZoneInfo

from fakestripe_meters.core.packaged import text_of

UTC = ZoneInfo("UTC")
GONE = {"US/Pacific-New": "America/Los_Angeles"}
"""Stripe's list of 599 names is the tz database's 598 and this link, which the database dropped in 2020."""


@cache
def names() -> frozenset[str]:
    """Return every name that Stripe accepts."""
    return frozenset({*text_of("tzdata", "zones").split(), *GONE})


def zone(name: str) -> ZoneInfo | None:
    """Return the zone of that name; None if Stripe does not know it."""
    return ZoneInfo(GONE.get(name, name)) if name in names() else None
