"""The time zones Stripe takes: the tz database's names, old aliases included."""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
GONE = {"US/Pacific-New": "America/Los_Angeles"}
"""Stripe's list of 599 is the tz database's 598 and this link, which the database dropped in 2020."""


@cache
def names() -> frozenset[str]:
    """Every name that is taken."""
    return frozenset({*(files("tzdata") / "zones").read_text().split(), *GONE})


def zone(name: str) -> ZoneInfo | None:
    """The zone of that name, or None for a name Stripe does not know."""
    return ZoneInfo(GONE.get(name, name)) if name in names() else None
