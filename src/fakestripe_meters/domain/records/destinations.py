"""What v1's webhook endpoints and v2's event destinations have in common: what can be wrong with them."""

import re
from urllib.parse import urlsplit

from fakestripe_meters.core import errors

EVENT_TYPE = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?")
VERSION = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}(\.[a-z]+)?")
LONGEST_URL = 2_048


def check_url(url: str, path: str) -> None:
    """Return if deliveries could go to `url`, else StripeError 400. Whether they do is for the outbox to say."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise errors.invalid_url(path, scheme_missing=False) from None
    if parts.scheme not in ("http", "https"):
        raise errors.invalid_url(path, scheme_missing=True)
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise errors.invalid_url(path, scheme_missing=False)


def check_types(types: tuple[str, ...], path: str) -> None:
    """Return if those may be types of events. inferred: unknown ones are not refused, as new ones appear."""
    if not types:
        raise errors.empty_param(path)
    for index, kind in enumerate(types):
        if not EVENT_TYPE.fullmatch(kind):
            raise errors.invalid_event_type(f"{path}[{index}]", kind)


def check_version(version: str, path: str) -> None:
    """Return if that may be an API version."""
    if not VERSION.fullmatch(version):
        raise errors.invalid_api_version(path, version)
