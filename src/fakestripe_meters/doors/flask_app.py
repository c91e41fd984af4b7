"""The emulated API as a Flask application, and the control plane under `/_fakestripe/`.

`flask --app fakestripe_meters.doors.flask_app routes` lists all URLs.
"""

import inspect
import json
import logging
import math
import re
import threading
from collections.abc import Callable
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol
from urllib.parse import parse_qsl
from urllib.parse import quote

from flask import Blueprint
from flask import Flask
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException

from fakestripe_meters import __version__
from fakestripe_meters import fidelity
from fakestripe_meters import openapi
from fakestripe_meters.control import Control
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.doors import foreign
from fakestripe_meters.engine import LARGEST_BODY
from fakestripe_meters.engine import Engine
from fakestripe_meters.routing import MatchedOnly
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

PREFIX = "/_fakestripe"
LARGEST_SNAPSHOT = 268_435_456
PIECE = 65_536
LONGEST_MESSAGE = 1_000
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
NUMBER = re.compile("[0-9]{1,18}")
BUG = "fakestripe-meters has failed: this is a bug of its own and no answer of Stripe's; its log tells more."
Json = Any
log = logging.getLogger("fakestripe_meters")


class Fake(Protocol):
    """What the application is a door to: a `FakeStripe`."""

    @property
    def engine(self) -> Engine:
        """What answers the API's requests."""

    @property
    def control(self) -> Control:
        """What the control plane's calls are for."""


def create_app(fake: Fake | None = None) -> Flask:
    """The application over a fake, or over one of its own.

    Of Flask's habits it has none: no redirects, no answers to OPTIONS, no sessions, no static files.
    Whatever raises ConnectionError drops the connection.
    """
    engine = fake.engine if fake else Engine.fresh()
    control = fake.control if fake else Control(engine)
    app = Flask(__name__, static_folder=None)
    app.url_rule_class = MatchedOnly
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    answer = _api(engine)
    for each in engine.routes.every:
        app.add_url_rule(each.rule, each.name, answer, methods=[each.method])
    app.register_blueprint(_control_plane(control))
    app.register_error_handler(HTTPException, _elsewhere(answer))
    return app


# The API


def _api(engine: Engine) -> Callable[..., Response]:
    def answer(**_path: str) -> Response:
        """Hand the request to the engine, which finds its own way by the path."""
        environ = request.environ
        asked = _request(environ)
        try:
            response = engine.handle(asked)
        except Exception:
            log.exception("fakestripe-meters has failed")
            return _json(500, {"error": {"message": BUG, "type": "api_error"}})
        if response.delay_s:
            _hold(environ, response.delay_s)
        if response.close:
            raise ConnectionResetError("a planned fault drops the connection")
        return Response(response.body, response.status, response.headers)

    return answer


def _elsewhere(answer: Callable[[], Response]) -> Callable[[HTTPException], Response]:
    def elsewhere(_error: HTTPException) -> Response:
        """Whatever Flask has no rule for is the engine's to refuse, or the control plane's."""
        path = request.environ["PATH_INFO"]
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            return _wrong(404, f"there is no {request.method} {path}")
        return answer()

    return elsewhere


def _request(environ: "WSGIEnvironment") -> Request:
    return Request(
        environ["REQUEST_METHOD"],
        _decoded(environ["PATH_INFO"]),
        _query(environ),
        Headers(_headers(environ)),
        _body(environ, LARGEST_BODY),
    )


def _decoded(latin: str) -> str:
    """WSGI hands over bytes as if they were Latin-1."""
    return latin if latin.isascii() else latin.encode("latin-1").decode("utf-8", "replace")


def _query(environ: "WSGIEnvironment") -> str:
    query: str = environ.get("QUERY_STRING", "")
    return query if query.isascii() else quote(query.encode("latin-1"), safe=PRINTABLE)


def _headers(environ: "WSGIEnvironment") -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield _header_name(name), value
    if content_type := environ.get("CONTENT_TYPE"):
        yield "Content-Type", content_type


@lru_cache(maxsize=256)
def _header_name(name: str) -> str:
    return name.removeprefix("HTTP_").replace("_", "-").title()


