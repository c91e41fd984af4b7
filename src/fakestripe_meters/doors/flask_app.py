"""The emulated API as a Flask application, with the control plane and the pages under `/_fakestripe/`.

`flask --app fakestripe_meters.doors.flask_app routes` lists all URLs.
"""

import logging
from collections.abc import Callable
from collections.abc import Iterator
from itertools import chain
from typing import Protocol

from flask import Flask
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.routing import Rule

from fakestripe_meters.control import Control
from fakestripe_meters.core import printing
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import control_plane
from fakestripe_meters.doors import environs
from fakestripe_meters.doors import pages
from fakestripe_meters.engine import Engine
from fakestripe_meters.routing import METHODS
from fakestripe_meters.routing import MatchedOnly
from fakestripe_meters.routing import Routes

API = ("/v1", "/v2")
BUG = "fakestripe-meters failed: this is a bug in fakestripe-meters, not an answer of Stripe's. See its log."
log = logging.getLogger("fakestripe_meters")


class Fake(Protocol):
    """What the application needs from a `FakeStripe`."""

    @property
    def engine(self) -> Engine:
        """The engine that answers the API's requests."""

    @property
    def control(self) -> Control:
        """The control that answers the control plane's calls."""


def create_app(fake: Fake | None = None) -> Flask:
    """Return the application of a fake; by default, of a new engine.

    Flask's own answers are switched off: no redirects, no answers to OPTIONS, no sessions, no static files. A
    ConnectionError drops the connection.
    """
    engine = fake.engine if fake else Engine.fresh()
    control = fake.control if fake else Control(engine)
    app = Flask(__name__, static_folder=None)
    app.url_rule_class = MatchedOnly
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.url_map = ListingAll(engine.routes)
    answer = _api(engine)
    for prefix in API:
        app.add_url_rule(f"{prefix}/<path:_>", prefix[1:], answer, methods=METHODS, provide_automatic_options=False)
    app.register_blueprint(control_plane.blueprint(control))
    app.register_blueprint(pages.blueprint(control))
    app.register_error_handler(HTTPException, _elsewhere(control, answer))
    return app


class ListingAll(Map):
    """Flask's URLs, of which two stand for all of Stripe's. It lists every single one, for `flask routes`."""

    def __init__(self, routes: Routes) -> None:
        # Here, because Werkzeug 3.0 ignores these if they are set later.
        super().__init__(merge_slashes=False, redirect_defaults=False)
        self._routes = routes

    def iter_rules(self, endpoint: str | None = None) -> Iterator[Rule]:
        """Return all rules, or those of one endpoint."""
        listed = (Rule(each.rule, methods=[each.method], endpoint=each.name) for each in self._routes.every)
        return chain(super().iter_rules(endpoint), (each for each in listed if endpoint in (None, each.endpoint)))


def _api(engine: Engine) -> Callable[..., Response]:
    def answer(**_path: str) -> Response:
        """Pass the request to the engine, which does its own routing."""
        environ = request.environ
        asked = environs.request(environ)
        try:
            response = engine.handle(asked)
        except Exception as error:  # noqa: BLE001  it is logged, and kept in `Engine.failures`
            log.error("fakestripe-meters failed\n%s", printing.trace(error))  # noqa: TRY400  `exception` masks nothing
            return control_plane.in_json(500, {"error": {"message": BUG, "type": "api_error"}})
        if response.delay_s:
            environs.hold(environ, response.delay_s)
        if response.close:
            raise ConnectionResetError("a planned fault drops the connection")
        return Response(response.body, response.status, response.headers)

    return answer


def _elsewhere(control: Control, answer: Callable[[], Response]) -> Callable[[HTTPException], Response]:
    def elsewhere(error: HTTPException) -> Response:
        """Let the engine, the control plane or the pages refuse what Flask has no rule for."""
        path, engine = request.environ["PATH_INFO"], control.engine
        if pages.leads_home(request.environ):
            return pages.home()
        if pages.covers(path):
            return pages.refused(control, error.code or 404)
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            if engine.paused:
                return control_plane.wrong(503, engine.paused)
            return control_plane.wrong(404, f"the control plane has no call {request.method} {path}")
        return answer()

    return elsewhere
