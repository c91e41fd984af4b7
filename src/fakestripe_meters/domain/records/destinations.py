"""Checks that v1's webhook endpoints and v2's event destinations have in common."""

import re
from urllib.parse import urlsplit

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import inferred

EVENT_TYPE = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?")
VERSION = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}(\.[a-z]+)?")
LONGEST_URL = 2_048


def check_url(url: str, path: str) -> None:
    """Raise StripeError 400 unless `url` is an HTTP URL. Whether it can be reached is not checked."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise errors.objects.invalid_url(path, scheme_missing=False) from None
    if parts.scheme not in ("http", "https"):
        raise errors.objects.invalid_url(path, scheme_missing=True)
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise errors.objects.invalid_url(path, scheme_missing=False)


@inferred("unknown types are not refused, as new ones appear")
def check_types(types: tuple[str, ...], path: str) -> None:
    """Raise StripeError 400 unless these can be types of events."""
    if not types:
        raise errors.params.empty_param(path)
    for index, kind in enumerate(types):
        if not EVENT_TYPE.fullmatch(kind):
            raise errors.objects.invalid_event_type(f"{path}[{index}]", kind)


def check_version(version: str, path: str) -> None:
    """Raise StripeError 400 unless this can be an API version."""
    if not VERSION.fullmatch(version):
        raise errors.objects.invalid_api_version(path, version)
