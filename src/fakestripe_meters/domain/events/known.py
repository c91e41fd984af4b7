"""The event types and API versions that Stripe has: plain lists, which are read when somebody names one."""

import re
from functools import cache

from fakestripe_meters.core import errors
from fakestripe_meters.core.packaged import text_of
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred

HERE = "fakestripe_meters.domain.events"
VERSION = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}(\.[a-z]+)?")


@cache
def event_types() -> tuple[str, ...]:
    """Return the types that a webhook endpoint can name, previews' too."""
    return tuple(text_of(HERE, "types.txt").split())


@cache
def published_types(*, thin: bool) -> tuple[str, ...]:
    """Return the types of the snapshot events that the fake publishes to all who listen, or of its thin events."""
    types = text_of(HERE, "published.txt").split()
    return tuple(each for each in types if each.startswith("v1.") == thin)


@cache
def api_versions() -> tuple[str, ...]:
    """Return the versions for general availability, oldest first."""
    return tuple(text_of(HERE, "versions.txt").split())


@documented("webhook endpoints take types of a closed list, and no groups")
def check_types(types: tuple[str, ...], path: str) -> None:
    """Raise StripeError 400 unless each of these is the type of an event that Stripe has, or `*`."""
    if not types:
        raise errors.params.empty_param(path)
    for index, kind in enumerate(types):
        if kind != "*" and kind not in event_types():
            raise errors.objects.unknown_event_type(f"{path}[{index}]", event_types())


@documented("the versions for general availability, in Stripe's OpenAPI")
@inferred("previews of any date, and versions newer than the newest known")
def check_version(version: str, path: str) -> None:
    """Raise StripeError 400 unless Stripe has this version, or may have it."""
    preview = version.endswith(".preview")
    newer = version.partition(".")[0] > api_versions()[-1].partition(".")[0]
    if version not in api_versions() and not (VERSION.fullmatch(version) and (preview or newer)):
        raise errors.objects.invalid_api_version(path, version)
