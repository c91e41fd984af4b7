"""The emulated API as a Flask application, with the control plane and the pages under `/_fakestripe/`.

`flask --app fakestripe_meters.doors.flask_app routes` lists all URLs.
"""

from collections.abc import Callable
from typing import Protocol

from flask import Flask
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException

from fakestripe_meters.control import Control
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import environs
from fakestripe_meters.doors.answering import API
from fakestripe_meters.doors.answering import DROPPED
from fakestripe_meters.doors.answering import answer_of
from fakestripe_meters.doors.answering import status_line
from fakestripe_meters.doors.urls import MatchedOnly
from fakestripe_meters.doors.urls import Urls
from fakestripe_meters.doors.urls import Views
from fakestripe_meters.engine import Engine
from fakestripe_meters.routing import METHODS


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


def _beside(control: Control) -> Views:
    from fakestripe_meters.doors import control_plane  # many fakes are asked for the API only
    from fakestripe_meters.doors import pages

    yield from control_plane.views(control)
    yield from pages.views(control)


def _api(engine: Engine) -> Callable[..., Response]:
    def answer(**_path: str) -> Response:
        """Pass the request to the engine, which does its own routing."""
        environ = request.environ
        response = answer_of(engine, environs.request(environ))
        if response.delay_s:
            environs.hold(environ, response.delay_s)
        if response.close:
            raise ConnectionResetError(DROPPED)
        return Response(response.body, status_line(response.status), response.headers)

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
