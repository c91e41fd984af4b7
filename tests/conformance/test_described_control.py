"""The description of the control plane: every call, with what it takes and what it answers."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from typing import Annotated
from typing import Any
from typing import Literal
from typing import NotRequired
from typing import TypedDict

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.control.answers import StripeObject
from fakestripe_meters.control.rows import ROWS
from fakestripe_meters.control.rows import Row
from fakestripe_meters.openapi.json_types import Types
from tests.described_watch import Watch

Json = Any
BUILT = {"GET /_fakestripe/snapshot", "GET /_fakestripe/openapi.json"}
"""What they answer has a format of its own."""


def asked(fake: FakeStripe, base_url: str = "http://127.0.0.1:12111") -> Json:
    return json.loads(Client(fake.wsgi_app).get("/_fakestripe/openapi.json", base_url=base_url).data)


@cache
def document() -> Json:
    return asked(FakeStripe())


def operations() -> Iterator[tuple[str, Json]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/_fakestripe/"):
                yield f"{method.upper()} {path}", operation


def route_of(row: Row) -> str:
    return f"{row.method} /_fakestripe" + re.sub("<([^>]*)>", r"{\1}", row.path)


def operation(route: str) -> Json:
    return dict(operations())[route]


def body(route: str) -> Json:
    return operation(route)["requestBody"]["content"]["application/json"]["schema"]


def answer(route: str) -> Json:
    """The schema of an answer, and not only the reference to it."""
    schema = operation(route)["responses"]["200"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def test_every_call_is_described_and_no_other() -> None:
    served = set(map(route_of, ROWS))
    assert {route for route, _ in operations()} == served


def test_every_operation_of_the_document_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for methods in document()["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_every_schema_has_a_name_of_its_own_in_any_language() -> None:
    names = [re.sub(r"\W|_", "", name).casefold() for name in document()["components"]["schemas"]]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere() -> None:
    names = re.findall(r'"#/components/schemas/([^"]*)"', json.dumps(document()))
    assert set(names) <= document()["components"]["schemas"].keys()


@pytest.mark.parametrize("row", ROWS, ids=route_of)
def test_a_call_says_what_it_does_needs_no_key_and_names_its_error(row: Row) -> None:
    found = operation(route_of(row))
    assert found["summary"].endswith(".")
    assert "Misuse" not in found["summary"] + found.get("description", "")
    assert found["security"] == []
    assert found["tags"] == ["control plane"]
    [media] = found["responses"]["400"]["content"].values()
    assert media["schema"] == {"$ref": "#/components/schemas/control_error"}
    in_path = [each["name"] for each in found["parameters"] if each["in"] == "path"]
    assert in_path == re.findall("<([^>]*)>", row.path)


def test_every_answer_names_its_fields() -> None:
    empty = {route_of(row) for row in ROWS if (row.shows or row.does).__annotations__["return"] is None}
    for route, _ in operations():
        if route not in BUILT | empty:
            schema = answer(route)
            assert schema["properties"], route
            if schema["properties"].keys() == {"data"}:
                assert schema["properties"]["data"]["items"].keys() == {"$ref"}, route


def test_parameters_are_in_the_query_of_a_get_and_in_the_body_of_others() -> None:
    journal = {each["name"]: each for each in operation("GET /_fakestripe/journal")["parameters"]}
    assert journal["limit"]["in"] == "query"
    assert journal["limit"]["schema"] == {"type": "integer"}
    assert not journal["limit"]["required"]
    assert "requestBody" not in operation("GET /_fakestripe/journal")
    fault = body("POST /_fakestripe/faults")
    assert fault["required"] == ["method", "path"]
    assert fault["properties"]["status"] == {"type": ["integer", "null"]}
    assert fault["properties"]["close"] == {"type": "boolean"}
    assert operation("POST /_fakestripe/faults")["requestBody"]["required"]
    assert not operation("POST /_fakestripe/reset")["requestBody"]["required"]
    assert operation("GET /_fakestripe/openapi.json")["parameters"] == []


def test_a_body_that_is_one_argument_has_a_schema_of_its_own() -> None:
    assert body("POST /_fakestripe/clock") == {"$ref": "#/components/schemas/ClockMove"}
    move = document()["components"]["schemas"]["ClockMove"]["properties"]
    assert move["freeze"] == {"type": ["string", "number"]}
    assert move.keys() == {"freeze", "advance", "resume"}


def test_an_answer_may_be_an_object_of_stripes() -> None:
    done = operation("POST /_fakestripe/checkout/sessions/{session_id}/complete")["responses"]["200"]
    assert done["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/checkout.session"}


def test_a_list_is_the_data_of_an_answer() -> None:
    assert answer("GET /_fakestripe/faults") == {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/PlannedFault"}}},
    }


def test_the_server_is_the_address_that_was_asked_or_the_public_one() -> None:
    for address in ("http://127.0.0.1:12111", "http://fakestripe:8080", "https://api.stripe.com"):
        assert asked(FakeStripe(), address)["servers"] == [{"url": address}]
    nameless = Client(FakeStripe().wsgi_app).get("/_fakestripe/openapi.json", headers={"Host": 'no"name'})
    assert "servers" not in json.loads(nameless.data)
    public = FakeStripe(public_url="https://fake.example.com")
    assert asked(public)["servers"] == [{"url": "https://fake.example.com"}]


def test_a_query_is_refused_where_there_is_nothing_to_ask() -> None:
    for name in ("origin", "format"):
        assert Client(FakeStripe().wsgi_app).get(f"/_fakestripe/openapi.json?{name}=x").status_code == 400


class Leaf(TypedDict):
    """A leaf."""

    color: Literal["green", "red"]
    size: NotRequired[float]


class Tree(TypedDict, total=False):
    """A tree, which has trees."""

    leaves: list[Leaf]
    below: "Tree"


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (bool, {"type": "boolean"}),
        (int | None, {"type": ["integer", "null"]}),
        (int | float | str, {"type": ["number", "string"]}),
        (dt.datetime, {"type": "string", "format": "date-time"}),
        (int | float | str | dt.datetime, {"type": ["number", "string"]}),
        (Literal[1, 2], {"type": "integer", "enum": [1, 2]}),
        (tuple[str, ...], {"type": "array", "items": {"type": "string"}}),
        (list[str] | str, {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}),
        (dict[str, Any], {"type": "object"}),
        (Mapping[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Any, {}),
        (Annotated[str, "about"], {"type": "string"}),
        (Annotated[dict[str, Any], StripeObject("price")], {"$ref": "#/components/schemas/price"}),
        (Leaf, {"$ref": "#/components/schemas/Leaf"}),
    ],
)
def test_a_type_becomes_a_schema(hint: Any, schema: Json) -> None:  # noqa: ANN401  a type expression has no type
    assert Types().schema(hint) == schema


def test_a_typed_dict_is_described_once_under_its_name() -> None:
    types = Types()
    types.schema(list[Tree])
    assert types.components == {
        "Leaf": {
            "type": "object",
            "description": "A leaf.",
            "properties": {"color": {"type": "string", "enum": ["green", "red"]}, "size": {"type": "number"}},
            "required": ["color"],
        },
        "Tree": {
            "type": "object",
            "description": "A tree, which has trees.",
            "properties": {
                "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}},
                "below": {"$ref": "#/components/schemas/Tree"},
            },
        },
    }


@pytest.mark.parametrize(
    ("status", "tree", "wrong"),
    [
        (200, {"now": 1, "frozen": True}, 0),
        (200, {"now": 1}, 1),
        (200, {"now": "1", "frozen": True, "more": 1}, 2),
        (400, {"error": {"message": "no", "param": None}}, 0),
        (400, {"message": "no"}, 2),
        (201, {"now": 1, "frozen": True}, 1),
    ],
)
def test_an_answer_that_is_not_as_described_is_noticed_in_every_test(status: int, tree: Json, wrong: int) -> None:
    watch = Watch()
    watch.look("GET", "/_fakestripe/clock", status, tree)
    assert len(watch.wrong) == wrong
