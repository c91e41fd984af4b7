"""How pages become bytes: templates, escaped, with headers that let them load and send nothing elsewhere."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from importlib import import_module
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from jinja2 import Environment
from jinja2 import PackageLoader
from jinja2 import StrictUndefined
from markupsafe import Markup

from fakestripe_meters.control import Control
from fakestripe_meters.core import printing
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Document
from fakestripe_meters.pages.answers import Fields
from fakestripe_meters.pages.answers import File
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
CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\xa0-\U0010ffff]")
"""What no page has in it, such as the beginning of an escape sequence: who copies from a page may paste that."""
COMMENT_OR_INDENT = re.compile(r"^\s*/\*.*?\*/\s*|^\s+", re.DOTALL | re.MULTILINE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer in bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser asks for."""

    page: str
    """The module that answers."""
    method: str
    identifier: str
    pairs: Sequence[tuple[str, str]]
    """The fields of the form or of the query, in their order."""
    at: str
    """The path and the query."""
    find: Callable[[str], tuple[str, str] | None]
    """Finds the module and the identifier of the page at a path."""
    files: Sequence[File] = ()


def answer(control: Control, asked: Asked) -> Shown:
    """Return what a page's module answers, or a page that says why it does not.

    A form that is refused is answered by the page that it came from, if it names that page in the field `back`.
    """
    acts = asked.method == "POST"
    form = Fields(asked.pairs, printing.masked(asked.at), asked.files) if acts else _query(asked.pairs, asked.at)
    try:
        return _shown(control, _answered(control, asked.page, asked.identifier, form, acts=acts))
    except NotThere as missing:
        return wrong(control, 404, str(missing))
    except (Misuse, StripeError) as refusal:
        again = _again(control, asked, form, refusal) if acts and panel.BACK in form else None
        return again or wrong(control, refusal.status, str(refusal))


def _query(pairs: Sequence[tuple[str, str]], at: str) -> Fields:
    """Return a query with keys masked: pages repeat what is in it, and none of them is asked for by a key."""
    return Fields([(printing.masked(name), printing.masked(value)) for name, value in pairs], printing.masked(at))


def _answered(control: Control, page: str, identifier: str, form: Fields, *, acts: bool) -> Answer:
    module = import_module(f"fakestripe_meters.pages.{page}")
    does = getattr(module, "act" if acts else "show")
    answered: Answer = does(control, identifier, form)
    return answered


def _again(control: Control, asked: Asked, form: Fields, refusal: Misuse | StripeError) -> Shown | None:
    """Return the page that a form came from, with why it was refused; None if it can no longer be shown."""
    back = urlsplit(panel.way_back(form))
    found = asked.find(back.path)
    if found is None:
        return None
    query = _query(parse_qsl(back.query, keep_blank_values=True), f"{back.path}?{back.query}")
    try:
        view = _answered(control, *found, query, acts=False)
    except (Misuse, NotThere, StripeError):
        return None
    if not isinstance(view, View):
        return None
    facts = {**view.facts, "refusal": words.sentence(_short(str(refusal))), "typed": printing.masked(dict(form))}
    return _shown(control, replace(view, facts=facts, status=refusal.status))


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
    if panel.FOLLOWS in answered.facts:
        policy += f"; script-src {_hash(made.globals['script'])}; connect-src 'self'"
    headers = {**HEADERS, "Content-Type": HTML, "Content-Security-Policy": policy}
    return Shown(answered.status, headers, CONTROL.sub("\N{REPLACEMENT CHARACTER}", page).encode("utf-8", "replace"))


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
    made.globals |= {"clock": None, "style": _source(made, "style.css"), "script": _source(made, "follow.js")}
    return made


def _source(made: Environment, name: str) -> Markup:
    """Return a file of ours, to be a part of a page, without comments and indents."""
    source, *_ = PackageLoader("fakestripe_meters.pages").get_source(made, name)
    return Markup(COMMENT_OR_INDENT.sub("", source))  # noqa: S704  our own


def _styles(made: Environment) -> str:
    """Return what lets the one stylesheet through, and no other."""
    return f"style-src {_hash(made.globals['style'])}"


def _hash(source: object) -> str:
    """Return how a policy names the one text that it lets through."""
    return f"'sha256-{b64encode(hashlib.sha256(str(source).encode()).digest()).decode()}'"


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
