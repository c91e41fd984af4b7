"""The control plane over HTTP: JSON under `/_fakestripe/`, without a key."""

import inspect
import json
import math
import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint
from flask import Response
from flask import request

from fakestripe_meters import __version__
from fakestripe_meters.control import Control
from fakestripe_meters.control.plans import shown_stub
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import environs
from fakestripe_meters.doors import foreign
from fakestripe_meters.engine import LARGEST_BODY

ANY_SIZE = sys.maxsize
"""For snapshots: whatever GET gives, PUT takes."""
LONGEST_MESSAGE = 1_000
NUMBER = re.compile("[0-9]{1,18}")


def blueprint(control: Control) -> Blueprint:
    """Return every call of the control plane as a blueprint, to be registered with a Flask application."""
    plane = Blueprint("control", __name__, url_prefix=PREFIX)
    plane.before_request(_turn_foreigners_away)
    plane.before_request(lambda: _out_of_service(control))
    for (method, path), call in _calls(control).items():
        name = f"{method.lower()}_{path[1:].replace('.', '_')}"  # Flask wants no dots
        plane.add_url_rule(path, name, _view(call), methods=[method], provide_automatic_options=False)
    return plane


def _turn_foreigners_away() -> Response | None:
    """Answer 403 to what a browser sends for another site's web page."""
    objection = foreign.objection(request.environ)
    return None if objection is None else wrong(403, objection)


def _out_of_service(control: Control) -> Response | None:
    """Answer 503 while the fake is paused or closed, except to a health check."""
    why = control.engine.paused
    return wrong(503, why) if why and request.path != f"{PREFIX}/health" else None


def _view(call: Callable[[], object]) -> Callable[..., Response]:
    def view(**_path: str) -> Response:
        """Answer with what the call returns, or with 400 or 409 and what is wrong with it."""
        try:
            return in_json(200, call())
        except Misuse as misuse:
            return wrong(misuse.status, str(misuse), misuse.param)

    return view


def _calls(control: Control) -> dict[tuple[str, str], Callable[[], object]]:
    """Return (method, path) → function for each call: the function reads its arguments, and returns the answer."""
    return {
        ("GET", "/health"): lambda: {"status": "ok", "version": __version__},
        ("POST", "/reset"): lambda: _do(control.reset),
        ("GET", "/clock"): lambda: control.clock(**_asked(control.clock)),
        ("POST", "/clock"): lambda: control.move_clock(_object()),
        ("GET", "/limits"): lambda: control.limits(**_asked(control.limits)),
        ("PUT", "/limits"): lambda: control.set_limits(_object()),
        ("GET", "/lag"): lambda: control.lag(**_asked(control.lag)),
        ("PUT", "/lag"): lambda: control.set_lag(**_fields(control.set_lag)),
        ("POST", "/flush"): lambda: _do(control.flush),
        ("POST", "/payment_intents/<intent>/authenticate"): lambda: _authenticate(control, "pi_"),
        ("POST", "/setup_intents/<intent>/authenticate"): lambda: _authenticate(control, "seti_"),
        ("POST", "/checkout/sessions/<session_id>/complete"): lambda: _about(control.complete_checkout, "session_id"),
        ("POST", "/checkout/sessions/<session_id>/expire"): lambda: _about(control.expire_checkout, "session_id"),
        ("GET", "/journal"): lambda: {"data": control.journal(**_asked(control.journal))},
        ("POST", "/faults"): lambda: control.plan_fault(**_fields(control.plan_fault)),
        ("GET", "/faults"): lambda: {"data": control.faults(**_asked(control.faults))},
        ("DELETE", "/faults"): lambda: _do(control.clear_faults),
        ("POST", "/stubs"): lambda: shown_stub(control.plan_stub(**_fields(control.plan_stub))),
        ("GET", "/stubs"): lambda: {"data": control.stubs(**_asked(control.stubs))},
        ("DELETE", "/stubs"): lambda: _do(control.clear_stubs),
        ("GET", "/unstruck"): lambda: {"data": control.shown_unstruck(**_asked(control.shown_unstruck))},
        ("GET", "/snapshot"): lambda: control.snapshot(**_asked(control.snapshot)),
        ("PUT", "/snapshot"): lambda: _restore(control),
        ("GET", "/dropped"): lambda: {"data": control.dropped(**_asked(control.dropped))},
        ("GET", "/fidelity"): _fidelity,
        ("GET", "/openapi.json"): lambda: _description(control),
    }


