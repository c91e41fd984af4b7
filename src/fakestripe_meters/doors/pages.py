"""The pages that a browser opens, over HTTP: HTML below `/_fakestripe/`, without a key.

They are open to links from other sites, because apps link to them. Their forms are not.
"""

import logging
import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit

from flask import Response
from flask import abort
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from fakestripe_meters.control import Control
from fakestripe_meters.core import printing
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import environs
from fakestripe_meters.doors import foreign
from fakestripe_meters.doors.urls import MatchedOnly

if TYPE_CHECKING:
    from fakestripe_meters.pages.answers import File
    from fakestripe_meters.pages.showing import Shown

NOT_FOUND, NOT_ALLOWED = 404, 405
LARGEST_FORM = 65_536
COMPRESSED_FROM, COMPRESSION = 4_096, 4
"""From how many bytes on a page is compressed, and how well: much better takes much longer."""
VISIT = ("GET",)
"""Without HEAD, which must not change anything: each visit opens a session."""
READ = ("GET", "HEAD")
READ_AND_ACT = ("GET", "HEAD", "POST")
ACT = ("POST",)
HOME = "/"
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    HOME: ("usage", READ),
    "/checkout/<identifier>": ("checkout", READ_AND_ACT),
    "/link/<identifier>": ("link", VISIT),
    "/page/changes": ("changes", READ),
    "/page/checkpoints": ("checkpoints", ACT),
    "/page/clock": ("clock", ACT),
    "/page/credits": ("credits", READ),
    "/page/customers": ("customers", READ),
    "/page/customers/<identifier>": ("customer", READ_AND_ACT),
    "/page/imports": ("imports", READ_AND_ACT),
    "/page/imports/<identifier>/errors": ("import_errors", READ),
    "/page/invoices": ("invoices", READ),
    "/page/invoices/<identifier>": ("invoice", READ_AND_ACT),
    "/page/invoices/<identifier>/pdf": ("invoice_pdf", READ),
    "/page/invoices/<identifier>/why": ("invoice_why", READ),
    "/page/limits": ("limits", READ_AND_ACT),
    "/page/load": ("load", ACT),
    "/page/requests": ("requests", READ),
    "/page/requests/<identifier>": ("request", READ),
    "/page/reset": ("reset", ACT),
    "/page/usage": ("usage", READ),
    "/page/webhooks": ("webhooks", READ_AND_ACT),
    "/page/webhooks/<identifier>": ("webhook", READ),
    "/page/why": ("why", READ),
    "/portal/<identifier>": ("portal", READ_AND_ACT),
}
"""Path → the module of `fakestripe_meters.pages` that answers, and the methods that it has."""
UPLOADS = frozenset({f"{PREFIX}/page/load"})
"""The paths whose form has a file in it, of any size: the state of a fake is as large as it is."""
USAGE_FILES = frozenset({f"{PREFIX}/page/imports"})
"""The paths whose form has a file in it that may be in any encoding."""
LARGEST_FILE = 8 * 2**20
"""As much of such a file is read as shows that it is too large, in bytes."""
UNWANTED = re.compile(r"q=0(\.0*)?")
VARIABLE = "<identifier>"
COVERED = re.compile(rf"{PREFIX}/(page(/.*)?|(checkout|link|portal)/[^/]+)", re.DOTALL)
BUG = "fakestripe-meters failed: this is a bug in fakestripe-meters. See its log."
log = logging.getLogger("fakestripe_meters")


def views(control: Control) -> Iterator[tuple[Rule, Callable[..., Response]]]:
    """Yield the URL of every page, and the function that answers it."""
    for path, (_, methods) in PAGES.items():
        slashes = path != HOME  # without a slash, that would be answered by a redirect, also for other programs
        rule = MatchedOnly(f"{PREFIX}{path}", endpoint=f"pages.{path}", methods=methods, strict_slashes=slashes)
        yield rule, _view(control, path)


def covers(path: str) -> bool:
    """Return whether a path is one of a page, or of one that is missing: its errors are for people."""
    return COVERED.fullmatch(path) is not None


def found(path: str) -> tuple[str, str] | None:
    """Return the module and the identifier of the page at a path; None if there is none to be read."""
    for known, (name, methods) in PAGES.items():
        before, variable, after = f"{PREFIX}{known}".partition(VARIABLE)
        middle = path.removeprefix(before).removesuffix(after)
        fits = path == f"{before}{middle}{after}" and bool(middle) == bool(variable) and "/" not in middle
        if fits and methods in (READ, READ_AND_ACT):
            return name, unquote(middle)
    return None


def leads_home(environ: Mapping[str, Any]) -> bool:
    """Return whether a request is one of a person who looks for the page: a browser's, without a key."""
    at_door = environ["PATH_INFO"] in ("/", PREFIX) and environ["REQUEST_METHOD"] in READ
    return at_door and "HTTP_AUTHORIZATION" not in environ and wants_page(environ)


def home() -> Response:
    """Lead a browser to the page."""
    return Response("", 303, {"Location": f"{PREFIX}/", "Cache-Control": "no-store"})


