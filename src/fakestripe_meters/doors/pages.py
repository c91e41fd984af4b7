"""The pages that a browser opens, over HTTP: HTML below `/_fakestripe/`, without a key.

They are open to links from other sites, because apps link to them. Their forms are not.
"""

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from flask import Blueprint
from flask import Response
from flask import request

from fakestripe_meters.control import Control
from fakestripe_meters.core import printing
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import environs
from fakestripe_meters.doors import foreign

if TYPE_CHECKING:
    from fakestripe_meters.pages.showing import Shown

NOT_FOUND, NOT_ALLOWED = 404, 405
LARGEST_FORM = 65_536
VISIT = ("GET",)
"""Without HEAD, which must not change anything: each visit opens a session."""
READ = ("GET", "HEAD")
READ_AND_ACT = ("GET", "HEAD", "POST")
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "/checkout/<identifier>": ("checkout", READ_AND_ACT),
    "/link/<identifier>": ("link", VISIT),
    "/page/invoices/<identifier>": ("invoice", READ_AND_ACT),
    "/page/invoices/<identifier>/pdf": ("invoice_pdf", READ),
    "/portal/<identifier>": ("portal", READ_AND_ACT),
}
"""Path → the module of `fakestripe_meters.pages` that answers, and the methods that it has."""
COVERED = re.compile(rf"{PREFIX}/(page(/.*)?|(checkout|link|portal)/[^/]+)", re.DOTALL)
BUG = "fakestripe-meters failed: this is a bug in fakestripe-meters. See its log."
log = logging.getLogger("fakestripe_meters")


def blueprint(control: Control) -> Blueprint:
    """Return every page as a blueprint, to be registered with a Flask application."""
    pages = Blueprint("pages", __name__, url_prefix=PREFIX)
    for path, (name, methods) in PAGES.items():
        view = _view(control, name, methods)
        pages.add_url_rule(path, name, view, methods=methods, provide_automatic_options=False)
    return pages


def covers(path: str) -> bool:
    """Return whether a path is one of a page, or of one that is missing: its errors are for people."""
    return COVERED.fullmatch(path) is not None


def refused(control: Control, status: int) -> Response:
    """Return the page for a path that has no page, or that has none for this method."""
    from fakestripe_meters.pages import showing  # imported late: most fakes show no page

    if control.engine.paused:
        return _response(showing.wrong(control, 503, control.engine.paused))
    path = request.environ["PATH_INFO"]
    message = f"There is no page at {path}." if status == NOT_FOUND else f"This page takes no {request.method}."
    return _response(showing.wrong(control, status, message))


def _view(control: Control, name: str, methods: tuple[str, ...]) -> Callable[[str], Response]:
    def view(identifier: str) -> Response:
        """Answer with a page, also if something is wrong."""
        from fakestripe_meters.pages import showing  # as above

        if request.method not in methods:  # Flask adds HEAD to GET
            return refused(control, NOT_ALLOWED)
        environ, acts = request.environ, request.method == "POST"
        public = urlsplit(control.engine.site.public_url or "").hostname or ""
        objection = foreign.objection(environ, public) if acts else foreign.objection_to_visit(environ, public)
        if objection is not None:
            return _response(showing.wrong(control, 403, objection))
        if control.engine.paused:
            return _response(showing.wrong(control, 503, control.engine.paused))
        sent = environs.body(environ, LARGEST_FORM) if acts else environs.query(environ).encode()
        if len(sent) > LARGEST_FORM:
            return _response(showing.wrong(control, 413, f"The form is larger than {LARGEST_FORM} bytes."))
        broken = "strict" if acts else "replace"
        try:
            form = dict(parse_qsl(sent.decode("utf-8", broken), keep_blank_values=True, errors=broken))
        except UnicodeDecodeError:
            return _response(showing.wrong(control, 400, "The form is not valid UTF-8."))
        try:
            return _response(showing.answer(control, name, request.method, identifier, form))
        except Exception as failure:  # noqa: BLE001  it is logged, and kept in `Engine.failures`
            control.engine.failures.append(failure)
            log.error("fakestripe-meters failed\n%s", printing.trace(failure))  # noqa: TRY400  `exception` masks nothing
            return _response(showing.wrong(control, 500, BUG))

    return view


def _response(shown: "Shown") -> Response:
    return Response(shown.body, shown.status, dict(shown.headers))
