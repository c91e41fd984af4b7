"""The emulated API as a Flask application, with the control plane and the pages under `/_fakestripe/`.

`flask --app fakestripe_meters.doors.flask_app routes` lists all URLs.
"""

import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import chain
from threading import Lock
from typing import Any
from typing import Protocol

from flask import Flask
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.routing import MapAdapter
from werkzeug.routing import Rule

from fakestripe_meters.control import Control
from fakestripe_meters.core import printing
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import environs
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
    app.url_map = Urls(engine.routes, lambda: _beside(control), app.view_functions)
    answer = _api(engine)
    for prefix in API:
        app.add_url_rule(f"{prefix}/<path:_>", prefix[1:], answer, methods=METHODS, provide_automatic_options=False)
    app.register_error_handler(HTTPException, _elsewhere(control, answer))
    return app


Views = Iterable[tuple[Rule, Callable[..., Response]]]


class Urls(Map):
    """Flask's URLs, of which two stand for all of Stripe's. It lists every single one, for `flask routes`.

    Those of the control plane and of the pages are in a map of their own, which is made when the first is asked for.
    """

    def __init__(self, routes: Routes, beside: Callable[[], Views], views: dict[str, Callable[..., Any]]) -> None:
        # Here, because Werkzeug 3.0 ignores these if they are set later.
        super().__init__(merge_slashes=False, redirect_defaults=False)
        self._routes = routes
        self._beside = beside
        self._views = views
        self._lock = Lock()
        self._others: Map | None = None

    def bind_to_environ(self, environ: Any, *args: Any, **kwargs: Any) -> MapAdapter:  # noqa: ANN401  as it is inherited
        """Prepare the matching of a request."""
        if environ["PATH_INFO"].startswith(PREFIX):
            return self._made().bind_to_environ(environ, *args, **kwargs)
        return super().bind_to_environ(environ, *args, **kwargs)

    def iter_rules(self, endpoint: str | None = None) -> Iterator[Rule]:
        """Return all rules, or those of one endpoint."""
        listed = (Rule(each.rule, methods=[each.method], endpoint=each.name) for each in self._routes.every)
        others = chain(self._made().iter_rules(), listed)
        return chain(super().iter_rules(endpoint), (each for each in others if endpoint in (None, each.endpoint)))

    def _made(self) -> Map:
        """Return the map of the others, to which nothing is added any more: other threads may already match with it."""
        with self._lock:
            if self._others is None:
                others = Map(merge_slashes=False, redirect_defaults=False)
                for rule, view in self._beside():
                    self._views[rule.endpoint] = view
                    others.add(rule)
                self._others = others
            return self._others


def _beside(control: Control) -> Views:
    from fakestripe_meters.doors import control_plane  # many fakes are asked for the API only
    from fakestripe_meters.doors import pages

    return chain(control_plane.views(control), pages.views(control))


def _api(engine: Engine) -> Callable[..., Response]:
    def answer(**_path: str) -> Response:
        """Pass the request to the engine, which does its own routing."""
        environ = request.environ
        asked = environs.request(environ)
        try:
            response = engine.handle(asked)
        except Exception as error:  # noqa: BLE001  it is logged, and kept in `Engine.failures`
            log.error("fakestripe-meters failed\n%s", printing.trace(error))  # noqa: TRY400  `exception` masks nothing
            from fakestripe_meters.doors import control_plane  # as above

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
        from fakestripe_meters.doors import control_plane  # as above
        from fakestripe_meters.doors import pages

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
