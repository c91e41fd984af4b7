"""Every answer is as the description of the API says, and the description says no more than is shown."""

import json
import re
from functools import cache
from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.openapi import objects
from fakestripe_meters.resources import registry
from tests.conformance import shown
from tests.conformance.holding import complaints
from tests.conformance.oracle import route_of
from tests.conformance.oracle import served_objects
from tests.conformance.story import Teller
from tests.conformance.test_objects import NOT_SHOWN

Json = Any
NOTE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string", "const": "note"},
        "size": {"type": ["integer", "null"]},
        "about": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/note"}]},
        "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}},
        "prices": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}


@cache
def story() -> Teller:
    return shown.story()


@cache
def document() -> Json:
    return json.loads(Client(FakeStripe().wsgi_app).get("/_fakestripe/openapi.json").data)


@cache
def answers() -> dict[str, Json]:
    """The schema of each operation's answer."""
    return {
        f"{method.upper()} {re.sub('{[^}]*}', '{}', path)}": operation["responses"]["200"]["content"][
            "application/json"
        ]["schema"]
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation["responses"]["200"]["content"]
    }


def test_every_answer_is_as_it_is_described() -> None:
    told = [(route, tree) for route, tree in story().answers if route in answers()]
    wrong = {f"{route}: {what}" for route, tree in told for what in complaints(document(), answers()[route], tree)}
    assert sorted(wrong) == []


def test_the_data_is_what_the_stories_show() -> None:
    written = shown.TARGET.read_text("utf-8").splitlines()
    assert shown.lines_of(story()) == written, "python tests/conformance/shown.py"


def test_every_object_is_described_with_its_fields() -> None:
    schemas = document()["components"]["schemas"]
    for name in set(served_objects()) - NOT_SHOWN:
        assert len(schemas[name]["properties"]) > 2, name


def test_every_list_names_the_type_of_its_items() -> None:
    for endpoint in registry().endpoints():
        if endpoint.lists and endpoint.resource.name in objects.shown().objects:
            items = answers()[route_of(endpoint.method, endpoint.rule)]["properties"]["data"]["items"]
            assert items == {"$ref": f"#/components/schemas/{endpoint.resource.name}"}


def test_what_can_be_expanded_is_an_id_or_the_object() -> None:
    customer = document()["components"]["schemas"]["subscription"]["properties"]["customer"]
    assert {"type": "string"} in customer["anyOf"]
    assert {"$ref": "#/components/schemas/customer"} in customer["anyOf"]


def test_an_object_that_no_story_shows_has_an_envelope() -> None:
    payouts = answers()["GET /v1/payouts"]["properties"]["data"]["items"]
    assert payouts == {"type": "object"}
    assert answers()["GET /v1/payouts/{}"]["properties"]["object"]["const"] == "payout"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({}, None),
        ({"size": None, "about": {"id": "b"}, "tags": ["a"], "prices": {"x": 1.5}}, None),
        ({"id": 1}, " is no string"),
        ({"size": True}, " is no ['integer', 'null']"),
        ({"object": "other"}, " is no string"),
        ({"about": {"id": 1}}, ".id is no string"),
        ({"about": {}}, ".id is absent"),
        ({"tags": ["A"]}, "[] is no string"),
        ({"prices": {"x": "1"}}, ".* is no number"),
        ({"more": 1}, ".more is not described"),
    ],
)
def test_an_answer_that_is_not_as_described_is_complained_of(changes: Json, complaint: str | None) -> None:
    found = list(complaints({"components": {"schemas": {"note": NOTE}}}, NOTE, {"id": "a", **changes}))
    assert len(found) == (complaint is not None)
    assert all(complaint is not None and complaint in each for each in found)
