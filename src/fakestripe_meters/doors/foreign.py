"""Protect the control plane and the pages from other sites that are open in a browser on this machine.

A page cannot forge `Host`, `Origin` and `Sec-Fetch-Site`, and other programs need none of them: curl and the SDKs
send no `Origin`. A host that an attacker's DNS could point to this machine has a dot and a public ending. All others
are allowed (`localhost`, a container's name, an IP address), and so are Stripe's own hosts and the host that the
server listens on.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fakestripe_meters.core.errors import shortened

PRIVATE_ENDINGS = (".internal", ".local", ".localhost", ".test")
"""Reserved: no one can register a domain with such an ending."""
STRIPE_ENDING = ".stripe.com"
REFUSED = "the control plane refuses requests from web pages of other sites"
OTHER_SITES = frozenset({"cross-site", "same-site"})


def objection(environ: Mapping[str, Any], public: str = "") -> str | None:
    """Return why a request may not call the control plane, or send a form; None if it may.

    `public` is the host under which the server is known as well.
    """
    said = _objection_to_host(environ, public) or _objection_to_origin(environ)
    return REFUSED if said is None and _is_of_other_site(environ) else said


def objection_to_visit(environ: Mapping[str, Any], public: str = "") -> str | None:
    """Return why a request may not read a page; None if it may.

    A link of another site may lead to it, in a tab of its own. No other site may read it with a script, or frame it.
    """
    said = _objection_to_host(environ, public) or _objection_to_origin(environ)
    visits = (environ.get("HTTP_SEC_FETCH_MODE"), environ.get("HTTP_SEC_FETCH_DEST")) == ("navigate", "document")
    return REFUSED if said is None and _is_of_other_site(environ) and not visits else said


def _objection_to_host(environ: Mapping[str, Any], public: str) -> str | None:
    host: str = environ.get("HTTP_HOST", "")
    if _is_ours(host, (environ.get("SERVER_NAME", ""), public)):
        return None
    return f"the control plane refuses the host {shortened(host)!r}: use an IP address, or the host it listens on"


def _objection_to_origin(environ: Mapping[str, Any]) -> str | None:
    origin: str | None = environ.get("HTTP_ORIGIN")
    host: str = environ.get("HTTP_HOST", "")
    if origin is None or _netloc(origin) == host.lower():
        return None
    return f"the control plane refuses requests from web pages of {shortened(origin)!r}"


def _is_of_other_site(environ: Mapping[str, Any]) -> bool:
    site: str = environ.get("HTTP_SEC_FETCH_SITE", "none")
    return site.lower() in OTHER_SITES


def _is_ours(host: str, own: tuple[str, ...]) -> bool:
    name = _hostname(host)
    if name is None:
        return False
    local = "." not in name or name.endswith((*PRIVATE_ENDINGS, STRIPE_ENDING))
    return local or name in [each.lower() for each in own] or _is_address(name)


def _hostname(host: str) -> str | None:
    """Return `example.com` of `Example.com.:80`; empty without a host, None if it is invalid."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return (parts.hostname or "").removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _netloc(origin: str) -> str | None:
    """Return `example.com:80` of `http://example.com:80`; None for `null` and for anything else that is not a URL."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