def _fidelity() -> dict[str, Any]:
    from fakestripe_meters import fidelity  # imported late: few calls need it, and it would slow down each start

    return fidelity.shown(**_asked(fidelity.shown))


def _description(control: Control) -> dict[str, Any]:
    from fakestripe_meters import openapi  # as above

    return openapi.description(control.engine.routes.every, __version__)


def _authenticate(control: Control, prefix: str) -> dict[str, str]:
    intent = (request.view_args or {})["intent"]
    if not intent.startswith(prefix):
        raise checks.refused("intent", f"an id that begins with {prefix}", intent)
    done: dict[str, str] = _about(control.authenticate, "intent")
    return done


def _about(function: Callable[..., Any], name: str) -> Any:  # noqa: ANN401  any JSON
    """Call a function with the members of the body, and what the path names."""
    given = _object()
    if name in given:
        raise Misuse(f"the path names the {name.removesuffix('_id')}", param=name)
    return function(**_arguments(function, {**given, **(request.view_args or {})}))


def _do(function: Callable[..., None]) -> dict[str, Any]:
    function(**_fields(function))
    return {}


def _restore(control: Control) -> dict[str, Any]:
    control.restore(_parsed(ANY_SIZE))
    return {}


def _fields(function: Callable[..., object]) -> dict[str, Any]:
    """Return the members of the body, whose names are those of the function's parameters."""
    return _arguments(function, _object())


def _asked(function: Callable[..., object]) -> dict[str, Any]:
    """Return the parameters of the query, whose names are those of the function's; digits become an integer."""
    asked: dict[str, Any] = {}
    for name, value in parse_qsl(environs.query(request.environ), keep_blank_values=True, errors="replace"):
        if name in asked:
            raise Misuse(f"the query gives {name} more than once", param=name)
        asked[name] = int(value) if NUMBER.fullmatch(value) else value
    return _arguments(function, asked)


def _arguments(function: Callable[..., object], given: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    for name in given:
        checks.known(name, parameters)
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in given:
            raise Misuse(f"missing parameter {name!r}", param=name)
    return given


def _object() -> dict[str, Any]:
    """Return the body as a JSON object, empty without a body."""
    tree = _parsed(LARGEST_BODY, empty={})
    if not isinstance(tree, dict):
        raise checks.refused("the body", "a JSON object", tree)
    return tree


def _parsed(most: int, empty: object = None) -> object:
    if query := request.environ.get("QUERY_STRING"):  # ignored, `?account=` would make a reset drop everything
        raise Misuse("send the parameters of this call in the body, not in the query", param=query.partition("=")[0])
    body = environs.body(request.environ, most)
    if len(body) > most:
        raise Misuse(f"the body is larger than {most} bytes")
    if not body:
        return empty
    try:
        tree: object = json.loads(body.decode(), parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"the body is not valid JSON: {error}") from None
    return tree


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Misuse(f"{text} is not a finite number")
    return number


def wrong(status: int, message: str, param: str | None = None) -> Response:
    """Return an error of the control plane: `{"error": {"message": …, "param": …}}`."""
    return in_json(status, {"error": masked({"message": shortened(message, LONGEST_MESSAGE), "param": param})})


def in_json(status: int, tree: object) -> Response:
    """Return a response with `tree` as JSON, on one line."""
    return Response(json.dumps(tree, default=float) + "\n", status, mimetype="application/json")
