"""Checks of what the author of a test passes: each returns the value, or raises a `Misuse` that names the parameter.

They are in `core/` because the options are, which accounts read.
"""

import os
import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from fakestripe_meters.core import keys
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import duration_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.errors import instead
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.limits import PROFILES
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.limits import changed
from fakestripe_meters.core.limits import profile
from fakestripe_meters.core.printing import mask

SHOWN = 200
HOST = re.compile(r"[\w.-]+|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?")
"""A name, or an IP address, which may be in brackets."""

ORIGIN = re.compile(r"https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?", re.ASCII)


def flag(value: object, name: str) -> bool:
    """Check for true or false."""
    if not isinstance(value, bool):
        raise refused(name, "true or false", value)
    return value


def switch_or_seconds(value: object, name: str) -> bool | int:
    """Check for true, false, or a number of seconds, and return that in nanoseconds; 0 stands for false."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, int | float) or not 0 <= value <= LAST_SECOND:
        raise refused(name, "true, false, or a number of seconds, zero or more", value)
    return duration_ns(value, name) or False


def text(value: object, name: str) -> str:
    """Check for a string."""
    if not isinstance(value, str):
        raise refused(name, "a string", value)
    return value


def word(value: object, name: str, words: Sequence[str]) -> str:
    """Check for one of these words."""
    if not isinstance(value, str) or value not in words:
        raise refused(name, either(words), value)
    return value


def whole(value: object, name: str, least: int, most: int) -> int:
    """Check for a whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise refused(name, f"a whole number from {least} to {most}", value)
    return value


def days(value: object, name: str, most: int, longest: int) -> tuple[int, ...]:
    """Check for a list of at most `most` whole numbers of days, each from 1 to `longest`."""
    given = several(value, name, wanted := f"a list of at most {most} numbers of days")
    if len(given) > most:
        raise refused(name, wanted, value)
    return tuple(whole(each, name, 1, longest) for each in given)


def error_status(value: object, name: str) -> int:
    """Check for an HTTP status that is an error."""
    return whole(value, name, 400, 599)


def seconds(value: object, name: str, most: int) -> float:
    """Check for a duration of 0 to `most` seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise refused(name, f"a number of seconds from 0 to {most}", value)
    return float(value)


def duration(value: float, name: str, longest: int) -> int:
    """Check for a duration of 0 to `longest` seconds, and return it in nanoseconds."""
    seconds(value, name, longest)
    return duration_ns(value, name)


def api_key(value: object, name: str) -> str:
    """Check for a test key in full: a masked one would name no account."""
    try:
        keys.check(text(value, name))
    except StripeError:
        raise refused(name, "a full test key, sk_test_… or rk_test_…", mask(str(value))) from None
    return str(value)


def call(value: object, name: str) -> tuple[str, str]:
    """Check for a method and a path in one string, and return them apart."""
    words = value.split() if isinstance(value, str) else []
    if len(words) != 2:  # noqa: PLR2004  these two
        raise refused(name, "a method and a path, such as 'POST /v1/billing/meter_events'", value)
    return words[0], words[1]


def limits(wish: Mapping[str, Any], current: Limits) -> Limits:
    """Return the current limits, or those of the `profile` in `wish`, with the single limits in `wish` set."""
    if "profile" in wish:
        current = profile(wish["profile"])
    for name, value in wish.items():
        if name != "profile":
            current = changed(current, name, value)
    return current


def limits_or_profile(wish: object, name: str) -> Limits:
    """Return the limits of a named profile, or a profile (by default `documented`) with single limits set."""
    if isinstance(wish, str):
        wish = {"profile": wish}
    if not isinstance(wish, Mapping):
        raise refused(name, "the name of a profile, or single limits by name", wish)
    return limits(wish, PROFILES["documented"])


def several(value: object, name: str, what: str) -> Sequence[Any]:
    """Check for a sequence that is no string."""
    if isinstance(value, str | bytes | bytearray) or not isinstance(value, Sequence):
        raise refused(name, what, value)
    return value


def seed(value: object, name: str, *, optional: bool = True) -> int | str | None:
    """Check for a seed, from which ids are made; None stands for a random one, if it is `optional`."""
    if isinstance(value, bool) or not isinstance(value, int | str | None) or (value is None and not optional):
        raise refused(name, "a whole number or a string", value)
    try:
        str(value)
    except ValueError:  # Python writes no longer numbers
        raise refused(name, "a number of at most 4,300 digits", value) from None
    return value


def hosts(value: object, name: str) -> tuple[str, ...]:
    """Check for a list of host names or IP addresses, and return them in lower case."""
    given = several(value, name, "a list of hosts")
    for host in given:
        if not text(host, name) or not HOST.fullmatch(host):
            raise refused(name, "names or IP addresses such as 'hooks.internal', without scheme, port and path", host)
    return tuple(host.lower() for host in given)


def origin(value: object, name: str) -> str | None:
    """Check for the address of a server, without a path, and return it without the slash at its end; or for None."""
    if value is None:
        return None
    if not ORIGIN.fullmatch(text(value, name)):
        raise refused(name, "an address such as 'http://localhost:8080', without a path", value)
    return str(value).rstrip("/")


def folder(value: object, name: str) -> str | None:
    """Check for the path of a folder that is there, and return it whole; or for None."""
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike) or not _is_folder(value):
        raise refused(name, "the path of a folder that is there", value)
    return str(Path(os.fsdecode(value)).absolute())


def _is_folder(path: str | os.PathLike[str]) -> bool:
    try:
        return bool(os.fsdecode(path)) and Path(os.fsdecode(path)).is_dir()
    except (OSError, TypeError, ValueError):  # too long, or with a NUL in it
        return False


def known(name: str, names: Iterable[str]) -> str:
    """Check for one of the names; the `Misuse` suggests the most similar one."""
    names = list(names)
    if name in names:
        return name
    near = get_close_matches(name[:SHOWN], names, n=1)
    hint = f"did you mean {near[0]}?" if near else instead(names)
    raise Misuse(f"unknown parameter {quoted(name, SHOWN)}: {hint}", param=name[:SHOWN])


def refused(name: str, expected: str, value: object) -> Misuse:
    """Return the `Misuse` for a wrong value; `expected` completes "must be"."""
    return Misuse(f"{name} must be {expected}, not {quoted(value, SHOWN)}", param=name)
