"""The address of a Stripe, as a flag names it."""

from urllib.parse import urlsplit

from fakestripe_meters.core.errors import Misuse


def host_of(url: str, flag: str) -> str:
    """Return the host of an address, with its port; raise `Misuse` unless it is one."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment or parts.username:
        raise Misuse(f"{flag} must be a URL such as https://api.stripe.com, not {url!r}")
    return parts.netloc
