"""How pages become bytes: templates, escaped, with headers that let them load and send nothing elsewhere."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from jinja2 import PackageLoader
from jinja2 import StrictUndefined
from markupsafe import Markup

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Document
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View

LONGEST_MESSAGE = 1_000
HTML = "text/html; charset=utf-8"
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer, a browser would hide from us that a form is our own
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
OWN_MACHINE = "http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*"
"""Where an app under test lives: its success page may redirect to another of its ports."""
HOST = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer in bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def answer(control: Control, page: str, method: str, identifier: str, form: Form) -> Shown:
    """Return what a page's module answers, or a page that says why it does not."""
    module = import_module(f"fakestripe_meters.pages.{page}")
    does = getattr(module, "act" if method == "POST" else "show")
    try:
        answered: Answer = does(control, identifier, form)
    except NotThere as missing:
        return wrong(control, 404, str(missing))
    except Misuse as misuse:
        return wrong(control, misuse.status, str(misuse))
    return _shown(control, answered)


def wrong(control: Control, status: int, message: str) -> Shown:
    """Return a page that says why there is nothing else."""
    title = HTTPStatus(status).phrase
    return _shown(control, View("wrong.html", {"title": title, "message": _short(message)}, status=status))


def _short(message: str) -> str:
    return words.plain(shortened(message, LONGEST_MESSAGE))


def _shown(control: Control, answered: Answer) -> Shown:
    if isinstance(answered, Redirect):
        return Shown(303, {**HEADERS, "Location": answered.to})
    if isinstance(answered, Document):
        disposition = f'inline; filename="{answered.name}"'
        headers = {**HEADERS, "Content-Type": answered.mimetype, "Content-Disposition": disposition}
        # With more, some browsers would not let their own viewer show it.
        return Shown(200, {**headers, "Content-Security-Policy": "frame-ancestors 'none'"}, answered.body)
    made = templates()
    clock = {} if control.engine.paused else {"clock": control.clock()}
    page = made.get_template(answered.template).render(clock | dict(answered.facts))
    policy = f"{NOTHING}; {_styles(made)}; img-src data:; form-action {_targets(answered.leads_to)}"
    headers = {**HEADERS, "Content-Type": HTML, "Content-Security-Policy": policy}
    return Shown(answered.status, headers, page.encode("utf-8", "replace"))


@cache
def templates() -> Environment:
    """Return the environment of all templates: a name that is missing is an error, and everything is escaped."""
    made = Environment(
        loader=PackageLoader("fakestripe_meters.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= words.FILTERS
    source, *_ = PackageLoader("fakestripe_meters.pages").get_source(made, "style.css")
    made.globals |= {"clock": None, "style": Markup(source)}  # noqa: S704  our own
    return made


def _styles(made: Environment) -> str:
    """Return what lets the one stylesheet through, and no other."""
    style: Any = made.globals["style"]
    digest = b64encode(hashlib.sha256(str(style).encode()).digest()).decode()
    return f"style-src 'sha256-{digest}'"


def _targets(leads_to: str | None) -> str:
    """Return where forms may lead: to this server and, in the end, to another site that the page names.

    Browsers check each redirect that follows a form.
    """
    if leads_to is None:
        return "'self'"
    try:
        parts = urlsplit(leads_to)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "'self'"
    if host in LOOPBACK:
        return f"'self' {OWN_MACHINE}"
    if parts.scheme in ("http", "https") and HOST.fullmatch(host):
        return f"'self' {parts.scheme}://{host}{'' if port is None else f':{port}'}"
    return f"'self' {parts.scheme}:" if SCHEME.fullmatch(parts.scheme) else "'self'"