def wants_page(environ: Mapping[str, Any]) -> bool:
    """Return whether a client names HTML among what it accepts. `*/*` names nothing: other programs send that."""
    accepted = (each.replace(" ", "").lower().split(";") for each in environ.get("HTTP_ACCEPT", "").split(","))
    return any(kind == "text/html" and not any(map(UNWANTED.fullmatch, terms)) for kind, *terms in accepted)


def refused(control: Control, status: int) -> Response:
    """Return the page for a path that has no page, or that has none for this method."""
    from fakestripe_meters.pages import showing  # imported late: most fakes show no page

    if control.engine.paused:
        return _response(showing.wrong(control, 503, control.engine.paused))
    path = request.environ["PATH_INFO"]
    message = f"There is no page at {path}." if status == NOT_FOUND else f"This page takes no {request.method}."
    return _response(showing.wrong(control, status, message))


def _view(control: Control, path: str) -> Callable[..., Response]:
    name, methods = PAGES[path]

    def view(identifier: str = "") -> Response:
        """Answer with a page, also if something is wrong."""
        environ = request.environ
        if path == HOME and (environ["PATH_INFO"] == PREFIX or not wants_page(environ)):
            abort(NOT_FOUND)
        if request.method not in methods:  # Flask adds HEAD to GET
            return refused(control, NOT_ALLOWED)
        from fakestripe_meters.pages import showing  # as above

        acts = request.method == "POST"
        public = urlsplit(control.engine.site.public_url or "").hostname or ""
        objection = foreign.objection(environ, public) if acts else foreign.objection_to_visit(environ, public)
        if objection is not None:
            return _response(showing.wrong(control, 403, objection))
        if control.engine.paused:
            return _response(showing.wrong(control, 503, control.engine.paused))
        try:
            pairs = _sent(acts=acts)
        except _Unreadable as wrong:
            return _response(showing.wrong(control, wrong.status, str(wrong)))
        files = _usage_files() if acts and environ["PATH_INFO"] in USAGE_FILES else ()
        asked = showing.Asked(name, request.method, identifier, pairs, _address(), found, files)
        try:
            return _response(showing.answer(control, asked))
        except Exception as failure:  # noqa: BLE001  it is logged, and kept in `Engine.failures`
            control.engine.failures.append(failure)
            log.error("fakestripe-meters failed\n%s", printing.trace(failure))  # noqa: TRY400  `exception` masks nothing
            return _response(showing.wrong(control, 500, BUG))

    return view


class _Unreadable(Exception):  # noqa: N818  the form is
    """A form cannot be read: the status and the message say why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def _sent(*, acts: bool) -> list[tuple[str, str]]:
    """Return the fields of the form or of the query, in their order."""
    environ = request.environ
    if acts and environ["PATH_INFO"] in UPLOADS:
        return _uploaded()
    if acts and environ["PATH_INFO"] in USAGE_FILES:
        return _beside_files()
    sent = environs.body(environ, LARGEST_FORM) if acts else environs.query(environ).encode()
    if len(sent) > LARGEST_FORM:
        raise _Unreadable(413, f"The form is larger than {LARGEST_FORM} bytes.")
    broken = "strict" if acts else "replace"
    try:
        read = parse_qsl(sent.decode("utf-8", broken), keep_blank_values=True, errors=broken)
    except UnicodeDecodeError:
        raise _Unreadable(400, "The form is not valid UTF-8.") from None
    return read


def _uploaded() -> list[tuple[str, str]]:
    """Return the fields of a form with files in it, and the text of each file as a field."""
    try:
        files = [(name, file.read().decode()) for name, file in request.files.items(multi=True)]
    except UnicodeDecodeError:
        raise _Unreadable(400, "The file is not valid UTF-8.") from None
    except HTTPException as refused:
        raise _Unreadable(refused.code or 400, "The form cannot be read.") from None
    return [*request.form.items(multi=True), *files]


def _beside_files() -> list[tuple[str, str]]:
    """Return the fields of a form with files in it, without those files."""
    try:
        return list(request.form.items(multi=True))
    except HTTPException as refused:
        raise _Unreadable(refused.code or 400, "The form cannot be read.") from None


def _usage_files() -> list["File"]:
    """Return the files of the form, as they are."""
    from fakestripe_meters.pages.answers import File  # imported late: most fakes show no page

    every = request.files.items(multi=True)
    return [File(name, each.filename or "", each.stream.read(LARGEST_FILE)) for name, each in every]


def _address() -> str:
    """Return the path and the query of the request, as a browser writes them."""
    environ = request.environ
    path, query = quote(environ["PATH_INFO"].encode("latin-1")), environs.query(environ)
    return f"{path}?{query}" if query else path


def _response(shown: "Shown") -> Response:
    """Return a page as a response, compressed if it is long and the browser can read that: a chart has many bars."""
    body, headers = shown.body, dict(shown.headers)
    if len(body) > COMPRESSED_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        import gzip  # imported late: most fakes show no page

        body = gzip.compress(body, COMPRESSION, mtime=0)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(body, shown.status, headers)
