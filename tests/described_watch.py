"""Watches every answer of the control plane, in every test: it is as the OpenAPI description says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from typing import Any

import pytest
from flask import Response
from flask import has_request_context
from flask import request

from fakestripe_meters.control.rows import ROWS
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.doors import control_plane as door
from fakestripe_meters.openapi import control_plane
from fakestripe_meters.openapi import objects
from tests.conformance.holding import complaints

Json = Any
NONE: Json = {"enum": []}
"""The schema of an answer that is not described."""


@cache
def document() -> Json:
    """The part of the description that is about the control plane."""
    paths, components = control_plane.described(ROWS)
    return {"paths": paths, "components": {"schemas": objects.schemas() | components}}


@dataclass
class Watch:
    """How many answers were seen, and what is not as described."""

    answers: int = 0
    wrong: set[str] = field(default_factory=set)

    def look(self, method: str, path: str, status: int, tree: Json) -> None:
        """Hold an answer against its schema."""
        self.answers += 1
        known = document()["paths"].get(path, {}).get(method.lower())
        if known is not None:
            answers = known["responses"]
            schema = answers[str(status)]["content"]["application/json"]["schema"] if str(status) in answers else NONE
            found = complaints(document(), schema, json.loads(json.dumps(tree, default=float)))
            self.wrong.update(f"{method} {path} {status}: {complaint}" for complaint in found)


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch all answers of this process within `with`."""
    watch, in_json = Watch(), door.in_json

    def answer(status: int, tree: object) -> Response:
        if has_request_context() and request.url_rule is not None and request.url_rule.rule.startswith(PREFIX):
            path = control_plane.VARIABLE.sub(r"{\1}", request.url_rule.rule)
            watch.look(request.method, path, status, tree)
        return in_json(status, tree)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "in_json", answer)
        yield watch
