"""How a description becomes facts in short words."""

from typing import Any

from tests.conformance.digest import Description

NOTE = {"$ref": "#/components/schemas/note"}
STRING = {"type": "string", "maxLength": 5000}
SCHEMAS: dict[str, Any] = {
    "note": {
        "properties": {
            "object": {"type": "string", "enum": ["note"]},
            "id": STRING,
            "text": {"type": "string", "nullable": True},
            "about": {"anyOf": [STRING, NOTE], "nullable": True, "x-expansionResources": {"oneOf": [NOTE]}},
            "size": {"anyOf": [{"$ref": "#/components/schemas/size"}]},
            "tags": {"type": "array", "items": {"type": "string", "enum": ["new", "old"]}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "price": {"type": "string", "format": "decimal"},
            "anything": {"type": "object", "properties": {}},
            "replies": {
                "properties": {
                    "object": {"enum": ["list"]},
                    "data": {"type": "array", "items": NOTE},
                    "has_more": {"type": "boolean"},
                }
            },
        },
        "required": ["id", "object", "size"],
    },
    "size": {
        "properties": {"width": {"type": "integer"}, "inner": {"$ref": "#/components/schemas/size"}},
        "required": ["width"],
        "type": "object",
    },
    "deleted_note": {"properties": {"object": {"enum": ["note"]}, "deleted": {"enum": [True]}}},
}
FORM = {
    "properties": {
        "text": {"type": "string", "maxLength": 20},
        "name": STRING,
        "long": {"type": "string"},
        "kind": {"enum": ["b", "a"], "type": "string"},
        "due": {"anyOf": [{"type": "integer"}, {"enum": [""], "type": "string"}]},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]},
        },
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["text"],
}
PATHS = {
    "/v1/notes": {"post": {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": FORM}}}}},
    "/v1/notes/{note}": {
        "get": {
            "parameters": [
                {"in": "path", "name": "note", "required": True, "schema": STRING},
                {"in": "query", "name": "limit", "required": False, "schema": {"type": "integer"}},
            ]
        }
    },
    "/v1/notes/search": {"get": {"parameters": [{"in": "query", "name": "query", "required": True, "schema": STRING}]}},
    "/v1/others": {"get": {}},
}
DESCRIPTION = Description({"info": {"version": "x"}, "components": {"schemas": SCHEMAS}, "paths": PATHS})


def test_parameters_are_flat_and_say_what_is_taken_and_what_is_required() -> None:
    assert DESCRIPTION.operations({"POST /v1/notes", "GET /v1/notes/{}"}) == {
        "POST /v1/notes": {
            "due": '""|int',
            "kind": "enum(b,a)",
            "lines": "array",
            "lines[]": "hash",
            "lines[].amount": "float!",
            "long": "str()",
            "metadata": "map",
            "metadata{}": "str()",
            "name": "str",
            "text": "str(20)!",
        },
        "GET /v1/notes/{}": {"limit": "int"},
        "GET /v1/notes/search": {"query": "str!"},
    }


def test_objects_are_flat_and_say_what_may_be_null_and_what_can_be_expanded() -> None:
    objects, expands = DESCRIPTION.objects({"note"})
    assert objects == {
        "note": {
            "about": "object:note|str?",
            "anything": "map",
            "id": "str!",
            "labels": "map",
            "labels{}": "str",
            "object": "enum(note)!",
            "price": "decimal",
            "replies": "list:note",
            "size": "hash!",
            "size.inner": "hash",
            "size.width": "int!",
            "tags": "array",
            "tags[]": "enum(new,old)",
            "text": "str?",
        }
    }
    assert expands == {"note": {"about": "note"}}
