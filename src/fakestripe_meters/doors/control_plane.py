"""The control plane over HTTP: JSON under `/_fakestripe/`, without a key."""

import inspect
import json
import math
import re
import sys
import typing
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from flask import Response
from flask import request
from werkzeug.routing import Rule

from fakestripe_meters.control import Control
from fakestripe_meters.control.rows import ROWS
from fakestripe_meters.control.rows import Row
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import environs
from fakestripe_meters.doors import foreign
from fakestripe_meters.doors import uploads
from fakestripe_meters.doors.urls import MatchedOnly
from fakestripe_meters.engine import LARGEST_BODY

ANY_SIZE = sys.maxsize
"""For snapshots: whatever GET gives, PUT takes."""
HEALTH = "/health"
LONGEST_MESSAGE = 1_000
NUMBER = re.compile("[0-9]{1,18}")
FLAGS = {"true": True, "false": False}
NESTED = re.compile(r"(\w+)\[([^\[\]]+)\](?:\[[0-9]*\])?")
"""`dimension_filters[model]`, `dimension_filters[model][]` or `dimension_filters[model][0]`."""


def views(control: Control) -> Iterator[tuple[Rule, Callable[..., Response]]]:
    """Yield the URL of every call of the control plane, and the function that answers it."""
    for row in ROWS:
        name = f"control.{row.method.lower()}_{row.path[1:]}"
        yield MatchedOnly(f"{PREFIX}{row.path}", endpoint=name, methods=[row.method]), _view(control, row)


def _view(control: Control, row: Row) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        """Answer with what the call returns, or say what is wrong with it.

        A browser that shows another site's web page gets 403. While the fake is paused or closed, only a health check
        is answered.
        """
        if (objection := foreign.objection(request.environ)) is not None:
            return wrong(403, objection)
        if control.engine.paused and row.path != HEALTH:
            return wrong(503, control.engine.paused)
        try:
            return in_json(200, _answer(control, row, path))
        except Misuse as misuse:
            return wrong(misuse.status, str(misuse), misuse.param)

    return view


def _answer(control: Control, row: Row, path: dict[str, str]) -> object:
    if row.whole is not None:
        answer = row.does(control, _parsed(ANY_SIZE) if row.any_size else _object())
    elif row.uploads:
        with uploads.received(request) as given:
            answer = row.does(control, **_arguments(row.does, given))
    else:
        given = {} if row.any_query else _asked(row.does) if row.in_query else _object()
        if row.origin:
            path = {**path, "origin": request.host_url.rstrip("/") if request.host else ""}
        for name in path:
            if name in given:
                raise Misuse(f"the path names the {name.removesuffix('_id')}", param=name)
        answer = row.does(control, **_arguments(row.does, given | path))
    if row.shows is not None:
        answer = row.shows(answer)
    if answer is None:
        return {}
    return {"data": answer} if isinstance(answer, list) else answer


def _asked(function: Callable[..., object]) -> dict[str, Any]:
    """Return the parameters of the query, as a function takes them.

    Digits become an integer where it takes one, `true` and `false` a flag, and `filters[key]=a` a hash of lists.
    """
    parameters = inspect.signature(function).parameters
    asked: dict[str, Any] = {}
    for name, value in parse_qsl(environs.query(request.environ), keep_blank_values=True, errors="replace"):
        nested = NESTED.fullmatch(name)
        if nested is not None and _takes(parameters.get(nested[1]), Mapping):
            asked.setdefault(nested[1], {}).setdefault(nested[2], []).append(value)
            continue
        if name in asked:
            raise Misuse(f"the query gives {name} more than once", param=name)
        asked[name] = _read(value, parameters.get(name))
    return asked


def _read(text: str, parameter: inspect.Parameter | None) -> object:
    """Return the value that a text in a query stands for, where a parameter takes it."""
    if NUMBER.fullmatch(text) is not None and _takes(parameter, int):
        return int(text)
    return FLAGS[text] if text in FLAGS and _takes(parameter, bool) else text


def _takes(parameter: inspect.Parameter | None, kind: type) -> bool:
    """Return whether a parameter may be of a kind."""
    hint = None if parameter is None else parameter.annotation
    return any(kind in (each, typing.get_origin(each)) for each in (hint, *typing.get_args(hint)))


def _arguments(function: Callable[..., object], given: dict[str, Any]) -> dict[str, Any]:
    """Check that the arguments are those of a function, whose first parameter is the `Control`."""
    _, *parameters = inspect.signature(function).parameters.values()
    for name in given:
        checks.known(name, [each.name for each in parameters])
    for each in parameters:
        if each.default is each.empty and each.name not in given:
            raise Misuse(f"missing parameter {each.name!r}", param=each.name)
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
