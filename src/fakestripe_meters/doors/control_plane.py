"""The control plane over HTTP: JSON under `/_fakestripe/`, and no key."""

import inspect
import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint
from flask import Response
from flask import request

from fakestripe_meters import __version__
from fakestripe_meters.control import Control
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.doors import environs
from fakestripe_meters.doors import foreign
from fakestripe_meters.engine import LARGEST_BODY

PREFIX = "/_fakestripe"
LARGEST_SNAPSHOT = 268_435_456
LONGEST_MESSAGE = 1_000
NUMBER = re.compile("[0-9]{1,18}")


def blueprint(control: Control) -> Blueprint:
    """Every call of the control plane, for a Flask application to register."""
    plane = Blueprint("control", __name__, url_prefix=PREFIX)
    plane.before_request(_turn_foreigners_away)
    for (method, path), call in _calls(control).items():
        name = f"{method.lower()}_{path[1:].replace('.', '_')}"  # Flask wants no dots
        plane.add_url_rule(path, name, _view(call), methods=[method], provide_automatic_options=False)
    return plane


def _turn_foreigners_away() -> Response | None:
    """What a web page of somebody else's makes the browser ask is not answered."""
    objection = foreign.objection(request.environ)
    return None if objection is None else wrong(403, objection)


def _view(call: Callable[[], object]) -> Callable[[], Response]:
    def view() -> Response:
        """Answer with what the call returns, or say what is wrong with it."""
        try:
            return in_json(200, call())
        except Misuse as misuse:
            return wrong(400, str(misuse), misuse.param)

    return view


def _calls(control: Control) -> dict[tuple[str, str], Callable[[], object]]:
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
        ("GET", "/fidelity"): _fidelity,
        ("GET", "/openapi.json"): lambda: _description(control),
    }


def _fidelity() -> dict[str, Any]:
    from fakestripe_meters import fidelity  # few ask, and each start would pay

    return fidelity.shown(**_asked(fidelity.shown))


def _description(control: Control) -> dict[str, Any]:
    from fakestripe_meters import openapi  # likewise

    return openapi.description(control.engine.routes.every, __version__)


def _do(function: Callable[..., None]) -> dict[str, Any]:
    function(**_fields(function))
    return {}


def _restore(control: Control) -> dict[str, Any]:
    control.restore(_parsed(LARGEST_SNAPSHOT))
    return {}


def _fields(function: Callable[..., object]) -> dict[str, Any]:
    """The members of the body, which are the function's parameters."""
    return _arguments(function, _object())


def _asked(function: Callable[..., object]) -> dict[str, Any]:
    """The parameters of the query, which are the function's; a number is a number."""
    asked: dict[str, Any] = {}
    for name, value in parse_qsl(environs.query(request.environ), keep_blank_values=True, errors="replace"):
        if name in asked:
            raise Misuse(f"{name} is given twice", param=name)
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
    """The body as a JSON object; no body is an empty one."""
    tree = _parsed(LARGEST_BODY, empty={})
    if not isinstance(tree, dict):
        raise checks.refused("the body", "a JSON object", tree)
    return tree


def _parsed(most: int, empty: object = None) -> object:
    if query := request.environ.get("QUERY_STRING"):  # silently left out, it would reset everybody's account
        raise Misuse("this call's parameters go into its body", param=query.partition("=")[0])
    body = environs.body(request.environ, most)
    if len(body) > most:
        raise Misuse(f"the body is larger than {most} bytes")
    if not body:
        return empty
    try:
        tree: object = json.loads(body.decode(), parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"the body cannot be read as JSON: {error}") from None
    return tree


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Misuse(f"{text} is no number")
    return number


def wrong(status: int, message: str, param: str | None = None) -> Response:
    """The control plane's own error."""
    shown = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
    return in_json(status, {"error": {"message": shown, "param": param}})


def in_json(status: int, tree: object) -> Response:
    """`tree` as a response, on a line of its own."""
    return Response(json.dumps(tree, default=float) + "\n", status, mimetype="application/json")
