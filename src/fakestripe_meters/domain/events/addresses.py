"""The URLs of webhooks: one rule for what is accepted, for what is permitted, and for what is sent where."""

import ipaddress
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import SplitResult
from urllib.parse import unquote
from urllib.parse import urlsplit

from fakestripe_meters.core.sources import inferred

SCHEMES = ("http", "https")
NAME = re.compile(r"[a-z0-9._-]+")
PORT = re.compile(r"(?::[0-9]*)?")


def parse(url: str) -> SplitResult:
    """Return the parts of an HTTP URL; raise ValueError unless host and port are valid.

    `urlsplit` accepts too much: line breaks, text after the bracket of an IPv6 address, percent signs in a host.
    """
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(url)
    parts = urlsplit(url)
    host, _port = parts.hostname or "", parts.port
    written = f"[{host}]" if ":" in host else host
    place = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme not in SCHEMES or not place.startswith(written) or not PORT.fullmatch(place[len(written) :]):
        raise ValueError(url)
    # An address with a scope, such as fe80::1%eth0, means something to one machine only.
    if (":" in host and _ip(host) is None) or (":" not in host and not NAME.fullmatch(host)) or "%" in host:
        raise ValueError(url)
    return parts


def is_permitted(url: str, allowed: Iterable[str] = ()) -> bool:
    """Return whether a URL leads to this machine, or to a host that is allowed explicitly."""
    try:
        host = _canonical(parse(url).hostname or "")
    except ValueError:
        return False
    return _is_here(host) or host in map(_canonical, allowed)


@inferred("the header is sent, because receivers that ask for a password rely on it")
def credentials(url: str) -> dict[str, str]:
    """Return the header with the user name and password of a URL; an empty dict if it has none."""
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    name, _, password = user.partition(":")
    pair = f"{unquote(name)}:{unquote(password)}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"} if at else {}


def _canonical(host: str) -> str:
    """Return a host in its canonical form: in lower case, without brackets or a final dot, an IP address shortened."""
    name = host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
    address = _ip(name)
    return name if address is None else str(address)


def _is_here(host: str) -> bool:
    address = _ip(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # Python before 3.13 takes none of these for a loopback address
    return host == "localhost" if address is None else address.is_loopback


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
