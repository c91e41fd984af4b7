"""The description of the API says what the endpoints declare, and holds together."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

import fakestripe_meters
from fakestripe_meters import FakeStripe
from fakestripe_meters.resources import registry
from fakestripe_meters.wire.schema import fields_of

Json = Any
SCHEMA_WORDS = {
    "maxItems",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "description",
    "enum",
    "format",
    "items",
    "maxLength",
    "maximum",
    "minimum",
    "pattern",
    "properties",
    "required",
    "type",
}


@pytest.fixture(scope="module")
def document() -> Json:
    client = Client(FakeStripe().wsgi_app, use_cookies=False)
    answer = client.get("/_fakestripe/openapi.json")
    assert answer.status_code == 200
    return json.loads(answer.data)


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Those of the API: `test_described_control` has the others."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not path.startswith("/_fakestripe/"):
                yield method.upper(), path, operation


def schemas(tree: Json) -> Iterator[Json]:
    """Every schema in a tree of schemas."""
    yield tree
    below = [*tree.get("properties", {}).values(), *tree.get("anyOf", ())]
    below += [tree[name] for name in ("items", "additionalProperties") if isinstance(tree.get(name), dict)]
    for each in below:
        yield from schemas(each)


def schemas_of(operation: Json) -> Iterator[Json]:
    for parameter in operation["parameters"]:
        yield from schemas(parameter["schema"])
    contents = [each["content"] for each in operation["responses"].values()]
    if "requestBody" in operation:
        contents.append(operation["requestBody"]["content"])
    for content in contents:
        for media in content.values():
            yield from schemas(media["schema"])


def test_it_is_openapi_3_1_of_this_version(document: Json) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["version"] == fakestripe_meters.__version__
    assert document.keys() == {"openapi", "info", "servers", "tags", "paths", "components"}


def test_every_endpoint_is_in_it_and_nothing_else(document: Json) -> None:
    described = {(method, path) for method, path, _ in operations(document)}
    assert described == {
        (each.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each.rule)) for each in registry().endpoints()
    }


def test_each_object_is_told_of_in_the_order_of_the_registry(document: Json) -> None:
    *tags, last = document["tags"]
    assert [tag["name"] for tag in tags] == list(dict.fromkeys(each.name for each in registry().resources))
    assert all("https://docs.stripe.com/" in tag["description"] for tag in tags)
    assert last["name"] == "control plane"


def test_each_operation_has_a_name_of_its_own_a_summary_and_its_path_parameters(document: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for _, path, operation in operations(document):
        assert operation["summary"]
        in_path = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert in_path == re.findall(r"\{(\w+)\}", path)
        assert all(each["required"] for each in operation["parameters"] if each["in"] == "path")


def test_each_parameter_is_in_it_with_what_is_required(document: Json) -> None:
    by_name = {operation["operationId"]: operation for _, _, operation in operations(document)}
    for endpoint in registry().endpoints():
        operation = by_name[endpoint.name]
        if endpoint.method == "POST":
            [media] = operation["requestBody"]["content"].values()
            names, required = media["schema"]["properties"].keys(), set(media["schema"].get("required", ()))
        else:
            in_query = [each for each in operation["parameters"] if each["in"] == "query"]
            names = {each["name"] for each in in_query}
            required = {each["name"] for each in in_query if each["required"]}
        fields = fields_of(endpoint.params)
        assert set(names) == fields.keys()
        assert required == {name for name, (_, rules) in fields.items() if rules.required}


def test_v1_is_sent_as_a_form_with_brackets_and_v2_as_json(document: Json) -> None:
    for method, path, operation in operations(document):
        if method == "POST":
            [(kind, media)] = operation["requestBody"]["content"].items()
            assert kind == ("application/json" if path.startswith("/v2/") else "application/x-www-form-urlencoded")
            assert all(each["style"] == "deepObject" for each in media.get("encoding", {}).values())


def test_every_schema_uses_words_that_there_are_and_every_reference_leads_somewhere(document: Json) -> None:
    for _, _, operation in operations(document):
        for schema in schemas_of(operation):
            assert schema.keys() <= SCHEMA_WORDS
            if "$ref" in schema:
                assert schema["$ref"].removeprefix("#/components/schemas/") in document["components"]["schemas"]
            if "pattern" in schema:
                assert re.fullmatch(schema["pattern"], "12.50")


def test_a_summarys_parameters_are_told_as_they_are_declared(document: Json) -> None:
    operation = document["paths"]["/v1/billing/meters/{meter_id}/event_summaries"]["get"]
    parameters = {each["name"]: each for each in operation["parameters"]}
    assert parameters["limit"]["schema"] | {"description": ""} == {
        "description": "",
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
    }
    assert parameters["value_grouping_window"]["schema"]["enum"] == ["day", "hour"]
    assert parameters["dimension_filters"]["style"] == "deepObject"
    assert parameters["customer"]["required"]
    assert not parameters["starting_after"]["required"]


def test_what_may_be_cleared_takes_an_empty_string(document: Json) -> None:
    operation = document["paths"]["/v1/customers/{customer_id}"]["post"]
    [media] = operation["requestBody"]["content"].values()
    choices = media["schema"]["properties"]["name"]["anyOf"]
    assert {"const": ""} in choices
    assert {"type": "string", "maxLength": 256} in choices


def test_errors_have_the_envelope_of_their_version(document: Json) -> None:
    for _, path, operation in operations(document):
        [media] = operation["responses"]["default"]["content"].values()
        name = media["schema"]["$ref"].rpartition("/")[2]
        assert name == ("api_error_v2" if path.startswith("/v2/") else "api_error")
