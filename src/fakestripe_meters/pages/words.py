"""Times, amounts and prices in words, for templates."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fakestripe_meters.core import pricing
from fakestripe_meters.core import printing


def plain(text: str) -> str:
    """Return what a client has written as one line: keys masked, and what is not printable as escapes."""
    return printing.line(text)


def sentence(text: str) -> str:
    """Return a message as a sentence of its own, as `There is no such code.` is one of "there is no such code"."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def day(timestamp: int) -> str:
    """Return Unix seconds as a day: `Feb 1, 2025`."""
    moment = printing.utc(timestamp)
    return f"{moment:%b} {moment.day}, {moment.year}"


def days(start: int, end: int) -> str:
    """Return a stretch of time as days: `Jan 1, 2025 to Feb 1, 2025`."""
    return day(start) if day(start) == day(end) else f"{day(start)} to {day(end)}"


def moment(timestamp: int) -> str:
    """Return Unix seconds as an instant: `Sat, Feb 1, 2025, 00:00:00 UTC`."""
    then = printing.utc(timestamp)
    return f"{then:%a}, {day(timestamp)}, {then:%H:%M:%S} UTC"


def iso(timestamp: int) -> str:
    """Return Unix seconds as ISO 8601, for programs."""
    return printing.instant(timestamp)


def quantity(value: Decimal) -> str:
    """Return how many, with commas: `80,190`, `0.5`."""
    return f"{int(value):,}" if value == value.to_integral_value() else f"{value.normalize():,f}"


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "iso": iso,
    "moment": moment,
    "money": pricing.money,
    "plain": plain,
}
"""What templates can do with a value."""