def _body(environ: "WSGIEnvironment", most: int) -> bytes:
    """The body, or one byte more than `most` of it: no more is ever read."""
    left = most + 1
    if not environ.get("wsgi.input_terminated"):
        left = min(left, _length(environ))
    stream = environ["wsgi.input"]
    pieces = []
    while left and (piece := stream.read(min(left, PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _length(environ: "WSGIEnvironment") -> int:
    """What the server let pass; without a number there is no body."""
    length: str = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def _hold(environ: "WSGIEnvironment", delay_s: float) -> None:
    """Wait, unless the server closes."""
    closing: threading.Event = environ.get("fakestripe_meters.closing") or threading.Event()
    closing.wait(delay_s)


# The control plane


def _control_plane(control: Control) -> Blueprint:
    plane = Blueprint("control", __name__, url_prefix=PREFIX)
    plane.before_request(_turn_foreigners_away)
    for (method, path), call in _calls(control).items():
        name = f"{method.lower()}_{path[1:].replace('.', '_')}"  # Flask wants no dots
        plane.add_url_rule(path, name, _view(call), methods=[method])
    return plane


def _turn_foreigners_away() -> Response | None:
    """What a web page of somebody else's makes the browser ask is not answered."""
    objection = foreign.objection(request.environ)
    return None if objection is None else _wrong(403, objection)


def _view(call: Callable[[], Json]) -> Callable[[], Response]:
    def view() -> Response:
        """Answer with what the call returns, or say what is wrong with it."""
        try:
            return _json(200, call())
        except Misuse as misuse:
            return _wrong(400, str(misuse), misuse.param)

    return view


def _calls(control: Control) -> dict[tuple[str, str], Callable[[], Json]]:
    """Each call of the control plane: what it is given, what it does, what it answers."""
    return {
        ("GET", "/health"): lambda: {"status": "ok", "version": __version__},
        ("POST", "/reset"): lambda: _do(control.reset),
        ("GET", "/clock"): control.clock,
        ("POST", "/clock"): lambda: control.move_clock(_object()),
        ("GET", "/limits"): control.limits,
        ("PUT", "/limits"): lambda: control.set_limits(_object()),
        ("GET", "/lag"): control.lag,
        ("PUT", "/lag"): lambda: control.set_lag(**_fields(control.set_lag)),
        ("POST", "/flush"): lambda: _do(control.flush),
        ("GET", "/journal"): lambda: {"data": control.journal(**_asked(control.journal))},
        ("POST", "/faults"): lambda: control.plan_fault(**_fields(control.plan_fault)),
        ("GET", "/faults"): lambda: {"data": control.faults()},
        ("DELETE", "/faults"): lambda: _do(control.clear_faults),
        ("GET", "/snapshot"): control.snapshot,
        ("PUT", "/snapshot"): lambda: _restore(control),
        ("GET", "/dropped"): lambda: {"data": control.dropped(**_asked(control.dropped))},
        ("GET", "/fidelity"): lambda: fidelity.shown(**_asked(fidelity.shown)),
        ("GET", "/openapi.json"): lambda: openapi.description(control.engine.routes.every, __version__),
    }


def _do(function: Callable[..., None]) -> Json:
    function(**_fields(function))
    return {}


def _restore(control: Control) -> Json:
    control.restore(_parsed(LARGEST_SNAPSHOT))
    return {}


def _fields(function: Callable[..., object]) -> dict[str, Json]:
    """The members of the body, which are the function's parameters."""
    return _arguments(function, _object())


def _asked(function: Callable[..., object]) -> dict[str, Json]:
    """The parameters of the query, which are the function's; a number is a number."""
    asked: dict[str, Json] = {}
    for name, value in parse_qsl(_query(request.environ), keep_blank_values=True, errors="replace"):
        if name in asked:
            raise Misuse(f"{name} is given twice", param=name)
        asked[name] = int(value) if NUMBER.fullmatch(value) else value
    return _arguments(function, asked)


def _arguments(function: Callable[..., object], given: dict[str, Json]) -> dict[str, Json]:
    parameters = inspect.signature(function).parameters
    for name in given:
        checks.known(name, parameters)
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in given:
            raise Misuse(f"missing parameter {name!r}", param=name)
    return given


def _object() -> dict[str, Json]:
    """The body as a JSON object; no body is an empty one."""
    tree = _parsed(LARGEST_BODY, empty={})
    if not isinstance(tree, dict):
        raise checks.refused("the body", "a JSON object", tree)
    return tree


def _parsed(most: int, empty: Json = None) -> Json:
    if query := request.environ.get("QUERY_STRING"):  # silently left out, it would reset everybody's account
        raise Misuse("this call's parameters go into its body", param=query.partition("=")[0])
    body = _body(request.environ, most)
    if len(body) > most:
        raise Misuse(f"the body is larger than {most} bytes")
    if not body:
        return empty
    try:
        return json.loads(body.decode(), parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"the body cannot be read as JSON: {error}") from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Misuse(f"{text} is no number")
    return number


def _wrong(status: int, message: str, param: str | None = None) -> Response:
    shown = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
    return _json(status, {"error": {"message": shown, "param": param}})


def _json(status: int, tree: Json) -> Response:
    return Response(json.dumps(tree, default=float) + "\n", status, mimetype="application/json")
